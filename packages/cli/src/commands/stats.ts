// `daybook stats`: how much of what is in a trail, for people, programs and spreadsheets.
// The counting is show/counts.ts.
import { fillText, printable, textColumns } from "@daybook/core/event-line"
import { lineTime } from "@daybook/core/lines"
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { countOf, filtersOf, trailOf } from "../show/asked.ts"
import { type Counted, RowCounts } from "../show/counts.ts"
import { progressOf } from "../show/progress.ts"
import { csvCell } from "../show/safe.ts"
import { usageError } from "../terminal/exit.ts"
import type { Io } from "../terminal/io.ts"
import { wallMs, zoneOf } from "../terminal/moment.ts"
import { command } from "./running.ts"

export interface StatsFlags extends SourceFlags, CommonFlags {
  readonly by?: string
  readonly limit?: string
}

/** Values that people read; programs get all. */
const shownMax = 20

export const stats = command<StatsFlags, [string?]>(async (io, flags, source) => {
  const { by = "level", json, csv } = flags
  const { out, signal } = io
  if (json === true && csv === true) throw usageError("--json and --csv exclude each other")
  const filters = filtersOf(flags)
  const zone = zoneOf(flags.zone)
  const isData = json === true || csv === true
  const limit = countOf("limit", flags.limit) ?? (isData ? Number.POSITIVE_INFINITY : shownMax)
  const trail = await trailOf(io, source, flags.app)
  const progress = progressOf(io, trail.bytesFor(filters), false)
  const counts = new RowCounts(by, zone)
  try {
    for await (const rows of trail.batches(filters, { signal, onBytes: progress.add })) counts.add(rows)
  } finally {
    progress.end()
    await trail.close()
  }
  // Half a count is no count.
  signal.throwIfAborted()
  const counted = counts.counted()
  const values = counted.values.slice(0, limit)
  if (json === true) return out.line(JSON.stringify({ ...counted, values }))
  if (csv === true) {
    for (const [value, count] of [[by, "count"], ...values.map(({ value, count }) => [value, String(count)])])
      await out.line([csvCell(value ?? ""), csvCell(count ?? "")].join(","))
    return
  }
  await showSummary(io, trail.app, counted, zone)
  await showValues(io, counted, limit)
})

const number = (value: number): string => value.toLocaleString("en-US")

const plural = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? "" : "s"}`

const showSummary = async (
  { out, data: { colors } }: Io,
  app: string,
  { events, marks, damaged, missing, sessions, levels, first, last }: Counted,
  zone: string | undefined
): Promise<void> => {
  const { bold, dim, red, yellow, magenta } = colors
  const name = app === "" ? "" : `${bold(printable(app))}  `
  await out.line(`${name}${bold(plural(events, "event"))} in ${plural(sessions, "session")}`)
  if (first !== "") await out.line(dim(`${timeText(first, zone)}  to  ${timeText(last, zone)}`))
  const told = [
    levels.fatal > 0 ? magenta(`${number(levels.fatal)} fatal`) : "",
    levels.error > 0 ? red(plural(levels.error, "error")) : "",
    levels.warn > 0 ? yellow(plural(levels.warn, "warning")) : "",
    missing > 0 ? yellow(`${plural(missing, "event")} missing, as gaps say`) : "",
    damaged > 0 ? yellow(plural(damaged, "damaged line")) : "",
    marks > 0 ? dim(plural(marks, "mark")) : ""
  ].filter((text) => text !== "")
  if (told.length > 0) await out.line(told.join(dim(" · ")))
}

const timeText = (ts: string, zone: string | undefined): string =>
  new Date(wallMs(lineTime(ts), zone)).toISOString().slice(0, 19).replace("T", " ")

const valueColumnsMax = 48
const barColumnsMax = 40

const showValues = async (
  { out, data: { colors, columns } }: Io,
  { by, values, others }: Counted,
  limit: number
): Promise<void> => {
  const { bold, dim, cyan } = colors
  const shown = values.slice(0, limit)
  if (shown.length === 0) return
  await out.line(`\n${bold(`by ${printable(by)}`)}`)
  const texts = shown.map(({ value }) => printable(value))
  const width = Math.min(valueColumnsMax, Math.max(8, columns - 24), Math.max(...texts.map(textColumns)))
  const most = Math.max(...shown.map(({ count }) => count))
  const countWidth = number(most).length
  const barWidth = Math.min(barColumnsMax, columns - width - countWidth - 8)
  for (const [index, { count }] of shown.entries()) {
    const bar = barWidth < 4 ? "" : `  ${cyan(barOf(count / most, barWidth))}`
    await out.line(`  ${fillText(texts[index] ?? "", width)}  ${number(count).padStart(countWidth)}${bar}`)
  }
  const left = values.slice(limit).reduce((sum, { count }) => sum + count, others)
  const more = values.length - shown.length
  if (more > 0 || others > 0)
    await out.line(
      dim(`  and ${plural(left, "event")} of ${plural(more, "other value")}${others > 0 ? " and more" : ""}`)
    )
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

// A value that is there at all has something to see.
const barOf = (share: number, width: number): string => {
  const units = Math.max(1, Math.round(share * width * 8))
  return "█".repeat(Math.floor(units / 8)) + (eighths[units % 8] ?? "")
}
