// A line of a batch that is an event or a mark, with what identifies it: what rows are made of.
import type { AuditEvent } from "@daybook/core"

export interface EventLine {
  readonly event: AuditEvent
  /** The line's text without its newline. */
  readonly text: string
  /** A UUID. */
  readonly key: string
  readonly bodyHash: string
}
