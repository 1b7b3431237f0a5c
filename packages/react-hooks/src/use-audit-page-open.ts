// Records that a page was opened. page-openings.ts decides whether a mounted component is a new opening of its page.
// The slug is the caller's: a template, not an address.
"use client"

import type { Fields } from "@daybook/core"
import { useEffect, useInsertionEffect, useRef } from "react"
import { useAudit } from "./audit-provider.tsx"
import { guarded } from "./guarded.ts"
import { pageCommitting, pageMounted, pageUnmounted } from "./page-openings.ts"

export interface AuditPageOpenOptions {
  /** Written on the opening's line. Later fields make no new opening. */
  readonly fields?: Fields | undefined
}

/**
 * Records, after the commit, that a page was opened: once per opening, however often React mounts it; a prerendered page
 * when it is shown. The slug is a template, `/orders/:id`, so that ids stay out of the log. `undefined` records nothing yet.
 */
export const useAuditPageOpen = (slug: string | undefined, options?: AuditPageOpenOptions): void => {
  const audit = useAudit()
  const latestFields = useRef(options?.fields)
  // Insertion effects run first in a commit: before boundaries report what they caught.
  useInsertionEffect(() => {
    if (slug !== undefined) guarded(() => pageCommitting(audit, slug))
  }, [audit, slug])
  // Effects run in order: the fields are there before the opening is recorded.
  useEffect(() => {
    latestFields.current = options?.fields
  })
  useEffect(() => {
    if (slug === undefined) return
    guarded(() => pageMounted(audit, slug, () => latestFields.current))
    return () => {
      guarded(() => pageUnmounted(audit, slug))
    }
  }, [audit, slug])
}
