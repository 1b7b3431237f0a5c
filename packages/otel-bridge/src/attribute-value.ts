// Values of a line as values that OpenTelemetry's SDK accepts. JSON and attributes are almost the same; what the SDK would
// lose, or a collector would refuse the whole request for, is written in another form.
import { otelLimits } from "./limits.ts"

type Json = Readonly<Record<string, unknown>>

/** What `null` becomes: OTLP's empty value, or in OTLP's JSON the text "null", because collectors refuse an empty value there. */
export type Empty = null | "null"

/**
 * A JSON value as an attribute value. Whole numbers beyond 64 bits, and numbers that are not finite, become text: OTLP's
 * JSON would carry them as an integer that collectors refuse, and the whole request with it.
 */
export const toAttributeValue = (value: unknown, empty: Empty, depth = 0): unknown => {
  if (typeof value === "string") return wellFormed(value)
  if (typeof value === "number") return isCarried(value) ? value : String(value)
  if (value === null) return empty
  if (typeof value !== "object") return value
  if (depth >= otelLimits.depthMax) return "[Truncated: depth]"
  if (Array.isArray(value)) return value.map((item) => toAttributeValue(item, empty, depth + 1))
  return toMap(value as Json, empty, depth)
}

const toMap = (value: Json, empty: Empty, depth: number): Json => {
  const map: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(value)) {
    map[freeName(name, nestedLost, value)] = toAttributeValue(value[name], empty, depth + 1)
  }
  return map
}

/** Names that the SDK loses in a nested value: `__proto__` sets a prototype, `constructor` makes it look like an instance. */
const nestedLost: ReadonlySet<string> = new Set(["__proto__", "constructor"])

/** Names that the SDK loses as an attribute's own name. */
const lost: ReadonlySet<string> = new Set(["__proto__", ""])

/** A field's name as an attribute's name: with `extra.` in front where it would be lost or is `taken`. */
export const attributeName = (name: string, fields: Json, taken: ReadonlySet<string>): string => {
  const safe = freeName(name, lost, fields)
  return taken.has(safe) ? freeName(safe, taken, fields) : safe
}

const freeName = (name: string, refused: ReadonlySet<string>, siblings: Json): string => {
  if (!refused.has(name)) return wellFormed(name)
  let free = `extra.${name}`
  while (Object.hasOwn(siblings, free)) free = `extra.${free}`
  return free
}

// A whole number from 2 ** 63 on does not fit a signed 64-bit integer.
const isCarried = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Math.abs(value) < 2 ** 63)

/** Our own lines are well-formed. Lines of older systems may hold half of a surrogate pair, which UTF-8 cannot carry. */
export const wellFormed = (text: string): string =>
  /\p{Surrogate}/u.test(text) ? text.replace(/\p{Surrogate}/gu, "\ufffd") : text
