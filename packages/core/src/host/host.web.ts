// The host of browsers, and of everything that has nothing more than the web platform: console for stderr, and a page's
// last moments. A bundler may choose it for Node as well: then it is Node's. Written without a DOM type, because it is
// compiled beside the other hosts.

import { writerLimits } from "../limits.ts"
import { makeCallContext } from "./call-context.ts"
import type { ExitHook, Host } from "./host.ts"
import { makeNodeHost } from "./node-host.ts"
import type { NodeModules, NodeProcess } from "./node-modules.ts"
import { timerTurn } from "./timer-turn.ts"

/** As much of a page as is used. */
interface EventSource {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

const page = globalThis as Partial<EventSource> & {
  readonly requestIdleCallback?: (run: () => void) => unknown
  readonly document?: EventSource & { readonly visibilityState: string }
  readonly location?: { readonly origin: string }
  readonly navigator?: { readonly userAgent: string }
}

// A hidden page may never be seen again, without a further event: what waits leaves now, while requests still come back. A page
// that is left has no more than this moment; it may return from the back/forward cache, so nothing ends.
const onHidden = (hook: ExitHook): (() => void) => {
  const { document } = page
  if (document === undefined) return () => undefined
  const change = (): void => {
    if (document.visibilityState === "hidden") void hook.idle()
  }
  const leave = (): void => void hook.lastWrite(writerLimits.flushTimeoutMs, false)
  document.addEventListener("visibilitychange", change)
  page.addEventListener?.("pagehide", leave)
  return () => {
    document.removeEventListener("visibilitychange", change)
    page.removeEventListener?.("pagehide", leave)
  }
}

// Timers of a hidden page come once a second or later, and are never in time for its last flush; messages are. One channel
// for all, made when it is first needed.
const makeTurns = (): Host["nextTurn"] => {
  const waiting: (() => void)[] = []
  let send: (() => void) | undefined
  const open = (): (() => void) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener("message", () => waiting.shift()?.())
    // Setting `onmessage` would start it as well, but not every host's types know that.
    port1.start()
    return () => port2.postMessage(undefined)
  }
  return (run) => {
    let isWanted = true
    waiting.push(() => isWanted && run())
    send ??= open()
    send()
    return () => {
      isWanted = false
    }
  }
}

const webHost: Host = {
  env: {},
  facts: () => ({
    platform: page.navigator?.userAgent ?? "?",
    runtime: "web",
    runtime_version: "?",
    user: "?",
    // Without the path, which may hold an id, or a link's token.
    cwd: page.location?.origin ?? "?"
  }),
  notice: (line) => console.warn(line),
  unref: () => undefined,
  context: makeCallContext(),
  hold: () => () => undefined,
  nextTurn: page.document !== undefined && "MessageChannel" in globalThis ? makeTurns() : timerTurn,
  ...(page.requestIdleCallback === undefined
    ? {}
    : { spareTurn: (run: () => void) => void page.requestIdleCallback?.(run) }),
  onExit: onHidden
}

// Rollup's and Rolldown's defaults choose this file for a program that then runs on Node, Deno or Bun: there the modules are
// asked for as it runs. A page has a document, also where an application put a `process` there.
const nodeModules = (): NodeModules | undefined => {
  const { process } = globalThis as { readonly process?: unknown } as {
    readonly process?: NodeProcess & Partial<ModuleSource>
  }
  const get = process?.getBuiltinModule
  if (process === undefined || get === undefined || page.document !== undefined) return undefined
  return {
    process,
    fs: get("node:fs"),
    os: get("node:os"),
    asyncHooks: get("node:async_hooks"),
    crypto: get("node:crypto"),
    timers: get("node:timers")
  }
}

interface ModuleSource {
  readonly getBuiltinModule: <Module>(name: string) => Module
}

const modules = nodeModules()

export const host: Host = modules === undefined ? webHost : makeNodeHost(modules)
