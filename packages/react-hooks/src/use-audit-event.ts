// Typed events from components. The event's definition, which is core's, decides its fields, its message and what is hidden.
// This hook adds a function that stays the same between renders.
"use client"

import type { EventConstructor, Fields, LogOptions } from "@daybook/core"
import { useCallback } from "react"
import { useAudit } from "./audit-provider.tsx"
import { guarded } from "./guarded.ts"

/** Records an event of one kind. Never throws, never waits. */
export type RecordEvent<Values extends object> = (
  values: Values,
  extras?: Fields,
  options?: LogOptions
) => void

/**
 * A function that records events of this kind: `const recordUpload = useAuditEvent(Uploaded)`. It stays the same while
 * the log and the definition do. Call it in event callbacks and effects, not while rendering: React may render twice.
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
