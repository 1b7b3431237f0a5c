// What a log is made of, and the rules of its options. A wrong one is an error when the log is made: the only error that a
// log ever throws.
import type * as Clock from "effect/Clock"
import type { RedactRules } from "../encode/keys.ts"
import { type LevelWord, levels, readLevel } from "../event/level.ts"
import type { TraceSource } from "../event/trace-context.ts"
import { checkOptions, type OptionRule, type OptionRules, optionRule, queueRules } from "../option-rules.ts"
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
  /**
   * Secrets of your own: `keys` that are secret beside the built-in ones, `patterns` that find secrets in texts, and `allow`, keys that
   * are none. They hold for typed and untyped values, context, messages, errors and notices.
   */
  readonly redact?: RedactRules | undefined
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
  redact: optionRule.object('an object such as { keys: ["customerNo"], allow: ["pin"] }'),
  pseudonymKey: optionRule.text("32 random characters or more"),
  notice: optionRule.callable,
  exitHook: optionRule.flag,
  traceSource: optionRule.callable,
  clock: optionRule.object("an Effect Clock")
}

/** @throws TypeError that says what to give instead. */
export const checkLogOptions = (options: AuditLogOptions<readonly Exporter[]>): void => {
  checkOptions(caller, options, rules)
  checkRedact(caller, options.redact)
  // Plain JavaScript may leave them out.
  for (const name of ["app", "exporters"] as const)
    if (options[name] === undefined)
      throw new TypeError(`${caller}: option "${name}" is missing: it must be ${rules[name]?.mustBe}`)
  for (const [index, exporter] of options.exporters.entries()) checkExporter(`exporters[${index}]`, exporter)
}

const caller = "createAuditLog"

const redactRules: OptionRules = {
  keys: optionRule.list('a list of keys such as ["customerNo"]'),
  patterns: optionRule.list("a list of regular expressions such as [/\\bK-\\d{8}\\b/]"),
  allow: optionRule.list('a list of keys such as ["pin"]')
}

const keyRule: OptionRule = {
  mustBe: 'a text with a letter or a digit, such as "customerNo"',
  isRight: (value) => typeof value === "string" && /[\p{L}\p{N}]/u.test(value)
}

const patternRule: OptionRule = {
  mustBe:
    "a regular expression without the flag y that does not match the empty text, such as /\\bK-\\d{8}\\b/",
  isRight: (value) => {
    const isDecided = typeof optionOf(value, "isSecret") === "function"
    const find = isDecided ? optionOf(value, "find") : value
    if (Object.prototype.toString.call(find) !== "[object RegExp]") return false
    const { flags, source } = find as RegExp
    return !flags.includes("y") && !new RegExp(source, flags.replace("g", "")).test("")
  }
}

/** Checks the option of that name, here or elsewhere. @throws TypeError that says what to give instead. */
export const checkRedact = (maker: string, redact: RedactRules | undefined): void => {
  if (redact === undefined) return
  checkOptions(maker, redact, redactRules, "redact")
  for (const [name, rule] of [
    ["keys", keyRule],
    ["patterns", patternRule],
    ["allow", keyRule]
  ] as const)
    for (const [index, value] of (redact[name] ?? []).entries())
      checkItem(maker, `redact.${name}[${index}]`, value, rule)
}

const checkItem = (maker: string, place: string, value: unknown, { mustBe, isRight }: OptionRule): void => {
  if (!isRight(value)) throw new TypeError(`${maker}: option "${place}" must be ${mustBe}`)
}

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
