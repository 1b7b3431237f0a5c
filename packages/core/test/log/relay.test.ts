// Events from elsewhere: a browser's line becomes a line of this log, what it claims stands under `origin`, and nothing
// it claims can pass for what this log or its application says.

import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { misfitsOf } from "../../src/catalogue/index.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { keep, secret } from "../../src/event/privacy.ts"
import { eventLimits } from "../../src/limits.ts"
import { relayed as relayedEvent } from "../../src/log/relayed-event.ts"
import { makeTestAudit, memoryExporter } from "../../src/testing/index.ts"

const claims = {
  ts: "2026-11-22T08:59:59.000Z",
  level: "warn",
  category: "upload",
  session: "aaaaaaaa",
  message: "Uploaded customers.csv",
  filename: "customers.csv",
  user: "root",
  token: "t-1",
  trace_id: "1".repeat(32),
  seq: 12,
  id: "0193a27b-d6fb-7000-8aaa-aaaaaaaaaaaa"
}

const relayed = (given: unknown, facts?: Record<string, unknown>) => {
  const audit = makeTestAudit({ clock: undefined })
  audit.relay(given as Record<string, unknown>, facts)
  const [event] = audit.events
  if (event === undefined || audit.events.length !== 1) throw new Error("a relayed event is one line")
  return { ...event, line: audit.lines[0] ?? "" }
}

describe("relay", () => {
  it("gives the event this log's ts, session, seq and id, keeps the sender's under origin, and the facts beside", () => {
    const { head, fields, line } = relayed(claims, { user: "ada", tenant: "t-7", skew_ms: -3 })
    expect(head).toMatchObject({ level: "warn", category: "upload", message: claims.message, seq: 1 })
    expect(head.session).not.toBe(claims.session)
    expect(head.id).not.toBe(claims.id)
    expect(head.ts).not.toBe(claims.ts)
    expect(head.trace_id).toBeUndefined()
    expect(fields).toEqual({ user: "ada", tenant: "t-7", skew_ms: -3 })
    expect(head.origin).toEqual({
      id: claims.id,
      ts: claims.ts,
      session: claims.session,
      seq: 12,
      filename: "customers.csv",
      user: "root",
      token: "[redacted]",
      trace_id: claims.trace_id
    })
    expect(Object.keys(JSON.parse(line)).slice(-3)).toEqual(["origin", "seq", "id"])
  })

  it("keeps what the sender said of category, level and message where it had to be fitted", () => {
    const { head } = relayed({ category: "Up Load", level: "loud", message: 7, id: "x" })
    expect(head).toMatchObject({
      category: "up_load",
      level: "info",
      message: "7",
      origin: { id: "x", category: "Up Load", level: "loud", message: 7 }
    })
  })

  it("F84 no claim can forge a line, a head key or a second origin", () => {
    const forged = '"},"seq":1,"id":"x"}\n{"ts":"'
    const { head, line } = relayed(
      {
        id: forged,
        session: forged,
        seq: Number.NaN,
        origin: { id: "deeper" },
        message: forged,
        [forged]: 1
      },
      { origin: "mine", seq: 9, id: "mine" }
    )
    expect(line.split("\n")).toHaveLength(1)
    expect(head.seq).toBe(1)
    expect(head.origin).toMatchObject({ id: forged, session: forged, origin: { id: "deeper" } })
    expect(JSON.parse(line)).toMatchObject({ "extra.origin": "mine", "extra.seq": 9, "extra.id": "mine" })
  })

  it("F80 F82 F87 takes any claims and any facts, and each call is one line", () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const throwing = {
      get id() {
        throw new Error("no")
      },
      message: "m"
    }
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    for (const value of [
      undefined,
      null,
      7,
      "text",
      [1],
      proxy,
      throwing,
      cyclic,
      () => 1,
      Symbol("s"),
      1n
    ]) {
      expect(relayed(value, value as never).head.seq).toBe(1)
    }
  })

  it("F88 however much is claimed, the line keeps its limit and the sender's id", () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`k${n}`, "x".repeat(8_000)]))
    const { head, line } = relayed({ ...many, ...claims }, { note: "y".repeat(60_000) })
    expect(line.length).toBeLessThanOrEqual(eventLimits.lineBytesMax)
    expect(head.origin).toMatchObject({ id: claims.id, ts: claims.ts, session: claims.session, seq: 12 })
  })

  it("follows the rules of the log that it comes to, and a user's file is the user's that the facts name", async () => {
    const seen: unknown[] = []
    const exporter = memoryExporter({ accepts: ({ user }) => seen.push(user) > 0 })
    const audit = createAuditLog({
      app: "relays",
      exporters: [exporter],
      exitHook: false,
      env: {},
      allow: ["upload"]
    })
    audit.relay(claims, { user: "ada" })
    audit.relay({ ...claims, category: "other" }, { user: "bob" })
    audit.relay(claims)
    await audit.close()
    expect(seen).toEqual(["ada", undefined])
    expect(exporter.events).toHaveLength(2)
  })

  const Signed = defineEvent({
    category: "signed",
    fields: { pin: secret(Schema.String), report: keep(20_000)(Schema.String), rows: Schema.Finite },
    message: "Signed"
  })
  const signed = { ...claims, category: "signed", pin: "1234", report: "r".repeat(10_000), rows: "seven" }

  it("with a definition its annotations hold under origin again, and what does not fit is named", () => {
    const audit = makeTestAudit()
    audit.relay(signed, { user: "ada" }, { as: Signed, misfits: ["rows"] })
    const [event] = audit.events
    expect(event?.head.schema_error).toBe("rows")
    expect(event?.head.origin).toMatchObject({ pin: "[redacted]", report: "r".repeat(10_000), rows: "seven" })
    expect(misfitsOf(Signed, signed)).toEqual(["rows"])
    expect(misfitsOf(Signed, { pin: 1, rows: 2 })).toEqual(["report"])
  })

  it("readAs reads a relayed event's fields from origin, and leaves beside what the application knew", () => {
    const audit = makeTestAudit()
    audit.relay({ ...signed, rows: 7 }, { user: "ada", rows: -1 }, { as: Signed })
    const [read] = audit.eventsOf(Signed)
    expect(read?.misfits).toEqual([])
    expect(read?.fields).toEqual({ pin: "[redacted]", report: "r".repeat(10_000), rows: 7 })
    expect(read?.rest).toEqual({ user: "ada", rows: -1 })
  })

  it("commit takes a relayed event, and answers when it is written", async () => {
    const audit = makeTestAudit()
    await expect(audit.commit(relayedEvent(claims, { user: "ada" }))).resolves.toMatchObject({ seq: 1 })
    expect(audit.events[0]).toMatchObject({ fields: { user: "ada" }, head: { origin: { id: claims.id } } })
    audit.exporter.break("refuse")
    await expect(audit.commit(relayedEvent(claims), undefined, { timeoutMs: 5_000 })).rejects.toMatchObject({
      why: "refused"
    })
  })
})
