// A log in memory for the calls of a test, and what of each line the tests compare.
import { type AuditEvent, type CommittingAudit, createAuditLog, type Fields } from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"

export interface AgentLog {
  readonly audit: CommittingAudit
  readonly exporter: ReturnType<typeof memoryExporter>
  /** The lines of tool calls, when all that was recorded is written. */
  calls(): Promise<readonly AuditEvent[]>
  fields(): Promise<readonly Fields[]>
}

export const agentLog = (): AgentLog => {
  const exporter = memoryExporter({ required: true })
  const audit = createAuditLog({ app: "agents", exporters: [exporter], exitHook: false, env: {} })
  const calls = async (): Promise<readonly AuditEvent[]> => {
    await audit.flush({ timeoutMs: 10_000 })
    return exporter.events.filter(({ head }) => head.category === "tool_call")
  }
  return {
    audit,
    exporter,
    calls,
    fields: async () => (await calls()).map(({ fields }) => fields)
  }
}
