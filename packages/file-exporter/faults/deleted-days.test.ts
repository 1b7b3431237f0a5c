// Files that retention deleted and a power cut brought back: readers take them as they are, retention deletes them
// again, and nothing is lost or there twice. Also that deleting whole old files is the only thing that is ever done
// to a name.

import { spawnSync } from "node:child_process"
import { copyFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { expect, it } from "vitest"
import { fileExporter, readRecent } from "../src/index.ts"
import { notePath } from "../src/state/retention-note.node.ts"
import { answerOf } from "../test/tools/child-process.ts"
import { app, contentsOf, filesBelow, freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { noteDays } from "../test/tools/old-days.ts"
import { clockAt } from "../test/tools/test-clock.ts"
import { cutPower, makeImage, mountImage } from "./loop-disk.ts"
import { needsRoot } from "./needs.ts"
import { logsOf, tools } from "./power-cuts.ts"
import { startTraced } from "./traced-child.ts"
import { dayFiles, expectNobodyAccused, expectReadable, readDays } from "./whole-days.ts"

const dayMs = 24 * 60 * 60 * 1_000
const oldDays = 3
const eventsOfDay = 5

/** A log that writes a few events on its own day and is closed. */
const logDay = async (dir: string, daysAgo: number, retentionDays: number, sync?: "batch"): Promise<void> => {
  const clock = clockAt(Date.now() - daysAgo * dayMs)
  const exporters = [fileExporter({ dir, retentionDays, sync })]
  const audit = createAuditLog({ app, exporters, clock, exitHook: false })
  for (let n = 1; n <= eventsOfDay; n++) audit.log("load", "one of a day", { n })
  expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ complete: true, written: eventsOfDay })
}

/**
 * Whole, sealed files of some days that are older than a week, safe from any power cut, and of the two newest days, by
 * which the clock is believed; sweeps know them all. Gives the old ones.
 */
const makeOldDays = async (dir: string): Promise<readonly string[]> => {
  const ago = [...Array.from({ length: oldDays }, (_, day) => 10 * (oldDays - day)), 2, 1]
  for (const day of ago) await logDay(dir, day, Number.POSITIVE_INFINITY, "batch")
  const files = filesBelow(dir)
  noteDays(
    dir,
    files.map((name) => name.slice(app.length + 1, -".jsonl".length))
  )
  spawnSync("sync", ["-f", notePath(dir, app)])
  return files.slice(0, oldDays)
}

const retentionMarks = (dir: string): number =>
  contentsOf(dir).lines.filter(({ category, seq }) => category === "retention" && seq === undefined).length

/** What anybody reads of the last six weeks, each event once. */
const expectEachReadOnce = async (dir: string, events: number): Promise<void> => {
  const { ids, damage } = await readDays(dir)
  expect({ ids: new Set(ids).size, count: ids.length, damage }).toEqual({
    ids: events,
    count: events,
    damage: []
  })
  const recent: string[] = []
  for await (const row of readRecent({ app, dir, days: 42, limit: 1_000 }))
    if (!("damage" in row) && row.kind === "event") recent.push(row.head.id)
  expect(recent.toSorted()).toEqual(ids.toSorted())
}

it("F40 a power cut brings deleted days back: they are read once, nobody is accused, and the next retention deletes them again", async (test) => {
  needsRoot(test, ...tools)
  // Nothing but a sync makes the directory's change safe in the time of this test.
  const disk = mountImage(makeImage(), "commit=300")
  const old = await makeOldDays(logsOf(disk))
  expect(old).toHaveLength(oldDays)
  await logDay(logsOf(disk), 0, 7)
  expect(readdirSync(logsOf(disk)).filter((name) => old.includes(name))).toEqual([])
  const after = mountImage(cutPower(disk))
  const dir = logsOf(after)
  expect(
    readdirSync(dir)
      .filter((name) => old.includes(name))
      .toSorted()
  ).toEqual(old)
  await expectReadable(dir)
  await expectEachReadOnce(dir, (oldDays + 2) * eventsOfDay)
  await logDay(dir, 0, 7)
  expect(readdirSync(dir).filter((name) => old.includes(name))).toEqual([])
  expect(retentionMarks(dir)).toBe(1)
  await expectReadable(dir)
  await expectEachReadOnce(dir, 3 * eventsOfDay)
})

it("F40 days that come back although a mark says that they were deleted: nobody is accused, and they are deleted as late again", async () => {
  const dir = freshDir()
  const kept = freshDir()
  const old = await makeOldDays(dir)
  for (const name of old) copyFileSync(join(dir, name), join(kept, name))
  await logDay(dir, 0, 7)
  expect(retentionMarks(dir)).toBe(1)
  // One of them at first, as a disk may have written only a part of its directory.
  for (const some of [old.slice(1, 2), old]) {
    for (const name of some) copyFileSync(join(kept, name), join(dir, name))
    await expectNobodyAccused(dir)
    await expectReadable(dir)
  }
  await expectEachReadOnce(dir, (oldDays + 3) * eventsOfDay)
  await logDay(dir, 0, 7)
  expect(readdirSync(dir).filter((name) => old.includes(name))).toHaveLength(oldDays)
  await expectEachReadOnce(dir, (oldDays + 4) * eventsOfDay)
  for (let day = 1; day <= 8; day++) await logDay(dir, -day, 7)
  expect(readdirSync(dir).filter((name) => old.includes(name))).toEqual([])
  await expectReadable(dir)
})

it("F39 in a whole life with failed writes, syncs and retention, no file is renamed, cut or emptied, and only old days are deleted", async (test) => {
  needsRoot(test, "strace")
  const dir = freshDir()
  const old = await makeOldDays(dir)
  const changing = [
    "rename",
    "renameat",
    "renameat2",
    "truncate",
    "ftruncate",
    "unlink",
    "unlinkat",
    "link",
    "linkat"
  ]
  const child = startTraced("logs-rounds", [dir, "6", "200", JSON.stringify({ sync: "batch" })], {
    paths: [dir, ...dayFiles(dir), ...old.map((name) => join(dir, name))],
    calls: [...changing, "write", "openat", "fdatasync"],
    inject: ["write:error=ENOSPC:when=2", "fdatasync:error=EIO:when=3"]
  })
  expect(answerOf(await child.ended)).toMatchObject({ closed: { complete: true, written: 1_200 } })
  const calls = child.calls()
  expect(calls.filter(({ isInjected }) => isInjected)).toHaveLength(2)
  const changes = calls.filter(({ name }) => changing.includes(name))
  const deleted = changes.map(({ name, args }) => `${name} ${args}`)
  expect(deleted.toSorted()).toEqual(old.map((name) => `unlink ${JSON.stringify(join(dir, name))}`))
  expect(calls.filter(({ args }) => args.includes("O_TRUNC"))).toEqual([])
  // Two days before it have five lines each.
  expect((await expectReadable(dir)).seqs).toEqual([...numbersTo(5), ...numbersTo(5), ...numbersTo(1_200)])
})
