// Records the errors of a page that reach no boundary, while a component is mounted. window-errors.ts listens,
// error-records.ts decides what is one error.
"use client"

import { useEffect } from "react"
import { useAudit } from "./audit-provider.tsx"
import { guarded } from "./guarded.ts"
import { watchErrors } from "./window-errors.ts"

/** Records, while mounted, errors that reach the window: uncaught errors and unhandled rejections. */
export const useAuditErrors = (): void => {
  const audit = useAudit()
  useEffect(() => guarded(() => watchErrors(audit)), [audit])
}
