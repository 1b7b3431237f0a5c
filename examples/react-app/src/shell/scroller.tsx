// What may be wider than the page: it scrolls by itself, so that the page does not, and by keyboard as well.
// What is in it, a table mostly, is the caller's business.
import type { ReactElement, ReactNode } from "react"

/** `labelledBy` is the id of its heading. */
export const Scroller = ({
  labelledBy,
  children
}: {
  labelledBy: string
  children: ReactNode
}): ReactElement => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard.
  <section className="scroller" aria-labelledby={labelledBy} tabIndex={0}>
    {children}
  </section>
)
