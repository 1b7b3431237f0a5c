// State that belongs to a log, and that every copy of this package on a page shares: two bundles, or two versions, of one page
// would record each error and each opening twice otherwise. It hangs on the window under a registered symbol.
import type { Audit } from "@daybook/core"

/** Counts up when the shape of a state changes, so that no copy reads a state that it does not know. */
const version = 1

/** A function that gives each log's state of this name, made at its first use. */
export const stateOfLog = <State>(name: string, make: (audit: Audit) => State): ((audit: Audit) => State) => {
  const key = Symbol.for(`@daybook/react-hooks/${name}/${version}`)
  const own = new WeakMap<Audit, State>()
  return (audit) => {
    const states = shared(key, own)
    const known = states.get(audit)
    if (known !== undefined) return known
    const made = make(audit)
    states.set(audit, made)
    return made
  }
}

/** The map of the copy that came first. */
const shared = <State>(key: symbol, own: WeakMap<Audit, State>): WeakMap<Audit, State> => {
  const { [key]: first }: { readonly [key: symbol]: WeakMap<Audit, State> } = globalThis as never
  if (first === undefined) Object.defineProperty(globalThis, key, { value: own })
  return first ?? own
}
