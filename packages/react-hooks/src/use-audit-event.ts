// Typed events from components. What an event is, what its message says and what of it is hidden belongs to its
// definition, which is core's.
"use client"

import type { EventConstructor, Fields, LogOptions } from "@daybook/core"
import { useCallback } from "react"
import { useAudit } from "./audit-provider.tsx"
import { guarded } from "./guarded.ts"

/** Records an event of one kind. Never throws, and waits for nothing. */
export type RecordEvent<Values extends object> = (
  values: Values,
  extras?: Fields,
  options?: LogOptions
) => void

/**
 * A function that records events of this kind: `const recordUpload = useAuditEvent(Uploaded)`. It stays the same while
 * the log and the definition do. For event callbacks and effects: a call while rendering may be one render too many.
 */
export const useAuditEvent = <Values extends object>(
  event: EventConstructor<Values>
): RecordEvent<Values> => {
  const audit = useAudit()
  return useCallback(
    (values, extras, options) => {
      guarded(() => audit.log(event(values), extras, options))
    },
    [audit, event]
  )
}
