// `daybook sql sweep`: deletes rows that are older than the exporter's option `retention` says, once, in slices.
// The options are in a module of the user's, as the application has them: a database's password belongs on no command line.
import { printable } from "@daybook/core/event-line"
import { type SqlExporterOptions, sqlSweep } from "@daybook/sql-exporter"
import type { CommonFlags } from "../flags.ts"
import { loadModule } from "../show/far-end.ts"
import { usageError } from "../terminal/exit.ts"
import { command } from "./running.ts"

const hint =
  "a module such as ./far-end.mjs whose export `options` is what sqlExporter(options) takes, with a retention"

export const sqlSweepCommand = command<Pick<CommonFlags, "json">, [string]>(
  async ({ out, signal }, { json }, path) => {
    const { options } = await loadModule(path, hint)
    if (typeof options !== "object" || options === null)
      throw usageError(`${JSON.stringify(path)} must be ${hint}`)
    const swept = await sqlSweep(options as SqlExporterOptions, { signal })
    for (const one of swept) {
      const { table, days, deleted } = one
      await out.line(
        json === true
          ? JSON.stringify(one)
          : `${printable(table)}  ${deleted} rows deleted, older than ${days} days`
      )
    }
  }
)
