// What a person sees while files are processed: a bar in a terminal, and a line for each file. In a terminal the lines follow
// the bar; elsewhere there is no bar, and each line comes when its file is done.

import { cutText, fillText, type LinePart, printable, textColumns } from "@daybook/core/event-line"
import { SingleBar } from "cli-progress"
import { isProblem } from "./csv-table.ts"
import { Outcome } from "./events.ts"
import type { FileResult } from "./process-files.ts"
import type { Terminal } from "./terminal.ts"

export interface Progress {
  done(result: FileResult): void
  end(): void
}

export const showProgress = (terminal: Terminal, filenames: readonly string[]): Progress => {
  const { cyan, dim } = terminal.colors
  const show = (result: FileResult): void =>
    terminal.printParts(fileLine(result, nameWidth(terminal, filenames)))

  const results: FileResult[] = []
  const total = (): void => {
    const analyzed = results.filter(({ result }) => !isProblem(result)).length
    terminal.print(dim(`  ${number(analyzed)} analyzed, ${number(results.length - analyzed)} not`))
  }
  if (!terminal.isInteractive) {
    return {
      done: (result) => {
        results.push(result)
        show(result)
      },
      end: total
    }
  }
  const bar = new SingleBar({
    stream: process.stdout,
    format: `  ${cyan("{bar}")} {value}/{total}  ${dim("{file}")}`,
    barsize: Math.max(10, Math.min(40, terminal.columns - 44)),
    barCompleteChar: "█",
    barIncompleteChar: "░",
    clearOnComplete: true,
    fps: 30
  })
  bar.start(filenames.length, 0, { file: "" })
  return {
    done: (result) => {
      results.push(result)
      bar.update(results.length, { file: cutText(printable(result.filename), 26) })
    },
    end: () => {
      bar.stop()
      for (const result of results) show(result)
      total()
    }
  }
}

/** Kept free for a line's other columns: mark, dimensions and a few words. */
const otherColumns = 44

const nameWidth = (terminal: Terminal, filenames: readonly string[]): number => {
  const longest = Math.max(0, ...filenames.map((name) => textColumns(printable(name))))
  return Math.min(longest, Math.max(16, terminal.columns - otherColumns))
}

const fileLine = ({ filename, result }: FileResult, width: number): readonly LinePart[] => {
  const name: LinePart = { style: "value", text: `${fillText(printable(filename), width)}  ` }
  if (isProblem(result)) {
    const { outcome, reason } = result
    return [
      { text: "  ✗ ", style: "error" },
      name,
      { text: `${outcome.padEnd(longestOutcome)}  `, style: "error" },
      { text: printable(reason), style: "quiet" }
    ]
  }
  const { empty_cells, duplicate_rows } = result
  const findings = [count(empty_cells, "empty cell"), count(duplicate_rows, "duplicate")].filter(Boolean)
  return [
    { text: "  ✓ ", style: "info" },
    name,
    { text: number(result.rows).padStart(6), style: "category" },
    { text: " × ", style: "quiet" },
    { text: number(result.cols), style: "category" },
    ...(findings.length > 0
      ? [
          { text: gap(result.cols), style: "value" } as const,
          { text: findings.join(", "), style: "warn" } as const
        ]
      : [])
  ]
}

const longestOutcome = Math.max(...Outcome.literals.map(({ length }) => length))

/** Fills up the number of columns, so that the findings are aligned. */
const gap = (cols: number): string => " ".repeat(Math.max(2, 5 - number(cols).length))

const number = (value: number): string => value.toLocaleString("en-US")

const count = (value: number, noun: string): string =>
  value === 0 ? "" : `${number(value)} ${noun}${value === 1 ? "" : "s"}`
