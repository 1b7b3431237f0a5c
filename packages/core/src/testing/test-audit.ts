// A log for tests of applications: made as any other, with one exporter in memory, nothing of the environment and no
// exit hook. What was recorded can be read at every moment: reading writes what is still queued, as an exit would.
import type { CommittingAudit } from "../api/audit.ts"
import { plainAudit } from "../api/plain-audit.ts"
import { type ReadEvent, readAs } from "../catalogue/read-as.ts"
import type { AuditEvent } from "../event/decode-line.ts"
import type { EventConstructor } from "../event/typed-event.ts"
import { Log } from "../log/log.ts"
import type { AuditLogOptions } from "../log/options.ts"
import { type MemoryExporter, memoryExporter } from "./memory-exporter.ts"

/** Options of a log, all of them optional: there is one exporter, and notices are kept. */
export type TestAuditOptions = Partial<
  Omit<AuditLogOptions<readonly []>, "exporters" | "notice" | "exitHook">
>

/** A log whose events a test can ask for. */
export interface TestAudit extends CommittingAudit {
  /** Every line so far, decoded: events and marks, in order. */
  readonly events: readonly AuditEvent[]
  /** The lines as they were written, without their newlines. */
  readonly lines: readonly string[]
  /** The events of one definition, with their fields as it types them. */
  eventsOf<Values extends object>(event: EventConstructor<Values>): readonly ReadEvent<Values>[]
  /** The log's notices. */
  readonly notices: readonly string[]
  /** Where the lines are; `break` it to see what your application does then. */
  readonly exporter: MemoryExporter
}

/** Makes one. A new log is the reset between tests. */
export const makeTestAudit = (options: TestAuditOptions = {}): TestAudit => {
  const exporter = memoryExporter({ required: true })
  const notices: string[] = []
  const log = new Log({
    app: "test",
    env: {},
    ...options,
    exporters: [exporter],
    exitHook: false,
    notice: (line) => notices.push(line)
  })
  const now = (): MemoryExporter => {
    log.writeNow()
    return exporter
  }
  const test: Omit<TestAudit, keyof CommittingAudit> = {
    get events() {
      return now().events
    },
    get lines() {
      return now().lines
    },
    eventsOf: (event) =>
      now()
        .events.map((line) => readAs(event, line))
        .filter((read) => read !== undefined),
    notices,
    exporter
  }
  return Object.defineProperties(plainAudit(log), Object.getOwnPropertyDescriptors(test)) as TestAudit
}
