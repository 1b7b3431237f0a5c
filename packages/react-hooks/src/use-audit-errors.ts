// Records the errors of a page that reach no boundary. What the window tells is window-errors.ts's business, and what
// counts as one error is error-records.ts's.
"use client"

import { useEffect } from "react"
import { useAudit } from "./audit-provider.tsx"
import { guarded } from "./guarded.ts"
import { watchErrors } from "./window-errors.ts"

/** Records, while mounted, what the window is told of: errors that nobody caught, rejections that nobody handled. */
export const useAuditErrors = (): void => {
  const audit = useAudit()
  useEffect(() => guarded(() => watchErrors(audit)), [audit])
}
