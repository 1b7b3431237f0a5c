// A page in a real browser, with a log and one exporter to a collector. Tests say what the page logs and what must arrive.
import { type OpenPage as BrowserPage, openPage as openBrowserPage } from "../../../vitest.page.ts"
import type { OtelExporterOptions } from "../src/index.ts"

/** The page's script; tests call `logAndFlush`. */
const script = `
import { createAuditLog } from "@daybook/core"
import { otelExporter } from "@daybook/otel-bridge"
window.logAndFlush = async (options, count) => {
  const told = []
  const exporters = [otelExporter(options)]
  const audit = createAuditLog({ app: "page", exporters, notice: (line) => told.push(line) })
  for (let n = 1; n <= count; n++) audit.log("case", "event " + n, { n, where: location.origin })
  const { complete, written, pending, dropped } = await audit.flush({ timeoutMs: 10_000 })
  return { complete, written, pending, dropped, told }
}
`

export interface PageResult {
  readonly complete: boolean
  readonly written: number
  readonly pending: number
  readonly dropped: number
  readonly told: readonly string[]
}

export interface OpenPage extends Pick<BrowserPage, "origin"> {
  /** In the page: a log with one exporter, that many events, and a flush. */
  logAndFlush(options: OtelExporterOptions, count: number): Promise<PageResult>
}

/** The end of the test closes it. */
export const openPage = async (): Promise<OpenPage> => {
  const { page, origin } = await openBrowserPage(import.meta.dirname, script)
  return {
    origin,
    logAndFlush: (options, count) => page.evaluate(`logAndFlush(${JSON.stringify(options)}, ${count})`)
  }
}
