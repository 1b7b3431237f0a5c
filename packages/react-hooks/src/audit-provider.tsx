// Gives the application's log to its components. The application makes the log and closes it: a log lives longer than any
// component.
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

/** Gives its log to all components below. The nearest provider counts. */
export const AuditProvider = ({ audit, children }: AuditProviderProps): ReactElement => (
  <AuditContext.Provider value={audit ?? disabledAuditLog}>{children}</AuditContext.Provider>
)

/** The log of the nearest provider; without a provider, core's disabled log, which records nothing. */
export const useAudit = (): Audit => useContext(AuditContext)
