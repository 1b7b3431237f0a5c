// Reading backwards from today: what comes first, where it stops, and how little of the files it reads for that.

import { mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs"
import { basename, join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { BackwardLines } from "../../src/disk/lines.ts"
import { auditLogPath, fileExporter, type ReadNote, readRecent, readRecentAllUsers } from "../../src/index.ts"
import { dayFilePath } from "../../src/place/layout.node.ts"
import { readRecentOn } from "../../src/readers.node.ts"
import { app, freshDir, linesOf, noon } from "../tools/file-bench.ts"
import { following } from "../tools/following.ts"
import {
  brief,
  briefly,
  countingLayer,
  gap,
  line,
  memoryLayer,
  moveTo,
  rowsFrom,
  write,
  writeDay,
  writeSession,
  writeUser
} from "../tools/reading.ts"

const today = "2026-03-05"
const at = noon

const lines = (day: string, from: number, to: number): string => {
  let text = ""
  for (let n = from; n <= to; n++) text += line({ ts: `${day}T10:00:00.000Z`, message: `${day} ${n}` })
  return text
}

describe("S2.11 readRecent", () => {
  it("gives the newest first: a file from its end, and today before the days before", async () => {
    const dir = freshDir()
    writeDay(dir, "2026-03-05", lines("2026-03-05", 1, 3))
    writeDay(dir, "2026-03-04", lines("2026-03-04", 1, 2))
    writeDay(dir, "2026-03-02", lines("2026-03-02", 1, 1))
    expect(await brief(readRecent({ app, dir, at }))).toEqual([
      "2026-03-05 3",
      "2026-03-05 2",
      "2026-03-05 1",
      "2026-03-04 2",
      "2026-03-04 1",
      "2026-03-02 1"
    ])
  })

  it("looks at 7 days unless told otherwise, today among them", async () => {
    const dir = freshDir()
    for (const day of ["2026-03-07", today, "2026-02-27", "2026-02-26"]) writeDay(dir, day, lines(day, 1, 1))
    writeDay(dir, "unknown", lines("unknown", 1, 1))
    expect(await brief(readRecent({ app, dir, at }))).toEqual([`${today} 1`, "2026-02-27 1"])
    expect(await brief(readRecent({ app, dir, at, days: 8 }))).toEqual([
      `${today} 1`,
      "2026-02-27 1",
      "2026-02-26 1"
    ])
    expect(await brief(readRecent({ app, dir, at, days: 1 }))).toEqual([`${today} 1`])
    expect(await brief(readRecent({ app, dir, at, days: 0 }))).toEqual([])
    expect(await brief(readRecent({ app, dir, at, days: Number.POSITIVE_INFINITY }))).toHaveLength(3)
  })

  it("F67 a file of tomorrow is read when tomorrow has begun somewhere, and one of a day to come is noted", async () => {
    const dir = freshDir()
    for (const day of ["2026-03-06", today, "2026-03-04", "2099-01-01"]) writeDay(dir, day, lines(day, 1, 1))
    const notes: ReadNote[] = []
    const onNote = (note: ReadNote): void => void notes.push(note)
    const days = async (utc: string, count: number): Promise<readonly string[]> =>
      brief(readRecent({ app, dir, at: new Date(utc), days: count, onNote }))
    moveTo("UTC")
    expect(await days("2026-03-05T09:59:00Z", 1)).toEqual([`${today} 1`])
    expect(await days("2026-03-05T10:00:00Z", 1)).toEqual(["2026-03-06 1", `${today} 1`])
    expect(await days("2026-03-05T10:00:00Z", 2)).toEqual(["2026-03-06 1", `${today} 1`, "2026-03-04 1"])
    // The reader is a day ahead of its writer, and another one is where the writer is.
    expect(await days("2026-03-07T11:59:00Z", 1)).toEqual(["2026-03-06 1"])
    expect(await days("2026-03-07T12:00:00Z", 1)).toEqual([])
    expect(notes.map(({ note, file }) => [note, basename(file)])).toEqual(
      Array.from({ length: 5 }, () => ["future day", "datatools-2099-01-01.jsonl"])
    )
  })

  it("F67 written anywhere and read anywhere, today's lines are there", async () => {
    // Their dates always differ, by one day or two.
    const zones = ["Pacific/Kiritimati", "Pacific/Pago_Pago"] as const
    for (const [written, read] of [zones, [zones[1], zones[0]], [zones[0], "UTC"]] as const) {
      const dir = freshDir()
      const exporters = [fileExporter({ dir }), fileExporter({ dir, layout: "user" })]
      moveTo(written)
      const audit = createAuditLog({ app, exporters, exitHook: false, env: {} })
      audit.log("upload", "one", { user: "ada" })
      expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ complete: true })
      moveTo(read)
      const filters = { app, dir, categories: ["upload"] }
      expect(await brief(readRecent({ ...filters, days: 1 })), `${written}, ${read}`).toEqual(["one"])
      expect(await brief(readRecent({ ...filters, days: 1, user: "ada" }))).toEqual(["one"])
      expect(await brief(readRecentAllUsers({ ...filters, days: 1 }))).toEqual(["one"])
      expect(
        (await following({ dir, at: Date.now(), begin: "today", categories: ["upload"] })).first
      ).toEqual(["one"])
    }
  })

  it("F65 seven days are seven days of the calendar where one has 23 hours, and one 25", async () => {
    for (const [zone, last] of [
      ["Europe/Berlin", [2026, 2, 30]],
      ["Europe/Berlin", [2026, 9, 26]],
      ["America/St_Johns", [2026, 2, 9]]
    ] as const) {
      moveTo(zone)
      const dir = freshDir()
      const dayAt = (back: number): string =>
        auditLogPath({ app, dir, at: new Date(last[0], last[1], last[2] - back, 12) }).slice(-16, -6)
      for (let back = 0; back < 9; back++) writeDay(dir, dayAt(back), lines(dayAt(back), 1, 1))
      const wanted = Array.from({ length: 7 }, (_, back) => `${dayAt(back)} 1`)
      for (const [hour, minute] of [
        [0, 1],
        [23, 59]
      ] as const)
        expect(
          await brief(readRecent({ app, dir, at: new Date(last[0], last[1], last[2], hour, minute) }))
        ).toEqual(wanted)
    }
  })

  it("S2.11 goes as far back as `from` asks, and from `to` on where that is over", async () => {
    const dir = freshDir()
    for (const day of ["2026-01-01", "2026-01-10", "2026-02-01"]) {
      writeDay(dir, day, lines(day, 1, 1))
      writeUser(dir, "ada", day, lines(day, 1, 1))
    }
    for (const read of [readRecent, readRecentAllUsers]) {
      expect(await brief(read({ app, dir, from: "2026-01-05T00:00:00Z" }))).toEqual([
        "2026-02-01 1",
        "2026-01-10 1"
      ])
      expect(await brief(read({ app, dir, from: "2026-01-05T00:00:00Z", days: 7 }))).toEqual([])
      expect(await brief(read({ app, dir, to: "2026-01-12T00:00:00Z" }))).toEqual(["2026-01-10 1"])
      for (const to of [-1e18, 1e18, new Date(0)]) expect(await brief(read({ app, dir, to }))).toEqual([])
    }
  })

  it("stops at 200 events unless told otherwise; one below the limit, at it and above it", async () => {
    const dir = freshDir()
    writeDay(dir, today, lines(today, 1, 150))
    writeDay(dir, "2026-03-04", lines("2026-03-04", 1, 150))
    expect(await rowsFrom(readRecent({ app, dir, at }))).toHaveLength(200)
    for (const limit of [0, 1, 149, 150, 151, 299, 300, 301, Number.POSITIVE_INFINITY]) {
      const rows = await brief(readRecent({ app, dir, at, limit }))
      expect(rows).toHaveLength(Math.min(limit, 300))
      expect(rows[0]).toBe(limit === 0 ? undefined : `${today} 150`)
    }
  })

  it("S2.14 marks and damage come along and do not count against the limit", async () => {
    const dir = freshDir()
    const one = lines(today, 1, 1)
    writeDay(dir, today, `${one}garbage\n${gap(`${today}T10:00:01Z`, "hole")}${lines(today, 2, 2)}torn`)
    const rows = await rowsFrom(readRecent({ app, dir, at, limit: 2 }))
    expect(rows.map(briefly)).toEqual([
      expect.stringMatching(/^unterminated at /),
      `${today} 2`,
      "hole",
      `not JSON at ${one.length}`,
      `${today} 1`
    ])
  })

  it("merges the files of a day's sessions by falling time, each in its own order", async () => {
    const dir = freshDir()
    const timed = (name: string, ...times: readonly string[]): string =>
      times.map((time) => line({ ts: `${today}T${time}Z`, message: `${name} ${time}` })).join("")
    writeDay(dir, today, timed("all", "10:00:02", "10:00:07"))
    writeSession(dir, today, "aaaaaaaa", timed("a", "10:00:01", "10:00:05", "10:00:06"))
    // This one's clock stepped back: its order stays.
    writeSession(dir, today, "bbbbbbbb", timed("b", "10:00:09", "10:00:03"))
    expect(await brief(readRecent({ app, dir, at }))).toEqual([
      "all 10:00:07",
      "a 10:00:06",
      "a 10:00:05",
      "b 10:00:03",
      "b 10:00:09",
      "all 10:00:02",
      "a 10:00:01"
    ])
    expect(await brief(readRecent({ app, dir, at, limit: 2 }))).toEqual(["all 10:00:07", "a 10:00:06"])
  })

  it("reads one user's own files, and no other's", async () => {
    const dir = freshDir()
    writeUser(dir, "ada", today, lines(today, 1, 2))
    writeUser(dir, "../ada", today, lines(today, 7, 8))
    writeUser(dir, "bob", today, lines(today, 4, 5))
    writeDay(dir, today, lines(today, 9, 9))
    expect(await brief(readRecent({ app, dir, at, user: "ada" }))).toEqual([`${today} 2`, `${today} 1`])
    expect(await brief(readRecent({ app, dir, at, user: "../ada" }))).toEqual([`${today} 8`, `${today} 7`])
    expect(await brief(readRecent({ app, dir, at, user: "nobody" }))).toEqual([])
  })

  it("F79 reads less than 1 MB of a file of 1 GB for 200 events, and stops where it is told", async () => {
    const dir = freshDir()
    const path = writeDay(dir, today, "")
    // A hole in the file: NULs that take no room on the disk.
    truncateSync(path, 1024 ** 3)
    writeDay(dir, today, `\n${linesOf(1, 5_000)}`)
    const { layer, asked } = countingLayer()
    const rows = await rowsFrom(readRecentOn(layer, { app, dir, at }))
    expect(rows.map((row) => ("damage" in row ? row.damage : row.head.seq))).toEqual(
      Array.from({ length: 200 }, (_, index) => 5_000 - index)
    )
    expect(asked.bytes).toBeLessThan(1_000_000)
    expect(asked).toMatchObject({ opened: 1, openNow: 0 })
  })

  it("F79 gives a file back when its reader stops early", async () => {
    const dir = freshDir()
    writeDay(dir, today, lines(today, 1, 10))
    const { layer, asked } = countingLayer()
    for await (const row of readRecentOn(layer, { app, dir, at })) if (briefly(row) === `${today} 9`) break
    expect(asked).toMatchObject({ opened: 1, openNow: 0 })
  })

  it("F79 a thousand sessions of a day are merged with no more than 64 files open", async () => {
    const dir = "/srv/logs"
    const files = new Map<string, string>()
    for (let n = 0; n < 1_000; n++) {
      const second = (more: number): string =>
        new Date(Date.UTC(2026, 2, 5, 1) + (n + more) * 1_000).toISOString()
      const text =
        line({ ts: second(0), message: String(n) }) + line({ ts: second(1_000), message: `${n} b` })
      files.set(dayFilePath(dir, app, today, n.toString(16).padStart(8, "0")), text)
    }
    const { layer, asked } = countingLayer(memoryLayer(files))
    const rows = await brief(readRecentOn(layer, { app, dir, at, limit: 2_000 }))
    const down = Array.from({ length: 1_000 }, (_, index) => String(999 - index))
    expect(rows).toEqual([...down.map((n) => `${n} b`), ...down])
    expect(asked.openMost).toBe(64)
    expect(asked.openNow).toBe(0)
  })

  it("stops opening days that ended before the wanted time, and reading behind it", async () => {
    const dir = freshDir()
    writeDay(dir, today, linesOf(1, 50_000, noon - 3_600_000) + linesOf(50_001, 50_100, noon))
    for (const day of ["2026-03-02", "2026-03-01", "2026-02-28"]) writeDay(dir, day, lines(day, 1, 1))
    const { layer, asked } = countingLayer()
    const rows = await rowsFrom(readRecentOn(layer, { app, dir, at, from: noon }))
    expect(rows).toHaveLength(100)
    expect(asked.opened).toBe(1)
    expect(asked.bytes).toBeLessThan(3_000_000)
  })

  it.each([
    ["days", -1],
    ["days", 1.5],
    ["limit", Number.NaN],
    ["limit", -1],
    ["at", Number.NaN]
  ])("refuses %s of %d, before anything is read", (option, value) => {
    expect(() => readRecent({ app, dir: "/srv/logs", [option]: value })).toThrow(
      new RegExp(`^readRecent: option "${option}" must be `)
    )
  })
})

describe("days of the calendar", () => {
  // Each with a day of 23 or 25 hours, or one that has no midnight, or never was, among the last seven.
  it.each([
    ["F65", "Europe/Berlin", "2026-03-30T00:30"],
    ["F65", "Europe/Berlin", "2026-10-26T00:30"],
    ["F65", "Africa/Cairo", "2026-04-25T00:30"],
    ["F65", "Australia/Lord_Howe", "2026-04-06T00:10"],
    ["F66", "Pacific/Apia", "2011-12-31T00:30"]
  ])("%s %s, seen from %s: each of the last seven days is read once", async (_id, zone, local) => {
    moveTo(zone)
    const dir = freshDir()
    const [last = ""] = local.split("T")
    const days = Array.from({ length: 8 }, (_, back) =>
      new Date(Date.parse(`${last}T00:00:00Z`) - back * 86_400_000).toISOString().slice(0, 10)
    )
    for (const day of days) writeDay(dir, day, line({ ts: `${day}T12:00:00Z`, message: day }))
    expect(await brief(readRecent({ app, dir, at: new Date(local) }))).toEqual(days.slice(0, 7))
  })
})

describe("S2.14 what cannot be read", () => {
  it("a file that cannot be read is a row with its reason, and hides no other", async () => {
    const dir = freshDir()
    writeDay(dir, today, lines(today, 1, 1))
    mkdirSync(join(dir, "datatools-2026-03-04.jsonl"))
    const linked = join(dir, "datatools-2026-03-03.jsonl")
    symlinkSync(write(join(freshDir(), "elsewhere.jsonl"), lines("2026-03-03", 1, 1)), linked)
    writeDay(dir, "2026-03-02", lines("2026-03-02", 1, 1))
    expect(await rowsFrom(readRecent({ app, dir, at }))).toMatchObject([
      { head: { message: `${today} 1` } },
      {
        damage: "unreadable",
        file: join(dir, "datatools-2026-03-04.jsonl"),
        offset: 0,
        reason: "it is not a regular file"
      },
      { damage: "unreadable", file: linked, offset: 0, reason: "it is a symbolic link (ELOOP)" },
      { head: { message: "2026-03-02 1" } }
    ])
  })

  it("S2.15 a user's directory that is a link is not followed, and the error names it", async () => {
    const dir = freshDir()
    const elsewhere = freshDir()
    writeUser(elsewhere, "ada", today, lines(today, 1, 1))
    symlinkSync(join(elsewhere, "ada"), join(dir, "eve"))
    mkdirSync(join(dir, "mallory"))
    symlinkSync(join(elsewhere, "ada", "tool_audit"), join(dir, "mallory", "tool_audit"))
    await expect(brief(readRecent({ app, dir, at, user: "eve" }))).rejects.toThrow(
      `Cannot read ${JSON.stringify(join(dir, "eve"))}: it is a symbolic link`
    )
    await expect(brief(readRecent({ app, dir, at, user: "mallory" }))).rejects.toThrow(
      `Cannot read ${JSON.stringify(join(dir, "mallory", "tool_audit"))}: it is a symbolic link`
    )
  })

  it("F71 a file cut at any byte gives every line before the cut, newest first, and at most one damaged one", async () => {
    const bytes = Buffer.from(linesOf(1, 20))
    const begins = [0, ...[...bytes.keys()].filter((at) => bytes[at] === 0x0a).map((at) => at + 1)]
    for (let cut = 0; cut <= bytes.length; cut++) {
      const read = async (into: Uint8Array, position: number): Promise<number> =>
        bytes.copy(into, 0, position, Math.min(cut, position + into.length))
      const backward = new BackwardLines(read, 64, cut)
      const found: (number | "torn")[] = []
      for (let some = await backward.next(); some !== undefined; some = await backward.next())
        found.push(...some.map(({ isTerminated, at }) => (isTerminated ? at : "torn")))
      // A line is whole when the next one begins at the cut or before it.
      const whole = begins.filter((_, index) => (begins[index + 1] ?? Number.POSITIVE_INFINITY) <= cut)
      const torn = begins.includes(cut) ? [] : ["torn"]
      expect(found, `cut at ${cut}`).toEqual([...torn, ...whole.reverse()])
    }
  })

  it("F38 a tail of NUL is one row, whether or not somebody has gone on behind it", async () => {
    const dir = freshDir()
    const one = lines(today, 1, 1)
    const path = writeDay(dir, today, one)
    write(path, Buffer.alloc(200_000))
    expect(await brief(readRecent({ app, dir, at }))).toEqual([`unterminated at ${one.length}`, `${today} 1`])
    write(path, `\n${lines(today, 2, 2)}`)
    expect(await brief(readRecent({ app, dir, at }))).toEqual([
      `${today} 2`,
      `not JSON at ${one.length}`,
      `${today} 1`
    ])
  })

  it("F79 a line of 20 MB is damage, is not kept, and the lines on both sides are read", async () => {
    const dir = freshDir()
    const path = writeDay(dir, today, lines(today, 1, 1))
    const fd = openSync(path, "a")
    for (let megabyte = 0; megabyte < 20; megabyte++) writeSync(fd, "x".repeat(1_000_000))
    writeSync(fd, `\n${lines(today, 2, 2)}`)
    expect(await brief(readRecent({ app, dir, at }))).toEqual([
      `${today} 2`,
      `too long at ${lines(today, 1, 1).length}`,
      `${today} 1`
    ])
  })

  it("is empty where there is nothing, and rejects for a directory that is none", async () => {
    const dir = freshDir()
    expect(await brief(readRecent({ app, dir: join(dir, "missing"), at }))).toEqual([])
    writeFileSync(join(dir, "file"), "")
    await expect(brief(readRecent({ app, dir: join(dir, "file"), at }))).rejects.toThrow(
      `Cannot read ${JSON.stringify(join(dir, "file"))}: a part of the path is not a directory (ENOTDIR)`
    )
  })
})
