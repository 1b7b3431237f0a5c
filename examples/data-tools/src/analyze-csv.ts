// From the bytes of a file to its analysis, or to the reason why there is none. Pure: where bytes come from and what is
// logged about them is process-files.ts's business.

import { CsvError, parse } from "csv-parse/sync"
import type { Findings, Outcome } from "./events.ts"

export interface Analysis {
  /** Without the header. */
  readonly rows: number
  readonly cols: number
  readonly findings: Findings
}

export interface Problem {
  readonly outcome: Outcome
  /** For people, behind a colon. Never quotes the file. */
  readonly reason: string
}

export const isProblem = (result: Analysis | Problem): result is Problem => "outcome" in result

/** Checks from the outside in: are there bytes, are they text, is there anything in the text, does it parse. */
export const analyzeCsv = (bytes: Uint8Array): Analysis | Problem => {
  if (bytes.length === 0) return { outcome: "empty_upload", reason: "the file is empty" }
  if (hasUtf16Mark(bytes)) return { outcome: "wrong_encoding", reason: "it is UTF-16, not UTF-8" }
  if (bytes.includes(0)) return { outcome: "not_csv", reason: "it is a binary file, not text" }
  const text = toText(bytes)
  if (text === undefined) return { outcome: "wrong_encoding", reason: "it is not UTF-8" }
  if (!somethingLeft.test(text)) {
    return { outcome: "empty_after_repair", reason: "only blank lines, commas and quotes" }
  }
  try {
    return analyzeRecords(parse(text, parseOptions))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { outcome: "failed", reason: inOurWords(error) }
  }
}

/** A character that the repair leaves: it drops blank lines, and lines of nothing but commas and quotes. */
const somethingLeft = /[^\s,"]/

/** The same repair while parsing. Rows of another length than the header are counted, not refused. */
const parseOptions = {
  skip_empty_lines: true,
  skip_records_with_empty_values: true,
  relax_column_count: true
} as const

const analyzeRecords = ([header = [], ...records]: readonly string[][]): Analysis | Problem => {
  if (records.length === 0) return { outcome: "no_data", reason: "a header and no rows" }
  const cols = header.length
  let emptyCells = 0
  const seen = new Set<string>()
  for (const record of records) {
    const cells = record.slice(0, cols)
    emptyCells += cols - cells.length + cells.filter((cell) => cell.trim() === "").length
    seen.add(JSON.stringify(record))
  }
  const findings = { empty_cells: emptyCells, duplicate_rows: records.length - seen.size }
  return { rows: records.length, cols, findings }
}

const hasUtf16Mark = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)

const toText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

// The parser's own message quotes cells, and what a cell holds must not reach the log: its code and the line will do.
const inOurWords = ({ code, lines }: CsvError): string => {
  const what = code.replace(/^CSV_/, "").toLowerCase().replaceAll("_", " ")
  return typeof lines === "number" ? `${what} at line ${lines}` : what
}
