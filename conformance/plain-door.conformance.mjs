// The plain door on every runtime: what a small application logs is in the day's file, line by line and key by key.
// packages/core tests all of format 1; this tests that Node, Deno and Bun write the same.
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import test from "node:test"
import { createAuditLog, defineEvent, enterContext } from "@daybook/core"
import { auditLogPath, fileExporter, readDay } from "@daybook/file-exporter"
import * as Schema from "effect/Schema"
import { linesOf, namesIn, runtime, withDir } from "./child-run.mjs"

const app = "datatools"
const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Number },
  message: ({ filename }) => `Uploaded ${filename}`
})

/** Logs one event through each method, and returns the results of flush and close. */
const useEveryMethod = async (dir) => {
  const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], exitHook: false })
  assert.equal(audit.sessionStart(), undefined)
  assert.equal(audit.log(Uploaded({ filename: "customers.csv", bytes: 24813 })), undefined)
  audit.log(Uploaded({ filename: "empty.csv", bytes: 0 }), { outcome: "failure" }, { level: "warn" })
  assert.equal(audit.log("tool_run", "Ran the cleaner", { page: "2_Text_Cleaner", rows: [1, 2] }), undefined)
  assert.equal(audit.pageOpen("2_Text_Cleaner"), undefined)
  audit.pageOpen("2_Text_Cleaner")
  assert.equal(
    audit.exception("analyze(weird.csv)", new TypeError("no columns"), { filename: "weird.csv" }),
    undefined
  )
  audit.sessionStart()
  return {
    flushed: await audit.flush({ timeoutMs: 10_000 }),
    closed: await audit.close({ timeoutMs: 10_000 }),
    audit
  }
}

/** Keys in the order of the line, and the values that are the same in every run. */
const wanted = [
  {
    keys: "platform,runtime,runtime_version,user,cwd,tz_offset,log_file",
    values: { level: "info", category: "session", message: "Session started" }
  },
  {
    keys: "filename,bytes",
    values: {
      level: "info",
      category: "upload",
      message: "Uploaded customers.csv",
      filename: "customers.csv",
      bytes: 24813
    }
  },
  {
    keys: "filename,bytes,outcome",
    values: {
      level: "warn",
      category: "upload",
      message: "Uploaded empty.csv",
      filename: "empty.csv",
      bytes: 0,
      outcome: "failure"
    }
  },
  {
    keys: "page,rows",
    values: {
      level: "info",
      category: "tool_run",
      message: "Ran the cleaner",
      page: "2_Text_Cleaner",
      rows: [1, 2]
    }
  },
  {
    keys: "page",
    values: { level: "info", category: "nav", message: "Opened 2_Text_Cleaner", page: "2_Text_Cleaner" }
  },
  {
    keys: "exc_type,exc_message,exc_stack,filename",
    values: {
      level: "error",
      category: "error",
      message: "analyze(weird.csv): TypeError: no columns",
      exc_type: "TypeError",
      exc_message: "no columns",
      filename: "weird.csv"
    }
  },
  { keys: "duration_ms", values: { level: "info", category: "session", message: "Session ended" } }
]

test("S0.2 the file holds exactly these lines, in order, with their keys in the order of format 1", () =>
  withDir(async (dir) => {
    const before = new Date()
    const { audit } = await useEveryMethod(dir)
    const paths = [before, new Date()].map((at) => auditLogPath({ app, dir, at }))
    assert.ok(paths.some(existsSync), `one of ${paths.join(", ")} exists`)
    const lines = linesOf(dir)
    assert.equal(lines.length, wanted.length)
    const { session } = audit.health()
    for (const [index, { keys, values }] of wanted.entries()) {
      const event = JSON.parse(lines[index])
      assert.equal(Object.keys(event).join(), `ts,level,category,session,message,${keys},seq,id`)
      assert.deepEqual({ ...event, ...values, session, seq: index + 1 }, event)
      assert.match(event.ts, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      assert.ok(Date.parse(event.ts) >= before.getTime() && Date.parse(event.ts) <= Date.now(), event.ts)
    }
  }))

test("S0.7 the session line says where the log runs and where its file is", () =>
  withDir(async (dir) => {
    await useEveryMethod(dir)
    const {
      platform,
      runtime: name,
      runtime_version,
      user,
      cwd,
      tz_offset,
      log_file
    } = JSON.parse(linesOf(dir)[0])
    const version = { node: process.version, deno: process.versions.deno, bun: process.versions.bun }[runtime]
    assert.equal(name, runtime)
    assert.equal(`v${runtime_version}`, version.startsWith("v") ? version : `v${version}`)
    assert.match(platform, /^\S+ \S+/)
    assert.notEqual(user, "")
    assert.equal(cwd, process.cwd())
    assert.match(tz_offset, /^[+-]\d\d:\d\d$/)
    assert.ok(existsSync(log_file), log_file)
  }))

test("S0.4 ids are UUIDv7, rise, and end in the stream key that begins with the session", () =>
  withDir(async (dir) => {
    const { audit } = await useEveryMethod(dir)
    const ids = linesOf(dir).map((line) => JSON.parse(line).id)
    for (const id of ids)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.deepEqual(ids, [...new Set(ids)].sort())
    const keys = new Set(ids.map((id) => id.replaceAll("-", "").slice(-15)))
    assert.equal(keys.size, 1)
    assert.equal([...keys][0].slice(0, 8), audit.health().session)
  }))

test("S0.29 flush and close report the truth, and an event after close is counted and not written", () =>
  withDir(async (dir) => {
    const { flushed, closed, audit } = await useEveryMethod(dir)
    const { exporters, ...totals } = flushed
    assert.deepEqual(totals, {
      complete: true,
      accepted: 6,
      written: 6,
      handedOver: 0,
      dropped: 0,
      pending: 0
    })
    assert.deepEqual(exporters, [
      { name: "file", accepted: 6, written: 6, handedOver: 0, dropped: 0, pending: 0 }
    ])
    assert.deepEqual({ ...closed, exporters: [] }, { ...totals, accepted: 7, written: 7, exporters: [] })
    audit.log("late", "after close")
    const late = await audit.flush({ timeoutMs: 10_000 })
    assert.equal(late.accepted, 8)
    assert.equal(late.dropped, 1)
    assert.equal(audit.health().exporters[0].droppedBy.closed, 1)
    assert.equal(linesOf(dir).length, 7)
  }))

test("F120 the closed file ends in a seal over its lines", () =>
  withDir(async (dir) => {
    await useEveryMethod(dir)
    const events = linesOf(dir)
    const [name] = namesIn(dir)
    const lines = readFileSync(join(dir, name), "utf8").trimEnd().split("\n")
    const seal = JSON.parse(lines.at(-1))
    assert.equal(lines.length, events.length + 1)
    const hex = (text) => createHash("sha256").update(text).digest("hex")
    // Seven lines are one leaf: docs/internals/seal.md.
    const leaf = hex(seal.salts[0].slice(0, 18) + hex(`${events.join("\n")}\n`))
    const sha256 = hex(leaf)
    const wanted = { category: "seal", file: name, k: 1, skip: 0, lines: events.length, sha256, prev: "" }
    assert.deepEqual({ ...seal, ...wanted }, seal)
  }))

test("S2.19 a context that was entered holds for the rest of its run, and for no run beside it", () =>
  withDir(async (dir) => {
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], exitHook: false })
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    const serve = async (user) => {
      enterContext({ user })
      await wait(2)
      audit.log("case", user)
    }
    const requests = ["ada", "bob"].map(
      (user) => new Promise((done) => setTimeout(() => done(serve(user)), 1))
    )
    await Promise.all(requests)
    audit.log("case", "outside")
    await audit.close({ timeoutMs: 10_000 })
    const users = linesOf(dir)
      .map((line) => JSON.parse(line))
      .filter(({ category }) => category === "case")
      .map(({ message, user }) => [message, user])
    assert.deepEqual(users.toSorted(), [
      ["ada", "ada"],
      ["bob", "bob"],
      ["outside", undefined]
    ])
  }))

test("S2.12 readDay gives the same events back", () =>
  withDir(async (dir) => {
    await useEveryMethod(dir)
    const lines = linesOf(dir)
    const day = /(\d{4}-\d\d-\d\d)\.jsonl$/.exec(JSON.parse(lines[0]).log_file)[1]
    const rows = []
    for await (const row of readDay({ app, day, dir })) rows.push(row)
    assert.deepEqual(
      rows
        .filter(({ kind }) => kind === "event")
        .map(({ kind, head, fields }) => ({ kind, ...head, ...fields })),
      lines.map((line) => ({ kind: "event", ...JSON.parse(line) }))
    )
  }))
