// Context where no module of Node's may be imported: by the runtime's AsyncLocalStorage where it can be found without one,
// else for the synchronous part of what runs inside.
import type { Fields } from "../encode/fields.ts"
import type { ContextStore } from "./host.ts"

/** As much of AsyncLocalStorage as is used. */
export type StorageClass = new () => {
  getStore(): Fields | undefined
  run<A>(values: Fields, run: () => A): A
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
  return { get: () => storage.getStore(), run: (values, run) => storage.run(values, run) }
}

const makeSynchronousStore = (): ContextStore => {
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
