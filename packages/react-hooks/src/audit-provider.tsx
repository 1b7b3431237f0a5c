// Hands the application's log to its components. It makes no log and closes none: a log is the application's, and outlives
// every component.
"use client"

import type { Audit } from "@daybook/core"
import { disabledAuditLog } from "@daybook/core/disabled"
import { createContext, type ReactElement, type ReactNode, useContext } from "react"

const AuditContext = createContext<Audit>(disabledAuditLog)

export interface AuditProviderProps {
  /** Made once, outside of components: `const audit = createAuditLog({ … })`. */
  readonly audit: Audit
  readonly children?: ReactNode
}

/** Gives its log to all components below. An inner provider goes before an outer one. */
export const AuditProvider = ({ audit, children }: AuditProviderProps): ReactElement => (
  <AuditContext.Provider value={audit ?? disabledAuditLog}>{children}</AuditContext.Provider>
)

/** The provider's log; without a provider, one that does nothing. */
export const useAudit = (): Audit => useContext(AuditContext)
