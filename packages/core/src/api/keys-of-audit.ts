// Which keys are secret to a log, known from its door: for what is put into words before the log gets it, such as a tool's
// result. Owns the memory of which door has which keys; `Log` makes the keys.
import { builtInKeys, type Keys } from "../encode/keys.ts"

const known = new WeakMap<object, Keys>()

export const rememberKeys = <Door extends object>(audit: Door, keys: Keys): Door => {
  known.set(audit, keys)
  return audit
}

/** The built-in ones alone for a door that is not ours. */
export const keysOfAudit = (audit: object): Keys => known.get(audit) ?? builtInKeys
