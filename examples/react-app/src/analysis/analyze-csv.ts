// From the bytes of a file to its analysis, or to the reason why there is none. Pure, and the same rules as the command
// line tool's; where bytes come from and what is logged about them is files/file-shelf.tsx's business.
import { CsvError, parse } from "csv-parse/browser/esm/sync"
import type { Findings, Outcome } from "../events.ts"
import { type Column, profileColumn } from "./profile-column.ts"

export interface Analysis {
  /** Without the header. */
  readonly rows: number
  readonly cols: number
  readonly findings: Findings
  readonly columns: readonly Column[]
  /** The first rows as they are. */
  readonly preview: readonly (readonly string[])[]
}

export interface Problem {
  readonly outcome: Outcome
  /** For people, behind a colon. Never quotes the file. */
  readonly reason: string
}

export const isProblem = (result: Analysis | Problem): result is Problem => "outcome" in result

/** A page holds a file in memory several times over while it is taken apart. */
const bytesMax = 50 * 1024 * 1024
const previewRowsMax = 8

/** Checks from the outside in: are there bytes, are they text, is there anything in the text, does it parse. */
export const analyzeCsv = (bytes: Uint8Array): Analysis | Problem => {
  if (bytes.length === 0) return { outcome: "empty_upload", reason: "the file is empty" }
  if (bytes.length > bytesMax) return { outcome: "failed", reason: "it is larger than 50 MB" }
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
  const columns = header.map((name, index) =>
    profileColumn(
      name.trim() || `Column ${index + 1}`,
      records.map((record) => record[index] ?? "")
    )
  )
  const distinctRows = new Set(records.map((record) => JSON.stringify(record))).size
  const findings = {
    empty_cells: columns.reduce((total, { empty }) => total + empty, 0),
    duplicate_rows: records.length - distinctRows,
    uneven_rows: records.filter(({ length }) => length !== header.length).length,
    mixed_columns: columns.filter(({ strays }) => strays > 0).length
  }
  const preview = records.slice(0, previewRowsMax)
  return { rows: records.length, cols: header.length, findings, columns, preview }
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
