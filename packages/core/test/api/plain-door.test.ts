// The plain door as an application meets it: what each method records, and that none of them throws or waits.

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, it, vi } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import type { Exporter } from "../../src/pipeline/exporter.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Finite, note: Schema.optionalKey(Schema.String) },
  message: ({ filename }) => `Uploaded ${filename}`
})

const makeLog = (options: { readonly clock?: Clock.Clock } = {}) => {
  const exporter = memoryExporter()
  const notices: string[] = []
  const audit = createAuditLog({
    app: "datatools",
    exporters: [exporter],
    exitHook: false,
    notice: (line) => void notices.push(line),
    ...options
  })
  const written = async () => {
    await audit.flush()
    return exporter.events
  }
  return { audit, exporter, notices, written }
}

/** What a caller without types may pass. */
const hostile: readonly unknown[] = [
  undefined,
  null,
  0,
  "text",
  Symbol("s"),
  () => 1,
  [],
  {},
  Object.create(null),
  new Proxy(
    {},
    {
      get: () => {
        throw new Error("trap")
      },
      has: () => {
        throw new Error("trap")
      }
    }
  ),
  { definition: null, fields: null },
  { level: "loud" },
  { level: Symbol("x") }
]

describe("the plain door", () => {
  it("S0.1 log only queues: it returns while opening hangs for ever, and throws for no input", async () => {
    const hanging: Exporter = { ...memoryExporter(), open: () => Effect.never }
    const audit = createAuditLog({ app: "datatools", exporters: [hanging], exitHook: false })
    const log = audit.log as (...values: unknown[]) => void
    for (const first of hostile) for (const second of hostile) log(first, second, second, first)
    for (const value of hostile) {
      audit.exception(value as string, value, value as Record<string, unknown>)
      audit.pageOpen(value as string, { key: value as string })
      audit.sessionStart(value as Record<string, unknown>)
    }
    const { accepted, pending, dropped } = await audit.flush({ timeoutMs: 0 })
    expect(accepted).toBeGreaterThan(hostile.length ** 2)
    expect(pending + dropped).toBe(accepted)
  })

  it("S0.25 a limit that is no number is the default one, and none throws", async () => {
    const { audit } = makeLog()
    audit.log("a", "b")
    const flush = audit.flush as (options: unknown) => Promise<{ readonly written: number }>
    const throwing = {
      get timeoutMs() {
        throw new Error("no")
      }
    }
    for (const options of [
      { timeoutMs: Number.NaN },
      { timeoutMs: "1 s" },
      null,
      7,
      throwing,
      { timeoutMs: Number.POSITIVE_INFINITY }
    ]) {
      expect(await flush(options)).toMatchObject({ complete: true, written: 1 })
    }
  })

  it("S0.1 the level is info unless the event or the call says otherwise", async () => {
    const { audit, written } = makeLog()
    audit.log("a", "one")
    audit.log("a", "two", undefined, { level: "warn" })
    audit.log(Uploaded({ filename: "x", bytes: 1 }), undefined, { level: "debug" })
    audit.log(Uploaded({ filename: "x", bytes: 1 }))
    expect((await written()).map(({ head }) => head.level)).toEqual(["info", "warn", "debug", "info"])
  })

  it("S1.2 a typed event is a line that a person can read and a machine can take apart", async () => {
    const { audit, written } = makeLog()
    audit.log(Uploaded({ filename: "customers.csv", bytes: 24_813 }), { source: "drop" })
    const [event] = await written()
    expect(event).toMatchObject({
      head: { category: "upload", message: "Uploaded customers.csv", seq: 1 },
      fields: { filename: "customers.csv", bytes: 24_813, source: "drop" }
    })
  })

  it("S0.3 a clock that fails gives lines with an empty ts, still in order and with rising ids", async () => {
    const live = Clock.Clock.defaultValue()
    const broken: Clock.Clock = {
      ...live,
      sleep: (duration) => live.sleep(duration),
      currentTimeMillisUnsafe: () => {
        throw new Error("no clock")
      }
    }
    const { audit, written } = makeLog({ clock: broken })
    audit.log("a", "one")
    audit.log("a", "two")
    const events = await written()
    expect(events.map(({ head }) => [head.ts, head.seq])).toEqual([
      ["", 1],
      ["", 2]
    ])
    expect((events[0]?.head.id ?? "") < (events[1]?.head.id ?? "")).toBe(true)
  })

  it("S0.4 the session is random, made once a log at its first event, and 8 hex characters long", async () => {
    const logs = Array.from({ length: 50 }, () => makeLog())
    const sessions = new Set<string>()
    for (const { audit, written } of logs) {
      for (let n = 0; n < 3; n++) audit.log("a", "b")
      const ofLog = new Set((await written()).map(({ head }) => head.session))
      expect(ofLog.size).toBe(1)
      for (const session of ofLog) sessions.add(session)
      expect(audit.health().session).toBe([...ofLog][0])
    }
    expect(sessions.size).toBe(50)
    for (const session of sessions) expect(session).toMatch(/^[0-9a-f]{8}$/)
  })

  it("S0.7 session start says who runs where, and S0.8 only once", async () => {
    const { audit, written } = makeLog()
    audit.sessionStart({ build: "1.2.3" })
    audit.sessionStart()
    const events = await written()
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      head: { category: "session", message: "Session started", level: "info" },
      fields: {
        platform: expect.stringMatching(/^\S+ \S+/),
        runtime: "node",
        runtime_version: process.versions.node,
        user: expect.any(String),
        cwd: process.cwd(),
        tz_offset: expect.stringMatching(/^[+-]\d\d:\d\d$/),
        build: "1.2.3"
      }
    })
  })

  it("S0.9 a page is opened once until another one is: A→B→A is three events, A→A is one", async () => {
    const { audit, written } = makeLog()
    for (const page of ["A", "A", "B", "B", "A"]) audit.pageOpen(page)
    expect((await written()).map(({ head, fields }) => [head.category, head.message, fields.page])).toEqual([
      ["nav", "Opened A", "A"],
      ["nav", "Opened B", "B"],
      ["nav", "Opened A", "A"]
    ])
  })

  it("S0.9 two users on one page of one server are two events", async () => {
    const { audit, written } = makeLog()
    for (const key of ["ada", "bob", "ada", "bob"]) audit.pageOpen("A", { key })
    expect(await written()).toHaveLength(2)
  })

  it("S0.9 says which page was opened last under a key, and what an opening has to say stands behind the page", async () => {
    const { audit, written } = makeLog()
    expect(audit.lastPage()).toBeUndefined()
    audit.pageOpen("orders", { fields: { tab: "open", page: "no", password: "hidden" } })
    audit.pageOpen("orders", { fields: { tab: "closed" } })
    audit.pageOpen("help", { key: "bob" })
    expect([audit.lastPage(), audit.lastPage({ key: "bob" }), audit.lastPage({ key: "eve" })]).toEqual([
      "orders",
      "help",
      undefined
    ])
    const [orders, help, ...others] = await written()
    expect(orders?.fields).toMatchObject({ page: "orders", tab: "open" })
    expect(JSON.stringify(orders)).not.toContain("hidden")
    expect(help?.fields).toEqual({ page: "help" })
    expect(others).toEqual([])
  })

  it("S0.10 an exception is an error with where, type, message, stack, cause and the extras", async () => {
    class ParseError extends Error {}
    const { audit, written } = makeLog()
    audit.exception("analyze(weird.csv)", new ParseError("bad row", { cause: "tab" }), {
      filename: "weird.csv"
    })
    audit.exception("save", "a thrown text")
    audit.exception("save", null)
    const [first, second, third] = await written()
    expect(first).toMatchObject({
      head: { category: "error", level: "error", message: "analyze(weird.csv): ParseError: bad row" },
      fields: { exc_type: "ParseError", exc_message: "bad row", exc_cause: "tab", filename: "weird.csv" }
    })
    expect(first?.fields.exc_stack).toContain("plain-door.test.ts")
    expect(second).toMatchObject({ head: { message: "save: string: a thrown text" } })
    expect(third).toMatchObject({ head: { message: "save: null: null" } })
  })

  it("F82 an error whose every property throws is still recorded", async () => {
    const { audit, written } = makeLog()
    const evil = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("trap")
      }
    })
    audit.exception("here", evil)
    expect((await written())[0]?.head.category).toBe("error")
  })

  it("S0.27 a log is a value: a new one is the reset, and two share nothing", async () => {
    const one = makeLog()
    const two = makeLog()
    one.audit.pageOpen("A")
    two.audit.pageOpen("A")
    one.audit.sessionStart()
    two.audit.sessionStart()
    expect(await one.written()).toHaveLength(2)
    expect(await two.written()).toHaveLength(2)
    expect(one.audit.health().session).not.toBe(two.audit.health().session)
    expect((await two.written()).map(({ head }) => head.seq)).toEqual([1, 2])
  })

  it("S0.27 nothing happens when a log is made, or asked whether it has room", async () => {
    const { audit, exporter } = makeLog()
    expect(audit.hasRoom()).toBe(true)
    await audit.room()
    expect(audit.health()).toMatchObject({
      app: "datatools",
      session: expect.stringMatching(/^[0-9a-f]{8}$/),
      exporters: [{ state: "opening", accepted: 0 }]
    })
    expect(await audit.flush()).toMatchObject({ complete: true, accepted: 0 })
    expect(exporter.opened).toBe(0)
  })

  it("S3.8 where no log can start, a call is skipped quietly, and counted as soon as one can", async () => {
    const { audit, written } = makeLog()
    // As at the top of a worker's module.
    const random = vi.spyOn(crypto, "getRandomValues").mockImplementation(() => {
      throw new Error("Disallowed operation called within global scope")
    })
    audit.log("a", "too early")
    audit.sessionStart()
    expect(await audit.flush()).toMatchObject({ complete: true, accepted: 0 })
    expect(audit.health()).toMatchObject({ session: "", exporters: [{ state: "opening" }] })
    random.mockRestore()
    audit.log("a", "now")
    const events = await written()
    expect(events.map(({ head }) => head.message)).toEqual(["now"])
    expect(audit.health().exporters[0]).toMatchObject({ accepted: 3, written: 1, droppedBy: { defect: 2 } })
  })

  it("F91 an event that logs while it is encoded is counted, not followed; a later change does not reach the line", async () => {
    const { audit, written } = makeLog()
    const live = { n: 1 }
    audit.log("a", "outer", {
      get inner() {
        audit.log("a", "inner")
        return "read"
      },
      live
    })
    live.n = 2
    audit.log("a", "after")
    const events = await written()
    expect(events.map(({ kind, head }) => [kind, head.seq])).toEqual([
      ["event", 1],
      ["gap", undefined],
      ["event", 3]
    ])
    expect(events[0]).toMatchObject({ head: { seq: 1 }, fields: { inner: "read", live: { n: 1 } } })
    expect(events[1]?.fields).toMatchObject({ count: 1, first_seq: 2, last_seq: 2, reasons: { defect: 1 } })
    expect(audit.health().exporters[0]).toMatchObject({
      accepted: 3,
      written: 2,
      dropped: 1,
      droppedBy: { defect: 1 }
    })
  })

  it("a category outside the alphabet is fitted into it", async () => {
    const { audit, written } = makeLog()
    for (const category of ["Upload Done", "", "ü".repeat(100), "a/b\n"]) audit.log(category, "m")
    expect((await written()).map(({ head }) => head.category)).toEqual([
      "upload_done",
      "_",
      "ü".repeat(64),
      "a_b_"
    ])
  })

  it("extras that are no object are kept under the name extra", async () => {
    const { audit, written } = makeLog()
    ;(audit.log as (...values: unknown[]) => void)("a", "m", [1, 2])
    expect((await written())[0]?.fields).toEqual({ extra: [1, 2] })
  })

  it("an app whose name cannot be a file name is told so, once", () => {
    const notices: string[] = []
    const notice = (line: string): void => void notices.push(line)
    const audit = createAuditLog({ app: "../evil\u001b[2J", exporters: [], notice })
    audit.log("a", "b")
    expect(audit.health().app).toMatch(/^app-[0-9a-f]{8}$/)
    expect(notices).toHaveLength(1)
  })

  it("unusable options fail at once, and say what to give", () => {
    const make = createAuditLog as (options: unknown) => unknown
    expect(() => make(undefined)).toThrow("createAuditLog: options must be an object, not undefined")
    expect(() => make({ exporters: [] })).toThrow(
      'option "app" is missing: it must be a text such as "datatools"'
    )
    expect(() => make({ app: "x" })).toThrow(
      'option "exporters" is missing: it must be a list such as [fileExporter()]'
    )
  })
})
