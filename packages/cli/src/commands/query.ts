// `daybook query`: the lines that are asked for, in one pass, oldest first.
// How rows look is show/row-lines.ts.
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { countOf, filtersOf, trailOf } from "../show/asked.ts"
import { progressOf } from "../show/progress.ts"
import { rowLines } from "../show/row-lines.ts"
import { command } from "./running.ts"

export interface QueryFlags extends SourceFlags, CommonFlags {
  readonly limit?: string
}

export const query = command<QueryFlags, [string?]>(async (io, flags, source) => {
  const { signal } = io
  const filters = filtersOf(flags)
  const lines = rowLines(io, flags)
  let left = countOf("limit", flags.limit) ?? Number.POSITIVE_INFINITY
  const trail = await trailOf(io, source, flags.app)
  const progress = progressOf(io, trail.bytesFor(filters), true)
  try {
    for await (const rows of trail.batches(filters, { signal, onBytes: progress.add })) {
      const wanted = rows.length > left ? rows.slice(0, left) : rows
      await lines.print(wanted)
      left -= wanted.length
      if (left <= 0) break
    }
  } finally {
    progress.end()
    lines.end()
    await trail.close()
  }
})
