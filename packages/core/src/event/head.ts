// What every line carries: the keys that format 1 fixes, and which names an event may not use for its own fields.
// The bytes are written in encode/line-encoder.ts and read back in event/decode-line.ts.
import type { Level } from "./level.ts"

/** What an exporter's filter and router may look at. `time` is in ms since 1970, NaN where there is no clock. */
export interface Head {
  readonly time: number
  readonly level: Level
  readonly category: string
  /** First 8 hex digits of the stream key. */
  readonly session: string
  readonly seq: number
  readonly user?: string
}

/** Keys that only the log writes. An extra of such a name is written as `extra.<name>`. */
const reservedNames = [
  "ts",
  "level",
  "category",
  "session",
  "message",
  "schema_error",
  "origin",
  "span_id",
  "v",
  "seq",
  "id"
] as const

/** Names that `defineEvent` refuses for a field at compile time. */
export type ReservedName = (typeof reservedNames)[number] | `trace_${string}`

/** Every key that format 1 fixes, for readers, and the type of its value; a level's is for `readLevel`. */
export const headTypes: ReadonlyMap<string, "string" | "number" | "any"> = new Map([
  ...reservedNames.map((name) => [name, "string"] as const),
  ["trace_id", "string"],
  ["trace_flags", "number"],
  ["seq", "number"],
  ["v", "number"],
  ["level", "any"],
  ["origin", "any"]
])

const reserved: ReadonlySet<string> = new Set(reservedNames)

/** True for names that an event's field or extra can never take: `ts`, `id`, …, and all that begin with `trace_`. */
export const isReservedName = (name: string): boolean => reserved.has(name) || name.startsWith("trace_")
