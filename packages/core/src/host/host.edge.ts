// The host of workerd: like the web, but there is no page, and no fiber outlives a request. Batches leave while a request
// waits: by `audit.flush()` under `waitUntil`, which `withAudit` asks for, or by a commit.
import { makeCallContext } from "./call-context.ts"
import type { Host } from "./host.ts"
import { timerTurn } from "./timer-turn.ts"

/** What a worker may have, by its compatibility date and flags. */
const { navigator, process } = globalThis as {
  readonly navigator?: { readonly userAgent?: string }
  readonly process?: { readonly env?: Host["env"] }
}

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
  context: makeCallContext(),
  nextTurn: timerTurn,
  hold: () => () => undefined,
  isRequestBound: true,
  onExit: () => () => undefined
}
