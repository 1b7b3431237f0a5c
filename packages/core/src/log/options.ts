// What a log is made of, and what is said at once of options that no log can be made of: the only errors that a
// log ever throws. The rules of what is recorded are checked in recording.ts.
import type * as Clock from "effect/Clock"
import type { Level } from "../event/level.ts"
import type { TraceSource } from "../event/trace-context.ts"
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
  /** The categories to record: "all" (the default), or a list; an empty one records session lines only. */
  readonly allow?: Allowed | undefined
  /** The least level to record. Default "debug". */
  readonly level?: Level | undefined
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

/** @throws TypeError that says what to give instead. */
export const checkOptions = (options: AuditLogOptions<readonly Exporter[]>): void => {
  if (typeof options?.app !== "string" || options.app === "") {
    throw new TypeError('createAuditLog: option "app" must be a name such as "datatools"')
  }
  if (!Array.isArray(options.exporters)) {
    throw new TypeError('createAuditLog: option "exporters" must be a list such as [fileExporter()]')
  }
  for (const [index, exporter] of options.exporters.entries()) {
    if (!isExporter(exporter)) {
      throw new TypeError(
        `createAuditLog: exporters[${index}] is no exporter; leave out what is switched off`
      )
    }
  }
}

// A list may come from `condition && exporter`: a log that then wrote nothing would say nothing of it.
const isExporter = (value: unknown): boolean => {
  const name = optionOf(value, "name")
  const queue = optionOf(value, "queue")
  const bounds = ["eventsMax", "bytesMax", "batchEventsMax", "batchBytesMax"].map((bound) =>
    optionOf(queue, bound)
  )
  return (
    typeof name === "string" &&
    typeof optionOf(value, "open") === "function" &&
    bounds.every((bound) => typeof bound === "number" && bound >= 1)
  )
}
