// Clocks that are wrong for one reading, one start or one day: nothing is deleted by them, also when the clock is right
// again, and old days still go. Days and files are real, the clock is a test's.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { fileExporter, verify } from "../../src/index.ts"
import { dayBefore } from "../../src/place/day.ts"
import { referenceDay } from "../../src/write/retention-days.ts"
import {
  app,
  batchOf,
  fileBench,
  filesBelow,
  freshDir,
  linesOf,
  noon,
  silentLog
} from "../tools/file-bench.ts"
import { dayFile, daysBefore, noonOf, noteDays, noteIn, sweptDir, today } from "../tools/old-days.ts"
import { clockAt } from "../tools/test-clock.ts"

const dayMs = 24 * 60 * 60 * 1_000

/** A start by this clock, which writes one line and is killed or closed. */
const start = async (
  dir: string,
  atMs: number,
  how: { readonly session?: string; readonly retentionDays?: number; readonly killed?: boolean } = {}
) => {
  const { session = "1a2c3d4e", killed = false, ...options } = how
  const log = silentLog({}, session)
  log.atMs = atMs
  const bench = fileBench({ dir, log, ...options })
  const open = killed ? await bench.open() : await bench.openHeld()
  await open.export(batchOf(1, 1, atMs, session))
  if ("close" in open) await (open as { close(): Promise<void> }).close()
  return log
}

/** Of these files, those that are gone. */
const goneOf = (dir: string, names: readonly string[]): readonly string[] => {
  const here = new Set(filesBelow(dir))
  return names.filter((name) => !here.has(name))
}

const clocks = [
  ["ten years ahead", "2036-03-05"],
  ["in 2099", "2099-01-01"],
  ["in 9999", "9999-12-31"],
  ["three weeks ahead", "2026-03-26"],
  ["three weeks behind", "2026-02-12"],
  ["two years behind", "2024-03-05"],
  ["in 2000", "2000-01-01"],
  ["in 1970", "1970-01-01"]
] as const

describe("S0.24 one wrong reading of the clock", () => {
  it.each(clocks)(
    "%s, at a start: nothing is deleted, then or when the clock is right again",
    async (_, day) => {
      for (const hasToday of [false, true])
        for (const retentionDays of [0, 1, 7]) {
          const dir = sweptDir([...daysBefore(retentionDays), ...(hasToday ? [today] : [])])
          const before = filesBelow(dir)
          await start(dir, noonOf(day), { retentionDays })
          await start(dir, noon, { retentionDays, session: "2b2c3d4e" })
          expect(goneOf(dir, before)).toEqual([])
        }
    }
  )

  it.each(clocks)(
    "%s, for one event of a log that runs: the lines that it wrote seconds before stay",
    async (_, day) => {
      const dir = sweptDir(daysBefore(7))
      const before = filesBelow(dir)
      const clock = clockAt(noon)
      const audit = createAuditLog({
        app,
        exporters: [fileExporter({ dir, retentionDays: 0 })],
        clock,
        exitHook: false
      })
      noteDays(dir, daysBefore(7), new Map([[7, today]]))
      audit.log("load", "seconds before")
      await audit.flush({ timeoutMs: 10_000 })
      clock.now = noonOf(day)
      audit.log("load", "the wrong one")
      await audit.flush({ timeoutMs: 10_000 })
      clock.now = noon + 1_000
      audit.log("load", "right again")
      expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ written: 3, complete: true })
      expect(goneOf(dir, before)).toEqual([])
      const text = readFileSync(join(dir, dayFile(today)), "utf8")
      expect(text).toContain("seconds before")
      expect(text).toContain("right again")
      expect(readFileSync(join(dir, dayFile(day)), "utf8")).toContain("the wrong one")
      expect((await verify({ app, dir })).problems).toEqual([])
    }
  )

  it.each(clocks.slice(3))(
    "%s until the time is known: what was committed before stays, by every later start",
    async (_, day) => {
      const dir = sweptDir(daysBefore(7))
      await start(dir, noonOf(day), { session: "b0a4db0a", killed: true })
      // The time is set, and the services start again, on this day and the next ones.
      for (let later = 0; later < 7; later++)
        await start(dir, noon + later * dayMs, { session: `2b2c3d4${later}` })
      expect(readFileSync(join(dir, dayFile(day)), "utf8")).toContain('"session":"b0a4db0a"')
      // In the end its lines are old by any clock.
      for (let later = 7; later < 14; later++)
        await start(dir, noon + later * dayMs, { session: `2b2c3d4${later.toString(16)}` })
      if (day < today) expect(filesBelow(dir)).not.toContain(dayFile(day))
    }
  )

  it("a file that this session wrote is as old as its monotonic clock says, whatever its name and the other files say", async () => {
    const dir = sweptDir([])
    const log = silentLog()
    const open = await fileBench({ dir, log, seal: false, retentionDays: 7 }).open()
    log.atMs = noonOf("1970-01-01")
    await open.write(1, 1, log.atMs)
    for (const day of daysBefore(2)) writeFileSync(join(dir, dayFile(day)), linesOf(1, 1, noonOf(day)))
    // Even where sweeps know it as old.
    noteDays(dir, ["1970-01-01"])
    log.steadyMs = 7 * dayMs - 1
    log.atMs = noon
    await open.write(2, 2)
    expect(filesBelow(dir)).toContain(dayFile("1970-01-01"))
    log.steadyMs = 7 * dayMs
    noteDays(dir, ["1970-01-01", ...daysBefore(2)])
    log.atMs += dayMs
    await open.write(3, 3, log.atMs)
    expect(filesBelow(dir)).not.toContain(dayFile("1970-01-01"))
  })

  it("a monotonic clock that fails deletes nothing that the session wrote", async () => {
    const dir = sweptDir(daysBefore(9))
    const log = silentLog()
    log.steadyMs = Number.NaN
    log.atMs = noonOf(dayBefore(today, 9))
    const open = await fileBench({ dir, log, seal: false }).open()
    await open.write(1, 1, log.atMs)
    log.atMs = noon
    noteDays(dir, daysBefore(9))
    await open.write(2, 2)
    expect(goneOf(dir, daysBefore(9).map(dayFile))).toEqual([dayFile(dayBefore(today, 8))])
  })

  it("a line of a later time at the end of an old day keeps the file until that line is old, but not for a time to come", async () => {
    const days = daysBefore(10)
    const dir = sweptDir(days)
    const put = (day: string, at: string): void =>
      writeFileSync(join(dir, dayFile(day)), `{"ts":"${new Date(at).toISOString()}","seq":1}\n`)
    put(days[0] ?? "", `${dayBefore(today, 7)}T09:00:00`)
    put(days[1] ?? "", "2099-01-01T09:00:00")
    // Seals and marks of deletions come later than what they are about.
    const late = new Date(noonOf(dayBefore(today, 1))).toISOString()
    const marks = ["seal", "retention"].map(
      (kind) => `{"ts":"${late}","level":"info","category":"${kind}","k":1}\n`
    )
    appendFileSync(join(dir, dayFile(days[2] ?? "")), marks.join(""))
    noteDays(dir, days)
    await start(dir, noon)
    expect(goneOf(dir, days.map(dayFile))).toEqual([days[1], days[2]].map((day) => dayFile(day ?? "")))
    await start(dir, noon + dayMs)
    expect(goneOf(dir, days.map(dayFile))).toEqual(days.slice(0, 4).map(dayFile))
  })

  it("finds the time of a last line that is torn, long, or of an older system", async () => {
    const days = daysBefore(12)
    const dir = sweptDir(days)
    const young = `"${new Date(noonOf(dayBefore(today, 7))).toISOString()}"`
    const lines = [
      `{"ts":${young},"message":"tor`,
      `{"ts":${young},"message":"${"x".repeat(300_000)}"}\n`,
      `{"timestamp":${young},"event":"old"}\n`,
      `{"ts":${young},"seq":1}\n{"ts":"","seq":2}\n\n`
    ]
    for (const [index, text] of lines.entries()) writeFileSync(join(dir, dayFile(days[index] ?? "")), text)
    noteDays(dir, days)
    await start(dir, noon)
    expect(goneOf(dir, days.map(dayFile))).toEqual([dayFile(days[4] ?? "")])
  })

  it("lines that come to an old day, known or not, are as young as the sweep that sees them first", async () => {
    const days = daysBefore(8)
    const [oldest = "", next = ""] = days
    const dir = sweptDir(days)
    const restored = "2020-02-02"
    writeFileSync(join(dir, dayFile(restored)), linesOf(1, 1, noonOf(restored)))
    writeFileSync(join(dir, dayFile(oldest)), linesOf(1, 2, noonOf(oldest)))
    await start(dir, noon)
    expect(goneOf(dir, days.map(dayFile))).toEqual([])
    expect(filesBelow(dir)).toContain(dayFile(restored))
    for (let later = 1; later < 8; later++) await start(dir, noon + later * dayMs)
    expect(filesBelow(dir)).toEqual(expect.arrayContaining([restored, oldest].map(dayFile)))
    expect(filesBelow(dir)).not.toContain(dayFile(next))
    await start(dir, noon + 8 * dayMs)
    expect(goneOf(dir, [restored, oldest].map(dayFile))).toEqual([restored, oldest].map(dayFile))
  })

  it("so are those of a day that was deleted and comes again, however small its new file is", async () => {
    const dir = sweptDir(daysBefore(8))
    const [oldest = ""] = daysBefore(8)
    appendFileSync(join(dir, dayFile(oldest)), linesOf(2, 9, noonOf(oldest)))
    noteDays(dir, daysBefore(8))
    await start(dir, noon)
    expect(filesBelow(dir)).not.toContain(dayFile(oldest))
    await start(dir, noonOf(oldest), { session: "b0a4db0a", killed: true })
    for (let day = 0; day < 8; day++) {
      await start(dir, noon + day * dayMs, { session: `2b2c3d4${day}` })
      expect(filesBelow(dir)).toContain(dayFile(oldest))
    }
    await start(dir, noon + 8 * dayMs, { session: "2b2c3d48" })
    expect(filesBelow(dir)).not.toContain(dayFile(oldest))
  })

  it("the file of events without a date goes when nothing came to it for as many days as are kept", async () => {
    const dir = sweptDir(daysBefore(2))
    const unknown = `${app}-unknown.jsonl`
    const log = (at: number) => `{"ts":"","level":"info","category":"load","seq":${at}}\n`
    writeFileSync(join(dir, unknown), log(1))
    const startOn = (day: number) =>
      start(dir, noon + day * dayMs, { session: `2b2c3d${(16 + day).toString(16)}` })
    for (let day = 0; day < 5; day++) await startOn(day)
    writeFileSync(join(dir, unknown), log(1) + log(2))
    for (let day = 5; day < 13; day++) {
      await startOn(day)
      expect(filesBelow(dir)).toContain(unknown)
    }
    // Nothing is known to be old by a clock that nothing confirms.
    await start(dir, noonOf("2040-01-01"), { session: "99999999" })
    expect(filesBelow(dir)).toContain(unknown)
    await startOn(13)
    expect(filesBelow(dir)).not.toContain(unknown)
    const marks = readFileSync(join(dir, dayFile("2026-03-18")), "utf8")
    expect(marks).toMatch(/"category":"retention".*"newest":"2026-03-10","days":7/)
    expect((await verify({ app, dir })).problems).toEqual([])
  })
})

describe("S0.24 a folder of our own that is new", () => {
  it.each([0, 1, 7])("announces nothing, and believes no wrong past: %i days", async (retentionDays) => {
    const dir = freshDir()
    await start(dir, noon, { session: "11111111", retentionDays })
    await start(dir, noonOf("1970-01-01"), { session: "b0a4db0a", killed: true, retentionDays })
    for (let day = 1; day < 12; day++) {
      const log = await start(dir, noon + day * dayMs, { session: `2b2c3d${10 + day}`, retentionDays })
      expect(log.notices).toEqual([])
      if (day <= retentionDays + 1) expect(filesBelow(dir)).toContain(dayFile("1970-01-01"))
    }
    expect(filesBelow(dir)).not.toContain(dayFile("1970-01-01"))
  })
})

describe("S0.24 the day from which ages are counted", () => {
  it.each([
    ["used every day", today, ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"], today],
    ["today's own file has no say", today, ["2026-03-03", "2026-03-04", today], today],
    ["a weekend between", today, ["2026-03-01", "2026-03-02"], "2026-03-02"],
    ["the second day after a weekend", today, ["2026-03-01", "2026-03-04"], "2026-03-03"],
    ["left alone for months", today, ["2025-11-01", "2025-11-02"], "2025-11-02"],
    ["a wrong day ahead", today, ["2026-03-03", "2026-03-04", "2099-01-01"], today],
    ["a wrong day behind", today, ["1970-01-01", "2026-03-03", "2026-03-04"], today],
    ["a wrong start", "2099-01-01", ["2026-03-03", "2026-03-04", today], today],
    ["a second wrong day", "2099-01-02", ["2026-03-04", today, "2099-01-01"], "2026-03-07"],
    ["one day only", today, ["2026-03-04"], undefined],
    ["in 1970", "1970-01-01", ["2026-03-03", "2026-03-04"], undefined],
    ["no day", today, [], undefined]
  ])("%s", (_, today, days, wanted) => {
    expect(referenceDay(today, days)).toBe(wanted)
  })
})

describe("S0.24 what verify says of it", () => {
  it.each([
    ["2099-01-01", "incomplete"],
    ["1970-01-01", "intact"]
  ])("nobody is accused when the days around a wrong day, %s, are deleted in time", async (day, wanted) => {
    const dir = freshDir()
    const log = silentLog()
    const open = await fileBench({ dir, log }).openHeld()
    const write = async (seq: number, atMs: number): Promise<void> => {
      log.atMs = atMs
      await open.write(seq, seq, atMs)
    }
    await write(1, noon)
    await write(2, noonOf(day))
    await write(3, noon + 1)
    for (let later = 1; later < 13; later++) {
      log.steadyMs = later * dayMs
      await write(3 + later, noon + later * dayMs)
      const { problems, verdict } = await verify({ app, dir })
      expect(problems).toEqual([])
      if (later === 12) expect(verdict).toBe(wanted)
    }
    await open.close()
    expect(filesBelow(dir)).not.toContain(dayFile(today))
  })
})

describe("S0.24 with a clock that is right", () => {
  it("a folder that is used every day has today and the seven days before it, exactly", async () => {
    const dir = freshDir()
    for (let day = 0; day < 30; day++) await start(dir, noon + day * dayMs, { session: `2b2c3d${10 + day}` })
    expect(filesBelow(dir)).toEqual(
      Array.from({ length: 8 }, (_, index) => dayFile(dayBefore(today, index - 29))).sort()
    )
    const report = await verify({ app, dir })
    expect(report.problems).toEqual([])
  })

  it.each([
    ["that seals nothing", false],
    // Here the seal of each day is made with the first line of the next one.
    ["whose seals come late", undefined]
  ] as const)("so has one with a log that never ends, %s", async (_, seal) => {
    const dir = freshDir()
    const log = silentLog()
    const open = await fileBench({ dir, log, seal }).openHeld()
    for (let day = 0; day < 30; day++) {
      await open.write(day + 1, day + 1, log.atMs)
      log.atMs += dayMs
      log.steadyMs += dayMs
    }
    await open.close()
    expect(filesBelow(dir)).toEqual(
      Array.from({ length: 8 }, (_, index) => dayFile(dayBefore(today, index - 29))).sort()
    )
    expect(log.notices).toEqual([])
    expect((await verify({ app, dir })).problems).toEqual([])
  })

  it("a folder that was left alone for months is swept as its new days come", async () => {
    const days = daysBefore(20)
    const dir = sweptDir(days)
    const later = noon + 200 * dayMs
    await start(dir, later)
    const afterOne = filesBelow(dir)
    expect(goneOf(dir, days.map(dayFile))).toEqual(days.slice(0, 12).map(dayFile))
    for (let day = 1; day < 3; day++) await start(dir, later + day * dayMs)
    expect(afterOne.length).toBeGreaterThan(3)
    expect(filesBelow(dir)).toHaveLength(3)
  })

  it("so have the folders of users, also of those who are idle and whose last file gets the marks of what they lost", async () => {
    const dir = freshDir()
    for (let day = 0; day < 40; day++) {
      const exporters = [fileExporter({ dir, layout: "user", retentionDays: 7 })]
      const audit = createAuditLog({ app, exporters, clock: clockAt(noon + day * dayMs), exitHook: false })
      const users = ["ada", ...(day < 9 ? ["idle"] : []), ...(day % 3 === 0 ? ["rare"] : [])]
      for (const user of users) audit.log("load", "one of a day", { user })
      expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ complete: true })
      const oldest = dayBefore(today, 7 - day)
      const old = filesBelow(dir).filter((name) => name.slice(-16, -6) < oldest)
      expect(old).toEqual([])
    }
    expect(filesBelow(dir).filter((name) => name.startsWith("idle"))).toEqual([])
  })

  it("a file of one wrong day to come stands in nobody's way", async () => {
    const dir = sweptDir(daysBefore(8))
    await start(dir, noonOf("2099-01-01"))
    for (let day = 0; day < 20; day++) await start(dir, noon + day * dayMs, { session: `2b2c3d${10 + day}` })
    expect(filesBelow(dir)).toEqual(
      [
        ...Array.from({ length: 8 }, (_, index) => dayFile(dayBefore(today, index - 19))),
        dayFile("2099-01-01")
      ].sort()
    )
    expect(noteIn(dir)).not.toContain("2099")
  })
})
