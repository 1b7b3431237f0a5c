// Which pages of a log are open, so that an opening is recorded exactly once. React mounts the effects of one opening more
// than once (StrictMode, a new key, HMR, Activity), and several components may show one page: the state belongs to the log,
// not to a component. Core adds one rule of its own: never the same page twice in a row.
//
//   opens ── first hook mounts ──▶ open ── last hook unmounts ──▶ closed ── another page opens ──▶ forgotten
//                                   ▲                                │
//                                   └── mounts again: no new event ──┘
import type { Audit, Fields } from "@daybook/core"
import { guarded } from "./guarded.ts"

interface PageOpenings {
  /** How many mounted hooks show each page. */
  readonly open: Map<string, number>
  /** Pages whose last hook unmounted since the last opening, each with the log's last page at that moment. */
  readonly closed: Map<string, string | undefined>
  /** The page that opened last, for a log that cannot say it. */
  newest: string | undefined
  /** The page of the commit that is running. */
  committing: string | undefined
}

const openingsOf = new WeakMap<Audit, PageOpenings>()

const openings = (audit: Audit): PageOpenings => {
  const known = openingsOf.get(audit)
  if (known !== undefined) return known
  const made = { open: new Map(), closed: new Map(), newest: undefined, committing: undefined }
  openingsOf.set(audit, made)
  return made
}

const lastPage = (audit: Audit): string | undefined => guarded(() => audit.lastPage())

/** A hook of the page was mounted. Records the opening, unless it is recorded already. */
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

/** A hook of the page was unmounted, or hidden. */
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
 * The page is part of the running commit. Its opening is recorded afterwards, but an error in the commit already belongs to
 * this page.
 */
export const pageCommitting = (audit: Audit, slug: string): void => {
  const pages = openings(audit)
  pages.committing = slug
  // A commit is synchronous. A page that Activity commits hidden is not open afterwards.
  queueMicrotask(() => {
    pages.committing = undefined
  })
}

/** The page that is shown now, as far as the log or its hooks know. */
export const currentPage = (audit: Audit): string | undefined => {
  const { committing, newest } = openings(audit)
  return committing ?? lastPage(audit) ?? newest
}
