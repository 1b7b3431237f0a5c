// The longest that one call takes of its caller's time, whatever it is given: values of 100,000 keys or 20 MB through every
// door that takes a value. Each pair of door and value is tried three times, and its best counts: what the collector or another
// process takes is not the call's.

import {
  auditTool,
  createAuditLog,
  defineEvent,
  keep,
  promiseExporter,
  pseudonym,
  recordToolCall,
  secret,
  withContext
} from "@daybook/core"
import { ExceptionCaught, OperationTimed, ToolCalled } from "@daybook/core/catalogue"
import * as Schema from "effect/Schema"
import type { Job, Sample } from "../job.ts"

/** As a caller without types passes it. */
type Any = never

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, meta: Schema.optionalKey(Schema.Unknown) },
  message: "Uploaded"
})
const Said = defineEvent({
  category: "said",
  fields: { text: Schema.optionalKey(Schema.Unknown) },
  message: ({ text }) => text as string
})
const Listed = defineEvent({
  category: "list",
  fields: { rows: Schema.Array(Schema.Struct({ a: Schema.Finite })) },
  message: "Listed"
})
const Counted = defineEvent({
  category: "count",
  fields: { counts: Schema.Record(Schema.String, Schema.Finite) },
  message: "Counted"
})
const Kept = defineEvent({
  category: "kept",
  fields: { text: keep(50_000_000)(Schema.String) },
  message: "Kept"
})
const Named = defineEvent({
  category: "named",
  fields: { person: pseudonym(Schema.String) },
  message: ({ person }) => `${person}`
})
const Hidden = defineEvent({
  category: "hidden",
  fields: { people: Schema.Array(Schema.Array(Schema.Struct({ pin: secret(Schema.String) }))) },
  message: ({ people }) => `${people.length} people`
})

const keysOf = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`key_${n}`, n]))

class Told {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

/** By name, how each is made. They are made one after another, so that one at a time takes memory. */
const valuesOf = (keys: number, bytes: number): Readonly<Record<string, () => unknown>> => ({
  text: () => "x".repeat(bytes),
  "text of two bytes a unit": () => "漢".repeat(bytes / 2),
  emoji: () => "😀".repeat(bytes / 4),
  "text in pieces": () => {
    let text = ""
    for (let n = 0; n < 1_000; n++) text += "piece=of ".repeat(bytes / 9_000)
    return text
  },
  "boxed text": () => new String("x".repeat(bytes)),
  bigint: () => 1n << BigInt(8 * bytes),
  keys: () => keysOf(keys),
  "keys behind a proxy": () => new Proxy(keysOf(keys), {}),
  "own keys of an error": () => Object.assign(new Error("wide"), keysOf(keys)),
  numbers: () => Array.from({ length: bytes / 8 }, (_, n) => n),
  objects: () => Array.from({ length: keys }, (_, n) => ({ a: n, pin: "1234" })),
  lists: () =>
    Array.from({ length: 1_000 }, () => Array.from({ length: keys / 1_000 }, () => ({ pin: "1" }))),
  map: () => new Map(Object.entries(keysOf(keys))),
  set: () => new Set(Object.keys(keysOf(keys))),
  bytes: () => new Uint8Array(bytes),
  "bytes behind a proxy": () => new Proxy(new Uint8Array(bytes), {}),
  "an error": () => new Error("x".repeat(bytes)),
  "many errors": () =>
    new AggregateError(
      Array.from({ length: keys }, () => "one"),
      "many"
    ),
  url: () => new URL(`https://ada:pass@example.com/?q=${"x".repeat(bytes)}`),
  query: () =>
    new URLSearchParams(Object.entries(keysOf(keys)).map(([name, n]): [string, string] => [name, String(n)])),
  headers: () =>
    new Headers(
      Object.entries(keysOf(keys)).map(([name, n]): [string, string] => [name.replace("_", "-"), String(n)])
    ),
  "a class with a text": () => new Told("x".repeat(bytes)),
  "a function": () => Object.assign(() => 1, keysOf(keys))
})

type Audit = ReturnType<typeof makeAudit>

const makeAudit = () =>
  createAuditLog({
    app: "bench",
    exporters: [promiseExporter({ name: "none", send: () => Promise.resolve() })],
    exitHook: false,
    env: {},
    pseudonymKey: "bench-pseudonym-key-0123456789abcdef"
  })

const thrown = (run: () => unknown): void => {
  try {
    run()
  } catch {
    // What the application's function throws goes on to it.
  }
}

let pages = 0
/** A key whose page is news. */
const newKey = (): string => `key ${++pages}`

/** By name, each way in which a value comes into a log. */
const doors: Readonly<Record<string, (audit: Audit, value: Any) => unknown>> = {
  category: (audit, value) => audit.log(value, "m"),
  message: (audit, value) => audit.log("a", value),
  extras: (audit, value) => audit.log("a", "m", value),
  "value in extras": (audit, value) => audit.log("a", "m", { value }),
  "options of log": (audit, value) => audit.log("a", "m", {}, value),
  level: (audit, value) => audit.log("a", "m", {}, { level: value }),
  event: (audit, value) => audit.log(value),
  "fields of an event": (audit, value) => audit.log(Uploaded(value)),
  "field of an event": (audit, value) => audit.log(Uploaded({ filename: value })),
  "open field of an event": (audit, value) => audit.log(Uploaded({ filename: "a", meta: value })),
  "message of an event": (audit, value) => audit.log(Said({ text: value })),
  "list of an event": (audit, value) => audit.log(Listed({ rows: value })),
  "record of an event": (audit, value) => audit.log(Counted({ counts: value })),
  "kept text of an event": (audit, value) => audit.log(Kept({ text: value })),
  "person of an event": (audit, value) => audit.log(Named({ person: value })),
  "secrets of an event": (audit, value) => audit.log(Hidden({ people: value })),
  "extras of an event": (audit, value) => audit.log(Uploaded({ filename: "a" }), value),
  sessionStart: (_audit, value) => {
    // A log starts its session once.
    const other = makeAudit()
    other.sessionStart(value)
    void other.close()
  },
  "page's slug": (audit, value) => audit.pageOpen(value),
  "page's key": (audit, value) => audit.pageOpen("page", { key: value }),
  "page's fields": (audit, value) => audit.pageOpen("page", { key: newKey(), fields: value }),
  lastPage: (audit, value) => audit.lastPage({ key: value }),
  "where of an exception": (audit, value) => audit.exception(value, "e"),
  exception: (audit, value) => audit.exception("where", value),
  "extras of an exception": (audit, value) => audit.exception("where", "e", value),
  claims: (audit, value) => audit.relay(value),
  "message in claims": (audit, value) => audit.relay({ category: "a", message: value }),
  "value in claims": (audit, value) => audit.relay({ category: "a", value }),
  facts: (audit, value) => audit.relay({}, value),
  action: (audit, value) => audit.timed(value, {}, () => 1),
  "fields of an operation": (audit, value) => audit.timed("a", value, () => 1),
  response: (audit, value) =>
    audit.timed("a", {}, (operation) => {
      operation.response = value
    }),
  "thrown by an operation": (audit, value) =>
    audit
      .timed("a", {}, () => {
        throw value
      })
      .catch(() => undefined),
  isEnabled: (audit, value) => void audit.isEnabled(value, value),
  setRecording: (audit, value) => {
    audit.setRecording({ allow: value })
    audit.setRecording({ allow: "all" })
  },
  "list of setRecording": (audit, value) => {
    audit.setRecording({ allow: [value] as Any })
    audit.setRecording({ allow: "all" })
  },
  context: (audit, value) => withContext(value, () => audit.log("a", "m")),
  "value in a context": (audit, value) => withContext({ value }, () => audit.log("a", "m")),
  "tool's name": (audit, value) => thrown(auditTool(audit, value, () => "")),
  "tool's arguments": (audit, value) => auditTool(audit, "t", (_given: unknown) => "")(value),
  "tool's result": (audit, value) => auditTool(audit, "t", () => value)(),
  "tool's text": (audit, value) => auditTool(audit, "t", () => ({ content: [{ text: value }] }))(),
  "tool's parts": (audit, value) => auditTool(audit, "t", () => ({ content: value }))(),
  "thrown by a tool": (audit, value) =>
    thrown(
      auditTool(audit, "t", () => {
        throw value
      })
    ),
  "call recorded by hand": (audit, value) => recordToolCall(audit, value),
  "arguments recorded by hand": (audit, value) =>
    recordToolCall(audit, { tool: "t", args: value, status: "ok" }),
  "result recorded by hand": (audit, value) =>
    recordToolCall(audit, { tool: "t", args: {}, status: "ok", result: value }),
  "fields of ToolCalled": (audit, value) => audit.log(ToolCalled(value)),
  "snippet of ToolCalled": (audit, value) =>
    audit.log(ToolCalled({ tool: "t", args: {}, status: "ok", result_chars: 1, result_snippet: value })),
  "fields of OperationTimed": (audit, value) => audit.log(OperationTimed(value)),
  "fields of ExceptionCaught": (audit, value) => audit.log(ExceptionCaught(value)),
  "user of a context": (audit, value) => withContext({ user: value }, () => audit.lastPage()),
  room: (audit, value) => void audit.hasRoom(value)
}

export const longestCallDoors: readonly string[] = Object.keys(doors)

const triesPerPair = 3

// A call waits for nothing, so what the thread was busy is what it takes; other processes on the machine do not count.
const busyMs = (): number => {
  if (process.threadCpuUsage === undefined) return performance.now()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

export const longestCall = async ({ settings }: Job): Promise<Sample> => {
  const audit = makeAudit()
  /** Of each door, what its longest call took. */
  const longest: Record<string, number> = {}
  for (const make of Object.values(valuesOf(Number(settings.keys), Number(settings.bytes)))) {
    const value = make() as Any
    for (const [door, call] of Object.entries(doors)) {
      let best = Number.POSITIVE_INFINITY
      for (let turn = 0; turn < triesPerPair; turn++) {
        const startMs = busyMs()
        // An operation is recorded when its promise has settled.
        await call(audit, value)
        best = Math.min(best, busyMs() - startMs)
        await audit.flush()
      }
      longest[door] = Math.max(longest[door] ?? 0, best)
    }
  }
  await audit.close()
  return { longestMs: Math.max(...Object.values(longest)), logged: 0, ...longest }
}
