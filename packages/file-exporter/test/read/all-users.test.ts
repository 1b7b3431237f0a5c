// Reading everybody's newest lines together: their order by instant, what is cut off, and how little is open and read.

import { Buffer } from "node:buffer"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { lineTime } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { type Row, readRecentAllUsers } from "../../src/index.ts"
import { userFilePath } from "../../src/place/layout.node.ts"
import { readAllUsersOn } from "../../src/readers.node.ts"
import { app, freshDir } from "../tools/file-bench.ts"
import {
  brief,
  type Content,
  countingLayer,
  forSeeds,
  gap,
  line,
  memoryLayer,
  moveTo,
  rowsFrom,
  write,
  writeDay,
  writeUser
} from "../tools/reading.ts"

const today = "2026-03-05"
const at = new Date(`${today}T12:00:00Z`)

/** Lines whose message is their time. */
const timed = (...times: readonly string[]): string => times.map((ts) => line({ ts, message: ts })).join("")

const timesOf = (rows: readonly Row[]): readonly number[] =>
  rows.map((row) => ("damage" in row ? Number.NaN : lineTime(row.head.ts)))

describe("S2.13 readRecentAllUsers", () => {
  it("merges all users by falling time", async () => {
    const dir = freshDir()
    writeUser(dir, "ada", today, timed(`${today}T08:00:00Z`, `${today}T10:00:00Z`))
    writeUser(dir, "bob@example.org", today, timed(`${today}T09:00:00Z`))
    writeUser(dir, "Ünicode / user", today, timed(`${today}T09:30:00Z`))
    writeUser(dir, "ada", "2026-03-04", timed("2026-03-04T09:00:00Z"))
    writeUser(dir, "old", "2026-02-26", timed("2026-02-26T09:00:00Z"))
    writeDay(dir, today, timed(`${today}T11:00:00Z`))
    expect(await brief(readRecentAllUsers({ app, dir, at }))).toEqual([
      `${today}T10:00:00Z`,
      `${today}T09:30:00Z`,
      `${today}T09:00:00Z`,
      `${today}T08:00:00Z`,
      "2026-03-04T09:00:00Z"
    ])
  })

  it("S2.15 sorts by the instant, not by the text: offsets mix, also over two days' files", async () => {
    const dir = freshDir()
    writeUser(dir, "ada", today, timed(`${today}T00:30:00+02:00`, `${today}T10:00:00+02:00`))
    writeUser(dir, "bob", today, timed(`${today}T07:59:59Z`, `${today}T08:00:01.5Z`))
    writeUser(dir, "cy", "2026-03-04", timed("2026-03-04T23:00:00Z", "2026-03-04T20:00:00-04:00"))
    expect(await brief(readRecentAllUsers({ app, dir, at }))).toEqual([
      `${today}T08:00:01.5Z`,
      `${today}T10:00:00+02:00`,
      `${today}T07:59:59Z`,
      "2026-03-04T20:00:00-04:00",
      "2026-03-04T23:00:00Z",
      `${today}T00:30:00+02:00`
    ])
    expect(await brief(readRecentAllUsers({ app, dir, at, limit: 5 }))).toHaveLength(5)
    expect((await brief(readRecentAllUsers({ app, dir, at, limit: 5 }))).at(-1)).toBe("2026-03-04T23:00:00Z")
  })

  it("S2.15 times without an offset are local, and stay in order over a change of the clock", async () => {
    moveTo("Europe/Berlin")
    const dir = freshDir()
    const day = "2026-10-25"
    // At 03:00 summer time it was 02:00 again. As texts, 02:30 is before 02:50, and it was 40 minutes later.
    writeUser(dir, "ada", day, timed(`${day}T02:50:00`, `${day}T03:10:00`))
    writeUser(dir, "bob", day, timed(`${day}T00:55:00Z`, `${day}T01:30:00Z`))
    expect(await brief(readRecentAllUsers({ app, dir, at: new Date(`${day}T12:00:00Z`) }))).toEqual([
      `${day}T03:10:00`,
      `${day}T01:30:00Z`,
      `${day}T00:55:00Z`,
      `${day}T02:50:00`
    ])
  })

  it("gives what sorting all lines gives, for any users, days, offsets, disorder and limit", async () => {
    await forSeeds(25, async (below) => {
      const dir = freshDir()
      const all: number[] = []
      for (let user = below(6); user >= 0; user--) {
        for (const day of ["2026-03-03", "2026-03-04", today]) {
          let text = ""
          for (let n = below(30); n > 0; n--) {
            const offset = below(27) - 12
            const local = Date.parse(`${day}T00:00:00Z`) + below(86_400) * 1_000
            const sign = offset < 0 ? "-" : "+"
            const zone = `${sign}${String(Math.abs(offset)).padStart(2, "0")}:00`
            const ts = new Date(local).toISOString().slice(0, 19) + zone
            all.push(lineTime(ts))
            text += line({ ts, message: ts })
          }
          writeUser(dir, `user${user}`, day, text)
        }
      }
      const limit = 1 + below(60)
      const wanted = all.sort((a, b) => b - a).slice(0, limit)
      expect(timesOf(await rowsFrom(readRecentAllUsers({ app, dir, at, limit })))).toEqual(wanted)
    })
  })

  it("stops at 500 events unless told otherwise, and leaves out marks that are older than these", async () => {
    const dir = freshDir()
    const second = (n: number): string => new Date(Date.parse(`${today}T01:00:00Z`) + n * 1_000).toISOString()
    let text = gap(second(0), "old hole")
    for (let n = 1; n <= 600; n++) text += line({ ts: second(n), message: String(n) })
    text += gap(second(601), "new hole")
    writeUser(dir, "ada", today, text)
    const rows = await brief(readRecentAllUsers({ app, dir, at }))
    expect(rows).toEqual(["new hole", ...Array.from({ length: 500 }, (_, index) => String(600 - index))])
    expect(await brief(readRecentAllUsers({ app, dir, at, limit: 0 }))).toEqual([])
    expect(await brief(readRecentAllUsers({ app, dir, at, limit: 1 }))).toEqual(["new hole", "600"])
    expect(await brief(readRecentAllUsers({ app, dir, at, limit: 600 }))).toHaveLength(601)
    expect((await brief(readRecentAllUsers({ app, dir, at, limit: 601 }))).at(-1)).toBe("old hole")
  })

  it("F79 of a thousand users, one file is open at a time, and of large files only the end is read", async () => {
    const dir = "/srv/logs"
    const files = new Map<string, string | Content>()
    for (let user = 0; user < 1_000; user++) {
      const ts = new Date(Date.parse(`${today}T01:00:00Z`) + user * 1_000).toISOString()
      const newest = line({ ts, message: String(user) })
      // Every tenth has a gigabyte: a page of old lines, for ever, and the new one.
      const page = Buffer.from(timed(`${today}T00:00:00Z`).repeat(8))
      const size = Math.floor(1024 ** 3 / page.length) * page.length
      const large: Content = {
        size: size + newest.length,
        read: (into, position) =>
          position < size
            ? page.copy(into, 0, position % page.length)
            : Buffer.from(newest).copy(into, 0, position - size)
      }
      files.set(userFilePath(dir, `user${user}`, today), user % 10 === 0 ? large : newest)
    }
    const { layer, asked } = countingLayer(memoryLayer(files))
    const rows = await brief(readAllUsersOn(layer, { app, dir, at, limit: 200 }))
    expect(rows).toEqual(Array.from({ length: 200 }, (_, index) => String(999 - index)))
    expect(asked).toMatchObject({ opened: 1_000, openNow: 0, openMost: 1 })
    expect(asked.bytes).toBeLessThan(20_000_000)
  })

  it("opens no day that ended, in every zone, before the oldest line that is wanted", async () => {
    const dir = freshDir()
    for (const [day, ...times] of [
      [today, `${today}T11:00:00Z`, `${today}T11:30:00Z`],
      // Somewhere, this day lasts until noon.
      ["2026-03-04", "2026-03-04T23:30:00-11:30"],
      ["2026-03-03", "2026-03-03T10:00:00Z"],
      ["2026-03-02", "2026-03-02T10:00:00Z"]
    ] as const)
      writeUser(dir, "ada", day, timed(...times))
    const { layer, asked } = countingLayer()
    const rows = await brief(readAllUsersOn(layer, { app, dir, at, limit: 2 }))
    expect(rows).toEqual([`${today}T11:30:00Z`, `${today}T11:00:00Z`])
    expect(asked.opened).toBe(2)
  })

  it("looks behind old lines that a process appended late, as far as such lines go", async () => {
    const dir = freshDir()
    const time = (hour: string, n: number): string =>
      `${today}T${hour}:${String(Math.floor(n / 60)).padStart(2, "0")}:${String(n % 60).padStart(2, "0")}Z`
    const old = (count: number): string => timed(...Array.from({ length: count }, (_, n) => time("08", n)))
    writeUser(dir, "ada", today, timed(time("10", 0), time("10", 1), time("10", 2)))
    const late = old(300) + timed(time("11", 1)) + old(255) + timed(time("11", 2)) + old(255)
    writeUser(dir, "bob", today, timed(time("11", 0)) + late)
    // 255 old lines in a row are looked behind, twice; 300 are not.
    expect(await brief(readRecentAllUsers({ app, dir, at, limit: 3 }))).toEqual([
      time("11", 2),
      time("11", 1),
      time("10", 2)
    ])
  })

  it("S2.15 follows no link: not to a user, not to the files of one, not to a file", async () => {
    const dir = freshDir()
    const elsewhere = freshDir()
    const secret = writeUser(elsewhere, "ada", today, timed(`${today}T08:00:00Z`))
    symlinkSync(join(elsewhere, "ada"), join(dir, "link"))
    mkdirSync(join(dir, "eve"))
    symlinkSync(join(elsewhere, "ada", "tool_audit"), join(dir, "eve", "tool_audit"))
    mkdirSync(join(dir, "mallory", "tool_audit"), { recursive: true })
    symlinkSync(secret, userFilePath(dir, "mallory", today))
    writeUser(dir, "bob", today, timed(`${today}T09:00:00Z`))
    const rows = await rowsFrom(readRecentAllUsers({ app, dir, at }))
    expect(rows).toMatchObject([
      { damage: "unreadable", file: join(dir, "eve", "tool_audit") },
      {
        damage: "unreadable",
        file: userFilePath(dir, "mallory", today),
        reason: "it is a symbolic link (ELOOP)"
      },
      { head: { message: `${today}T09:00:00Z` } }
    ])
  })

  it("S2.14 damage is given with its place and does not count; users that cannot be read hide no others", async () => {
    const dir = freshDir()
    const one = timed(`${today}T08:00:00Z`)
    writeUser(dir, "ada", today, `${one}garbage\n\n${timed(`${today}T09:00:00Z`)}`)
    write(join(dir, "bob", "tool_audit"), "a file in the directory's place")
    const rows = await rowsFrom(readRecentAllUsers({ app, dir, at, limit: 2 }))
    expect(rows).toMatchObject([
      { damage: "unreadable", file: join(dir, "bob", "tool_audit") },
      { damage: "not JSON", file: userFilePath(dir, "ada", today), offset: one.length },
      { head: { message: `${today}T09:00:00Z` } },
      { head: { message: `${today}T08:00:00Z` } }
    ])
  })

  it("lines without a time come at the beginning of their day", async () => {
    const dir = freshDir()
    writeUser(dir, "ada", today, line({ ts: "", message: "no time" }))
    writeUser(dir, "bob", today, timed(`${today}T09:00:00Z`))
    writeUser(dir, "bob", "2026-03-04", timed("2026-03-04T09:00:00Z"))
    expect(await brief(readRecentAllUsers({ app, dir, at }))).toEqual([
      `${today}T09:00:00Z`,
      "no time",
      "2026-03-04T09:00:00Z"
    ])
  })
})
