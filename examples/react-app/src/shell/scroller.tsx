// A region that may be wider than the page, such as a table. It scrolls by itself, so that the page does not, and with the
// keyboard too.
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
