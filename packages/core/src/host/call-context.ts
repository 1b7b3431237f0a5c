// Context where nothing follows `await`: it holds for the synchronous part of what runs inside.
// The web has no AsyncLocalStorage; an edge host is given none, because it may lack the flag that enables it.
import type { Fields } from "../encode/fields.ts"
import type { ContextStore } from "./host.ts"

/** A store for one host. */
export const makeCallContext = (): ContextStore => {
  let current: Fields | undefined
  return {
    get: () => current,
    run: (values, run) => {
      const outer = current
      current = values
      try {
        return run()
      } finally {
        current = outer
      }
    }
  }
}
