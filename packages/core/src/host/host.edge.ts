// The host of workerd: like the web, but there is no page. No fiber outlives a request there, so batches leave by
// `audit.flush()` under `waitUntil`.
import { makeCallContext } from "./call-context.ts"
import type { Host } from "./host.ts"

export const host: Host = {
  env: {},
  facts: () => ({ platform: "?", runtime: "workerd", runtime_version: "?", user: "?", cwd: "?" }),
  notice: (line) => console.warn(line),
  unref: () => undefined,
  context: makeCallContext(),
  hold: () => () => undefined,
  onExit: () => () => undefined
}
