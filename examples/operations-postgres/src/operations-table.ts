// The table of the memory service before, as it is, and what fills its columns: an operation's own fields. How an operation
// ended has no column there and goes into `metadata`.
import { OperationTimed } from "@daybook/core/catalogue"
import { tableFor } from "@daybook/sql-exporter"

export const tableName = "astrocyte_audit_log"

export const operations = tableFor(OperationTimed, {
  table: tableName,
  // The event's id is the row's, so an operation that is sent twice is one row.
  key: "id",
  columns: {
    action: "action",
    transport: ({ transport }) => transport ?? "system",
    bank_id: "bank_id",
    started_at: "started_at",
    ended_at: "ended_at",
    request: "request",
    response: "response",
    metadata: ({ metadata, outcome, exc_type: error }) => ({
      ...metadata,
      ...(outcome === undefined ? {} : { outcome }),
      ...(error === undefined ? {} : { error })
    })
  }
})

/** Makes a tenant's schema and table where they are missing, as the people who run the database would. */
export const tenantStatements = (schema: string): readonly string[] => [
  `create schema if not exists "${schema}"`,
  `create table if not exists "${schema}".${tableName} (
  id uuid primary key, action text not null, transport text not null, bank_id text,
  started_at timestamptz not null, ended_at timestamptz, request jsonb, response jsonb,
  metadata jsonb not null default '{}')`
]
