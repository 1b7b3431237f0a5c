// The keys of an object, which no engine gives in part: 100,000 of them take 15 ms, behind a proxy 40. One call may need them
// several times (to check a record, to show it in a message, to write it), so those of a large object are kept for that long.
import { eventLimits } from "../limits.ts"

/** Fewer are listed anew each time, which costs nothing and needs no memory. */
const keptFrom = 4 * eventLimits.keysMax

let keptOf: object | undefined
let kept: readonly string[] = []

/** The own enumerable keys. Throws what the object throws. */
export const keysOf = (owner: object): readonly string[] => {
  if (owner === keptOf) return kept
  const keys = Object.keys(owner)
  if (keys.length >= keptFrom) {
    if (keptOf === undefined) queueMicrotask(forget)
    keptOf = owner
    kept = keys
  }
  return keys
}

// Before anything else of the application's runs that could have changed the object, apart from what stands in the same turn: a line
// shows the first 256 keys of a large object, and new ones come last.
const forget = (): void => {
  keptOf = undefined
  kept = []
}

const TypedArray = Object.getPrototypeOf(Uint8Array) as new () => object

/** True for a boxed text and for bytes, which have a key for each unit and no members; also behind a proxy. */
export const isOneValue = (value: object): boolean =>
  value instanceof String || value instanceof TypedArray || ArrayBuffer.isView(value)
