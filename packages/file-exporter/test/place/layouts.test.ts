// How lines are spread over files: one file a session, or one a user and day. Whose an event is, is decided where it is
// logged; what is nobody's, and what the log says of itself, stays in the daily file.

import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { auditTool, createAuditLog, type FlushResult, recordToolCall, withContext } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { type FileExporterOptions, fileExporter } from "../../src/file-exporter.node.ts"
import { userFilePath } from "../../src/place/layout.node.ts"
import { answerOf, runChild } from "../tools/child-process.ts"
import { app, contentsOf, freshDir, type LineInFile, midnight, noon, numbersTo } from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"
import { clockAt } from "../tools/test-clock.ts"

const timeoutMs = 10_000

/** A log with one file exporter, on a clock of its own. */
const logIn = (dir: string, options: FileExporterOptions) => {
  const clock = clockAt(noon)
  const notices: string[] = []
  const audit = createAuditLog({
    app,
    exporters: [fileExporter({ ...options, dir })],
    clock,
    notice: (text) => notices.push(text),
    exitHook: false
  })
  const close = (): Promise<FlushResult> => audit.close({ timeoutMs })
  return { audit, clock, notices, close }
}

/** Messages of the lines of one file, below the directory. */
const messagesIn = (dir: string, name: string): readonly string[] =>
  linesIn(dir, name).map(({ message }) => message)

const linesIn = (dir: string, name: string): readonly LineInFile[] => {
  const { names, lines } = contentsOf(join(dir, name, ".."))
  expect(names).toHaveLength(1)
  return lines
}

const daily = `${app}-2026-03-05.jsonl`

describe('S1.1 layout "session"', () => {
  it("gives each session a file of its own, and says in its session line which and why", async () => {
    const dir = freshDir()
    const sessions: string[] = []
    for (let n = 1; n <= 2; n++) {
      const { audit, clock, close } = logIn(dir, { layout: "session" })
      audit.sessionStart()
      audit.log("load", `of session ${n}`)
      clock.now = midnight
      audit.log("load", `of session ${n}, the next day`)
      sessions.push(audit.health().session)
      expect(await close()).toMatchObject({ complete: true, written: 4 })
    }
    const names = sessions.flatMap((session) =>
      ["2026-03-05", "2026-03-06"].map((day) => `${app}-${day}-${session}.jsonl`)
    )
    const found = contentsOf(dir)
    expect(found.names).toEqual(names.sort())
    for (const session of sessions) {
      const own = found.lines.filter((line) => line.session === session)
      expect(own.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
      expect(own[0]).toMatchObject({
        layout: "session",
        log_file: join(dir, `${app}-2026-03-05-${session}.jsonl`)
      })
    }
    expect(expectAllSealed(dir)).toBe(4)
  })

  it("is not what a log has that was told nothing", async () => {
    const dir = freshDir()
    const { audit, close } = logIn(dir, {})
    audit.sessionStart()
    await close()
    const { names, lines } = contentsOf(dir)
    expect(names).toEqual([daily])
    expect(lines[0]).toMatchObject({ log_file: join(dir, daily) })
    expect(lines[0]).not.toHaveProperty("layout")
  })
})

describe('S2.1 layout "user"', () => {
  it("files each event by the user of its context, else by its field user, else in the daily file", async () => {
    const dir = freshDir()
    const { audit, close } = logIn(dir, { layout: "user" })
    audit.sessionStart()
    withContext({ user: "ada" }, () => audit.log("load", "context"))
    audit.log("load", "field", { user: "ada" })
    withContext({ user: "grace" }, () => audit.log("load", "context before field", { user: "ada" }))
    audit.log("load", "nobody")
    audit.log("load", "no text", { user: 42 })
    audit.log("load", "empty", { user: "" })
    withContext({ user: "ada" }, () => audit.sessionStart())
    expect(await close()).toMatchObject({ complete: true, written: 8 })
    expect(contentsOf(dir).names).toEqual(
      [daily, ...["ada", "grace"].map((user) => userFilePath("", user, "2026-03-05"))].sort()
    )
    expect(messagesIn(dir, userFilePath("", "ada", "2026-03-05"))).toEqual(["context", "field"])
    expect(messagesIn(dir, userFilePath("", "grace", "2026-03-05"))).toEqual(["context before field"])
    const { lines } = contentsOf(dir)
    const told = lines.filter(({ category }) => category === "session")
    expect(told[0]).toMatchObject({ layout: "user", log_file: join(dir, daily) })
    const rest = lines.filter(({ message }) => ["nobody", "no text", "empty"].includes(message))
    expect(rest).toHaveLength(3)
    // One chain over all files.
    expect(expectAllSealed(dir)).toBe(3)
  })

  it("by the local date of each event, below directories that are made for their owner only", async () => {
    const dir = join(freshDir(), "base")
    const { audit, clock, close } = logIn(dir, { layout: "user" })
    clock.now = midnight - 1
    audit.log("load", "23:59:59.999", { user: "ada" })
    clock.now = midnight
    audit.log("load", "00:00:00.000", { user: "ada" })
    await close()
    expect(contentsOf(dir).names).toEqual(
      ["2026-03-05", "2026-03-06"].map((day) => userFilePath("", "ada", day))
    )
    for (const below of ["", "ada", "ada/tool_audit"])
      expect(statSync(join(dir, below)).mode & 0o777).toBe(0o700)
    expect(statSync(userFilePath(dir, "ada", "2026-03-05")).mode & 0o777).toBe(0o600)
  })

  it("tells a hole in each user's file that it touched, and in no other", async () => {
    const base = freshDir()
    const dir = join(base, "logs")
    writeFileSync(dir, "in the way")
    const { audit, close } = logIn(dir, { layout: "user", queue: { eventsMax: 3 } })
    const say = (user: string, message: string): void => audit.log("load", message, { user })
    // Of these, the oldest four give way.
    for (const user of ["ada", "grace", "ada", "grace", "eve", "eve", "eve"]) say(user, "in the queue")
    await audit.flush({ timeoutMs })
    rmSync(dir)
    expect(await close()).toMatchObject({ complete: true, written: 3, dropped: 4 })
    const gaps = (user: string): readonly LineInFile[] =>
      linesIn(dir, userFilePath("", user, "2026-03-05")).filter(({ category }) => category === "gap")
    // Each is told of its own events.
    expect(gaps("ada")).toMatchObject([{ count: 2, first_seq: 1, last_seq: 3, reasons: { overflow: 2 } }])
    expect(gaps("grace")).toMatchObject([{ count: 2, first_seq: 2, last_seq: 4, reasons: { overflow: 2 } }])
    expect(gaps("eve")).toEqual([])
    expectAllSealed(dir)
  })

  it("S2.9 calls at the same time, of several users and processes, never interleave their lines", async () => {
    const dir = freshDir()
    const ended = await Promise.all([1, 2, 3].map(() => runChild("records-tool-calls", [dir, "400"])))
    for (const child of ended) expect(answerOf(child)).toMatchObject({ complete: true, written: 400 })
    const { names, lines, damaged, repeated } = contentsOf(dir)
    expect({ damaged, repeated }).toEqual({ damaged: [], repeated: 0 })
    expect(names.every((name) => /^user-[012]\/tool_audit\/\d{4}-\d\d-\d\d\.jsonl$/.test(name))).toBe(true)
    const sessions = new Set(lines.map(({ session }) => session))
    expect(sessions.size).toBe(3)
    for (const session of sessions) {
      for (const user of numbersTo(3).map((n) => `user-${n - 1}`)) {
        const own = lines.filter((line) => line.session === session && line.user === user)
        const seqs = own.map(({ seq }) => seq ?? 0)
        expect(seqs).toEqual([...seqs].sort((one, other) => one - other))
        // Each line holds what its own call gave it, from beginning to end.
        for (const { args, result_snippet: snippet } of own)
          expect(snippet).toContain((args as { readonly text: string }).text.slice(0, 40))
      }
    }
    expectAllSealed(dir)
  })

  it("S2.1 a tool call without a user is in the daily file, and one notice says so; of other events none does", async () => {
    const dir = freshDir()
    const { audit, notices, close } = logIn(dir, { layout: "user" })
    audit.log("load", "without a user")
    recordToolCall(audit, { tool: "search", args: {}, status: "ok", user: "ada" })
    await audit.flush({ timeoutMs })
    expect(notices).toEqual([])
    for (let n = 1; n <= 2; n++) {
      recordToolCall(audit, { tool: "search", args: {}, status: "ok" })
      await audit.flush({ timeoutMs })
    }
    expect(notices).toEqual([
      `[daybook] datatools: a tool call has no user, so it is in "${join(dir, `${app}-YYYY-MM-DD.jsonl`)}" and not in a user's file; say whose it is by withContext({ user }, run)`
    ])
    expect(await close()).toMatchObject({ complete: true })
    expect(messagesIn(dir, userFilePath("", "ada", "2026-03-05"))).toEqual(["search: ok"])
    const called = contentsOf(dir).lines.filter(({ message }) => message === "search: ok")
    expect(called).toHaveLength(3)
    const single = freshDir()
    const flat = logIn(single, {})
    recordToolCall(flat.audit, { tool: "search", args: {}, status: "ok" })
    await flat.close()
    expect(flat.notices).toEqual([])
  })

  it("S2.10 a failure to write is one warning that names the user and the error, and is never thrown", async () => {
    const dir = freshDir()
    mkdirSync(userFilePath(dir, "ada", "2026-03-05"), { recursive: true })
    const { audit, notices, close } = logIn(dir, { layout: "user" })
    const call = auditTool(audit, "search", async () => "found")
    for (let n = 1; n <= 5; n++) {
      expect(await withContext({ user: "ada" }, () => call())).toBe("found")
      await audit.flush({ timeoutMs })
    }
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain("ada/tool_audit/2026-03-05.jsonl")
    expect(notices[0]).toContain("it is a directory (EISDIR)")
    rmSync(userFilePath(dir, "ada", "2026-03-05"), { recursive: true })
    expect(await close()).toMatchObject({ complete: true, written: 5 })
  })

  it.each(["ada", "Ada Lovelace", "工具人", "../etc", "a\u202eb\u001b[2J", "x".repeat(2_000)])(
    "S2.20 the notice of a failure names the user as given: %j",
    async (user) => {
      const dir = freshDir()
      const path = userFilePath(dir, user, "2026-03-05")
      mkdirSync(path, { recursive: true })
      const { audit, notices, close } = logIn(dir, { layout: "user" })
      recordToolCall(audit, { tool: "search", args: {}, status: "ok", user })
      await audit.flush({ timeoutMs })
      expect(notices).toHaveLength(1)
      // What cannot be seen, or could move a terminal's cursor, is escaped.
      const shown = user.slice(0, 256).replace("\u202e", "\\u202e").replace("\u001b", "\\u001b")
      expect(notices[0]).toContain(`it is a directory (EISDIR) (user "${shown}")`)
      rmSync(path, { recursive: true })
      await close()
    }
  )
})
