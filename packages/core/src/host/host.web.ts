// The host of browsers, and of everything that has nothing more than the web platform: no stderr, no last write.
// Written without a DOM type, because it is compiled beside the other hosts.
import { makeCallContext } from "./call-context.ts"
import type { Host } from "./host.ts"

const { location, navigator } = globalThis as {
  readonly location?: { readonly pathname: string }
  readonly navigator?: { readonly userAgent: string }
}

export const host: Host = {
  env: {},
  facts: () => ({
    platform: navigator?.userAgent ?? "?",
    runtime: "web",
    runtime_version: "?",
    user: "?",
    cwd: location?.pathname ?? "?"
  }),
  notice: (line) => console.warn(line),
  unref: () => undefined,
  context: makeCallContext(),
  hold: () => () => undefined,
  onExit: () => () => undefined
}
