// `close()` from inside a call: while the event's values are read, or an exporter's filter is asked.
import { expect, it } from "vitest"
import type { CommittingAudit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import type { FlushResult } from "../../src/pipeline/health.ts"
import { memoryExporter } from "../../src/testing/index.ts"

it.each(["the first event's getter", "a later event's getter", "an exporter's filter"])(
  "a log that is closed inside %s writes that event",
  async (where) => {
    let closed: Promise<FlushResult> | undefined
    const close = (): boolean => {
      closed ??= audit.close()
      return true
    }
    const exporters = [
      memoryExporter({ name: "a", required: true }),
      memoryExporter({ name: "b", ...(where === "an exporter's filter" ? { accepts: close } : {}) })
    ] as const
    const audit: CommittingAudit = createAuditLog({ app: "inside", exporters, exitHook: false })
    if (where === "a later event's getter") {
      audit.log("before", "event")
      await audit.flush()
    }
    audit.log("inside", "event", {
      get value() {
        if (where !== "an exporter's filter") close()
        return 1
      }
    })
    audit.log("behind", "is dropped")
    expect(await closed).toMatchObject({ complete: true, pending: 0 })
    for (const { events } of exporters) expect(events.at(-1)?.head.category).toBe("inside")
    const health = audit.health().exporters
    for (const exporter of health)
      expect(exporter).toMatchObject({ state: "closed", pending: 0, droppedBy: { closed: 1 } })
  }
)
