// What a log is made of, and the rules of its options. A wrong one is an error when the log is made: the only error that a
// log ever throws.
import type * as Clock from "effect/Clock"
import { type LevelWord, levels, readLevel } from "../event/level.ts"
import type { TraceSource } from "../event/trace-context.ts"
import { checkOptions, type OptionRules, optionRule, queueRules } from "../option-rules.ts"
import type { Exporter } from "../pipeline/exporter.ts"
import { optionOf } from "./input.ts"
import type { Allowed } from "./recording.ts"

/** What a log is made of. */
export interface AuditLogOptions<Exporters extends readonly Exporter[]> {
  /** `[A-Za-z0-9._-]{1,64}`; any other name is replaced by a hash, with one notice. */
  readonly app: string
  readonly exporters: Exporters
  /** False makes every call do nothing. `<APP>_AUDIT_ENABLED=1` or `=0` overrules it. */
  readonly enabled?: boolean | undefined
  /** What to record: "all" (the default), or a list of operations' actions and of other events' categories; session lines always. */
  readonly allow?: Allowed | undefined
  /** The least level to record. Default "debug". */
  readonly level?: LevelWord | undefined
  /** Instead of the host's environment: what exporters read their settings from. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The key of pseudonyms: 32 random characters or more, the same in every process whose pseudonyms must match. */
  readonly pseudonymKey?: string | undefined
  /** Gets what the people who run the application should know, one line at a time. Default: stderr. */
  readonly notice?: ((line: string) => void) | undefined
  /** Writes what is left when the process ends. Default true. */
  readonly exitHook?: boolean | undefined
  /** The span that is active at a call, for plain code: see `TraceContext`. Effect programs need none. */
  readonly traceSource?: TraceSource | undefined
  /** Time and timers, for tests. Default: the host's, with timers that never keep the process alive. */
  readonly clock?: Clock.Clock | undefined
}

const rules: OptionRules = {
  app: optionRule.text("datatools"),
  exporters: optionRule.list("a list such as [fileExporter()]"),
  enabled: optionRule.flag,
  allow: {
    mustBe: '"all" or a list of actions and categories',
    isRight: (value) => value === "all" || Array.isArray(value)
  },
  level: { ...optionRule.oneOf(...levels), isRight: (value) => readLevel(value) !== undefined },
  env: optionRule.object("an object such as process.env"),
  pseudonymKey: optionRule.text("32 random characters or more"),
  notice: optionRule.callable,
  exitHook: optionRule.flag,
  traceSource: optionRule.callable,
  clock: optionRule.object("an Effect Clock")
}

/** @throws TypeError that says what to give instead. */
export const checkLogOptions = (options: AuditLogOptions<readonly Exporter[]>): void => {
  checkOptions(caller, options, rules)
  // Plain JavaScript may leave them out.
  for (const name of ["app", "exporters"] as const)
    if (options[name] === undefined)
      throw new TypeError(`${caller}: option "${name}" is missing: it must be ${rules[name]?.mustBe}`)
  for (const [index, exporter] of options.exporters.entries()) checkExporter(`exporters[${index}]`, exporter)
}

const caller = "createAuditLog"

// A list may come from `condition && exporter`: a log that then wrote nothing would say nothing of it.
const checkExporter = (place: string, value: unknown): void => {
  if (typeof optionOf(value, "name") !== "string" || typeof optionOf(value, "open") !== "function")
    throw new TypeError(`${caller}: ${place} is no exporter; leave out what is switched off`)
  const queue = optionOf(value, "queue")
  checkOptions(caller, queue, queueRules, `${place}.queue`)
  for (const bound of ["eventsMax", "bytesMax", "batchEventsMax", "batchBytesMax"])
    if (optionOf(queue, bound) === undefined)
      throw new TypeError(`${caller}: option "${place}.queue.${bound}" is missing: spread defaultQueuePolicy`)
}
