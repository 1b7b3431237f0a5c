// A row of `audit_events` as the line that it was, for tests that ask whether anything was lost.

export interface AuditRow {
  readonly key: string
  readonly id: string
  readonly body_hash: string
  readonly ts: string | null
  readonly level: string
  readonly category: string
  readonly session: string
  readonly seq: number | null
  readonly message: string
  readonly fields: string
  readonly replaced: number | null
}

/** The session's first 8 characters are on the line. */
export const lineOf = ({ ts, level, category, session, message, fields, seq, id }: AuditRow): string => {
  const members = fields.slice(1, -1)
  const head = JSON.stringify({ ts: ts ?? "", level, category, session: session.slice(0, 8), message })
  const tail = JSON.stringify({ ...(seq === null ? {} : { seq }), id })
  return `${head.slice(0, -1)}${members === "" ? "" : `,${members}`},${tail.slice(1)}`
}
