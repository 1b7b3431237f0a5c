// Anything at all in words: what was thrown, or what stands where a text belongs. Texts are the value's own, else what a line
// would hold of it: bounded, and without the values of secret keys.
import { type Guard, searchedGuard } from "../event/guard.ts"
import { keysOf } from "../event/keys-of.ts"

import { eventLimits } from "../limits.ts"
import { type Fields, viewOf } from "./fields.ts"
import { builtInKeys, type Keys } from "./keys.ts"
import { isError, isPlain, kindOf, ownText } from "./kind-of.ts"
import { cutPoint, LineBytes } from "./line-bytes.ts"
import { withoutSecrets } from "./text-patterns.ts"
import { className, errorType, factNames, read } from "./thrown.ts"
import { ValueEncoder } from "./value-encoder.ts"

/** A thrown value in words. `type` is what an error calls itself: its `name`, else its class. */
export interface Thrown {
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly cause?: unknown
  /**
   * What it carries besides: `code`, `errno`, `status`, the `errors` of an AggregateError, any field of its own. Of an error each
   * is read when it is asked for, so that a secret is never read.
   */
  readonly fields?: Fields
}

/** Describes any thrown value. Never throws. */
export const describeThrown = (thrown: unknown): Thrown => {
  if (isError(thrown)) return describeError(thrown)
  if (typeof thrown !== "object" || thrown === null) return { type: typeOf(thrown), message: textOf(thrown) }
  const said = read(thrown, "message")
  const fields = fieldsOf(thrown)
  return {
    type: objectType(thrown),
    message: typeof said === "string" && said !== "" ? said : objectText(thrown, fields),
    ...(fields === undefined ? {} : { fields })
  }
}

const describeError = (error: Error): Thrown => {
  const stack = read(error, "stack")
  const cause = read(error, "cause")
  const fields = lazily(error, factNames)
  return {
    type: errorType(error),
    message: errorMessage(error),
    ...(typeof stack === "string" && { stack }),
    ...(cause !== undefined && { cause }),
    ...(fields !== undefined && { fields })
  }
}

// An error's message may be anything, itself too.
const errorMessage = (error: Error): string => {
  const message = read(error, "message")
  return typeof message === "string" ? message : message === undefined ? "" : shortText(message)
}

/**
 * Something thrown, for people who run the application: its type and message, without the secrets that are known by their
 * form, and no longer than a notice should be. Never throws.
 */
export const errorInWords = (thrown: unknown): string => {
  const { type, message } = describeThrown(thrown)
  const text = isError(thrown) ? `${type}: ${message}` : message
  return cutText(withoutSecrets(text.slice(0, eventLimits.stringCharsMax), builtInKeys))
}

/** The same as fields of an event: of an exception, a failed operation or tool call. */
export const exceptionFields = ({ type, message, stack, cause, fields }: Thrown): Fields => ({
  exc_type: type,
  exc_message: message,
  exc_stack: stack,
  exc_cause: cause,
  exc_fields: fields
})

const typeOf = (value: unknown): string => (value === null ? "null" : typeof value)

// A plain object may be an error that lost its class on the way, and say so by its name.
const objectType = (thrown: object): string => {
  const name = read(thrown, "name")
  if (typeof name === "string" && name !== "") return name
  const made = className(thrown)
  return made === undefined || made === "Object" ? "object" : made
}

// What an object has to say below its message. One that is written as a text has said it there.
const fieldsOf = (thrown: object): Fields | undefined => {
  try {
    const hasOwnForm = Array.isArray(thrown) || kindOf(thrown) !== undefined || isCallable(thrown, "toJSON")
    if (hasOwnForm) return jsonOf(thrown, searchedGuard).startsWith('"') ? undefined : (thrown as Fields)
  } catch {
    return undefined
  }
  return lazily(thrown, (owner) => keysOf(owner).slice(0, eventLimits.keysMax + 1))
}

const isCallable = (owner: object, key: string): boolean => typeof read(owner, key) === "function"

// Its names are asked for once.
const lazily = (owner: object, namesOfOwner: (owner: object) => readonly string[]): Fields | undefined => {
  try {
    const names = namesOfOwner(owner)
    return names.length === 0 ? undefined : viewOf(owner, names)
  } catch {
    // A proxy that does not tell its names.
    return undefined
  }
}

/** Any value as text: an identifier or a message that may have come from anywhere. Never throws. */
export const textOf = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return value
    case "object":
      return value === null ? "null" : objectText(value)
    case "function":
    case "bigint":
      return shortText(value)
    default:
      return String(value)
  }
}

const objectText = (value: object, fields?: Fields): string => {
  try {
    if (isError(value)) return errorMessage(value)
    // A date or a map has a better text on a line than the one of its own.
    const text =
      isPlain(value) || Array.isArray(value) || kindOf(value) !== undefined ? undefined : ownText(value)
    return text ?? shortText(fields ?? value)
  } catch {
    return ""
  }
}

// An object in the place of a text is a slip, and its fields stand elsewhere: its beginning says which one it was.
const shortText = (value: unknown): string => {
  return cutText(writtenText(value))
}

const cutText = (text: string): string => {
  const { describedCharsMax } = eventLimits
  return text.length <= describedCharsMax ? text : `${text.slice(0, cutPoint(text, describedCharsMax))} …`
}

/** What a line would hold of a value: a text as it is, anything else as its JSON. */
export const writtenText = (value: unknown, keys: Keys = builtInKeys): string => {
  const json = jsonOf(value, searchedGuard, keys)
  return json.startsWith('"') ? (JSON.parse(json) as string) : json
}

const jsonOf = (value: unknown, guard: Guard, keys: Keys = builtInKeys): string => {
  // Made anew for each: a getter that is read on the way may need one too.
  const out = new LineBytes(new Uint8Array(eventLimits.tailBytes), (bytesMin) => new Uint8Array(2 * bytesMin))
  new ValueEncoder(out, keys, undefined).write(value, guard)
  return new TextDecoder().decode(out.bytes.subarray(out.lineStart, out.position))
}
