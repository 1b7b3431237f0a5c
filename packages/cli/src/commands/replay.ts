// `daybook replay`: the lines that are asked for, once more, with the times and ids that they have.
// Seals are left out: they vouch for the files that they are in.

import { printable } from "@daybook/core/event-line"
import { replay as replayLines } from "@daybook/core/replay"
import type { OpenTrail, TrailFilters } from "@daybook/support-bundle"
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { countOf, filtersOf, trailOf } from "../show/asked.ts"
import { farEndOf } from "../show/far-end.ts"
import { type Progress, progressOf } from "../show/progress.ts"
import { CommandError, exitCodes, usageError } from "../terminal/exit.ts"
import { command } from "./running.ts"

export interface ReplayFlags extends SourceFlags, Pick<CommonFlags, "json" | "zone"> {
  readonly to?: string
  readonly rate?: string
  readonly dryRun?: boolean
}

export const replay = command<ReplayFlags, [string?]>(async (io, flags, source) => {
  const { signal, out, talk, env } = io
  const filters = filtersOf(flags)
  const rateMax = countOf("rate", flags.rate)
  if (rateMax === 0) throw usageError("--rate takes a number above 0")
  const to = await farEndOf(flags.to, true)
  const trail = await trailOf(io, source, flags.app)
  const progress = progressOf(io, trail.bytesFor(filters), false)
  const damage = { count: 0 }
  try {
    const result = await replayLines(linesOf(trail, filters, { signal, progress, damage }), to, {
      app: flags.app ?? (trail.app === "" ? "trail" : trail.app),
      signal,
      env,
      rateMax,
      dryRun: flags.dryRun,
      notice: (line) => talk(printable(line))
    })
    progress.end()
    const { sent, refused, complete, lastError } = result
    const damaged = result.damaged + damage.count
    if (flags.json === true) await out.line(JSON.stringify({ complete, sent, refused, damaged, lastError }))
    else {
      const done = flags.dryRun === true ? "would be sent" : "sent"
      await out.line(`${sent} ${done}, ${refused} refused, ${damaged} damaged`)
      if (refused > 0 && lastError !== undefined) talk(printable(lastError))
    }
    if (!complete && !signal.aborted) throw new CommandError(exitCodes.io, "Not everything was sent")
    if (refused > 0) io.end(exitCodes.finding)
  } finally {
    progress.end()
    await trail.close()
  }
})

async function* linesOf(
  trail: OpenTrail,
  filters: TrailFilters,
  how: { readonly signal: AbortSignal; readonly progress: Progress; readonly damage: { count: number } }
): AsyncGenerator<Uint8Array, void> {
  const newline = Uint8Array.of(0x0a)
  // Seals belong to the files that they are in.
  for await (const row of trail.rows(filters, { signal: how.signal, onBytes: how.progress.add })) {
    if ("damage" in row) how.damage.count += 1
    else {
      yield row.bytes
      if (row.bytes.at(-1) !== newline[0]) yield newline
    }
  }
}
