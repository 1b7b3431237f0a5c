// Which pages of a log are open, so that an opening is recorded exactly once: React mounts the effects of one opening
// more than once (StrictMode, a new key, HMR, Activity), and several components may show one page. The state belongs to
// the log and not to a component or a root. What is recorded at all is core's rule: never the same page twice in a row.
//
//   opens ── first hook mounts ──▶ open ── last hook is cleaned up ──▶ closed ── another page opens ──▶ forgotten
//                                   ▲                                    │
//                                   └──── mounts again: no new event ────┘
import type { Audit, Fields } from "@daybook/core"
import { guarded } from "./guarded.ts"

interface PageOpenings {
  /** How many mounted hooks show each page. */
  readonly open: Map<string, number>
  /**
   * Pages whose hooks went since the last opening, each with the log's last page at that moment. No more than were open
   * at once.
   */
  readonly closed: Map<string, string | undefined>
  /** The page that opened last; the log may know better. */
  newest: string | undefined
  /** The page of the commit that React is in the middle of. */
  coming: string | undefined
}

const openingsOf = new WeakMap<Audit, PageOpenings>()

const openings = (audit: Audit): PageOpenings => {
  const known = openingsOf.get(audit)
  if (known !== undefined) return known
  const made = { open: new Map(), closed: new Map(), newest: undefined, coming: undefined }
  openingsOf.set(audit, made)
  return made
}

const lastPage = (audit: Audit): string | undefined => guarded(() => audit.lastPage())

/** A hook that shows the page was mounted. Records the opening, unless it is one that is already recorded. */
export const pageMounted = (audit: Audit, slug: string, fields: Fields | undefined): void => {
  const pages = openings(audit)
  const hooks = pages.open.get(slug) ?? 0
  pages.open.set(slug, hooks + 1)
  if (hooks > 0) return
  const isSameOpening = pages.closed.has(slug) && pages.closed.get(slug) === lastPage(audit)
  if (isSameOpening) {
    pages.closed.delete(slug)
    return
  }
  pages.closed.clear()
  pages.newest = slug
  guarded(() => audit.pageOpen(slug, fields === undefined ? {} : { fields }))
}

/** A hook that shows the page is gone, or hidden. */
export const pageUnmounted = (audit: Audit, slug: string): void => {
  const pages = openings(audit)
  const hooks = (pages.open.get(slug) ?? 0) - 1
  if (hooks > 0) {
    pages.open.set(slug, hooks)
    return
  }
  pages.open.delete(slug)
  pages.closed.set(slug, lastPage(audit))
}

/**
 * The page is part of a commit. Its opening is recorded after that; what fails in the commit already fails on this page,
 * and not on the one before.
 */
export const pageComing = (audit: Audit, slug: string): void => {
  const pages = openings(audit)
  pages.coming = slug
  // A commit is one run of code. A page that is committed hidden, as Activity prepares one, has not come.
  queueMicrotask(() => {
    pages.coming = undefined
  })
}

/** The page that people see now, as far as the log or its hooks know. */
export const currentPage = (audit: Audit): string | undefined => {
  const { coming, newest } = openings(audit)
  return coming ?? lastPage(audit) ?? newest
}
