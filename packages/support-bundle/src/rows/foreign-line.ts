// Lines that other programs wrote: where each of them keeps its time, level, category and message. One table, and what cannot be
// mapped stays in the fields. Lines of Daybook have an id and pass as they are.
import { type AuditEvent, type EventHead, type Level, lineTime, readLevel } from "@daybook/core/lines"

/** The line's keys, the head's among them. */
type Keys = Readonly<Record<string, unknown>>

/** Where one program keeps what we have in the head. Of several keys, the first that is there counts. */
interface ForeignForm {
  readonly program: string
  /** Keys that its lines have and that tell it from the others; a dot leads into an object. */
  readonly has: readonly string[]
  readonly time: readonly string[]
  readonly level: readonly string[]
  readonly toLevel: (value: unknown) => Level | undefined
  readonly category: readonly string[]
  /** Where no key has a category. */
  readonly categoryElse?: string
  readonly message: readonly string[]
  /** Where no key has a message. */
  readonly messageElse?: (keys: Keys) => string
}

/** Levels are numbers that grow: the last one that is not above counts. */
const numbered =
  (...steps: readonly (readonly [from: number, level: Level])[]) =>
  (value: unknown): Level | undefined => {
    if (typeof value !== "number") return readLevel(value)
    return steps.findLast(([from]) => value >= from)?.[1] ?? "debug"
  }

const pinoLevel = numbered([30, "info"], [40, "warn"], [50, "error"], [60, "fatal"])
const pythonLevel = numbered([20, "info"], [30, "warn"], [40, "error"], [50, "fatal"])
const otelLevel = numbered([9, "info"], [13, "warn"], [17, "error"], [21, "fatal"])

/** How something went, as a level: what our own events of the kind have. */
const outcomeLevel = (value: unknown): Level =>
  typeof value === "string" && /^(error|failed|failure|denied)$/i.test(value) ? "warn" : "info"

const word = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : ""

const joined = (keys: Keys, separator: string, ...names: readonly string[]): string =>
  names
    .map((name) => word(valueAt(keys, name)))
    .filter((text) => text !== "")
    .join(separator)

const forms: readonly ForeignForm[] = [
  {
    program: "the queue of a desktop application",
    has: ["kind"],
    time: ["ts", "login_time"],
    level: ["status"],
    toLevel: outcomeLevel,
    category: ["kind"],
    message: ["message"],
    messageElse: (keys) =>
      keys.kind === "login_log"
        ? `${joined(keys, "", "user_name")} signed in`
        : joined(keys, ": ", "user_name", "status")
  },
  {
    program: "tool calls of agents",
    has: ["tool", "status"],
    time: ["ts"],
    level: ["status"],
    toLevel: outcomeLevel,
    category: ["category"],
    categoryElse: "tool_call",
    message: ["message"],
    messageElse: (keys) => joined(keys, ": ", "tool", "status")
  },
  {
    program: "operations of a service",
    has: ["action", "started_at"],
    time: ["ts", "started_at"],
    level: ["outcome"],
    toLevel: outcomeLevel,
    category: ["category"],
    categoryElse: "operation",
    message: ["message"],
    messageElse: (keys) => joined(keys, " ", "action")
  },
  {
    program: "pino and bunyan",
    has: ["level", "time", "msg"],
    time: ["time"],
    level: ["level"],
    toLevel: pinoLevel,
    category: ["name", "module"],
    message: ["msg"]
  },
  {
    program: "Python's logging",
    has: ["levelname"],
    time: ["asctime", "timestamp", "created", "time"],
    level: ["levelname", "levelno"],
    toLevel: pythonLevel,
    category: ["name", "logger"],
    message: ["message", "msg"]
  },
  {
    program: "structlog",
    has: ["event", "timestamp"],
    time: ["timestamp"],
    level: ["level", "log_level"],
    toLevel: pythonLevel,
    category: ["logger", "logger_name"],
    message: ["event"]
  },
  {
    program: "Elastic Common Schema",
    has: ["@timestamp"],
    time: ["@timestamp"],
    level: ["log.level", "level"],
    toLevel: readLevel,
    category: ["event.dataset", "log.logger", "logger_name", "service.name"],
    message: ["message"]
  },
  {
    program: "OpenTelemetry",
    has: ["timeUnixNano"],
    time: ["timeUnixNano"],
    level: ["severityNumber", "severityText"],
    toLevel: otelLevel,
    category: ["eventName"],
    message: ["body.stringValue", "body"]
  },
  {
    program: "evlog",
    has: ["timestamp", "service", "environment"],
    time: ["timestamp"],
    level: ["level", "severity"],
    toLevel: readLevel,
    category: ["tag", "service"],
    message: ["message", "error.message"],
    messageElse: (keys) => joined(keys, " ", "method", "path", "action")
  },
  {
    program: "winston, LogTape and others",
    has: [],
    time: ["ts", "timestamp", "time", "datetime", "date"],
    level: ["level", "severity", "lvl"],
    toLevel: pinoLevel,
    category: ["category", "logger", "label", "service", "name"],
    message: ["message", "msg"]
  }
]

/** The event with the head that its program meant: the same one where there is nothing to map. */
export const readForeign = (event: AuditEvent): AuditEvent => {
  const { head, fields } = event
  if (head.id !== "" || head.seq !== undefined) return event
  // An older system's lines in our own form.
  if (head.ts !== "" && head.category !== "") return event
  const keys: Keys = Object.assign(Object.create(null), given(head), fields)
  const form = forms.find(({ has }) => has.every((name) => valueAt(keys, name) !== undefined))
  return form === undefined ? event : mapped(event, form, keys)
}

// What stands on the line: a head that was read has a level in any case.
const given = ({ ts, category, session, message, level }: EventHead): Keys => ({
  level,
  ...(ts === "" ? {} : { ts }),
  ...(category === "" ? {} : { category }),
  ...(session === "" ? {} : { session }),
  ...(message === "" ? {} : { message })
})

/** An event has these in their own right, also where its head has what they say. */
const ownFields = new Set(["status", "outcome", "started_at", "login_time"])

const mapped = ({ kind, head, fields }: AuditEvent, form: ForeignForm, keys: Keys): AuditEvent => {
  const left: Record<string, unknown> = Object.assign(Object.create(null), fields)
  const take = <Value>(
    names: readonly string[],
    read: (value: unknown) => Value | undefined
  ): Value | undefined => {
    for (const name of names) {
      const found = valueAt(keys, name)
      const value = found === undefined ? undefined : read(found)
      if (value === undefined) continue
      // It would be shown twice. A level's word that is here says more than ours.
      const saysMore = name === "level" && typeof found === "string"
      if (!saysMore && !ownFields.has(name)) delete left[name]
      return value
    }
    return undefined
  }
  const ts = take(form.time, isoOf) ?? head.ts
  const level = take(form.level, form.toLevel) ?? head.level
  const category = take(form.category, someText) ?? form.categoryElse ?? head.category
  const message = take(form.message, someText) ?? form.messageElse?.(keys) ?? head.message
  return { kind, head: { ...head, ts, level, category, message }, fields: left }
}

const someText = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

/** A key as it is, or else by its path. */
const valueAt = (keys: Keys, name: string): unknown => {
  if (name in keys) return keys[name]
  const dot = name.indexOf(".")
  const inner = dot === -1 ? undefined : keys[name.slice(0, dot)]
  return typeof inner === "object" && inner !== null ? valueAt(inner as Keys, name.slice(dot + 1)) : undefined
}

const nanoDigits = 19
const secondsMax = 1e11

/** ISO text of a moment in any of the forms that programs write: text, or seconds, milliseconds or nanoseconds since 1970. */
const isoOf = (value: unknown): string | undefined => {
  if (typeof value === "string" && /^\d+$/.test(value)) {
    const ms = value.length >= nanoDigits - 1 ? Number(value.slice(0, -6)) : Number(value)
    return isoOf(ms)
  }
  if (typeof value === "string") return Number.isNaN(lineTime(value)) ? undefined : value
  if (typeof value !== "number") return undefined
  const date = new Date(Math.abs(value) < secondsMax ? value * 1_000 : value)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
