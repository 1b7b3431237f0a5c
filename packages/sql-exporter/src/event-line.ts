// What rows are made of: a line of a batch that is an event or a mark, with what identifies it.
// event-key.node.ts makes the key.
import type { AuditEvent } from "@daybook/core"

export interface EventLine {
  readonly event: AuditEvent
  /** The line's text without its newline. */
  readonly text: string
  /** A UUID. */
  readonly key: string
  readonly bodyHash: string
}
