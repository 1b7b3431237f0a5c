// Context where no module of Node's may be imported: by the runtime's AsyncLocalStorage where it can be found without one,
// else for the synchronous part of what runs inside.
import type { Fields } from "../encode/fields.ts"
import type { ContextStore } from "./host.ts"

/** As much of AsyncLocalStorage as is used. */
export type StorageClass = new () => {
  getStore(): Fields | undefined
  run<A>(values: Fields, run: () => A): A
  enterWith?(values: Fields): void
}

/**
 * A store for one host. `find` is asked at the first use and not at import, when an application may not have put
 * AsyncLocalStorage into the global object yet.
 */
export const makeCallContext = (find: () => StorageClass | undefined = globalStorage): ContextStore => {
  let store: ContextStore | undefined
  return {
    // Before the first `run` there is nothing to get.
    get: () => store?.get(),
    run: (values, run) => {
      store ??= storeOf(find())
      return store.run(values, run)
    },
    enter: (values) => {
      store ??= storeOf(find())
      return store.enter(values)
    }
  }
}

/** Frameworks for edge runtimes put it there, and so may an application. */
export const globalStorage = (): StorageClass | undefined =>
  asStorage((globalThis as { readonly AsyncLocalStorage?: unknown }).AsyncLocalStorage)

/** The class, if it is one. */
export const asStorage = (found: unknown): StorageClass | undefined =>
  typeof found === "function" ? (found as StorageClass) : undefined

const storeOf = (Storage: StorageClass | undefined): ContextStore => {
  if (Storage === undefined) return makeSynchronousStore()
  const storage = new Storage()
  return {
    get: () => storage.getStore(),
    run: (values, run) => storage.run(values, run),
    enter: (values) => {
      try {
        storage.enterWith?.(values)
        return storage.getStore() === values
      } catch {
        // workerd has the method, and it throws.
        return false
      }
    }
  }
}

const makeSynchronousStore = (): ContextStore => {
  let current: Fields | undefined
  let depth = 0
  return {
    get: () => current,
    run: (values, run) => {
      const outer = current
      current = values
      depth += 1
      try {
        return run()
      } finally {
        depth -= 1
        current = outer
      }
    },
    // Outside of any `run` nothing would ever take the values back, and the code of others would have them.
    enter: (values) => {
      if (depth === 0) return false
      current = values
      return true
    }
  }
}
