// The host of browsers, and of everything that has nothing more than the web platform: console for stderr, and a page's
// last moments. Written without a DOM type, because it is compiled beside the other hosts.
import { makeCallContext } from "./call-context.ts"
import type { ExitHook, Host } from "./host.ts"

/** As much of a page as is used. */
interface EventSource {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

const page = globalThis as Partial<EventSource> & {
  readonly document?: EventSource & { readonly visibilityState: string }
  readonly location?: { readonly pathname: string }
  readonly navigator?: { readonly userAgent: string }
}

// A hidden page may never be seen again, and is not told so: what waits leaves now, while requests still come back. A page
// that is left has no more than this moment; it may return from the back/forward cache, so nothing ends.
const onHidden = (hook: ExitHook): (() => void) => {
  const { document } = page
  if (document === undefined) return () => undefined
  const change = (): void => {
    if (document.visibilityState === "hidden") void hook.idle()
  }
  const leave = (): void => hook.lastWrite(false)
  document.addEventListener("visibilitychange", change)
  page.addEventListener?.("pagehide", leave)
  return () => {
    document.removeEventListener("visibilitychange", change)
    page.removeEventListener?.("pagehide", leave)
  }
}

export const host: Host = {
  env: {},
  facts: () => ({
    platform: page.navigator?.userAgent ?? "?",
    runtime: "web",
    runtime_version: "?",
    user: "?",
    cwd: page.location?.pathname ?? "?"
  }),
  notice: (line) => console.warn(line),
  unref: () => undefined,
  context: makeCallContext(),
  hold: () => () => undefined,
  onExit: onHidden
}
