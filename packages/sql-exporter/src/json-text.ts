// A value of a column as JSON. Lines hold JSON already; this is for what an application's column functions return: a value
// that JSON lacks becomes a readable form, and never an error.

/** The JSON of a value; `null`, for the database's NULL, where there is no value or it cannot be written at all. */
export const jsonText = (value: unknown): string | null => {
  if (value === undefined || value === null) return null
  try {
    return JSON.stringify(readable(value, [])) ?? null
  } catch {
    return null
  }
}

const readable = (value: unknown, above: readonly object[]): unknown => {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function")
    return String(value)
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value)
  if (typeof value !== "object" || value === null) return value
  if (above.includes(value)) return "[Circular]"
  const path = [...above, value]
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return "<bytes>"
  if (value instanceof Set || Array.isArray(value))
    return Array.from(value as Iterable<unknown>, (item) => readable(item, path))
  if (value instanceof Map) return membersOf(value.entries(), path)
  if ("toJSON" in value && typeof value.toJSON === "function") return readable(value.toJSON(), path)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return membersOf(Object.entries(value), path)
  // Of a class: its text form where it has one, such as a URL or a decimal.
  return value.toString === Object.prototype.toString ? membersOf(Object.entries(value), path) : String(value)
}

const membersOf = (
  entries: Iterable<readonly [unknown, unknown]>,
  path: readonly object[]
): Readonly<Record<string, unknown>> => {
  const members: Record<string, unknown> = Object.create(null)
  for (const [key, value] of entries) members[String(key)] = readable(value, path)
  return members
}
