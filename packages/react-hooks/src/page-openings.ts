// Which pages of a log are open, so that an opening is recorded exactly once. React mounts the effects of one opening more
// than once (StrictMode, a new key, HMR, Activity), and several components may show one page: the state belongs to the log. Core
// adds a rule: never the same page twice in a row. A page that is prerendered is not open: its opening waits until it is shown.
//   opens ── first hook mounts ──▶ open ── last hook unmounts ──▶ closed ── another page opens ──▶ forgotten
//                                   ▲                                │
//                                   └── mounts again: no new event ──┘
import type { Audit, Fields } from "@daybook/core"
import { guarded } from "./guarded.ts"
import { stateOfLog } from "./state-of-log.ts"

/** Called when the opening is recorded. */
type FieldsNow = () => Fields | undefined

interface PageOpenings {
  /** How many mounted hooks show each page. */
  readonly open: Map<string, number>
  /** Pages whose last hook unmounted since the last opening, each with the log's last page at that moment. */
  readonly closed: Map<string, string | undefined>
  /** Pages that are mounted while the document is prerendered, in their order. */
  readonly waiting: Map<string, FieldsNow>
  /** Records what waits. One function for each log: a document takes it as a listener once. */
  readonly shown: () => void
  /** The page that opened last, for a log that cannot say it. */
  newest: string | undefined
  /** The page of the commit that is running. */
  committing: string | undefined
}

const openings = stateOfLog<PageOpenings>("pages", (audit) => ({
  open: new Map(),
  closed: new Map(),
  waiting: new Map(),
  shown: () => {
    const pages = openings(audit)
    for (const [slug, fields] of pages.waiting) recordOpening(audit, pages, slug, fields)
    pages.waiting.clear()
  },
  newest: undefined,
  committing: undefined
}))

/** Chromium alone prerenders, so TypeScript's DOM does not have it. */
const isPrerendering = (): boolean => "prerendering" in document && document.prerendering === true

const lastPage = (audit: Audit): string | undefined => guarded(() => audit.lastPage())

const recordOpening = (audit: Audit, pages: PageOpenings, slug: string, fieldsNow: FieldsNow): void => {
  pages.closed.clear()
  pages.newest = slug
  const fields = fieldsNow()
  guarded(() => audit.pageOpen(slug, fields === undefined ? {} : { fields }))
}

/** A hook of the page was mounted. Records the opening, unless it is recorded already. */
export const pageMounted = (audit: Audit, slug: string, fields: FieldsNow): void => {
  const pages = openings(audit)
  const hooks = pages.open.get(slug) ?? 0
  pages.open.set(slug, hooks + 1)
  if (hooks > 0) return
  const isSameOpening = pages.closed.has(slug) && pages.closed.get(slug) === lastPage(audit)
  if (isSameOpening) {
    pages.closed.delete(slug)
    return
  }
  if (!isPrerendering()) {
    recordOpening(audit, pages, slug, fields)
    return
  }
  pages.waiting.set(slug, fields)
  document.addEventListener("prerenderingchange", pages.shown, { once: true })
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
  if (pages.waiting.delete(slug)) return
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
  const { committing, waiting, newest } = openings(audit)
  return committing ?? [...waiting.keys()].at(-1) ?? lastPage(audit) ?? newest
}
