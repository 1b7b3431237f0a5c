// From the bytes of a file to a table, or to the reason why there is none. Pure, without Node: the web app in
// examples/react-app reads its files by the same rules.
import { CsvError, parse } from "csv-parse/browser/esm/sync"
import type { Outcome } from "./events.ts"

export interface Table {
  readonly header: readonly string[]
  /** At least one. A record may be longer or shorter than the header. */
  readonly records: readonly (readonly string[])[]
}

export interface Problem {
  readonly outcome: Outcome
  /** For people, behind a colon. Never quotes the file. */
  readonly reason: string
}

export const isProblem = (result: object): result is Problem => "outcome" in result

/** Checks in this order: are there bytes, are they text, is there anything in the text, does it parse. */
export const readTable = (bytes: Uint8Array): Table | Problem => {
  if (bytes.length === 0) return { outcome: "empty_upload", reason: "the file is empty" }
  if (hasUtf16Mark(bytes)) return { outcome: "wrong_encoding", reason: "it is UTF-16, not UTF-8" }
  if (bytes.includes(0)) return { outcome: "not_csv", reason: "it is a binary file, not text" }
  const text = toText(bytes)
  if (text === undefined) return { outcome: "wrong_encoding", reason: "it is not UTF-8" }
  if (!somethingLeft.test(text)) {
    return { outcome: "empty_after_repair", reason: "only blank lines, commas and quotes" }
  }
  try {
    const [header = [], ...records] = parse(text, parseOptions)
    return records.length === 0 ? { outcome: "no_data", reason: "a header and no rows" } : { header, records }
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

const hasUtf16Mark = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)

const toText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

// The parser's own message quotes cells, and cells must not reach the log: its code and the line are enough.
const inOurWords = ({ code, lines }: CsvError): string => {
  const what = code.replace(/^CSV_/, "").toLowerCase().replaceAll("_", " ")
  return typeof lines === "number" ? `${what} at line ${lines}` : what
}
