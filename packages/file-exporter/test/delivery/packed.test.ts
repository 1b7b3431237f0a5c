// Days that another program packs, before, while and after they are delivered: each line once, and a place in bytes of what was
// packed.
import {
  appendFileSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import {
  append,
  dayFile,
  deliverFrom,
  down,
  type FarEnd,
  farEnd,
  texts,
  untilState,
  whole
} from "../tools/deliveries.ts"
import { filesBelow, freshDir, noon } from "../tools/file-bench.ts"
import { pack } from "../tools/packing.ts"
import { clockAt, heldClockAt } from "../tools/test-clock.ts"

const today = dayFile("2026-03-05")
const yesterday = dayFile("2026-03-04")
const longAgo = dayFile("2026-02-20")

const run = async (dir: string, far: FarEnd, reads?: ReadLayer) => {
  const { delivery, notices, place, letters } = deliverFrom(dir, far, { clock: clockAt(noon) }, reads)
  const result = await delivery.close(whole)
  const { rewinds, lostBytes } = delivery.health()
  return {
    ...result,
    rewinds,
    lostBytes,
    notices,
    files: place().files as unknown as Record<string, object>,
    letters
  }
}

const settled = {
  complete: true,
  dead: 0,
  damaged: 0,
  pendingBytes: 0,
  rewinds: 0,
  lostBytes: 0,
  notices: []
}

/** A disk that counts the bytes that are read of each file. */
const counting = () => {
  const bytes = new Map<string, number>()
  const reads: ReadLayer = {
    ...nodeReadLayer,
    open: async (path) => {
      const file = await nodeReadLayer.open(path)
      const read = async (into: Uint8Array, position: number): Promise<number> => {
        const count = (await file?.read(into, position)) ?? 0
        bytes.set(path, (bytes.get(path) ?? 0) + count)
        return count
      }
      return file && { ...file, read }
    }
  }
  return { reads, bytesOf: (path: string) => bytes.get(path) ?? 0 }
}

describe("S4.16 a day that was packed", () => {
  it("before it was delivered arrives whole, in its place among the days", async () => {
    const dir = freshDir()
    append(dir, today, texts(31, 40))
    for (const [file, from] of [
      [longAgo, 1],
      [yesterday, 21],
      ["ada/tool_audit/2026-03-01.jsonl", 11]
    ] as const) {
      append(dir, file, texts(from, from + 9))
      pack(join(dir, file))
    }
    const far = farEnd({ queue: { batchEventsMax: 7 } })
    expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 40 })
    expect(far.lines).toEqual(texts(1, 40))
  })

  it("half-way goes on behind its place, in bytes of what was packed", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, yesterday, texts(1, 10))
    await run(dir, far)
    append(dir, yesterday, texts(11, 15))
    const bytes = statSync(join(dir, yesterday)).size
    const packed = pack(join(dir, yesterday))
    const { files, ...result } = await run(dir, far)
    expect(result).toMatchObject({ ...settled, delivered: 15 })
    expect(far.lines).toEqual(texts(1, 15))
    expect(files).toEqual({
      [`${yesterday}.gz`]: expect.objectContaining({ at: bytes, packed: statSync(packed).size })
    })
  })

  it("while it is delivered is delivered once", async () => {
    const dir = freshDir()
    const far = farEnd({ queue: { batchEventsMax: 4 } })
    append(dir, yesterday, texts(1, 20))
    far.answer = () => {
      if (far.attempts.length === 2) pack(join(dir, yesterday))
      return undefined
    }
    const { delivery } = deliverFrom(dir, far, { clock: clockAt(noon) })
    await delivery.flush(whole)
    expect(await delivery.close(whole)).toMatchObject({ complete: true, pendingBytes: 0 })
    expect(far.lines).toEqual(texts(1, 20))
    expect(delivery.health()).toMatchObject({ rewinds: 0, lostBytes: 0 })
  })

  it("while the far end was down, before anything of it was sent, is no loss", async () => {
    const dir = freshDir()
    const far = farEnd()
    far.answer = down
    append(dir, yesterday, texts(1, 3))
    append(dir, today, texts(4, 6))
    const { delivery } = deliverFrom(dir, far, { clock: heldClockAt(noon) })
    await delivery.flush()
    append(dir, "bob/tool_audit/2026-03-04.jsonl", texts(7, 9))
    await delivery.flush()
    pack(join(dir, "bob/tool_audit/2026-03-04.jsonl"))
    pack(join(dir, yesterday))
    far.answer = () => undefined
    await delivery.flush(whole)
    await delivery.flush(whole)
    expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 9, pendingBytes: 0 })
    expect(delivery.health()).toMatchObject({ rewinds: 0, lostBytes: 0 })
    expect(far.lines.toSorted()).toEqual([...texts(1, 9)].toSorted())
  })

  it("and is settled is not unpacked again, at no later start", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, longAgo, texts(1, 20_000))
    const packed = pack(join(dir, longAgo))
    expect(statSync(packed).size).toBeGreaterThan(100_000)
    expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 20_000 })
    const { reads, bytesOf } = counting()
    expect(await run(dir, far, reads)).toMatchObject({ ...settled, delivered: 20_000 })
    expect(bytesOf(packed)).toBeGreaterThan(0)
    expect(bytesOf(packed)).toBeLessThan(20_000)
  })

  it.each(["1", "20260305"])(
    "by a rotation that names it %s, again and again, is delivered once",
    async (name) => {
      const dir = freshDir()
      const far = farEnd()
      for (let turn = 0; turn < 4; turn++) {
        append(dir, today, texts(10 * turn + 1, 10 * turn + 10))
        if (turn % 2 === 0) await run(dir, far)
        append(dir, today, texts(100 * turn + 101, 100 * turn + 105))
        const aside = join(dir, `${today}.${name}`)
        if (name === "1")
          for (let older = turn; older > 0; older--)
            renameSync(`${join(dir, today)}.${older}.gz`, `${join(dir, today)}.${older + 1}.gz`)
        const to = name === "1" ? aside : `${aside}${turn}`
        renameSync(join(dir, today), to)
        pack(to)
      }
      expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 60 })
      expect(new Set(far.lines).size).toBe(60)
      expect(far.lines).toHaveLength(60)
    }
  )

  it("and whose file is still there, or came again with later lines, comes once", async () => {
    const dir = freshDir()
    const far = farEnd()
    const plain = join(dir, yesterday)
    append(dir, yesterday, texts(1, 5))
    writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)))
    expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 5 })
    unlinkSync(plain)
    expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 5 })
    append(dir, yesterday, texts(6, 8))
    expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 8 })
    expect(far.lines).toEqual(texts(1, 8))
  })

  it("and unpacked again goes on where it was", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, yesterday, texts(1, 5))
    const all = readFileSync(join(dir, yesterday))
    const packed = pack(join(dir, yesterday))
    await run(dir, far)
    unlinkSync(packed)
    writeFileSync(join(dir, yesterday), all)
    append(dir, yesterday, texts(6, 7))
    expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 7 })
    expect(far.lines).toEqual(texts(1, 7))
  })

  it("F71 and damaged is read as far as it goes, said once, tried again when it has changed, and not all the time", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, longAgo, texts(1, 5_000))
    const packed = pack(join(dir, longAgo))
    const good = readFileSync(packed)
    truncateSync(packed, good.length - 2_000)
    const { reads, bytesOf } = counting()
    const clock = heldClockAt(noon)
    const { delivery, notices, place } = deliverFrom(dir, far, { clock }, reads)
    await untilState(delivery, "idle")
    const before = far.lines.length
    expect(before).toBeGreaterThan(1_000)
    expect(far.lines).toEqual(texts(1, before))
    const read = bytesOf(packed)
    for (let flushes = 0; flushes < 5; flushes++) await delivery.flush(whole)
    expect(bytesOf(packed)).toBe(read)
    expect(notices).toEqual([expect.stringContaining(`Cannot read "${longAgo}.gz": `)])
    expect(Object.values(place().files as unknown as Record<string, object>)[0]).not.toHaveProperty("packed")
    writeFileSync(packed, good)
    await delivery.flush(whole)
    expect(far.lines).toEqual(texts(1, 5_000))
  })

  it("S4.13 with a torn line at its end gives a letter of it: nothing comes behind it", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, yesterday, `${texts(1, 2).join("\n")}\n{"ts":"2026`)
    pack(join(dir, yesterday))
    const { letters, ...result } = await run(dir, far)
    expect(result).toMatchObject({ complete: true, delivered: 2, damaged: 1, pendingBytes: 0 })
    expect(letters()).toMatchObject([{ reason: "unterminated", line: '{"ts":"2026' }])
    expect(await run(dir, far)).toMatchObject({ delivered: 2, damaged: 1 })
  })

  it("is settled by a delivery that begins now, and an empty one by any", async () => {
    const dir = freshDir()
    append(dir, yesterday, texts(1, 5))
    pack(join(dir, yesterday))
    writeFileSync(join(dir, `${longAgo}.gz`), gzipSync(""))
    const far = farEnd()
    const { delivery, place } = deliverFrom(dir, far, { begin: "now", clock: clockAt(noon) })
    await delivery.flush(whole)
    append(dir, today, texts(6, 7))
    await delivery.close(whole)
    expect(far.lines).toEqual(texts(6, 7))
    const { files } = place() as unknown as { readonly files: Record<string, { readonly packed?: number }> }
    for (const name of filesBelow(dir).filter((file) => file.endsWith(".gz")))
      expect(files[name]?.packed).toBe(statSync(join(dir, name)).size)
  })

  it("by two packers, one behind the other, is read to its end", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, yesterday, texts(1, 5))
    const packed = pack(join(dir, yesterday))
    await run(dir, far)
    appendFileSync(packed, gzipSync(`${texts(6, 9).join("\n")}\n`))
    expect(await run(dir, far)).toMatchObject({ ...settled, delivered: 9 })
    expect(far.lines).toEqual(texts(1, 9))
  })
})
