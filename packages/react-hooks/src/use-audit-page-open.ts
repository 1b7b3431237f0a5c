// Records that a page was opened. Whether a component that was mounted is a new opening of its page is
// page-openings.ts's business.
"use client"

import type { Fields } from "@daybook/core"
import { useEffect, useInsertionEffect, useRef } from "react"
import { useAudit } from "./audit-provider.tsx"
import { guarded } from "./guarded.ts"
import { pageComing, pageMounted, pageUnmounted } from "./page-openings.ts"

export interface AuditPageOpenOptions {
  /** Written on the opening's line. Other fields later are no other opening. */
  readonly fields?: Fields | undefined
}

/**
 * Records, after the commit, that a page was opened: once an opening, however often React mounts it. The slug is a
 * template and not an address: `/orders/:id`, so that ids stay out of the log. `undefined` records nothing yet.
 */
export const useAuditPageOpen = (slug: string | undefined, options?: AuditPageOpenOptions): void => {
  const audit = useAudit()
  const latestFields = useRef(options?.fields)
  // The first of all that a commit runs: before boundaries tell what they caught.
  useInsertionEffect(() => {
    if (slug !== undefined) guarded(() => pageComing(audit, slug))
  }, [audit, slug])
  // Effects run in their order: what the opening's line needs is there before it.
  useEffect(() => {
    latestFields.current = options?.fields
  })
  useEffect(() => {
    if (slug === undefined) return
    guarded(() => pageMounted(audit, slug, latestFields.current))
    return () => {
      guarded(() => pageUnmounted(audit, slug))
    }
  }, [audit, slug])
}
