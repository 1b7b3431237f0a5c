// What an audit line keeps of something thrown: type, message, stack and cause. Anything can be thrown, and looking at
// it can throw again, so every look is guarded.

/** A thrown value in words. `type` is what an error calls itself: its `name`, else its class. */
export interface Thrown {
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly cause?: unknown
}

/** Describes any thrown value. Never throws. */
export const describeThrown = (thrown: unknown): Thrown => {
  if (!isError(thrown)) return { type: typeName(thrown), message: toText(thrown) }
  const stack = read(thrown, "stack")
  const cause = read(thrown, "cause")
  return {
    type: errorType(thrown),
    message: toText(read(thrown, "message")),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(cause === undefined ? {} : { cause })
  }
}

/** `name` where it says more than "Error", else the class. */
export const errorType = (error: Error): string => {
  const name = read(error, "name")
  if (typeof name === "string" && name !== "" && name !== "Error") return name
  const maker = read(error, "constructor")
  const made = typeof maker === "function" ? read(maker, "name") : undefined
  return typeof made === "string" && made !== "" ? made : "Error"
}

/** The marker for a value that threw when it was read. */
export const threwMarker = (thrown: unknown): string => {
  const text = describeThrown(thrown).message.slice(0, threwCharsMax)
  return text === "" ? "[Threw]" : `[Threw: ${text}]`
}

const threwCharsMax = 200

const isError = (value: unknown): value is Error => {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

const read = (owner: object, key: string): unknown => {
  try {
    return (owner as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

const typeName = (value: unknown): string => (value === null ? "null" : typeof value)

// `String(value)` throws for an object without a prototype and for symbols in disguise, and of a list it makes a text
// of all its items, which may be four billion holes.
const toText = (value: unknown): string => {
  try {
    if (Array.isArray(value)) return `[Array(${value.length})]`
    return ArrayBuffer.isView(value) ? "<bytes>" : String(value)
  } catch {
    return ""
  }
}
