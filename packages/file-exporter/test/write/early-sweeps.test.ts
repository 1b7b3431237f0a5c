// Files that go before they are old: because every delivery has them and their day is over, or because the folder has more bytes
// than it may have.

import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type FileExporterOptions, fileExporter } from "../../src/file-exporter.node.ts"
import { verify } from "../../src/index.ts"
import { dayBefore } from "../../src/place/day.ts"
import { userFilePath } from "../../src/place/layout.node.ts"
import {
  app,
  contentsOf,
  fileBench,
  filesBelow,
  freshDir,
  linesOf,
  noon,
  silentLog
} from "../tools/file-bench.ts"
import {
  dayFile,
  daysBefore,
  dirWithDays,
  noonOf,
  noteDays,
  noteIn,
  putDay,
  sweptDir,
  today
} from "../tools/old-days.ts"
import { pack } from "../tools/packing.ts"
import { placePath, putPlace, settle, settledTo } from "../tools/places.ts"
import { heldClockAt } from "../tools/test-clock.ts"

const dayMs = 24 * 60 * 60 * 1_000
const hourMs = 60 * 60 * 1_000
let sessions = 0

interface Start extends FileExporterOptions {
  readonly dir: string
  readonly atMs?: number
}

/** A start that writes one event, and what it said. */
const start = async ({ dir, atMs = noon, ...options }: Start): Promise<readonly string[]> => {
  const log = silentLog({}, (++sessions).toString(16).padStart(8, "6"))
  log.atMs = atMs
  const open = await fileBench({ ...options, dir, log }).open()
  await open.write(1, 1, atMs)
  return log.notices
}

const marksIn = (dir: string) => contentsOf(dir).lines.filter(({ category }) => category === "retention")
const todayFile = dayFile(today)
const files = (days: readonly string[]): readonly string[] => days.map(dayFile)

describe("S4.24 sweepDelivered: a day's file goes when its day is over and every delivery has it", () => {
  const days = daysBefore(3)

  it("whatever its age, and never today's; a mark says why", async () => {
    const dir = sweptDir([...days, today])
    settle(dir, files([...days, today]))
    expect(await start({ dir, sweepDelivered: true })).toEqual([])
    expect(filesBelow(dir)).toEqual([todayFile])
    const [mark, ...more] = marksIn(dir)
    expect(more).toEqual([])
    expect(mark).toMatchObject({
      message: `Deleting 3 files of ${days[0]} to ${days[2]}: over and delivered`,
      ...{ count: 3, oldest: days[0], newest: days[2], reason: "delivered" }
    })
    expect(mark).not.toHaveProperty("days")
    expect((await verify({ app, dir })).problems).toEqual([])
  })

  it("only as far as it is settled, by every delivery that holds", async () => {
    const dir = sweptDir(days)
    settle(dir, files(days), { name: "sql" })
    settle(dir, files(days.slice(0, 1)), { name: "otel" })
    await start({ dir, sweepDelivered: true })
    expect(filesBelow(dir)).toEqual(files([...days.slice(1), today]))
  })

  it.each([
    ["without a place", () => undefined],
    ["by a delivery that does not hold", (dir: string) => settle(dir, files(days), { holds: false })],
    [
      "by a place that cannot be read",
      (dir: string) => {
        settle(dir, files(days))
        writeFileSync(placePath(dir), readFileSync(placePath(dir), "utf8").slice(1))
      }
    ]
  ])("nothing goes %s", async (_what, prepare) => {
    const dir = sweptDir(days)
    prepare(dir)
    await start({ dir, sweepDelivered: true })
    expect(filesBelow(dir)).toEqual(files([...days, today]))
  })

  it("unless it is asked for", async () => {
    const dir = sweptDir(days)
    settle(dir, files(days))
    await start({ dir })
    expect(filesBelow(dir)).toEqual(files([...days, today]))
  })

  it("day after day: what was there says what day it is, also when it is gone", async () => {
    const dir = freshDir()
    const left: (readonly string[])[] = []
    for (let day = 0; day < 6; day++) {
      await start({ dir, atMs: noon + day * dayMs, sweepDelivered: true })
      left.push(filesBelow(dir))
      settle(dir, filesBelow(dir), { savedMs: noon + day * dayMs })
    }
    const on = (day: number): string => dayFile(dayBefore(today, -day))
    // Two days have to agree on what is over, before the first goes.
    expect(left).toEqual([[on(0)], [on(0), on(1)], [on(2)], [on(3)], [on(4)], [on(5)]])
    expect(noteIn(dir)).toContain(`"gone":["${dayBefore(today, -3)}","${dayBefore(today, -4)}"]`)
  })

  it.each([
    ["2099", new Date(2099, 0, 1, 12).getTime()],
    ["two days ahead", noon + 2 * dayMs]
  ])("F64 a clock that is wrong once takes away no day that is not over: %s", async (_what, wrongMs) => {
    const dir = sweptDir([...days, today])
    settle(dir, files([...days, today]))
    await start({ dir, atMs: wrongMs, sweepDelivered: true })
    expect(filesBelow(dir)).toContain(todayFile)
  })

  it("in users' files without any other retention", async () => {
    const dir = freshDir()
    const names = days.map((day) => userFilePath("", "ada", day))
    for (const [index, day] of days.entries()) putDay(join(dir, names[index] ?? ""), day)
    noteDays(dir, [])
    settle(dir, names.slice(0, 2))
    await start({ dir, layout: "user", sweepDelivered: true })
    expect(filesBelow(dir)).toEqual([names[2], todayFile].sort())
  })

  it("while the log runs, each hour, and at the change of the day only what has been quiet", async () => {
    const dir = sweptDir(days)
    // The files were written a moment ago, on the clock of the disk; so the log lives by it.
    const log = silentLog()
    const nowMs = Date.now()
    log.atMs = nowMs
    const local = (back: number): string =>
      dayFile(
        dayBefore(
          new Date(nowMs - new Date(nowMs).getTimezoneOffset() * 60_000).toISOString().slice(0, 10),
          back
        )
      )
    for (const back of [3, 2, 1]) putDay(join(dir, local(back)), local(back).slice(app.length + 1, -6))
    settle(dir, [3, 2, 1].map(local), { savedMs: nowMs })
    const clock = heldClockAt(nowMs)
    const open = await fileBench({ dir, log, clock, seal: false, sweepDelivered: true }).openHeld()
    expect(filesBelow(dir)).toContain(local(1))
    await clock.asleep(1)
    log.atMs += hourMs
    clock.advance(hourMs)
    await clock.asleep(1)
    for (const back of [3, 2, 1]) expect(filesBelow(dir)).not.toContain(local(back))
    await open.close()
  })

  it("F55 no link goes, nor what is no file", async () => {
    const dir = sweptDir(days.slice(1))
    const elsewhere = freshDir()
    putDay(join(elsewhere, "precious"), days[0] ?? "")
    symlinkSync(join(elsewhere, "precious"), join(dir, dayFile(days[0] ?? "")))
    mkdirSync(join(dir, dayFile("2026-03-01")))
    putPlace(dir, { [dayFile(days[0] ?? "")]: settledTo(join(elsewhere, "precious")) })
    await start({ dir, sweepDelivered: true, bytesMax: 1 })
    expect(filesBelow(elsewhere)).toEqual(["precious"])
    expect(readFileSync(join(dir, dayFile(days[0] ?? "")), "utf8")).toContain("one of many")
  })

  it("S0.24 in a folder with files of no session of ours, not before it was announced", async () => {
    const dir = dirWithDays(days)
    settle(dir, files(days))
    expect(await start({ dir, sweepDelivered: true })).toEqual([
      `${JSON.stringify(dir)}: 3 files of ${days[0]} to ${days[2]} are of no session of ours. From the next start on they may be deleted, because of the option "sweepDelivered"`
    ])
    expect(filesBelow(dir)).toEqual(files([...days, today]))
    expect(await start({ dir, sweepDelivered: true })).toEqual([])
    expect(filesBelow(dir)).toEqual([todayFile])
  })

  it("S0.24 a folder is not ours because a delivery keeps its place there", async () => {
    const dir = dirWithDays([...daysBefore(20)])
    settle(dir, files(daysBefore(20)))
    expect(await start({ dir })).toEqual([expect.stringContaining("The next start deletes what is so old")])
    expect(filesBelow(dir)).toHaveLength(21)
  })
})

describe("a budget for the folder", () => {
  const days = daysBefore(5)
  const lineBytes = linesOf(1, 1, noonOf(today), "0dd1e5e0").length

  it("beyond it the oldest whole days go first, and a mark says why", async () => {
    const dir = sweptDir(days)
    await start({ dir, seal: false, bytesMax: 3 * lineBytes })
    expect(filesBelow(dir)).toEqual(files([...days.slice(2), today]))
    expect(marksIn(dir)).toMatchObject([
      {
        message: `Deleting 2 files of ${days[0]} to ${days[1]}: beyond the ${3 * lineBytes} bytes that the folder may have`,
        ...{ count: 2, oldest: days[0], newest: days[1], reason: "budget" }
      }
    ])
  })

  it("within it nothing goes, and Infinity is none", async () => {
    const dir = sweptDir(days)
    await start({ dir, bytesMax: 5 * lineBytes })
    await start({ dir, bytesMax: Number.POSITIVE_INFINITY })
    expect(filesBelow(dir)).toEqual(files([...days, today]))
  })

  it("today's file may be larger than all of it", async () => {
    const dir = sweptDir(days)
    writeFileSync(join(dir, todayFile), linesOf(1, 100))
    await start({ dir, bytesMax: 1 })
    expect(filesBelow(dir)).toEqual([todayFile])
    expect(contentsOf(dir).seqs).toHaveLength(101)
  })

  it("S4.25 what a delivery holds stays, and a hold that lapses is counted", async () => {
    const dir = sweptDir(days)
    settle(dir, files(days.slice(1)))
    await start({ dir, bytesMax: 1 })
    expect(filesBelow(dir)).toEqual(files([days[0] ?? "", today]))
    const notices = await start({ dir, bytesMax: 1, undelivered: { bytesMax: 0 } })
    expect(notices).toEqual([
      expect.stringContaining(`deleted with ${lineBytes} bytes that were not delivered to "sql"`)
    ])
    expect(filesBelow(dir)).toEqual([todayFile])
    expect(marksIn(dir)[1]).toMatchObject({ reason: "budget", undelivered_bytes: lineBytes })
  })

  it("counts all users' files, and takes a day of all of them", async () => {
    const dir = freshDir()
    for (const user of ["ada", "bob"]) for (const day of days) putDay(userFilePath(dir, user, day), day)
    noteDays(dir, [])
    await start({ dir, layout: "user", seal: false, bytesMax: 7 * lineBytes })
    const left = ["ada", "bob"].flatMap((user) => days.slice(2).map((day) => userFilePath("", user, day)))
    expect(filesBelow(dir)).toEqual([...left, todayFile].sort())
  })

  it("F69 goes by names and sizes: times that were touched change nothing", async () => {
    const dir = sweptDir(days)
    for (const day of days) utimesSync(join(dir, dayFile(day)), new Date(2030, 0, 1), new Date(2030, 0, 1))
    await start({ dir, bytesMax: 1 })
    expect(filesBelow(dir)).toEqual([todayFile])
  })

  it("F64 a clock in 2099 takes away neither today nor what two days have to agree on", async () => {
    const dir = sweptDir([...days, today])
    await start({ dir, atMs: new Date(2099, 0, 1, 12).getTime(), bytesMax: 1 })
    expect(filesBelow(dir)).toContain(todayFile)
  })

  it("does not make what is old go later", async () => {
    const dir = sweptDir(["2026-02-20", ...days])
    await start({ dir, bytesMax: 1_000_000 })
    expect(filesBelow(dir)).toEqual(files([...days, today]))
    expect(marksIn(dir)).toMatchObject([{ reason: "age", days: 7 }])
  })
})

it.each<[object, string]>([
  [{ bytesMax: "1 GB" }, 'option "bytesMax" must be a number of bytes from 1 on, or Infinity, not a text'],
  [{ sweepDelivered: 1 }, 'option "sweepDelivered" must be true or false, not 1'],
  [
    { undelivered: "refuse" },
    'option "undelivered" must be an object such as { full: "refuse" }, not a text'
  ],
  [{ undelivered: { full: "drop" } }, 'option "undelivered.full" must be "sweep" or "refuse", not a text'],
  [{ undelivered: { bytesMax: -1 } }, 'option "undelivered.bytesMax" must be a number of bytes from 0 on'],
  [{ undelivered: { bytes: 1 } }, 'there is no option "undelivered.bytes"; the options are']
])("an option that is wrong is refused where the exporter is made: %j", (options, text) => {
  expect(() => fileExporter(options as FileExporterOptions)).toThrow(text)
})

describe("a day that another program packed", () => {
  const old = ["2026-02-20", "2026-02-21"]

  it("S0.24 is swept at its age like any other, in all layouts", async () => {
    const dir = sweptDir([...old, ...daysBefore(2)])
    pack(join(dir, dayFile(old[0] ?? "")))
    pack(join(dir, dayFile(old[1] ?? "")), join(dir, `${app}-${old[1]}-1a2c3d4e.jsonl`))
    await start({ dir })
    expect(filesBelow(dir)).toEqual(files([...daysBefore(2), today]))
    expect(marksIn(dir)).toMatchObject([{ count: 2, oldest: old[0], newest: old[1], reason: "age" }])
  })

  it("counts for the budget; it is held by no delivery, and goes as delivered for none", async () => {
    const dir = sweptDir(daysBefore(3))
    const packed = pack(join(dir, dayFile(daysBefore(3)[0] ?? "")))
    putPlace(dir, {})
    await start({ dir, sweepDelivered: true })
    expect(filesBelow(dir).map((name) => join(dir, name))).toContain(packed)
    await start({ dir, bytesMax: 1 })
    expect(filesBelow(dir)).toEqual(files([...daysBefore(2), today]))
  })
})
