// Shows a person what has just appeared: below the window on a phone, it would seem as if nothing had happened. What is in view
// already does not move, and a person who wants less motion gets none.

export const bringIntoView = (element: Element | null): void => {
  const { matches: wantsLessMotion } = matchMedia("(prefers-reduced-motion: reduce)")
  element?.scrollIntoView({ block: "nearest", behavior: wantsLessMotion ? "instant" : "smooth" })
}
