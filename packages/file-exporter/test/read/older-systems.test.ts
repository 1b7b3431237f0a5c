// The files of the five older systems, as they lie on customers' disks: every line is an event, its time is an instant,
// and keys that this version does not know are kept. The lines are written by hand, in the manner of Python's json.dumps.

import { type AuditEvent, lineTime } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { type Row, readDay, readRecent, readRecentAllUsers } from "../../src/index.ts"
import { app, freshDir } from "../tools/file-bench.ts"
import { moveTo, rowsFrom, writeDay, writeSession, writeUser } from "../tools/reading.ts"

const day = "2026-11-22"
const at = new Date(`${day}T12:00:00Z`)

const events = (rows: readonly Row[]): readonly AuditEvent[] =>
  rows.map((row) => {
    if ("damage" in row) throw new Error(`${row.damage} at ${row.offset}`)
    return row
  })

/** S0 and S1: a desktop application, UTC with an offset, a session of 8 or 32 digits, no id. */
const desktop = [
  '{"ts": "2026-11-22T09:00:00.123+00:00", "level": "info", "category": "session", "session": "1a2c3d4e", "message": "Session started", "platform": "Windows 11", "python": "3.12.1", "user": "ada", "cwd": "?", "log_file": "C:\\\\logs\\\\datatools-2026-11-22.jsonl"}',
  '{"ts": "2026-11-22T09:00:01+00:00", "level": "info", "category": "upload", "session": "1a2c3d4e5f60718293a4b5c6d7e8f901", "message": "Uploaded na\\u00efve.csv", "filename": "na\\u00efve.csv", "bytes": 24813}',
  '{"ts": "2026-11-22T09:00:02.000456+00:00", "level": "error", "category": "error", "session": "1a2c3d4e", "message": "analyze: ValueError: no delimiter", "exc_type": "ValueError", "exc_message": "no delimiter", "session_extra": null}'
].join("\n")

/** S2: tool calls, one file a user and day; later ones with local time and no offset. */
const toolCalls = [
  '{"ts": "2026-11-22T09:00:00.123456+00:00", "user": "ada", "engine": "llama", "model": "8b", "tool": "search", "args": {"q": "x", "n": 3}, "status": "ok", "result_chars": 12, "result_snippet": "twelve chars"}',
  '{"ts": "2026-11-22T09:00:01Z", "user": "ada", "engine": "", "model": "", "tool": "shell", "args": {}, "status": "denied", "result_chars": 0, "result_snippet": ""}'
].join("\n")

describe("files of the older systems", () => {
  it("S0.2 S0.3 S1.17 a desktop application's day: heads, fields, and unknown keys", async () => {
    const dir = freshDir()
    writeDay(dir, day, `${desktop}\n`)
    const found = events(await rowsFrom(readDay({ app, dir, day })))
    expect(found).toMatchObject([
      {
        kind: "event",
        head: { ts: "2026-11-22T09:00:00.123+00:00", level: "info", category: "session", id: "" },
        fields: { platform: "Windows 11", python: "3.12.1", log_file: "C:\\logs\\datatools-2026-11-22.jsonl" }
      },
      { head: { session: "1a2c3d4e5f60718293a4b5c6d7e8f901", message: "Uploaded naïve.csv" } },
      { head: { level: "error" }, fields: { exc_type: "ValueError", session_extra: null } }
    ])
    expect(found.every(({ head }) => head.seq === undefined)).toBe(true)
    expect(events(await rowsFrom(readRecent({ app, dir, at })))).toEqual([...found].reverse())
    const ofSession = await rowsFrom(readDay({ app, dir, day, session: "1a2c3d4e" }))
    expect(ofSession).toHaveLength(3)
    const inTime = readDay({ app, dir, day, from: "2026-11-22T09:00:01Z", to: "2026-11-22T09:00:02Z" })
    expect(await rowsFrom(inTime)).toHaveLength(1)
  })

  it("S1.1 its per-session files", async () => {
    const dir = freshDir()
    writeSession(dir, day, "1a2c3d4e", `${desktop}\n`)
    expect(events(await rowsFrom(readDay({ app, dir, day })))).toHaveLength(3)
  })

  it("S2.2 S2.3 S2.11 S2.12 S2.13 a user's tool calls, by day, backwards and among all users", async () => {
    const dir = freshDir()
    writeUser(dir, "ada", day, `${toolCalls}\n`)
    const found = events(await rowsFrom(readDay({ app, dir, day, user: "ada" })))
    expect(found).toMatchObject([
      {
        kind: "event",
        head: { category: "", session: "", message: "", level: "info" },
        fields: { user: "ada", tool: "search", args: { q: "x", n: 3 }, status: "ok", result_chars: 12 }
      },
      { fields: { tool: "shell", status: "denied", result_snippet: "" } }
    ])
    const backwards = [...found].reverse()
    expect(events(await rowsFrom(readRecent({ app, dir, at, user: "ada" })))).toEqual(backwards)
    expect(events(await rowsFrom(readRecentAllUsers({ app, dir, at })))).toEqual(backwards)
  })

  it("S4.4 S4.5 queued records: no level, no category, texts in other alphabets", async () => {
    const dir = freshDir()
    const record =
      '{"kind": "use_log", "ts": "2026-11-22 17:00:00", "user_name": "未知用户", "prompt": "", "duration_ms": 12}'
    writeDay(dir, day, `${record}\n{"kind": "login_log", "login_time": "2026-11-22 17:00:00"}\n`)
    expect(events(await rowsFrom(readDay({ app, dir, day })))).toMatchObject([
      { head: { ts: "2026-11-22 17:00:00" }, fields: { kind: "use_log", user_name: "未知用户" } },
      { head: { ts: "" }, fields: { kind: "login_log" } }
    ])
  })

  it("S2.14 numbers that JSON or a double does not have are texts, and a numeric time is an instant", async () => {
    const dir = freshDir()
    const ts = Date.parse(`${day}T09:00:00Z`) / 1_000
    writeDay(
      dir,
      day,
      `{"ts": ${ts}.25, "score": NaN, "id_str": 1234567890123456789, "message": {"a": 1}}\n${desktop}\n`
    )
    const inTime = { from: `${day}T09:00:00.250Z`, to: `${day}T09:00:00.251Z` }
    for (const rows of [readDay({ app, dir, day, ...inTime }), readRecent({ app, dir, at, ...inTime })])
      expect(events(await rowsFrom(rows))).toMatchObject([
        {
          head: { ts: `${day}T09:00:00.250Z`, message: "" },
          fields: { score: "NaN", id_str: "1234567890123456789" }
        }
      ])
    const found = events(await rowsFrom(readDay({ app, dir, day, text: "4567890123" })))
    expect(found).toMatchObject([{ fields: { ts: ts + 0.25, message: { a: 1 } } }])
    expect(events(await rowsFrom(readDay({ app, dir, day })))).toHaveLength(4)
  })
})

describe("times", () => {
  it.each([
    ["2026-11-22T09:00:00.123Z", 123],
    ["2026-11-22T09:00:00Z", 0],
    ["2026-11-22T09:00Z", 0],
    ["2026-11-22 09:00:00Z", 0],
    ["2026-11-22T09:00:00+00:00", 0],
    ["2026-11-22T09:00:00.5+00:00", 500],
    ["2026-11-22T09:00:00,123+00:00", 123],
    ["2026-11-22T09:00:00.123456+00:00", 123.456],
    ["2026-11-22T09:00:00.123456789Z", 123.456],
    ["2026-11-22T11:00:00.123456+02:00", 123.456],
    ["2026-11-22T11:00:00+0200", 0],
    ["2026-11-22T11:00:00+02", 0],
    ["2026-11-22T03:30:00-05:30", 0]
  ])("S2.15 %s is an instant", (text, ms) => {
    expect(lineTime(text)).toBe(Date.UTC(2026, 10, 22, 9) + ms)
  })

  it.each(["Europe/Berlin", "America/St_Johns", "UTC"])(
    "S2.15 without an offset it is local time: %s",
    (zone) => {
      moveTo(zone)
      expect(lineTime("2026-11-22T09:00:00")).toBe(new Date(2026, 10, 22, 9).getTime())
      expect(lineTime("2026-11-22 09:00:00.250")).toBe(new Date(2026, 10, 22, 9, 0, 0, 250).getTime())
      expect(lineTime("2026-11-22")).toBe(new Date(2026, 10, 22).getTime())
    }
  )

  it.each([
    "",
    "now",
    "2026-11-22T",
    "2026-13-45T00:00:00Z",
    "2026-11-22T25:00:00Z",
    "1764",
    "2026-11-22T09:00:00Zulu"
  ])("%j is no time", (text) => {
    expect(lineTime(text)).toBeNaN()
  })
})
