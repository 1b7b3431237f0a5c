// The filters, one by one and together, as every reader takes them. Which rows a reader would give without them is shown
// elsewhere.

import { describe, expect, it } from "vitest"
import { type ReadOptions, readDay, readRecent, readRecentAllUsers } from "../../src/index.ts"
import { readDayOn } from "../../src/readers.node.ts"
import { app, freshDir, linesOf, noon } from "../tools/file-bench.ts"
import {
  brief,
  countingLayer,
  forSeeds,
  gap,
  line,
  writeDay,
  writeSession,
  writeUser
} from "../tools/reading.ts"

const day = "2026-03-05"
const at = new Date(`${day}T12:00:00Z`)

const text = [
  line({ ts: `${day}T08:00:00.000Z`, message: "started", category: "session", user: "ada" }),
  line({ ts: `${day}T08:00:01.000Z`, message: "Uploaded Ünïcode.CSV", category: "upload", user: "bob" }),
  line({ ts: `${day}T08:00:02.000Z`, message: "quiet", category: "upload", level: "debug", user: "ada" }),
  line({
    ts: `${day}T08:00:03.000Z`,
    message: "broken",
    category: "error",
    level: "error",
    session: "ffff0000"
  }),
  line({ ts: "", message: "no time", category: "upload", level: "fatal", actor: "ada" }),
  gap(`${day}T08:00:04.000Z`, "hole"),
  "garbage\n"
].join("")

const damage = `not JSON at ${Buffer.byteLength(text) - "garbage\n".length}`

/** The rows of the day that pass, without the damage, which always does. */
const passing = async (filters: Partial<ReadOptions>): Promise<readonly string[]> => {
  const dir = freshDir()
  writeDay(dir, day, text)
  const rows = await brief(readDay({ app, dir, day, ...filters }))
  expect(rows.at(-1)).toBe(damage)
  return rows.slice(0, -1)
}

describe("filters", () => {
  it("none: everything", async () => {
    expect(await passing({})).toHaveLength(6)
  })

  it.each<[string, Partial<ReadOptions>, readonly string[]]>([
    ["categories, whole", { categories: ["upload", "err"] }, ["Uploaded Ünïcode.CSV", "quiet", "no time"]],
    ["marks by their category", { categories: ["error", "gap"] }, ["broken", "hole"]],
    ["no category", { categories: [] }, []],
    ["the least level", { level: "warn" }, ["broken", "no time", "hole"]],
    ["the highest level", { level: "fatal" }, ["no time"]],
    ["a session", { session: "ffff0000" }, ["broken"]],
    ["the first digits of a session", { session: "ff" }, ["broken"]],
    ["a session's whole stream key", { session: "ffff00005f60718" }, ["broken"]],
    ["another session", { session: "ffff0001" }, []],
    ["a user, in everybody's files", { user: "ada", layout: "daily" }, ["started", "quiet"]],
    ["from a moment on", { from: `${day}T08:00:02.000Z` }, ["quiet", "broken", "hole"]],
    ["before a moment", { to: new Date(`${day}T08:00:01.000Z`) }, ["started"]],
    [
      "between two moments",
      { from: `${day}T08:00:00.001Z`, to: Date.parse(`${day}T08:00:02Z`) },
      ["Uploaded Ünïcode.CSV"]
    ],
    ["a moment with an offset", { from: `${day}T10:00:03+02:00` }, ["broken", "hole"]],
    ["text, in any letter case", { text: "ÜNÏCODE.csv" }, ["Uploaded Ünïcode.CSV"]],
    ["text that reads like a pattern", { text: ".*" }, []],
    ["text in a field", { text: "BOB" }, ["Uploaded Ünïcode.CSV"]],
    ["no text at all", { text: "", level: "error" }, ["broken", "no time"]],
    [
      "all of them",
      { categories: ["upload"], level: "info", text: "csv", from: day },
      ["Uploaded Ünïcode.CSV"]
    ]
  ])("%s", async (_name, filters, wanted) => {
    expect(await passing(filters)).toEqual(wanted)
  })

  it("text is found in strings at any depth and in what a sender said, never in keys or numbers", async () => {
    const dir = freshDir()
    writeDay(
      dir,
      day,
      line({ ts: `${day}T08:00:00Z`, message: "deep", list: [1, { deeper: ["needle here"] }] }) +
        line({ ts: `${day}T08:00:00Z`, message: "relayed", origin: { page: "needle" } }) +
        line({ ts: `${day}T08:00:00Z`, message: "key", needle: 1 }) +
        line({ ts: `${day}T08:00:00Z`, message: "number", count: 1234 }) +
        `{"message":"nested","list":${"[".repeat(100_000)}"needle"${"]".repeat(100_000)}}\n`
    )
    expect(await brief(readDay({ app, dir, day, text: "needle" }))).toEqual(["deep", "relayed", "nested"])
    expect(await brief(readDay({ app, dir, day, text: "123" }))).toEqual([])
  })

  it("a session's filter leaves out the lines of older systems that have none, and finds their longer ones", async () => {
    const dir = freshDir()
    writeDay(
      dir,
      day,
      '{"message":"none"}\n{"message":"long","session":"1a2c3d4e5f60718293a4b5c6d7e8f901"}\n'
    )
    expect(await brief(readDay({ app, dir, day, session: "1a2c3d4e" }))).toEqual(["long"])
    expect(await brief(readDay({ app, dir, day, session: "1a2c3d4e5f60718" }))).toEqual(["long"])
  })

  it("are the same for every reader, and count before the limit", async () => {
    const dir = freshDir()
    writeDay(dir, day, text)
    writeUser(dir, "ada", day, text)
    const filters = { app, dir, at, categories: ["upload"], limit: 2 }
    expect(await brief(readRecent(filters))).toEqual([damage, "no time", "quiet"])
    expect(await brief(readRecent({ ...filters, user: "ada" }))).toEqual([damage, "no time", "quiet"])
    // By instant: the line without a time has that of the line behind it.
    expect(await brief(readRecentAllUsers(filters))).toEqual([damage, "no time", "quiet"])
  })

  it("give what looking at every line gives, backwards and forwards, for any times and disorder", async () => {
    await forSeeds(20, async (below) => {
      const dir = freshDir()
      const times = Array.from({ length: 1 + below(80) }, () => noon + below(60) * 1_000)
      writeDay(
        dir,
        day,
        times.map((time) => line({ ts: new Date(time).toISOString(), message: String(time) })).join("")
      )
      const from = noon + below(60) * 1_000
      const to = noon + below(60) * 1_000
      const wanted = times.filter((time) => time >= from && time < to).map(String)
      expect(await brief(readDay({ app, dir, day, from, to }))).toEqual(wanted)
      expect(await brief(readRecent({ app, dir, at: noon, from, to }))).toEqual(wanted.reverse())
    })
  })

  it("a session's filter does not even open the files of other sessions", async () => {
    const dir = freshDir()
    for (const session of ["1a2c3d4e", "ffff0000"]) writeSession(dir, day, session, linesOf(1, 1))
    const { layer, asked } = countingLayer()
    expect(await brief(readDayOn(layer, { app, dir, day, session: "1a2c3d4e" }))).toHaveLength(1)
    expect(asked.opened).toBe(1)
  })

  it("a day that is read up to a moment is not read far behind it", async () => {
    const dir = freshDir()
    writeDay(dir, day, linesOf(1, 100, noon) + linesOf(101, 50_000, noon + 1_000))
    const { layer, asked } = countingLayer()
    expect(await brief(readDayOn(layer, { app, dir, day, to: noon + 1 }))).toHaveLength(100)
    expect(asked.bytes).toBeLessThan(3_000_000)
  })

  it.each([
    [
      { from: "yesterday" },
      'readDay: option "from" must be a Date, milliseconds or ISO text, got "yesterday"'
    ],
    [{ to: new Date(Number.NaN) }, 'readDay: option "to" must be a Date'],
    [{ level: "loud" }, 'readDay: option "level" must be debug, info, warn, error or fatal, got "loud"']
  ])("refuses %j, before anything is read", (filters, message) => {
    expect(() => readDay({ app, dir: "/srv/logs", day, ...(filters as Partial<ReadOptions>) })).toThrow(
      message
    )
  })
})
