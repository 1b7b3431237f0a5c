// What a log for tests has recorded, by subject.
import type { AuditEvent } from "@daybook/core"
import type { TestAudit } from "@daybook/core/testing"

/** The pages whose opening was recorded, in order. */
export const openedPages = (audit: TestAudit): readonly unknown[] =>
  audit.events.filter(({ head }) => head.category === "nav").map(({ fields }) => fields.page)

export const recordedErrors = (audit: TestAudit): readonly AuditEvent[] =>
  audit.events.filter(({ head }) => head.category === "error")

/** For each error, where it was caught. */
export const waysOfErrors = (audit: TestAudit): readonly unknown[] =>
  recordedErrors(audit).map(({ fields }) => fields.caught_by)
