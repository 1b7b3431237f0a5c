// A log's health in a component. When it is looked at, and what counts as a change, is health-store.ts's business; what it
// means in words is that of the diagnostics panel.
"use client"

import type { Health } from "@daybook/core"
import { useMemo, useSyncExternalStore } from "react"
import { useAudit } from "./audit-provider.tsx"
import { makeHealthStore, noHealth } from "./health-store.ts"

export interface AuditHealthOptions {
  /**
   * Counts are looked at so often, in ms; default 1,000, at most 24 days. 0 leaves it at changes of an exporter's state.
   * While the page is hidden, nothing is looked at; when it is shown again, all is at once.
   */
  readonly refreshMs?: number | undefined
}

/**
 * What the log knows about itself; renders again only when something changed. On a server, and while its markup is
 * hydrated, nothing is known yet: no exporters, and no session.
 */
export const useAuditHealth = ({ refreshMs = 1000 }: AuditHealthOptions = {}): Health => {
  const audit = useAudit()
  const { subscribe, current } = useMemo(() => makeHealthStore(audit, refreshMs), [audit, refreshMs])
  return useSyncExternalStore(subscribe, current, nothingYet)
}

const nothingYet = (): Health => noHealth
