// What a power cut may take where nobody asked for every batch to be synced: an end of a file, and nothing before it. The
// disk may show that end as nothing, as an empty file or as NUL; readers count it, `verify` accuses nobody, and the next
// session writes on.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it, vi } from "vitest"
import { fileExporter, verify } from "../src/index.ts"
import { randomFrom } from "../test/tools/faulty-file-layer.ts"
import { app, filesBelow } from "../test/tools/file-bench.ts"
import { cutPower, type Disk, makeImage, mountImage, writeBack } from "./loop-disk.ts"
import { needsRoot } from "./needs.ts"
import { cutUnder, expectTailLost, logsOf, sizeOf, startWriter, tools, writeOn } from "./power-cuts.ts"
import { expectNoHoles } from "./receipts.ts"
import { startTraced } from "./traced-child.ts"
import { dayFiles, expectReadable, readDays } from "./whole-days.ts"

const limitMs = 240_000
const cuts = 6
const nulCuts = 3

/** Data goes to the disk later than the names and sizes of its files, so that a cut leaves NUL. */
const nulOnCut = "nodelalloc,data=writeback,commit=1"

/** Cuts again and again, while the system goes on, until the disk looks as wanted. */
const cutUntil = async (disk: Disk, looks: (after: Disk) => boolean): Promise<void> => {
  const isSeen = (): boolean => {
    const after = mountImage(cutPower(disk))
    const isWanted = looks(after)
    after.unmount()
    return isWanted
  }
  await vi.waitUntil(isSeen, { timeout: 60_000, interval: 100 })
}

const endsInNul = (after: Disk): boolean =>
  filesBelow(logsOf(after)).some((name) => readFileSync(join(logsOf(after), name)).at(-1) === 0)

/** Ten events, and whoever wrote them waits. */
const logTen = async (dir: string) => {
  const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], exitHook: false })
  for (let n = 1; n <= 10; n++) audit.log("load", "one of ten", { n })
  expect(await audit.flush({ timeoutMs: 10_000 })).toMatchObject({ complete: true, written: 10 })
  return audit
}

describe("a power cut without a sync of every batch", () => {
  it(
    `F35 under sync "none", ${cuts} times: what is lost is an end of the file, one line at most is torn, and the log goes on`,
    async (test) => {
      needsRoot(test, ...tools)
      const random = randomFrom(35)
      let disk = mountImage(makeImage())
      let lostBytes = 0
      for (let cut = 1; cut <= cuts; cut++) {
        const child = startWriter(disk, "none")
        const wanted = 1 + Math.floor(random() * 2_000)
        await child.line((line) => JSON.parse(line).seq >= wanted)
        const safeBytes = sizeOf(logsOf(disk))
        writeBack(disk)
        await child.line((line) => JSON.parse(line).seq >= 2 * wanted)
        const found = await cutUnder(child, disk)
        disk = found.after
        const keptBytes = expectTailLost(found)
        expect(keptBytes, `cut ${cut}`).toBeGreaterThanOrEqual(safeBytes)
        for (const { length } of found.before.values()) lostBytes += length
        lostBytes -= keptBytes
        const contents = await expectReadable(logsOf(disk), `cut ${cut}`)
        expectNoHoles(contents, `cut ${cut}`)
        expect(contents.damaged.length).toBeLessThanOrEqual(cut)
      }
      expect(lostBytes).toBeGreaterThan(0)
      expectNoHoles(await writeOn(disk))
    },
    limitMs
  )

  it(
    'F35 under sync "interval": every byte that was written before the last sync is there, and what is lost is an end',
    async (test) => {
      needsRoot(test, ...tools, "strace")
      for (let cut = 1; cut <= 2; cut++) {
        const disk = mountImage(makeImage())
        const dir = logsOf(disk)
        const args = [dir, "10", "300", JSON.stringify({ sync: "interval" })]
        const calls = ["write", "fdatasync"]
        const child = startTraced("commits-for-ever", args, { paths: dayFiles(dir), calls })
        const synced = () =>
          child.calls().filter(({ name, result }) => name === "fdatasync" && result === "0")
        await vi.waitUntil(() => synced().length >= cut, { timeout: 60_000 })
        const found = await cutUnder(child, disk)
        expectTailLost(found)
        const last = synced().at(-1)?.beganAt ?? 0
        const safe = child.calls().filter(({ name, endedAt }) => name === "write" && endedAt < last)
        const safeBytes = safe.reduce((sum, { result }) => sum + Number(result), 0)
        expect(safeBytes).toBeGreaterThan(0)
        const kept = filesBelow(logsOf(found.after)).map((name) =>
          readFileSync(join(logsOf(found.after), name))
        )
        const nul = kept[0]?.indexOf(0) ?? 0
        expect(nul === -1 ? (kept[0]?.length ?? 0) : nul).toBeGreaterThanOrEqual(safeBytes)
        expectNoHoles(await expectReadable(logsOf(found.after)))
        expectNoHoles(await writeOn(found.after))
      }
    },
    limitMs
  )

  it("F37 when the disk knows the file's name and none of its lines: an empty file is valid, is reported, and is written on", async (test) => {
    needsRoot(test, ...tools)
    const disk = mountImage(makeImage(), "commit=1")
    const audit = await logTen(logsOf(disk))
    const isEmpty = (after: Disk): boolean =>
      filesBelow(logsOf(after)).some((name) => readFileSync(join(logsOf(after), name)).length === 0)
    await cutUntil(disk, isEmpty)
    const after = mountImage(cutPower(disk))
    await audit.close()
    const dir = logsOf(after)
    expect(isEmpty(after)).toBe(true)
    expect(await readDays(dir)).toEqual({ ids: [], damage: [] })
    const { problems, files } = await verify({ app, dir })
    expect(problems).toEqual([])
    expect(files).toMatchObject([{ file: filesBelow(dir)[0], bytes: 0, lines: 0, proved: 0 }])
    expect((await writeOn(after)).damaged).toEqual([])
  })

  it("F38 when the disk knows the file's size and none of its bytes: NUL is damage with its place, and is written on behind", async (test) => {
    needsRoot(test, ...tools)
    const disk = mountImage(makeImage(), nulOnCut)
    const audit = await logTen(logsOf(disk))
    await cutUntil(disk, endsInNul)
    const after = mountImage(cutPower(disk))
    await audit.close()
    const dir = logsOf(after)
    const { lines, damaged } = await expectReadable(dir)
    expect({ lines, count: damaged.length }).toEqual({ lines: [], count: 1 })
    const { damage } = await readDays(dir)
    expect(damage).toMatchObject([{ damage: "unterminated", offset: 0 }])
    const contents = await writeOn(after)
    expect(contents.damaged).toEqual(damaged)
    expect(contents.lines[0]).toMatchObject({ category: "recovered", bytes: damaged[0]?.length })
  })

  it(
    `F38 behind lines that the disk has, ${nulCuts} times: a NUL tail is one damaged line, and every line before stays`,
    async (test) => {
      needsRoot(test, ...tools)
      let disk = mountImage(makeImage(), nulOnCut)
      for (let cut = 1; cut <= nulCuts; cut++) {
        const child = startWriter(disk, "none")
        await child.line((line) => JSON.parse(line).seq >= 500 * cut)
        const safeBytes = sizeOf(logsOf(disk))
        writeBack(disk)
        await child.line((line) => JSON.parse(line).seq >= 1_000 * cut)
        child.process.kill("SIGSTOP")
        await cutUntil(disk, endsInNul)
        const found = await cutUnder(child, disk, nulOnCut)
        disk = found.after
        expect(endsInNul(disk)).toBe(true)
        expect(expectTailLost(found)).toBeGreaterThanOrEqual(safeBytes)
        expect((await expectReadable(logsOf(disk), `cut ${cut}`)).damaged).toHaveLength(cut)
        expectNoHoles(await writeOn(disk), `cut ${cut}`)
      }
    },
    limitMs
  )
})
