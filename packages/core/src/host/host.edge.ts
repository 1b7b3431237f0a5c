// The host of workerd: like the web, but there is no page, and no fiber outlives a request. Batches leave while a request
// waits: by `audit.flush()` under `waitUntil`, which `withAudit` asks for, or by a commit.
import { asStorage, globalStorage, makeCallContext, type StorageClass } from "./call-context.ts"
import type { Host } from "./host.ts"
import { timerTurn } from "./timer-turn.ts"

/** What a worker may have, by its compatibility date and flags. */
const { navigator, process } = globalThis as {
  readonly navigator?: { readonly userAgent?: string }
  readonly process?: {
    readonly env?: Host["env"]
    getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: unknown } | undefined
  }
}

// An import of node:async_hooks fails without a flag, so the module is asked for: with `nodejs_compat` of 2024-09-23 or later.
// With `nodejs_als` alone only an import has it, and the application puts it into the global object.
const findStorage = (): StorageClass | undefined =>
  globalStorage() ?? asStorage(process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage)

export const host: Host = {
  // Its variables and secrets, where `nodejs_compat` is on; elsewhere they come with each request, too late for a log.
  env: process?.env ?? {},
  facts: () => ({
    platform: navigator?.userAgent ?? "?",
    runtime: "workerd",
    runtime_version: "?",
    user: "?",
    cwd: "?"
  }),
  notice: (line) => console.warn(line),
  unref: () => undefined,
  context: makeCallContext(findStorage),
  nextTurn: timerTurn,
  hold: () => () => undefined,
  isRequestBound: true,
  onExit: () => () => undefined
}
