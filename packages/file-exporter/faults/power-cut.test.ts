// Power cuts under sync "batch", on a real file system with a real journal, at any moment and at chosen ones: what had a
// receipt is there once, whole, and the log goes on behind whatever the cut has left.

import { describe, expect, it, vi } from "vitest"
import { randomFrom } from "../test/tools/faulty-file-layer.ts"
import { type FileSystem, makeImage, mountImage } from "./loop-disk.ts"
import { needsRoot } from "./needs.ts"
import { cutUnder, logsOf, startWriter, tools, writeOn } from "./power-cuts.ts"
import { addReceipts, expectConfirmed, expectNoHoles, type Receipts } from "./receipts.ts"
import { startTraced } from "./traced-child.ts"
import { dayFiles, expectReadable } from "./whole-days.ts"

const limitMs = 240_000

describe.each<{ fileSystem: FileSystem; cuts: number }>([
  { fileSystem: "ext4", cuts: 25 },
  { fileSystem: "xfs", cuts: 10 }
])("power cuts of $fileSystem, one after the other, $cuts times", ({ fileSystem, cuts }) => {
  it(
    'F36 under sync "batch": what has a receipt is there once and whole, a cut tears one line at most, and the log goes on',
    async (test) => {
      needsRoot(test, ...tools, `mkfs.${fileSystem}`)
      const random = randomFrom(36)
      const receipts: Receipts = new Map()
      let disk = mountImage(makeImage(fileSystem))
      for (let cut = 1; cut <= cuts; cut++) {
        const child = startWriter(disk, "batch")
        const wanted = 1 + Math.floor(random() * 300)
        await child.line((line) => JSON.parse(line).seq >= wanted)
        const { after, stdout } = await cutUnder(child, disk)
        disk = after
        addReceipts(receipts, stdout)
        const contents = await expectReadable(logsOf(disk), `cut ${cut}`)
        expectConfirmed(contents, receipts, `cut ${cut}`)
        expectNoHoles(contents, `cut ${cut}`)
        expect(contents.damaged.length).toBeLessThanOrEqual(cut)
      }
      expect(receipts.size).toBe(cuts)
      const contents = await writeOn(disk)
      expectConfirmed(contents, receipts)
      expectNoHoles(contents)
    },
    limitMs
  )
})

describe("a power cut at a chosen moment", () => {
  it.for([
    ["before the first sync of a new file", "fdatasync:delay_enter=60000000:when=1", ["write", 1]],
    ["before the sync of a new file's name", "fsync:delay_enter=60000000:when=1", ["fdatasync", 1]],
    ["before the sync of what was just written", "fdatasync:delay_enter=60000000:when=4", ["write", 4]],
    ["behind a sync, before anybody knows of it", "fdatasync:delay_exit=60000000:when=4", ["fdatasync", 4]]
  ] as const)(
    "F36 %s: what has a receipt is there once, and nothing else had one",
    async ([, inject, [name, times]], test) => {
      needsRoot(test, ...tools, "strace")
      const disk = mountImage(makeImage())
      const args = [logsOf(disk), "10", "300"]
      const paths = [disk.dir, logsOf(disk), ...dayFiles(logsOf(disk))]
      const child = startTraced("commits-for-ever", args, { paths, inject: [inject] })
      const done = (): number => child.calls().filter((call) => call.name === name).length
      await vi.waitUntil(() => done() >= times, { timeout: 60_000 })
      const { after, stdout } = await cutUnder(child, disk)
      const receipts: Receipts = new Map()
      addReceipts(receipts, stdout)
      expectConfirmed(await expectReadable(logsOf(after)), receipts)
      expectConfirmed(await writeOn(after), receipts)
    }
  )
})
