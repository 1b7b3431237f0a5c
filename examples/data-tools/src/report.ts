// The report at the end: where the log is, what it holds, whether all of it arrived, and what it cost. Everything about the
// file is read from the file; only delivery and cost come from the program itself.

import { type FlushResult, type Level, levels } from "@daybook/core"
import { eventLine, fillText, type LinePart, printable, textColumns } from "@daybook/core/event-line"
import type { SessionReport } from "@daybook/file-exporter"
import type { CallCost } from "./call-timer.ts"
import type { DaySummary } from "./day-summary.ts"
import type { Colors, Paint, Terminal } from "./terminal.ts"

export interface Report {
  /** The day's file. */
  readonly path: string
  readonly session: string
  readonly day: DaySummary
  readonly delivery: FlushResult
  /** The result of verify() for this session; absent when the log cannot be read. */
  readonly proof: SessionReport | undefined
  readonly cost: CallCost
}

export const printReport = (terminal: Terminal, report: Report): void => {
  const { day } = report
  const width = Math.max("all".length, ...[...day.counts.keys()].map((name) => textColumns(printable(name))))
  printPlace(terminal, report)
  if (day.last.length > 0) {
    heading(terminal, `The last ${day.last.length} lines`, "read back from the file")
    for (const event of day.last) terminal.printParts([indent, ...eventLine(event, width)])
    heading(terminal, "Lines in the file", "by category and level")
    printCounts(terminal, day, width)
  }
  printDelivery(terminal, report.delivery)
  printProof(terminal, report.proof)
  printCost(terminal, report.cost)
  terminal.print()
}

const indent: LinePart = { text: "  ", style: "value" }

const heading = ({ print, colors }: Terminal, title: string, note: string): void => {
  print()
  print(`  ${colors.bold(title)}  ${colors.dim(note)}`)
}

const printPlace = (terminal: Terminal, { path, session, day }: Report): void => {
  const { dim, underline, yellow } = terminal.colors
  heading(terminal, "The day's file", `session ${session}`)
  // Never cut: people copy it.
  terminal.print(`  ${underline(printable(path))}`)
  const others = day.otherLines > 0 ? `, and ${counted(day.otherLines, "line")} of other sessions` : ""
  terminal.print(dim(`  ${counted(day.lines, "line")}${others}`))
  if (day.damagedLines > 0) terminal.print(yellow(`  ${counted(day.damagedLines, "damaged line")}`))
  if (day.trouble !== undefined) {
    terminal.printParts([{ text: `  it cannot be read: ${printable(day.trouble)}`, style: "error" }])
  }
}

const numberColumns = 8

const levelPaint = (level: Level, { gray, green, magenta, red, yellow }: Colors): Paint =>
  ({ debug: gray, info: green, warn: yellow, error: red, fatal: magenta })[level]

const printCounts = (terminal: Terminal, { counts }: DaySummary, width: number): void => {
  const { bold, cyan, dim } = terminal.colors
  const categories = [...counts.values()]
  const seen = levels.filter((level) => categories.some((byLevel) => byLevel[level] > 0))
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const cell = (value: number): string => (value === 0 ? "·" : integer(value)).padStart(numberColumns)
  const row = (values: readonly number[]): string => values.map(cell).join("") + bold(cell(sum(values)))

  const titles = seen.map((level) => levelPaint(level, terminal.colors)(level.padStart(numberColumns)))
  terminal.print(`  ${" ".repeat(width)}${titles.join("")}${dim("all".padStart(numberColumns))}`)
  for (const [category, byLevel] of counts) {
    terminal.print(
      `  ${cyan(fillText(printable(category), width))}${row(seen.map((level) => byLevel[level]))}`
    )
  }
  const totals = seen.map((level) => sum(categories.map((byLevel) => byLevel[level])))
  terminal.print(`  ${dim(fillText("all", width))}${bold(row(totals))}`)
}

const printDelivery = (terminal: Terminal, delivery: FlushResult): void => {
  const { bold, dim, green, red } = terminal.colors
  const { accepted, written, dropped, pending, complete } = delivery
  heading(terminal, "Delivery", "the result of close()")
  const part = (name: string, value: number, paint: Paint = bold): string =>
    `${paint(integer(value))} ${dim(name)}`
  const lost = (value: number): Paint => (value === 0 ? bold : red)
  const parts = [
    part("written", written),
    part("dropped", dropped, lost(dropped)),
    part("pending", pending, lost(pending))
  ]
  const verdict = complete ? green("complete") : red("not complete")
  terminal.print(`  ${part("accepted", accepted)} = ${parts.join(" + ")}   ${verdict}`)
}

const printProof = (terminal: Terminal, proof: SessionReport | undefined): void => {
  if (proof === undefined) return
  const { bold, dim, green, red } = terminal.colors
  const { verdict, lines, seals, unsealed } = proof
  heading(terminal, "Proof", "the result of verify() for this session")
  const paint = verdict === "intact" ? green : red
  const numbers = [`${counted(lines, "line")}`, counted(seals, "seal"), `${integer(unsealed)} not sealed yet`]
  terminal.print(`  ${bold(paint(verdict))}   ${dim(numbers.join(", "))}`)
}

const printCost = (terminal: Terminal, cost: CallCost): void => {
  const { bold, dim } = terminal.colors
  const { calls, firstUs, medianUs, p99Us, stopwatchUs } = cost
  const later = calls - 1
  heading(terminal, "Cost of a call", `each of this run's ${integer(calls)} calls timed`)
  const row = (name: string, us: number, note: string): void =>
    terminal.print(`  ${dim(name.padEnd(10))}${bold(time(us).padStart(9))}   ${dim(note)}`.trimEnd())
  const cold = later < callsToWarmUp ? "; too few for the engine to optimize" : ""
  row("median", medianUs, `of the ${integer(later)} calls after the first${cold}`)
  row("p99", p99Us, later < callsForP99 ? "fewer than 100 calls: the slowest of them" : "")
  row("first", firstUs, "starts the log")
  row("stopwatch", stopwatchUs, "the timer alone; included in each time above")
}

/** Below this, one call is more than one percent. */
const callsForP99 = 100
/** With fewer calls, most run before the engine has compiled them: the median of 2,000 calls was a quarter. */
const callsToWarmUp = 1_000

const integer = (value: number): string => value.toLocaleString("en-US")

const counted = (value: number, noun: string): string => `${integer(value)} ${noun}${value === 1 ? "" : "s"}`

const usPerMs = 1_000

const time = (us: number): string =>
  us < usPerMs ? `${us.toFixed(us < 10 ? 2 : us < 100 ? 1 : 0)} µs` : `${(us / usPerMs).toFixed(1)} ms`
