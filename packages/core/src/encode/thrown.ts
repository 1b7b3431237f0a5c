// What an error keeps: its type, and the names under which it carries more than type, message, stack and cause. Looking at an
// error may throw, so every look is guarded. described.ts puts anything that was thrown into words.
import { keysOf } from "../event/keys-of.ts"
import { eventLimits } from "../limits.ts"

/** `name` where it says more than "Error", else the class. */
export const errorType = (error: object): string => {
  const name = readName(error, "name")
  return name !== "" && name !== "Error" ? name : (className(error) ?? "Error")
}

/** The name of an object's class; undefined where it has none. */
export const className = (value: object): string | undefined => {
  const maker = read(value, "constructor")
  const name = typeof maker === "function" ? readName(maker, "name") : ""
  return name === "" ? undefined : name
}

/**
 * Written first, in this order, where an error has them. AggregateError and SuppressedError hide theirs from enumeration, and some
 * libraries make getters of a class of the others; an error's own enumerable fields are kept anyway.
 */
const firstFacts = [
  "errors",
  "error",
  "suppressed",
  "code",
  "errno",
  "syscall",
  "status",
  "statusCode"
] as const

const toldApart: ReadonlySet<string> = new Set(["message", "stack", "cause", ...firstFacts])

const noNames: readonly string[] = []

/** The names of what an error carries besides its message, stack and cause; one more than a line takes. */
export const factNames = (error: object): readonly string[] => {
  let names: string[] | undefined
  for (const name of firstFacts) {
    if (!(name in error)) continue
    names ??= []
    names.push(name)
  }
  for (const name of keysOf(error)) {
    if (toldApart.has(name)) continue
    names ??= []
    if (names.push(name) > eventLimits.keysMax) break
  }
  return names ?? noNames
}

/** The marker for a value that threw when it was read. */
export const threwMarker = (thrown: unknown): string => {
  const text = wordsOf(thrown).slice(0, threwCharsMax)
  return text === "" ? "[Threw]" : `[Threw: ${text}]`
}

const threwCharsMax = 200

/** A property, or undefined where reading it throws. */
export const read = (owner: object, key: string): unknown => {
  try {
    return (owner as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

const readName = (owner: object, key: string): string => {
  const name = read(owner, key)
  return typeof name === "string" ? name : ""
}

// A marker stands within the line that is being written, so an object is asked for no more than its message.
const wordsOf = (thrown: unknown): string => {
  switch (typeof thrown) {
    case "object":
      return thrown === null ? "null" : readName(thrown, "message")
    case "function":
    case "bigint":
      return ""
    default:
      return String(thrown)
  }
}
