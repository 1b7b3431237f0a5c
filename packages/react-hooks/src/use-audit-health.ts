// A log's health in a component. health-store.ts decides when to look and what counts as a change; the diagnostics panel
// shows the same in words.
"use client"

import type { Health } from "@daybook/core"
import { useMemo, useSyncExternalStore } from "react"
import { useAudit } from "./audit-provider.tsx"
import { makeHealthStore, noHealth } from "./health-store.ts"

export interface AuditHealthOptions {
  /**
   * How often counts are read, in ms; default 1,000, at most 24 days. With 0 only a change of an exporter's state renders.
   * A hidden page reads nothing; it reads at once when it is shown again.
   */
  readonly refreshMs?: number | undefined
}

/**
 * The log's health; renders again only when something changed. On a server and during hydration it is empty: no exporters
 * and no session.
 */
export const useAuditHealth = ({ refreshMs = 1000 }: AuditHealthOptions = {}): Health => {
  const audit = useAudit()
  const { subscribe, current } = useMemo(() => makeHealthStore(audit, refreshMs), [audit, refreshMs])
  return useSyncExternalStore(subscribe, current, nothingYet)
}

const nothingYet = (): Health => noHealth
