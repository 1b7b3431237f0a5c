// `daybook tail`: the newest lines, and what is written from then on.
// How rows look is show/row-lines.ts.
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { countOf, filtersOf, trailOf } from "../show/asked.ts"
import { rowLines } from "../show/row-lines.ts"
import { usageError } from "../terminal/exit.ts"
import { command } from "./running.ts"

export interface TailFlags extends SourceFlags, CommonFlags {
  readonly lines: string
  readonly follow?: boolean
}

export const tail = command<TailFlags, [string?]>(async (io, flags, source) => {
  const { signal, out } = io
  const filters = filtersOf(flags)
  const lines = rowLines(io, flags)
  const count = countOf("lines", flags.lines) ?? 0
  const trail = await trailOf(io, source, flags.app)
  try {
    if (flags.follow === true && source === "-") {
      // What comes through a pipe is followed as it comes.
      for await (const rows of trail.batches(filters, { signal })) {
        await lines.print(rows)
        await out.flush()
      }
      return lines.end()
    }
    if (flags.follow === true && flags.until !== undefined)
      throw usageError("--follow goes on for ever, and --until ends: give one of them")
    // Before the newest lines are read, so that none is lost between.
    const following = flags.follow === true ? trail.follow(filters, { signal }) : undefined
    await lines.print(await trail.newest(count, filters, { signal }))
    lines.end()
    await out.flush()
    if (following === undefined) return
    for await (const row of following) {
      await lines.print([row])
      await out.flush()
    }
  } finally {
    await trail.close()
  }
})
