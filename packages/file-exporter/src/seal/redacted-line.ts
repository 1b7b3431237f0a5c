// A line from which something was taken out after it was sealed: what it says of that itself. How its seal goes on holding the
// lines around it is ../verify/redact-files.ts.

//   {"ts":…,"message":"Signed in as <user-1>",…,"redacted":["message","user"],"seq":12,"id":"…"}

import type { AuditEvent } from "@daybook/core"

/** The member with the paths of what was masked, as keys and indices with dots between them. */
export const redactedMember = (paths: readonly string[]): string => `,"redacted":${JSON.stringify(paths)}`

/** True for a line that names what was masked in it. */
export const isRedacted = ({ fields: { redacted } }: AuditEvent): boolean =>
  Array.isArray(redacted) && redacted.length > 0 && redacted.every((path) => typeof path === "string")
