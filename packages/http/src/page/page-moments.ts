// What happens to a page: hidden, left, frozen, and back again. A hidden page may never be seen again, without a further event.
// No listener here keeps a page out of the back/forward cache.

export interface PageMoments {
  /** This may be the last moment. */
  leaving(): void
  /** The page is back: its timers and its connection may have been away. */
  back(): void
}

/** Listens for as long as the page is there. Returns how to stop. */
export const watchPage = ({ leaving, back }: PageMoments): (() => void) => {
  const seen = (): void => (document.visibilityState === "hidden" ? leaving() : back())
  const shown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) back()
  }
  const all: readonly (readonly [EventTarget, string, (event: never) => void])[] = [
    [document, "visibilitychange", seen],
    // Safari leaves pages without hiding them.
    [window, "pagehide", leaving],
    [window, "pageshow", shown],
    [document, "freeze", leaving],
    [document, "resume", back],
    [window, "online", back]
  ]
  for (const [target, type, listener] of all) target.addEventListener(type, listener as EventListener)
  return () => {
    for (const [target, type, listener] of all) target.removeEventListener(type, listener as EventListener)
  }
}

/** Calls back when the page is shown: at once, unless it is made in advance. Returns whether it is shown. */
export const whenShown = (run: () => void): boolean => {
  if (!(document as { readonly prerendering?: boolean }).prerendering) return true
  document.addEventListener("prerenderingchange", run, { once: true })
  return false
}
