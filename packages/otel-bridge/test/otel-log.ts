// A log with one OTLP exporter for tests. By default its clock is held and its environment is empty; its notices are kept.
import { type Audit, createAuditLog, type ExporterHealth } from "@daybook/core"
import { type OtelExporterOptions, otelExporter } from "../src/index.ts"
import { type HeldClock, heldClock } from "./held-clock.ts"

export interface OtelLog {
  readonly audit: Audit
  readonly clock: HeldClock
  readonly notices: readonly string[]
  /** Logs events of category "case" with `n` from … to …. */
  log(from: number, to?: number): void
  health(): ExporterHealth
}

export const otelLog = (
  options: OtelExporterOptions,
  env: Readonly<Record<string, string>> = {}
): OtelLog => {
  const clock = heldClock()
  const notices: string[] = []
  const audit = createAuditLog({
    app: "datatools",
    exporters: [otelExporter(options)],
    exitHook: false,
    env,
    clock,
    notice: (line) => notices.push(line)
  })
  return {
    audit,
    clock,
    notices,
    log: (from, to = from) => {
      for (let n = from; n <= to; n++) audit.log("case", `event ${n}`, { n })
    },
    health: () => {
      const [health] = audit.health().exporters
      if (health === undefined) throw new Error("the log has no exporter")
      return health
    }
  }
}

/** The numbers from `from` to `to`. */
export const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
