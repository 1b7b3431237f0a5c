// Any value, in any place of a call: as an extra, a typed field, a message, in the context, as something thrown. Each
// call gives exactly one line that parses, fits its limits, breaks no reader, and says of the value what it is. The
// values and what must be said of them are made in foreign-values.ts; the log is a real one.
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { type AuditEvent, decodeLine } from "../../src/event/decode-line.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { eventLimits } from "../../src/limits.ts"
import { withContext } from "../../src/log/context.ts"
import type { Exporter } from "../../src/pipeline/exporter.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import {
  absent,
  cutText,
  difference,
  ForeignValues,
  families,
  type Place,
  type Sample
} from "../tools/foreign-values.ts"
import { makeRandom } from "../tools/random.ts"

const top: Place = { level: 0 }

const Probed = defineEvent({
  category: "probe",
  fields: { before: Schema.Unknown, value: Schema.Unknown, text: Schema.String, after: Schema.Unknown },
  message: "Probed"
})
const Told = defineEvent({
  category: "told",
  fields: { value: Schema.Unknown },
  message: ({ value }) => value as string
})

/** One call, and what its line must say. */
interface Call {
  readonly category: string | RegExp
  readonly message: string | undefined
  /** More bytes than its message, and what else stands beside the members, can take. */
  readonly besideBytes?: number
  /** Whether the members stand below `origin`, as a sender's do. */
  readonly isOrigin?: boolean
  /** Members that must stand on the line as written. */
  readonly members: Readonly<Record<string, Sample>>
  record(audit: ReturnType<typeof createAuditLog>): void
}

type Make = (place: Place) => Sample

/** Where a value can stand in a call: the value in question, and plain ones before and after it. */
const placesOfCalls: readonly ((value: Make, plain: Make) => Call)[] = [
  (value, plain) => {
    const members = { before: plain(top), value: value(top), after: plain(top) }
    const record: Call["record"] = (audit) => audit.log("extra", "m", valuesOf(members))
    return { category: "extra", message: "m", members, record }
  },
  (value, plain) => {
    const sample = value(top)
    const members = { before: plain(top), value: sample, text: sample, after: plain(top) }
    const fields = valuesOf(members) as Parameters<typeof Probed>[0]
    return { category: "probe", message: "Probed", members, record: (audit) => audit.log(Probed(fields)) }
  },
  (value, plain) => {
    const members = { before: plain(top), value: value(top), after: plain(top) }
    const record: Call["record"] = (audit) => withContext(valuesOf(members), () => audit.log("context", "m"))
    return { category: "context", message: "m", members, record }
  },
  (value, plain) => {
    const sample = value(top)
    const members = { before: plain(top), after: plain(top) }
    const record: Call["record"] = (audit) => audit.log("message", sample.value as string, valuesOf(members))
    return {
      category: "message",
      message: messageOf(sample),
      besideBytes: textBytes(sample),
      members,
      record
    }
  },
  (value, plain) => {
    const sample = value(top)
    const extras = { before: plain(top), after: plain(top) }
    const record: Call["record"] = (audit) => audit.log(Told({ value: sample.value }), valuesOf(extras))
    return {
      category: "told",
      message: messageOf(sample),
      besideBytes: textBytes(sample),
      members: { value: sample, ...extras },
      record
    }
  },
  (value, plain) => {
    const sample = value(top)
    const members = { before: plain(top), after: plain(top) }
    const record: Call["record"] = (audit) => audit.exception("probe", sample.value, valuesOf(members))
    const besideBytes = 3 * textBytes(sample)
    return { category: "error", message: undefined, besideBytes, members, record }
  },
  (value, plain) => {
    const sample = value(top)
    const members = { before: plain(top), after: plain(top) }
    const record: Call["record"] = (audit) => audit.log(sample.value as string, "m", valuesOf(members))
    // What it was stands beside it, where it had to be fitted.
    const besideBytes = 3 * textBytes(sample)
    return { category: /^[\p{L}\p{M}\p{N}_.-]{1,64}$/u, message: "m", besideBytes, members, record }
  },
  (value, plain) => {
    const members = { before: plain(top), value: value(top), after: plain(top) }
    const record: Call["record"] = (audit) => audit.relay({ ...valuesOf(members), category: "sent", id: "x" })
    return { category: "sent", message: "", isOrigin: true, members, record }
  },
  (value, plain) => {
    const members = { before: plain(top), value: value(top), after: plain(top) }
    const record: Call["record"] = (audit) => audit.relay({ category: "facts" }, valuesOf(members))
    return { category: "facts", message: "", members, record }
  }
]

const valuesOf = (members: Readonly<Record<string, Sample>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(members).map(([name, { value }]) => [name, value]))

const textBytes = ({ bytesMax }: Sample): number => Math.max(bytesMax, eventLimits.stringCharsMax)

const messageOf = ({ value, written }: Sample): string | undefined => {
  if (typeof value !== "string") return undefined
  return value.length > eventLimits.stringCharsMax ? cutText(value) : String(written)
}

/** A log, and the bytes that its exporter was given. */
const makeLog = () => {
  const batches: Uint8Array[] = []
  const memory = memoryExporter({ queue: { bytesMax: 2 ** 28 } })
  const exporter: Exporter = {
    ...memory,
    open: (log) =>
      Effect.map(memory.open(log), (open) => ({
        export: (batch) =>
          Effect.andThen(
            Effect.sync(() => batches.push(batch.bytes().slice())),
            open.export(batch)
          )
      }))
  }
  const audit = createAuditLog({ app: "values", exporters: [exporter], exitHook: false, env: {} })
  const lines = async (): Promise<readonly string[]> => {
    await audit.close({ timeoutMs: 60_000 })
    // Fatal: whatever is not UTF-8 fails here.
    const decoder = new TextDecoder("utf-8", { fatal: true })
    return batches.flatMap((bytes) => decoder.decode(bytes).split("\n").slice(0, -1))
  }
  return { audit, lines }
}

/** Characters that end a line, colour a terminal or turn the direction of writing. */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** What must hold of every line; returns its event. */
const readLine = (line: string, seq: number): AuditEvent => {
  const bytes = Buffer.byteLength(line) + 1
  if (bytes > eventLimits.lineBytesMax) throw new Error(`a line of ${bytes} bytes`)
  if (unsafe.test(line))
    throw new Error(`a raw character that may break a reader: ${JSON.stringify(unsafe.exec(line))}`)
  const event = decodeLine(line)
  if ("damage" in event) throw new Error(`a line that is ${event.damage}: ${line.slice(0, 200)}`)
  if (event.kind !== "event" || event.head.seq !== seq)
    throw new Error(`event ${seq} is not where it belongs: ${line.slice(0, 300)}`)
  const keys = line.match(keyForm)?.length ?? 0
  if (keys !== keysWithin(JSON.parse(line))) throw new Error(`a key stands twice: ${line.slice(0, 2_000)}`)
  return event
}

const keyForm = /"(?:[^"\\]|\\.)*":/g

const keysWithin = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce((sum: number, below: unknown) => sum + keysWithin(below), own)
}

/** A line that is nearly full may say "[Truncated: size]" anywhere. */
const exactBytesMax = eventLimits.lineBytesMax - 2 * eventLimits.tailBytes

/** Compares a line with what its call must have said. Returns whether all of it could be compared. */
const judge = (line: string, seq: number, call: Call): boolean => {
  const { category, message, members, besideBytes = 0, isOrigin = false } = call
  const { head, fields: own } = readLine(line, seq)
  const fields = (isOrigin ? head.origin : own) as AuditEvent["fields"]
  const isNamed = typeof category === "string" ? head.category === category : category.test(head.category)
  if (!isNamed) throw new Error(`the category is ${head.category}`)
  if (message !== undefined && head.message !== message)
    throw new Error(`the message is ${head.message.slice(0, 200)}`)
  const samples = Object.entries(members)
  if (samples.reduce((sum, [, { bytesMax }]) => sum + bytesMax, besideBytes) > exactBytesMax) return false
  for (const [name, { written }] of samples) {
    if (written === absent && !Object.hasOwn(fields, name)) continue
    const found = difference(fields[name], written, name)
    if (found !== undefined) throw new Error(`${found}\n${line.slice(0, 2_000)}`)
  }
  return true
}

const callsOfLog = 250

/** Records values, many to one log, and judges each line. Returns which part of the lines was compared as a whole. */
const probe = async (
  logs: number,
  sampleOf: (make: ForeignValues, place: Place) => Sample
): Promise<number> => {
  let exact = 0
  const first = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
  for (let seed = first; seed < first + logs; seed++) {
    try {
      const { audit, lines } = makeLog()
      const make = new ForeignValues(makeRandom(seed))
      const calls = Array.from({ length: callsOfLog }, () =>
        make.pick(placesOfCalls)(
          (place) => sampleOf(make, place),
          (place) => make.inside(families.plain, place)
        )
      )
      for (const { record } of calls) record(audit)
      const all = await lines()
      for (const [index, call] of calls.entries()) if (judge(all[index] ?? "", index + 1, call)) exact += 1
      if (all.length !== calls.length) throw new Error(`${calls.length} calls gave ${all.length} lines`)
    } catch (error) {
      throw new Error(`DAYBOOK_SEED=${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
  return exact / (logs * callsOfLog)
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Error.prototype]
const ownKeys = (): unknown => prototypes.map((prototype) => Reflect.ownKeys(prototype))

const timeoutMs = 120_000

describe("any value, in any place of a call, gives one line that says what it is", () => {
  const keysBefore = ownKeys()

  const cases: readonly (readonly [string, keyof typeof families])[] = [
    ["F80 cycles, depth, width and what never ends stop at a limit and say so", "endings"],
    ["F81 lone surrogates become U+FFFD, in values and in keys, and all bytes are UTF-8", "brokenText"],
    ["F82 what throws when it is looked at is [Threw…], and its neighbours are whole", "throwers"],
    ["F83 separators, controls and bidi never stand raw, and come back as they were", "separators"],
    ["F85 numbers that JSON lacks are text, and all others come back as they were", "numbers"],
    ["F86 errors, maps, sets, bytes and classes have a readable form", "containers"],
    ["F87 functions, symbols, promises and generators are markers, undefined is left out or null", "markers"],
    ["F89 a text that is too long is cut on a code point and says how long it was", "cuts"],
    [
      "no key stands twice on a line, also where keys are cut or made well-formed, or the line is full",
      "likeKeys"
    ],
    ["F90 __proto__ and constructor keys are data, and nothing is polluted", "prototypes"]
  ]
  it.each(cases)("%s", { timeout: timeoutMs }, async (_name, family) => {
    const exact = await probe(5, (make, place) => make.inside(families[family], place))
    expect(exact).toBeGreaterThan(0.3)
    expect(ownKeys()).toEqual(keysBefore)
  })

  it("F80 F81 F82 F83 F85 F86 F87 F89 F90 all of them within each other", {
    timeout: timeoutMs
  }, async () => {
    const exact = await probe(30, (make, place) => make.any(place))
    expect(exact).toBeGreaterThan(0.3)
    expect(ownKeys()).toEqual(keysBefore)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe("keys that a careless copy would set", () => {
  it("F90 stand at the top of a line as data too, from wherever they come", async () => {
    const { audit, lines } = makeLog()
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"hasOwnProperty":3}'
    const evil = (): Record<string, unknown> => JSON.parse(text)
    audit.log("extras", "m", evil())
    audit.log(Told(Object.assign(evil(), { value: "stray" }) as Parameters<typeof Told>[0]))
    withContext(evil(), () => withContext({ inner: 1 }, () => audit.log("context", "m")))
    audit.exception("exception", evil(), evil())
    audit.relay({ category: "facts" }, evil())
    audit.relay(evil())
    await audit.timed("operation", evil(), () => 1)
    const events = (await lines()).map((line, index) => readLine(line, index + 1))
    for (const { head, fields } of events) {
      const told = Object.hasOwn(fields, "__proto__") ? fields : (head.origin as typeof fields)
      const own = Object.fromEntries(
        ["__proto__", "constructor", "hasOwnProperty"].map((key) => [
          `_${key}`,
          Object.getOwnPropertyDescriptor(told, key)?.value
        ])
      )
      expect([head.category, own]).toEqual([
        head.category,
        { ___proto__: { polluted: 1 }, _constructor: { prototype: { polluted: 2 } }, _hasOwnProperty: 3 }
      ])
    }
    expect(events).toHaveLength(7)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe("a typed event of any shape", () => {
  it("F80 fits the limit of a line, however many fields it has and however long they are", async () => {
    const { audit, lines } = makeLog()
    const shapes = [
      [300, 10],
      [600, 2_000],
      [9_000, 1],
      [40, 9_000]
    ] as const
    for (const [count, chars] of shapes) {
      const names = Array.from({ length: count }, (_, n) => `field_number_${n}`)
      const Wide = defineEvent({
        category: "wide",
        fields: Object.fromEntries(names.map((name) => [name, Schema.String])),
        message: "m"
      })
      audit.log(Wide(Object.fromEntries(names.map((name) => [name, "x".repeat(chars)]))))
    }
    const all = await lines()
    expect(all.map((line, index) => readLine(line, index + 1).fields.field_number_0)).toEqual(
      shapes.map(([, chars]) => expect.stringMatching(`^${"x".repeat(Math.min(chars, 100))}`))
    )
  })

  it("F83 F90 has no field whose name would stand raw: a definition with one fails, and any other name is data", async () => {
    const { audit, lines } = makeLog()
    const define = (name: string) =>
      defineEvent({
        category: "odd",
        fields: Object.defineProperty({}, name, { enumerable: true, value: Schema.String }),
        message: "m"
      })
    for (const name of ["a\u2028b", "\u202eright", "\u0085", "\u007f", "\ud800", "x".repeat(257)])
      expect(() => define(name)).toThrow(TypeError)
    const names = ['quo"te', "back\\slash", "__proto__", "constructor", "", "ключ", "a b"]
    for (const name of names)
      audit.log(define(name)(Object.defineProperty({}, name, { enumerable: true, value: "v" })))
    const all = await lines()
    expect(all.map((line, index) => Object.entries(readLine(line, index + 1).fields))).toEqual(
      names.map((name) => [[name, "v"]])
    )
  })
})
