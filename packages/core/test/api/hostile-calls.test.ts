// Every method of both doors against arguments that nobody should pass: none throws, an operation's own result or error
// goes on untouched, each call gives the lines it should, and nothing is polluted. What the lines say of such values is
// in any-value.slow.test.ts.

import { types } from "node:util"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import type { CommittingAudit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { CommittingAuditLog, type CommittingAuditLogService } from "../../src/api/audit-log-service.ts"
import { auditTool } from "../../src/api/audit-tool.ts"
import { disabledAuditLog } from "../../src/api/disabled-audit-log.ts"
import { decodeLine } from "../../src/event/decode-line.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import type { TraceSource } from "../../src/event/trace-context.ts"
import { eventLimits } from "../../src/limits.ts"
import { QueueFull, Refused, Unknown } from "../../src/log/commit.ts"
import { AuditContext, withAuditContext, withContext } from "../../src/log/context.ts"
import type { AuditLogOptions } from "../../src/log/options.ts"
import type { RecordingChange } from "../../src/log/recording.ts"
import { makeUnrefClock } from "../../src/pipeline/unref-clock.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import { hostileProxy } from "../tools/foreign-values.ts"
import { hostileArguments } from "../tools/hostile-arguments.ts"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, meta: Schema.optionalKey(Schema.Unknown) },
  message: ({ filename }) => `Uploaded ${filename}`
})
const hostile = hostileArguments(() => Uploaded({ filename: "a.csv" }))

/** As a caller without types sees it. */
type Any = never

/** A log that keeps all, and reads back what it has. */
const makeLog = (options: Partial<AuditLogOptions<readonly []>> = {}) => {
  const memory = memoryExporter({ required: true, queue: { bytesMax: 2 ** 28 } })
  const audit = createAuditLog({
    app: "hostile",
    env: {},
    notice: () => undefined,
    ...options,
    exporters: [memory],
    exitHook: false
  }) as CommittingAudit
  const lines = async (): Promise<readonly string[]> => {
    await audit.flush({ timeoutMs: 10_000 })
    expect(audit.health().exporters[0]).toMatchObject({ dropped: 0, pending: 0 })
    return memory.lines
  }
  return { audit, lines, memory }
}

/** How something ended, to be compared with how it should have. */
const endOf = async (run: () => unknown): Promise<readonly [how: "returned" | "threw", what: unknown]> => {
  try {
    return ["returned", await run()]
  } catch (error) {
    return ["threw", error]
  }
}

/** One method with some hostile arguments. Throws, or rejects, when the method does what it must not. */
interface Method {
  readonly name: string
  /** How many lines a call gives. */
  readonly lines: 0 | 1
  /** A log may do it once. */
  readonly isOnce?: boolean
  call(audit: CommittingAudit, one: unknown, two: unknown, three: unknown): unknown
}

const returns = (what: string) => (value: unknown) => {
  if (typeof value !== what) throw new Error(`returned a ${typeof value}`)
}

const expectCommitEnd = async (answer: unknown): Promise<void> => {
  if (!(answer instanceof Promise)) throw new Error("commit gave no promise")
  await answer.catch((error: unknown) => {
    if (!(error instanceof QueueFull || error instanceof Refused || error instanceof Unknown)) throw error
  })
}

/** What the operation does goes on untouched: that is, as it would have without us. */
const expectSameEnd = async (ours: () => unknown, own: () => unknown): Promise<void> => {
  const [howOurs, whatOurs] = await endOf(ours)
  const [howOwn, whatOwn] = await endOf(own)
  if (howOurs !== howOwn || (whatOurs !== whatOwn && !isSameError(whatOurs, whatOwn)))
    throw new Error(`it ${howOurs} something else than it ${howOwn} by itself`)
}

// Awaiting a proxy whose traps throw makes a new error each time.
const isSameError = (one: unknown, other: unknown): boolean =>
  Object.is(one, other) || (one instanceof Error && other instanceof Error && one.message === other.message)

const methods: readonly Method[] = [
  {
    name: "log(category, message)",
    lines: 1,
    call: (audit, a, b, c) => audit.log(a as Any, b as Any, c as Any, a as Any)
  },
  {
    name: "log(category, …, extras, options)",
    lines: 1,
    call: (audit, a, b) => audit.log("a", "m", a as Any, b as Any)
  },
  { name: "log(event)", lines: 1, call: (audit, a) => audit.log(a as Any) },
  {
    name: "log(event, extras, options)",
    lines: 1,
    call: (audit, a, b) => audit.log(Uploaded({ filename: "a" }), a as Any, b as Any)
  },
  {
    name: "an event's constructor",
    lines: 1,
    call: (audit, a, b) => audit.log(Uploaded(a as Any), b as Any)
  },
  {
    name: "an event's fields",
    lines: 1,
    call: (audit, a, b) => audit.log(Uploaded({ filename: a as Any, meta: b }))
  },
  { name: "sessionStart", lines: 1, isOnce: true, call: (audit, a) => audit.sessionStart(a as Any) },
  { name: "pageOpen", lines: 1, isOnce: true, call: (audit, a, b) => audit.pageOpen(a as Any, b as Any) },
  {
    name: "pageOpen(…, { key })",
    lines: 1,
    isOnce: true,
    call: (audit, a, b) => audit.pageOpen(a as Any, { key: b as Any })
  },
  {
    name: "pageOpen(…, { fields })",
    lines: 1,
    isOnce: true,
    call: (audit, a, b) => audit.pageOpen(a as Any, { fields: b as Any })
  },
  { name: "exception", lines: 1, call: (audit, a, b, c) => audit.exception(a as Any, b, c as Any) },
  { name: "relay", lines: 1, call: (audit, a, b) => audit.relay(a as Any, b as Any) },
  {
    name: "timed, what it returns",
    lines: 1,
    call: (audit, a, b, c) =>
      expectSameEnd(
        () => audit.timed(a as Any, b as Any, () => c),
        () => c
      )
  },
  {
    name: "timed, what it throws",
    lines: 1,
    call: (audit, a, b, c) => {
      const run = (): never => {
        throw c
      }
      return expectSameEnd(() => audit.timed(a as Any, b as Any, run), run)
    }
  },
  {
    name: "timed, its response",
    lines: 1,
    call: (audit, a, b) =>
      expectSameEnd(
        () =>
          audit.timed("recall", b as Any, (operation) => {
            operation.response = a
            return 7
          }),
        () => 7
      )
  },
  {
    name: "timed, a response that throws",
    lines: 1,
    call: (audit, a) =>
      expectSameEnd(
        () =>
          audit.timed("recall", {}, (operation) => {
            Object.defineProperty(operation, "response", {
              get: () => {
                throw a
              }
            })
            return 7
          }),
        () => 7
      )
  },
  {
    name: "auditTool, what it is given and returns",
    lines: 1,
    call: (audit, a, b, c) =>
      expectSameEnd(
        () => ended(auditTool(audit, a as Any, (_given: unknown) => c)(b)),
        () => c
      )
  },
  {
    name: "auditTool, what it throws",
    lines: 1,
    call: (audit, a, b, c) => {
      const run = (): never => {
        throw c
      }
      return expectSameEnd(
        auditTool(audit, a as Any, run as (given: unknown) => never).bind(undefined, b),
        run
      )
    }
  },
  {
    name: "auditTool, a result that throws when it is looked at",
    lines: 1,
    call: (audit, a) => {
      const result = new Proxy(
        {},
        {
          has: () => {
            throw a
          },
          get: (_target, key) => {
            if (key === "then") return undefined
            throw a
          }
        }
      )
      return expectSameEnd(
        () => auditTool(audit, "t", () => result)(),
        () => result
      )
    }
  },
  {
    name: "isEnabled",
    lines: 0,
    call: (audit, a, b) => returns("boolean")(audit.isEnabled(a as Any, b as Any))
  },
  {
    name: "setRecording",
    lines: 1,
    call: (audit, a) => {
      audit.setRecording(a as Any)
      if (!audit.isEnabled("any") || !audit.isEnabled("any", "debug"))
        throw new Error("no rule changed the rules")
    }
  },
  {
    name: "setRecording({ level })",
    lines: 1,
    call: (audit, a) => {
      audit.setRecording({ level: a as Any })
      if (!audit.isEnabled("any", "debug")) throw new Error("no level became the level")
    }
  },
  {
    name: "setRecording({ allow })",
    lines: 1,
    isOnce: true,
    call: (audit, a) => audit.setRecording({ allow: a as Any } satisfies RecordingChange)
  },
  { name: "room", lines: 0, call: (audit, a) => audit.room(a as Any) },
  { name: "hasRoom", lines: 0, call: (audit, a) => returns("boolean")(audit.hasRoom(a as Any)) },
  {
    name: "flush",
    lines: 0,
    call: async (audit, a) => returns("boolean")((await audit.flush(a as Any)).complete)
  },
  {
    name: "flush({ timeoutMs })",
    lines: 0,
    call: async (audit, a) => returns("boolean")((await audit.flush({ timeoutMs: a as Any })).complete)
  },
  {
    name: "close",
    lines: 0,
    isOnce: true,
    call: async (audit, a) => returns("boolean")((await audit.close(a as Any)).complete)
  },
  { name: "commit(event)", lines: 1, call: (audit, a) => expectCommitEnd(audit.commit(a as Any)) },
  {
    name: "commit(event, extras, options)",
    lines: 1,
    call: (audit, a, b) => expectCommitEnd(audit.commit(Uploaded({ filename: "a" }), a as Any, b as Any))
  },
  {
    name: "commit(…, { timeoutMs })",
    lines: 1,
    call: (audit, a) =>
      expectCommitEnd(audit.commit(Uploaded({ filename: "a" }), {}, { timeoutMs: a as Any }))
  },
  {
    name: "onHealth",
    lines: 1,
    isOnce: true,
    call: async (audit, a) => {
      const stop = audit.onHealth(a as Any)
      audit.log("a", "changes the state")
      await audit.flush()
      stop()
      returns("object")(audit.health())
    }
  },
  {
    name: "withContext",
    lines: 1,
    call: (audit, a, b) =>
      expectSameEnd(
        () =>
          withContext(a as Any, () => {
            audit.log("a", "m", b as Any)
            return 7
          }),
        () => 7
      )
  },
  {
    name: "pageOpen within a context",
    lines: 1,
    isOnce: true,
    call: (audit, a) => withContext({ user: a, ui_session: a }, () => audit.pageOpen("page"))
  }
]

// A tool that gives a generator has ended when it has been read.
const ended = (result: unknown): unknown => {
  if (types.isGeneratorObject(result)) (result as Generator).return(undefined)
  return result
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype]
const ownKeys = (): unknown => prototypes.map((prototype) => Reflect.ownKeys(prototype))

/** Each argument in the first place, with several others beside it. */
const rounds = [0, 1, 11] as const
const argumentsAt = (index: number, round: number): readonly [string, () => unknown][] =>
  [0, round, 2 * round].map((step) => {
    const [what, make] = hostile[(index + step) % hostile.length] ?? ["nothing", () => undefined]
    return [what, make]
  })

const expectLines = (lines: readonly string[], count: number, what: string): void => {
  const events = lines.map((line) => decodeLine(line))
  const seqs = events.map((event) => ("damage" in event ? event.damage : event.head.seq))
  const expected = Array.from({ length: count }, (_, n) => n + 1)
  if (seqs.join() !== expected.join())
    throw new Error(`${what} gave the lines ${seqs.join()}, not 1..${count}`)
}

describe("the plain door against any arguments", () => {
  it.each(methods.map((method) => [method.name, method] as const))(
    "F80 F82 %s never throws, and gives its lines",
    { timeout: 60_000 },
    async (_name, { call, lines: linesOfCall, isOnce = false }) => {
      const keysBefore = ownKeys()
      const failures: string[] = []
      let shared = makeLog()
      let expected = 0
      for (const round of rounds) {
        for (let index = 0; index < hostile.length; index++) {
          if (isOnce) shared = makeLog()
          expected = isOnce ? linesOfCall : expected + linesOfCall
          const given = argumentsAt(index, round)
          const [a, b, c] = given.map(([, make]) => make())
          try {
            await call(shared.audit, a, b, c)
            if (isOnce) expectLines(await shared.lines(), expected, "it")
          } catch (error) {
            failures.push(`(${given.map(([what]) => what).join(", ")}) ${brief(error)}`)
          }
        }
      }
      expect(failures).toEqual([])
      if (!isOnce) expectLines(await shared.lines(), expected, "all calls")
      expect(ownKeys()).toEqual(keysBefore)
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    }
  )

  it("F82 a log that is switched off, and one that records nothing, throw as little", async () => {
    for (const audit of [disabledAuditLog, makeLog({ enabled: false }).audit]) {
      for (const { call, name } of methods) {
        if (name.startsWith("commit") || name.startsWith("setRecording")) continue
        for (let index = 0; index < hostile.length; index++) {
          const [a, b, c] = argumentsAt(index, 1).map(([, make]) => make())
          await call(audit as CommittingAudit, a, b, c)
        }
      }
      expect(await audit.flush()).toMatchObject({ complete: true, accepted: 0 })
    }
  })
})

describe("the Effect door against any arguments", () => {
  type Service = CommittingAuditLogService
  const calls: readonly (readonly [
    string,
    0 | 1,
    (audit: Service, a: unknown, b: unknown) => Effect.Effect<unknown, unknown>
  ])[] = [
    ["log(category, message)", 1, (audit, a, b) => audit.log(a as Any, b as Any, a as Any, b as Any)],
    ["log(event)", 1, (audit, a, b) => audit.log(Uploaded({ filename: a as Any }), b as Any, a as Any)],
    ["log(any)", 1, (audit, a) => audit.log(a as Any)],
    ["exception", 1, (audit, a, b) => audit.exception(a as Any, b, a as Any)],
    ["relay", 1, (audit, a, b) => audit.relay(a as Any, b as Any)],
    ["timed", 1, (audit, a, b) => audit.timed(a as Any, b as Any, () => Effect.succeed(a))],
    ["timed, a failure", 1, (audit, a, b) => Effect.flip(audit.timed("t", b as Any, () => Effect.fail(a)))],
    [
      "timed, a defect",
      1,
      (audit, a) =>
        Effect.catchDefect(
          audit.timed("t", {}, () => Effect.die(a)),
          () => Effect.void
        )
    ],
    ["isEnabled", 0, (audit, a, b) => audit.isEnabled(a as Any, b as Any)],
    ["setRecording", 1, (audit, a) => audit.setRecording(a as Any)],
    ["room", 0, (audit, a) => audit.room(a as Any)],
    ["flush", 0, (audit, a) => audit.flush(a as Any)],
    ["flush({ timeoutMs })", 0, (audit, a) => audit.flush({ timeoutMs: a as Any })],
    [
      "commit",
      1,
      (audit, a, b) => Effect.exit(audit.commit(Uploaded({ filename: "a" }), a as Any, b as Any))
    ],
    ["commit(any)", 1, (audit, a) => Effect.exit(audit.commit(a as Any))],
    ["withAuditContext", 1, (audit, a) => withAuditContext(a as Any)(audit.log("a", "m"))],
    ["AuditContext", 1, (audit, a) => Effect.provideService(audit.log("a", "m"), AuditContext, a as Any)],
    [
      "AuditContext of an exception",
      1,
      (audit, a) => Effect.provideService(audit.exception("here", a), AuditContext, { user: a, x: a })
    ],
    ["health", 0, (audit) => audit.health]
  ]

  it.each(calls)(
    "F80 F82 %s never fails or dies, and gives its lines",
    { timeout: 60_000 },
    async (_name, lines, call) => {
      const memory = memoryExporter({ required: true, queue: { bytesMax: 2 ** 28 } })
      const failures: string[] = []
      let expected = 0
      const program = Effect.gen(function* () {
        const audit = yield* CommittingAuditLog
        for (const round of rounds) {
          for (let index = 0; index < hostile.length; index++) {
            const given = argumentsAt(index, round)
            const [a, b] = given.map(([, make]) => make())
            expected += lines
            const exit = yield* Effect.exit(Effect.suspend(() => call(audit, a, b)))
            if (Exit.isFailure(exit))
              failures.push(`(${given.map(([what]) => what).join(", ")}) ${brief(exit.cause)}`)
          }
        }
      })
      const layer = CommittingAuditLog.layer({
        app: "hostile",
        exporters: [memory],
        env: {},
        exitHook: false
      })
      await Effect.runPromise(Effect.provide(program, layer))
      expect(failures).toEqual([])
      expectLines(memory.lines, expected, "all calls")
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    }
  )

  it("F82 pageOpen within a context that throws records the page", async () => {
    const memory = memoryExporter({ required: true })
    const program = Effect.gen(function* () {
      const audit = yield* CommittingAuditLog
      yield* Effect.provideService(audit.pageOpen("page"), AuditContext, hostileProxy() as Any)
    })
    const layer = CommittingAuditLog.layer({ app: "hostile", exporters: [memory], env: {}, exitHook: false })
    await Effect.runPromise(Effect.provide(program, layer))
    expect(memory.events.map(({ fields }) => fields.page)).toEqual(["page"])
  })
})

describe("what surrounds a log", () => {
  it("F82 a trace source may give anything, and each thing only once", async () => {
    const ids = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 }
    let reads = 0
    const turning = {
      ...ids,
      get traceId() {
        reads += 1
        return reads % 2 === 1 ? ids.traceId : 'x","evil":"y'
      }
    }
    const told = { ...ids, traceId: { toString: () => ids.traceId } }
    for (const [what, make] of [
      ...hostile,
      ["ids that change", () => turning],
      ["ids to be told", () => told]
    ] as const) {
      const { audit, lines } = makeLog({ traceSource: make as TraceSource })
      audit.log("a", what)
      const all = await lines()
      expectLines(all, 1, what)
      expect(all[0]).not.toContain("evil")
    }
  })

  it("F82 an exporter's filter, router and facts may throw, or give anything", async () => {
    for (const [what, make] of hostile) {
      const memory = memoryExporter({ accepts: () => make() as Any, route: () => make() as Any })
      const exporter = { ...memory, facts: () => make() as Any }
      const audit = createAuditLog({ app: "hostile", exporters: [exporter], env: {}, exitHook: false })
      audit.sessionStart()
      audit.log("a", what)
      const { pending, accepted, written } = await audit.flush()
      expect([what, pending, accepted]).toEqual([what, 0, written])
      expect([what, memory.events[0]?.head.message]).toEqual([what, "Session started"])
    }
  })

  it("S0.3 a clock of which everything fails costs no method its result", async () => {
    const broken = (): never => {
      throw new Error("no clock")
    }
    const clock = {
      ...makeUnrefClock(() => undefined),
      currentTimeMillisUnsafe: broken,
      currentTimeNanosUnsafe: broken,
      monotonicTimeNanosUnsafe: broken
    }
    const { audit, lines } = makeLog({ clock })
    audit.sessionStart()
    audit.log("a", "m")
    expect(await audit.timed("recall", {}, () => 7)).toBe(7)
    expect(auditTool(audit, "t", () => 8)()).toBe(8)
    await audit.close()
    expectLines(await lines(), 5, "all calls")
  })

  it("an exporter that is none fails where the log is made, and is not a log that records nothing", () => {
    const make = createAuditLog as (options: unknown) => unknown
    // As `[fileExporter(), isTraced && otelExporter()]` gives it.
    for (const none of [false, undefined, null, {}, "file", hostileProxy()]) {
      expect(() => make({ app: "x", exporters: [memoryExporter(), none], exitHook: false })).toThrow(
        TypeError
      )
    }
    for (const [what, value] of hostile) {
      const isWhole = [
        endsWithoutError(() => make({ app: value(), exporters: [], notice: () => undefined })),
        what
      ]
      expect(isWhole).toEqual([typeof value() === "string" && value() !== "", what])
    }
  })
})

describe("what is too large", () => {
  const chars = 20_000_000
  const text = "x".repeat(chars)
  const told = (before: string, total: number): RegExp =>
    new RegExp(`^${before}x{1,${eventLimits.stringCharsMax}} …\\[${total} chars total\\]$`)

  it("F88 a text of 20 MB is cut wherever it stands, and its length is told", async () => {
    const { audit, lines } = makeLog()
    audit.log(text, text, { text })
    audit.log(Uploaded({ filename: text }))
    audit.pageOpen(text)
    audit.exception(text, new Error(text), { text })
    audit.relay({ category: "relayed", message: text, text }, { text })
    await audit.timed(text, { text }, (operation) => {
      operation.response = text
    })
    auditTool(audit, text, (_given: unknown) => text)({ text })
    withContext({ text }, () => audit.log("context", "m"))
    await audit.commit(Uploaded({ filename: "a" }), { text })
    const all = await lines()
    expectLines(all, 9, "all calls")
    const events = all.map((line) => JSON.parse(line))
    expect(events.every((_, index) => Buffer.byteLength(all[index] ?? "") < eventLimits.lineBytesMax)).toBe(
      true
    )
    const whole = told("", chars)
    expect(events[0]).toMatchObject({
      category: "x".repeat(64),
      message: expect.stringMatching(whole),
      text: expect.stringMatching(whole)
    })
    expect(events[1]).toMatchObject({
      message: expect.stringMatching(told("Uploaded ", chars + 9)),
      filename: expect.stringMatching(whole)
    })
    expect(events[2]).toMatchObject({
      message: expect.stringMatching(told("Opened ", chars + 7)),
      page: expect.stringMatching(whole)
    })
    expect(events[3]).toMatchObject({
      exc_message: expect.stringMatching(whole),
      text: expect.stringMatching(whole)
    })
    expect(events[4]).toMatchObject({
      message: expect.stringMatching(whole),
      text: expect.stringMatching(whole),
      origin: { text: expect.stringMatching(whole) }
    })
    expect(events[5]).toMatchObject({
      action: expect.stringMatching(whole),
      response: expect.stringMatching(whole)
    })
    expect(events[6]).toMatchObject({
      tool: expect.stringMatching(whole),
      result_chars: chars,
      args: { text: expect.stringMatching(told("", chars)) }
    })
    expect(events[7]).toMatchObject({ text: expect.stringMatching(whole) })
    expect(events[8]).toMatchObject({ text: expect.stringMatching(whole) })
  })

  it("F88 an object of 100,000 keys and a list of a million items are cut, and only what is written is read", async () => {
    const { audit, lines } = makeLog()
    const { keysMax, itemsMax } = eventLimits
    let reads = 0
    const counted = <Value extends object>(value: Value): Value =>
      new Proxy(value, {
        get: (target, key, receiver) => {
          reads += 1
          return Reflect.get(target, key, receiver)
        }
      })
    const wide = counted(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n])))
    const long = counted(Object.assign(new Array<unknown>(1_000_000), { 5: "there" }))
    audit.log("a", "m", { wide, long })
    audit.log(Uploaded({ filename: "a", meta: { wide, long } }))
    audit.relay({ wide, long }, { wide, long })
    expect(reads).toBeLessThan(20 * itemsMax)
    const all = await lines()
    const events = all.map((line) => JSON.parse(line))
    for (const value of [events[0], events[1].meta, events[2], events[2].origin]) {
      expect(Object.keys(value.wide)).toHaveLength(keysMax + 1)
      expect(value.wide["…"]).toBe("[Truncated: keys]")
      expect(value.long).toHaveLength(itemsMax + 1)
      expect(value.long.slice(0, 6)).toEqual([null, null, null, null, null, "there"])
      expect(value.long.at(-1)).toBe("[Truncated: items]")
    }
  })

  it("F88 fields that are no object are one value: it stands under extra, and the event says that its fields are missing", async () => {
    const { audit, lines } = makeLog()
    const given: readonly (readonly [unknown, unknown])[] = [
      [text, told("", chars)],
      ["short", "short"],
      [
        ["a", "b"],
        ["a", "b"]
      ],
      [() => 1, "[Function]"],
      [7, 7],
      [new Uint8Array(chars), "<bytes>"],
      [new String("boxed"), "boxed"],
      [new Date(0), "1970-01-01T00:00:00.000Z"],
      [new Map([["filename", "a"]]), { filename: "a" }]
    ]
    for (const [value] of given) audit.log(Uploaded(value as Any))
    for (const [value] of given) audit.log("a", "m", value as Any)
    for (const [value] of given) withContext(value as Any, () => audit.log("a", "m"))
    audit.log(Uploaded(undefined as Any))
    const events = (await lines()).map((line) => JSON.parse(line))
    for (const [index, event] of events.slice(0, -1).entries()) {
      const wanted = given[index % given.length]?.[1]
      expect(event.extra).toEqual(wanted instanceof RegExp ? expect.stringMatching(wanted) : wanted)
      expect([index, event.schema_error]).toEqual([index, index < given.length ? "filename" : undefined])
    }
    expect(events.at(-1)).toMatchObject({ schema_error: "filename" })
    expect(events.at(-1)).not.toHaveProperty("extra")
  })

  it("F88 fields of 100,000 keys keep what their definition knows, and of the others what a line takes", async () => {
    const { audit, lines } = makeLog()
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]))
    audit.log(Uploaded({ ...wide, filename: "a" } as Any))
    withContext({ ...wide, user: "ada" }, () => audit.log("a", "m"))
    const [typed, inside] = (await lines()).map((line) => JSON.parse(line))
    expect(typed).toMatchObject({ filename: "a", k0: 0, k255: 255, "…": "[Truncated: keys]" })
    expect(typed).not.toHaveProperty("k256")
    expect(inside).toMatchObject({ k255: 255, "…": "[Truncated: keys]" })
  })

  it("F88 a long list in a place of a text is not read to its end", async () => {
    const { audit } = makeLog()
    const readsMax = 20_000
    let reads = 0
    const long = new Proxy(new Array<unknown>(2 ** 32 - 1), {
      get: (target, key) => {
        reads += 1
        if (reads > readsMax) throw new Error("this would go on for minutes")
        return Reflect.get(target, key)
      }
    })
    const calls: readonly (readonly [string, () => unknown])[] = [
      ["a category", () => audit.log(long as Any, "m")],
      ["a message", () => audit.log("a", long as Any)],
      ["a slug", () => audit.pageOpen(long as Any)],
      ["a key", () => audit.pageOpen("page", { key: long as Any })],
      ["a where", () => audit.exception(long as Any, "e")],
      ["what is thrown", () => audit.exception("where", long)],
      ["an action", () => audit.timed(long as Any, {}, () => 1)],
      ["a message of an event", () => audit.log(Uploaded({ filename: long as Any }))]
    ]
    const tooMany: string[] = []
    for (const [what, call] of calls) {
      reads = 0
      await call()
      if (reads > readsMax) tooMany.push(what)
    }
    // The last one is the application's own template: it gets a copy of the beginning.
    expect(tooMany).toEqual([])
  })

  it("F80 a proxy that has every name is asked a few times, and its event is one line", async () => {
    const { audit, lines } = makeLog()
    let asked = 0
    const having = (own: readonly string[]): object =>
      new Proxy(
        {},
        {
          ownKeys: () => [...own],
          get: () => 1,
          getOwnPropertyDescriptor: () => {
            asked += 1
            if (asked > 20_000) throw new Error("this would go on for ever")
            return { value: 1, enumerable: true, configurable: true }
          }
        }
      )
    audit.log("a", "m", having(["id", "a", "ts", "trace_id"]) as Any)
    audit.log(Uploaded(having(["filename"]) as Any), { id: 1, a: 2, ts: 3 })
    withContext({ id: 1, b: 2 }, () =>
      audit.log(Uploaded(having(["seq"]) as Any), having(["id", "v"]) as Any)
    )
    withContext(having(["id", "b"]) as Any, () =>
      audit.exception("w", having(["id"]), having(["level"]) as Any)
    )
    audit.relay(having(["id", "level"]) as Any, having(["id", "origin"]) as Any)
    expect(asked).toBeLessThan(10_000)
    expectLines(await lines(), 5, "all calls")
  })
})

describe("names that only the log may write", () => {
  const reserved = [
    "ts",
    "level",
    "category",
    "session",
    "message",
    "schema_error",
    "origin",
    "trace_id",
    "trace_flags",
    "trace_anything",
    "span_id",
    "v",
    "seq",
    "id"
  ] as const
  const lies = Object.fromEntries(reserved.map((name) => [name, "a lie"]))
  const renamed = Object.fromEntries(reserved.map((name) => [`extra.${name}`, "a lie"]))

  it("F92 fields of such names are written as extra.…, from every method, and the log's own stand", async () => {
    const { audit, lines } = makeLog()
    audit.log("untyped", "m", lies)
    audit.log(Uploaded({ filename: "a" }), lies)
    audit.log(Uploaded({ filename: "a", ...lies } as Any))
    audit.exception("where", new Error("e"), lies)
    audit.relay({ category: "relayed", message: "m" }, lies)
    await audit.timed("t", lies, () => 1)
    await audit.commit(Uploaded({ filename: "a" }), lies)
    withContext(lies, () => audit.log("context", "m"))
    audit.sessionStart(lies)
    const all = await lines()
    expectLines(all, 9, "all calls")
    const { session } = audit.health()
    for (const [index, line] of all.entries()) {
      const event = JSON.parse(line)
      expect(event).toMatchObject({ ...renamed, session, seq: index + 1 })
      const own = reserved.filter((name) => event[name] === "a lie")
      expect([line, own]).toEqual([line, []])
    }
  })

  it("F92 a name that is taken already gets another extra., and nothing is lost", async () => {
    const { audit, lines } = makeLog()
    audit.log("a", "m", { id: 1, "extra.id": 2, "extra.extra.id": 3, "…": 4 })
    withContext({ filename: "context", id: "context" }, () =>
      audit.log(Uploaded({ filename: "own" }), { filename: "extra", id: "extra" })
    )
    const events = (await lines()).map((line) => JSON.parse(line))
    expect(
      Object.values(events[0])
        .filter((value) => typeof value === "number")
        .sort()
    ).toEqual([1, 1, 2, 3, 4])
    expect(events[1]).toMatchObject({ filename: "own", "extra.filename": "extra", "extra.id": "extra" })
    expect(JSON.stringify(events[1])).not.toContain("context")
  })

  it("F92 an event cannot be defined with such a field, by nobody", () => {
    for (const name of reserved) {
      const fields = { [name]: Schema.String } as Record<string, typeof Schema.String>
      expect(() => defineEvent({ category: "a", fields, message: "m" })).toThrow(TypeError)
    }
    // @ts-expect-error it does not compile either
    expect(() => defineEvent({ category: "a", fields: { ts: Schema.String }, message: "m" })).toThrow(
      TypeError
    )
  })
})

describe("secrets in what a method is given", () => {
  const hidden = "hunter2-correct-horse"
  class Session {
    readonly token = hidden
    readonly user = "ada"
  }
  const secrets: Readonly<Record<string, unknown>> = {
    list: [{ password: hidden }, [{ apiKey: hidden }]],
    map: new Map([["client_secret", hidden]]),
    json: { toJSON: () => ({ authorization: hidden }) },
    made: new Session(),
    error: Object.assign(new Error(`at https://ada:${hidden}@example.com/`), { cookie: hidden }),
    url: new URL(`https://ada:${hidden}@example.com/?q=1`),
    text: `postgres://ada:${hidden}@db/x and Bearer ${hidden}`,
    accessToken: hidden
  }
  const text = `see https://ada:${hidden}@example.com/?token=${hidden}`

  it("F93 none reaches a line, whichever method it is given to", async () => {
    const { audit, lines, memory } = makeLog()
    const notices: string[] = []
    const traced = createAuditLog({
      app: "hostile",
      exporters: [memory],
      env: { HOSTILE_AUDIT_TRACE: "1" },
      exitHook: false,
      notice: (line) => void notices.push(line)
    })
    traced.log("a", text, secrets)
    await traced.flush()
    audit.log("a", text, secrets)
    audit.log(Uploaded({ filename: "a" }), secrets)
    audit.pageOpen(text)
    audit.exception(text, Object.assign(new Error(text, { cause: secrets }), secrets), secrets)
    audit.relay({ ...secrets, message: text, id: text }, secrets)
    await audit.timed(text, secrets, (operation) => {
      operation.response = secrets
    })
    const failing = audit.timed("t", {}, () => Promise.reject(new Error(text)))
    await expect(failing).rejects.toThrow(hidden)
    auditTool(audit, text, (_given: unknown) => ({ content: [{ type: "text", text }] }))(secrets)
    expect(() =>
      auditTool(audit, "t", () => {
        throw new Error(text)
      })()
    ).toThrow(hidden)
    withContext(secrets, () => audit.log("context", "m"))
    await audit.commit(Uploaded({ filename: "a" }), secrets)
    audit.sessionStart(secrets)
    const all = await lines()
    expect(all).toHaveLength(13)
    expect(all.filter((line) => line.includes(hidden))).toEqual([])
    expect(notices.join()).not.toContain(hidden)
  })
})

const endsWithoutError = (run: () => unknown): boolean => {
  try {
    run()
    return true
  } catch {
    return false
  }
}

const brief = (error: unknown): string => {
  try {
    return String(error).slice(0, 200)
  } catch {
    return "an error that cannot be told"
  }
}
