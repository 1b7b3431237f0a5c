// A place against what happens to files between two runs, and during one: renamed, copied and cut, replaced, truncated, packed
// away, deleted, restored by a power cut. Nothing is skipped; what comes again has the same ids and is told.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { decodeLine } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { deliverOn, forgetDelivery } from "../../src/deliver.node.ts"
import { Keeper } from "../../src/delivery/keeper.node.ts"
import { Places } from "../../src/delivery/places.ts"
import { TrailReader } from "../../src/delivery/reader.node.ts"
import { Trail } from "../../src/delivery/trail.node.ts"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import { noCounts } from "../../src/state/delivery-place.node.ts"
import {
  append,
  dayFile,
  deliverFrom,
  down,
  type FarEnd,
  farEnd,
  stateOf,
  texts,
  untilState,
  whole
} from "../tools/deliveries.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import { app, freshDir, noon, silentLog } from "../tools/file-bench.ts"
import { clockAt, heldClockAt } from "../tools/test-clock.ts"

const today = dayFile("2026-03-05")

/** Runs a delivery to its end, and returns what it said. */
const run = async (dir: string, far: FarEnd, at = noon) => {
  const { delivery, notices } = deliverFrom(dir, far, { clock: clockAt(at) })
  const result = await delivery.close(whole)
  return { ...result, rewinds: delivery.health().rewinds, lostBytes: delivery.health().lostBytes, notices }
}

const sequence = (far: FarEnd): readonly number[] => far.lines.map((line) => JSON.parse(line).seq)

const upTo = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** A disk on which this happens once, when the first piece of a file was read. */
const reading = (happens: () => void): ReadLayer => {
  let isOver = false
  return {
    ...nodeReadLayer,
    open: async (path) => {
      const file = await nodeReadLayer.open(path)
      return (
        file && {
          ...file,
          read: async (into, position) => {
            const bytes = await file.read(into, position)
            if (!isOver) happens()
            isOver = true
            return bytes
          }
        }
      )
    }
  }
}

describe("F71 F72 F73 a place", () => {
  it.each([`${today}.1`, `${today}-20260306`, `${today}.2`])(
    "goes with its file when a rotation names it %s, and the new file of the name is read from its front",
    async (rotated) => {
      const dir = freshDir()
      const far = farEnd()
      append(dir, today, texts(1, 10))
      await run(dir, far)
      append(dir, today, texts(11, 15))
      renameSync(join(dir, today), join(dir, rotated))
      append(dir, today, texts(16, 20))
      expect(await run(dir, far)).toMatchObject({
        complete: true,
        delivered: 20,
        rewinds: 0,
        lostBytes: 0,
        notices: []
      })
      expect(sequence(far)).toEqual(upTo(1, 20))
    }
  )

  it("goes with its file when that is renamed while it is delivered", async () => {
    const dir = freshDir()
    const far = farEnd({ queue: { batchEventsMax: 4 } })
    append(dir, today, texts(1, 10))
    far.answer = () => {
      if (far.attempts.length === 2) {
        renameSync(join(dir, today), join(dir, `${today}.1`))
        append(dir, today, texts(11, 14))
      }
      return undefined
    }
    const { delivery } = deliverFrom(dir, far, { clock: clockAt(noon) })
    await delivery.flush(whole)
    expect(await delivery.close(whole)).toMatchObject({ complete: true })
    expect(sequence(far)).toEqual(upTo(1, 14))
    expect(delivery.health()).toMatchObject({ rewinds: 0, lostBytes: 0 })
    expect(await run(dir, far)).toMatchObject({ delivered: 14 })
  })

  it("is kept where a rotation copies the file and cuts it", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, today, texts(1, 10))
    await run(dir, far)
    append(dir, today, texts(11, 12))
    copyFileSync(join(dir, today), join(dir, `${today}.1`))
    truncateSync(join(dir, today))
    append(dir, today, texts(13, 40))
    expect(await run(dir, far)).toMatchObject({ complete: true, rewinds: 0, notices: [] })
    expect(sequence(far)).toEqual(upTo(1, 40))
  })

  it.each([
    ["shorter", (path: string) => truncateSync(path, readFileSync(path).indexOf("\n", 300) + 1)],
    ["longer and another", (path: string) => writeFileSync(path, `${texts(1, 30, "cccccccc").join("\n")}\n`)],
    [
      "as long and another",
      (path: string) => writeFileSync(path, `${texts(1, 10, "cccccccc").join("\n")}\n`)
    ],
    [
      "changed in its last line",
      (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace('"seq":10', '"seq":99'))
    ]
  ])(
    "that does not fit, because the file is %s, begins again at its front, and says so",
    async (_, change) => {
      const dir = freshDir()
      const far = farEnd()
      append(dir, today, texts(1, 10))
      await run(dir, far)
      change(join(dir, today))
      const lines = readFileSync(join(dir, today), "utf8").trimEnd().split("\n")
      far.lines.length = 0
      const again = await run(dir, far)
      expect(again).toMatchObject({ complete: true, rewinds: 1 })
      expect(again.notices).toEqual([
        expect.stringContaining(`${JSON.stringify(today)} is not the file that it was`)
      ])
      expect(far.lines).toEqual(lines)
    }
  )

  it("F35 F36 beyond its file, as after a power cut, hides nothing: what stands there now is delivered", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, today, texts(1, 10))
    await run(dir, far)
    const path = join(dir, today)
    // The cut takes the last lines back; the next session writes others over their place, and further.
    truncateSync(path, texts(1, 6).join("\n").length + 1)
    append(dir, today, texts(1, 20, "dddddddd"))
    await run(dir, far)
    const arrived = new Set(far.lines)
    for (const line of readFileSync(path, "utf8").trimEnd().split("\n")) expect(arrived.has(line)).toBe(true)
  })

  it("stays behind a line that is in progress, until its day is two days past: then it is set aside", async () => {
    const dir = freshDir()
    const far = farEnd()
    const [whole1 = "", part = ""] = texts(1, 2)
    append(dir, today, `${whole1}\n${part.slice(0, 50)}`)
    expect(await run(dir, far)).toMatchObject({ delivered: 1, damaged: 0, pendingBytes: 50 })
    expect(await run(dir, far, noon + 30 * 3_600_000)).toMatchObject({ delivered: 1, damaged: 0 })
    expect(await run(dir, far, noon + 3 * 86_400_000)).toMatchObject({
      delivered: 1,
      damaged: 1,
      pendingBytes: 0
    })
    // Somebody comes back to the day all the same, and closes the fragment as writers do.
    append(dir, today, `\n${texts(3, 3)[0]}\n`)
    expect(await run(dir, far, noon + 3 * 86_400_000)).toMatchObject({ delivered: 2, damaged: 1, rewinds: 0 })
    expect(sequence(far)).toEqual([1, 3])
  })

  it("of a file that is one torn line stays where it is", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, today, "{torn for good")
    const late = noon + 5 * 86_400_000
    expect(await run(dir, far, late)).toMatchObject({ complete: true, damaged: 1, pendingBytes: 0 })
    expect(await run(dir, far, late)).toMatchObject({ complete: true, damaged: 1, rewinds: 0, notices: [] })
  })

  it("of a file that was one torn line stays where it is when lines come behind it", async () => {
    const dir = freshDir()
    const old = dayFile("2026-03-02")
    append(dir, old, '{"ts":"2026')
    const far = farEnd()
    await run(dir, far)
    append(dir, old, ["", ...texts(1, 2)])
    expect(await run(dir, far)).toMatchObject({ delivered: 2, damaged: 1, rewinds: 0, notices: [] })
    append(dir, old, texts(3, 3))
    renameSync(join(dir, old), join(dir, `${old}.1`))
    expect(await run(dir, far)).toMatchObject({ delivered: 3, damaged: 1, rewinds: 0, notices: [] })
  })

  it("behind a torn line hides no other line that begins like it", async () => {
    const dir = freshDir()
    const old = dayFile("2026-03-02")
    const path = join(dir, old)
    const [torn = "", other = "", ...more] = texts(1, 4)
    append(dir, old, torn.slice(0, 40))
    const far = farEnd()
    const { delivery } = deliverFrom(dir, far, { clock: clockAt(noon) })
    await delivery.flush(whole)
    truncateSync(path)
    append(dir, old, [other])
    await delivery.flush(whole)
    await delivery.close(whole)
    expect(far.lines).toEqual([other])
    // The same in another run, where the torn one is not the first.
    append(dir, old, torn.slice(0, 40))
    await run(dir, far)
    truncateSync(path, other.length + 1)
    append(dir, old, more)
    await run(dir, far)
    expect(new Set(far.lines)).toEqual(new Set([other, ...more]))
  })

  it("never stands beyond a file that was cut while it was read", async () => {
    const dir = freshDir()
    const old = dayFile("2026-03-02")
    append(dir, old, `${texts(1, 2).join("\n")}\n{"torn`)
    const { size } = statSync(join(dir, old))
    const cut = reading(() => truncateSync(join(dir, old), size - 3))
    const far = farEnd()
    const { delivery, place } = deliverFrom(dir, far, { clock: heldClockAt(noon) }, cut)
    await delivery.flush(whole)
    append(dir, old, `"}\n${texts(3, 4).join("\n")}\n`)
    await delivery.close(whole)
    expect(sequence(far)).toEqual(upTo(1, 4))
    expect(place().files?.[old]).toMatchObject({ at: statSync(join(dir, old)).size })
  })

  it("is on the disk from the first start on, so that retention knows of it", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const far = farEnd()
    far.answer = down
    const { delivery, place } = deliverFrom(dir, far, { clock: heldClockAt(noon) })
    await delivery.flush(whole)
    expect(place()).toMatchObject({ v: 1, app, name: "far", holds: true, files: {} })
  })

  it("F38 F74 S4.13 passes over damage, which is kept with its reason and its text: torn lines, NULs, an editor's marks", async () => {
    const dir = freshDir()
    const far = farEnd()
    const [one = "", two = "", three = ""] = texts(1, 3)
    append(dir, today, `\ufeff${one}\r\n{"torn\n\u0000\u0000\u0000\n"text"\n\n${two}\n`)
    appendFileSync(join(dir, today), Uint8Array.of(0xff, 0xfe, 0x0a))
    append(dir, today, `{"long":"${"x".repeat(1024 * 1024)}"}\n${three}\n`)
    const { delivery } = deliverFrom(dir, far, { clock: clockAt(noon) })
    expect(await delivery.close(whole)).toMatchObject({
      complete: true,
      delivered: 3,
      damaged: 5,
      pendingBytes: 0
    })
    expect(far.lines).toEqual([one, two, three])
    const letters = readFileSync(join(stateOf(dir), "dead-2026-03-05.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
    expect(letters.map((letter) => JSON.parse(letter)).map(({ reason, line }) => [reason, line])).toEqual([
      ["not JSON", '{"torn'],
      ["not JSON", "\u0000\u0000\u0000"],
      ["not an object", '"text"'],
      ["not UTF-8", undefined],
      ["too long", undefined]
    ])
  })

  it("F77 passes over a day whose file is missing in the middle: the rest is delivered, and the numbers show the hole", async () => {
    const dir = freshDir()
    append(dir, dayFile("2026-03-03"), texts(1, 4))
    append(dir, dayFile("2026-03-04"), texts(5, 8))
    append(dir, today, texts(9, 12))
    unlinkSync(join(dir, dayFile("2026-03-04")))
    const far = farEnd()
    const { delivery } = deliverFrom(dir, far)
    expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 8, pendingBytes: 0 })
    expect(sequence(far)).toEqual([...upTo(1, 4), ...upTo(9, 12)])
  })

  it("F40 survives files that come back: a deletion that a power cut undid", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, today, texts(1, 5))
    await run(dir, far)
    const kept = readFileSync(join(dir, today))
    unlinkSync(join(dir, today))
    append(dir, dayFile("2026-03-06"), texts(6, 8))
    await run(dir, far)
    writeFileSync(join(dir, today), kept)
    await run(dir, far)
    expect(new Set(sequence(far))).toEqual(new Set(upTo(1, 8)))
  })

  it("counts what leaves the disk before it was settled, in bytes, and says of which file", async () => {
    const dir = freshDir()
    const far = farEnd({ queue: { batchEventsMax: 4 } })
    append(dir, today, texts(1, 4))
    const others = [dayFile("2026-03-06"), dayFile("2026-03-07")]
    let isReadAhead: (() => void) | undefined
    const readAhead = new Promise<void>((resolve) => {
      isReadAhead = resolve
    })
    const reads: ReadLayer = {
      ...nodeReadLayer,
      open: async (path) => {
        if (path.endsWith(others[0] ?? "")) isReadAhead?.()
        return nodeReadLayer.open(path)
      }
    }
    const { delivery, notices } = deliverFrom(dir, far, { clock: heldClockAt(noon) }, reads)
    await delivery.flush(whole)
    far.answer = down
    append(dir, today, texts(5, 8))
    append(dir, others[0] ?? "", texts(9, 16))
    append(dir, others[1] ?? "", texts(17, 19))
    await delivery.flush(whole)
    await readAhead
    await delivery.flush(whole)
    // One batch is with the far end and one was read ahead, of a file that is still open; the last file was not begun.
    for (const file of [today, ...others]) unlinkSync(join(dir, file))
    far.answer = () => undefined
    for (let looks = 0; looks < 3; looks++) await delivery.flush(whole)
    const lostBytes = texts(17, 19).join("\n").length + 1
    expect(sequence(far)).toEqual(upTo(1, 16))
    expect(delivery.health()).toMatchObject({ delivered: 16, lostBytes, pendingBytes: 0 })
    expect(notices.filter((text) => text.includes("is gone"))).toEqual([
      expect.stringContaining(`"${others[1]}" is gone with ${lostBytes} bytes that were not delivered`)
    ])
  })

  it("starts again when its folder is removed under it, and when it cannot be read, with a notice each", async () => {
    const dir = join(freshDir(), "logs")
    const far = farEnd()
    append(dir, today, texts(1, 5))
    const { delivery } = deliverFrom(dir, far, { clock: clockAt(noon) })
    await delivery.flush(whole)
    rmSync(dir, { recursive: true })
    await delivery.flush({ timeoutMs: 200 })
    append(dir, today, texts(6, 8))
    await delivery.flush(whole)
    expect(await delivery.flush(whole)).toMatchObject({ complete: true })
    expect(new Set(sequence(far))).toEqual(new Set(upTo(1, 8)))
  })

  it("that cannot be read for a moment is waited for, not begun again", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, today, texts(1, 5))
    await run(dir, far)
    let isFailing = true
    const files = {
      ...nodeFileLayer,
      openRead: async (path: string) => {
        if (!path.endsWith("place.json") || !isFailing) return nodeFileLayer.openRead(path)
        isFailing = false
        throw Object.assign(new Error("too many"), { code: "EMFILE" })
      }
    }
    const notices: string[] = []
    const notice = (text: string): void => void notices.push(text)
    const delivery = deliverOn({ files, reads: nodeReadLayer }, { app, dir, to: far, notice })
    await delivery.flush()
    expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 5 })
    expect(sequence(far)).toEqual(upTo(1, 5))
    expect(notices).toEqual([expect.stringContaining("too many open files (EMFILE); trying again")])
  })

  it.each([
    ["settled", "replay"],
    ["left", "now"]
  ] as const)("F79 behind a line of more than 1 MiB that was %s fits no other file", async (_, begin) => {
    const dir = freshDir()
    const far = farEnd()
    const [first = "", second = ""] = texts(1, 2)
    const long = (end: string): string => `${first}\n${"x".repeat(1_100_000)}${end}\n`
    writeFileSync(join(dir, today), long("1"))
    const start = (): ReturnType<typeof deliverFrom> =>
      deliverFrom(dir, far, { clock: clockAt(noon), begin: begin === "now" ? "now" : "oldest" })
    await start().delivery.close(whole)
    append(dir, today, [second])
    const same = start()
    expect(await same.delivery.close(whole)).toMatchObject({ complete: true })
    expect(far.lines.at(-1)).toBe(second)
    expect(same.delivery.health().rewinds).toBe(0)
    rmSync(stateOf(dir), { recursive: true })
    far.lines.length = 0
    writeFileSync(join(dir, today), long("1"))
    await start().delivery.close(whole)
    writeFileSync(join(dir, today), `${long("2")}${second}\n`)
    const other = start()
    await other.delivery.close(whole)
    expect(other.delivery.health().rewinds).toBe(1)
    expect(far.lines.slice(-2)).toEqual([first, second])
  })

  it("F79 moves on in small steps over lines that are not sent, so that they need little memory", async () => {
    const dir = freshDir()
    append(dir, today, `${JSON.stringify({ ts: "", text: "x".repeat(10_000) })}\n`.repeat(60))
    const trail = new Trail(nodeReadLayer, {
      app,
      dir,
      now: () => 0,
      wallNow: () => noon,
      onUnreadable: () => undefined
    })
    const reader = new TrailReader(nodeReadLayer, new Places(noCounts), {
      linesMax: 8_192,
      bytesMax: 20_000,
      now: () => 0,
      isWanted: () => false,
      onRewind: () => undefined,
      onUnreadable: () => undefined
    })
    const { changed } = await trail.look("2026-03-05", { isFull: true, named: new Set(), pollMs: 0 })
    reader.note(changed)
    reader.begin("2026-03-05")
    const sizes: number[] = []
    for (let batch = await reader.next(); batch !== undefined; batch = await reader.next())
      sizes.push(batch.lines.length)
    expect(sizes).toEqual([8, 8, 8, 8, 8, 8, 8, 4])
  })

  it("F7 of a user whose folder cannot be searched waits; it is named, once, and nothing else waits with it", async () => {
    const dir = freshDir()
    const far = farEnd()
    const clock = heldClockAt(noon)
    append(dir, "ada/tool_audit/2026-03-05.jsonl", texts(1, 3))
    append(dir, today, texts(11, 13))
    let isLocked = false
    const refuse = (path: string): void => {
      if (isLocked && path.includes("ada")) throw diskError("EACCES", -13)
    }
    const layer: ReadLayer = {
      list: async (path) => {
        refuse(path)
        return nodeReadLayer.list(path)
      },
      facts: async (path) => {
        refuse(path)
        return nodeReadLayer.facts(path)
      },
      open: async (path) => {
        refuse(path)
        return nodeReadLayer.open(path)
      }
    }
    const { delivery, notices } = deliverFrom(dir, far, { clock }, layer)
    expect(await delivery.flush(whole)).toMatchObject({ delivered: 6 })
    isLocked = true
    append(dir, "ada/tool_audit/2026-03-05.jsonl", texts(4, 5))
    for (let flushes = 0; flushes < 4; flushes++) {
      append(dir, today, texts(14 + flushes, 14 + flushes))
      expect(await delivery.flush(whole)).toMatchObject({ delivered: 7 + flushes })
    }
    expect(notices).toEqual([
      expect.stringContaining(`Cannot read ${JSON.stringify(join(dir, "ada"))}: permission denied (EACCES)`)
    ])
    expect(delivery.health()).toMatchObject({ state: "idle", lostBytes: 0 })
    isLocked = false
    expect(await delivery.flush(whole)).toMatchObject({ delivered: 12 })
    expect(delivery.health()).toMatchObject({ rewinds: 0, lostBytes: 0 })
  })

  it("of another app in a placeDir that both use is left alone", async () => {
    const [dir, placeDir] = [freshDir(), freshDir()]
    append(dir, today, texts(1, 3))
    const far = farEnd()
    await deliverFrom(dir, far, { placeDir, clock: clockAt(noon) }).delivery.close(whole)
    const before = readFileSync(join(placeDir, "place.json"), "utf8")
    const other = deliverFrom(dir, far, { app: "other", placeDir, clock: heldClockAt(noon) })
    await untilState(other.delivery, "paused")
    expect(other.notices).toEqual([
      expect.stringContaining(`The place in ${JSON.stringify(placeDir)} is of the app "${app}"`)
    ])
    expect(readFileSync(join(placeDir, "place.json"), "utf8")).toBe(before)
    // Nor is the one whose place it is kept from working.
    append(dir, today, texts(4, 4))
    const again = deliverFrom(dir, far, { placeDir, clock: clockAt(noon) })
    expect(await again.delivery.close(whole)).toMatchObject({ complete: true, delivered: 4 })
  })

  it("is kept behind no link, which would lead out of the log's folder", async () => {
    const [dir, elsewhere] = [freshDir(), freshDir()]
    append(dir, today, texts(1, 3))
    mkdirSync(join(dir, ".daybook", app), { recursive: true })
    symlinkSync(elsewhere, join(dir, ".daybook", app, "delivery"))
    const far = farEnd()
    const { delivery, notices } = deliverFrom(dir, far, { clock: heldClockAt(noon) })
    await untilState(delivery, "paused")
    expect(far.lines).toEqual([])
    expect(readdirSync(elsewhere, { recursive: true })).toEqual(["far"])
    const link = JSON.stringify(join(dir, ".daybook", app, "delivery"))
    expect(notices).toEqual([
      expect.stringContaining(`${link} is not a directory, or a link to one; trying again`)
    ])
    await expect(forgetDelivery({ app, dir, name: "far" })).rejects.toThrow("a link to one")
  })

  it("of a file that is listed anew is read once a round", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    let opened = 0
    const layer: ReadLayer = {
      ...nodeReadLayer,
      open: (path) => {
        opened += 1
        return nodeReadLayer.open(path)
      }
    }
    const reader = new TrailReader(layer, new Places(noCounts), {
      linesMax: 100,
      bytesMax: 100_000,
      now: () => 0,
      isWanted: () => true,
      onRewind: () => undefined,
      onUnreadable: () => undefined
    })
    const options = { app, dir, now: () => 0, wallNow: () => noon, onUnreadable: () => undefined }
    for (let listings = 0; listings < 2; listings++) {
      const all = { isFull: true, named: new Set<string>(), pollMs: 0 }
      reader.note((await new Trail(layer, options).look("2026-03-05", all)).changed)
    }
    reader.begin("2026-03-05")
    expect((await reader.next())?.lines).toHaveLength(3)
    expect(await reader.next()).toBeUndefined()
    expect(opened).toBe(1)
  })

  it("that is large is not saved more often than it is worth", async () => {
    const dir = freshDir()
    let now = 0
    const keeper = new Keeper(nodeFileLayer, {
      ...{ app, name: "far", stateDir: dir, isBelowLog: false, holds: true },
      log: { ...silentLog({}), monotonicMs: () => now },
      tell: () => undefined,
      onWorking: () => undefined
    })
    const places = new Places(noCounts)
    const place = { first: "", at: 9, line: 0, sha: "", id: "" }
    for (let n = 0; n < 20_000; n++)
      places.add({ name: `${n}.jsonl`, path: join(dir, `${n}`), place, size: 9 })
    const savedAfter = async (ms: number): Promise<boolean> => {
      now += ms
      places.isChanged = true
      await keeper.saveIfDue(places)
      return !places.isChanged
    }
    expect(await savedAfter(1_000)).toBe(true)
    const { size } = statSync(join(dir, "place.json"))
    expect(await savedAfter(size / 1_000 - 10)).toBe(false)
    expect(await savedAfter(20)).toBe(true)
  })

  it("is told a file that is none, once, and the others are delivered", async () => {
    const dir = freshDir()
    const far = farEnd()
    mkdirSync(join(dir, dayFile("2026-03-04")))
    append(dir, today, texts(1, 2))
    const { delivery, notices } = deliverFrom(dir, far, { clock: clockAt(noon) })
    await delivery.flush(whole)
    await delivery.flush(whole)
    expect(sequence(far)).toEqual([1, 2])
    expect(notices.length).toBeLessThanOrEqual(1)
  })
})

describe("S4.20 lines of older systems", () => {
  it("have the same ids though a rotation takes the file's name while they are counted", async () => {
    const dir = freshDir()
    const far = farEnd()
    append(dir, today, [old("use_log", 1)])
    await run(dir, far)
    append(dir, today, [old("use_log", 1)])
    const rotated = reading(() => {
      renameSync(join(dir, today), join(dir, `${today}.1`))
      append(dir, today, [])
    })
    const { delivery } = deliverFrom(dir, far, { clock: clockAt(noon) }, rotated)
    expect(await delivery.close(whole)).toMatchObject({ delivered: 2 })
    expect(new Set(far.lines.map((line) => JSON.parse(line).id)).size).toBe(2)
  })

  const old = (kind: string, n: number): string =>
    `{"kind": "${kind}", "ts": "2026-03-05 17:00:00", "user_name": "未知用户", "n": ${n}}`

  it("without an id get one from their bytes and their number among equal ones, the same at each try", async () => {
    const dir = freshDir()
    const lines = [old("use_log", 1), old("use_log", 1), old("login_log", 2), old("use_log", 1)]
    append(dir, today, lines)
    const far = farEnd({ queue: { batchEventsMax: 3 } })
    await run(dir, far)
    const ids = far.lines.map((line) => JSON.parse(line).id)
    expect(new Set(ids).size).toBe(4)
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    for (const [index, line] of far.lines.entries()) {
      expect(line).toBe(`${lines[index]?.slice(0, -1)},"id":"${ids[index]}"}`)
      expect(decodeLine(line)).toMatchObject({ kind: "event", fields: { user_name: "未知用户" } })
    }
    // The same lines again, from the front, and from a place within: each has the id that it had.
    rmSync(join(stateOf(dir), "place.json"))
    await run(dir, far)
    expect(far.lines.slice(4).map((line) => JSON.parse(line).id)).toEqual(ids)
    append(dir, today, [old("use_log", 1)])
    await run(dir, far)
    const late = JSON.parse(far.lines.at(-1) ?? "").id
    const fresh = freshDir()
    append(fresh, today, [...lines, old("use_log", 1)])
    const other = farEnd()
    await run(fresh, other)
    expect(other.lines.map((line) => JSON.parse(line).id)).toEqual([...ids, late])
    expect(app).toBe("datatools")
  })
})
