// The event catalogue of the app: every kind of line that it writes itself, with its fields and its words for people.
// It is the one of the command line tool, and what only a screen has: a file can be removed again.
// Session start, opened pages and unexpected errors need no entry: the log has a method for each.
import { defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** What is kept of a file. Its contents stay where they are: name, size and fingerprint are enough to tell it again. */
const file = {
  filename: Schema.String,
  bytes: Schema.Finite,
  /** The first twelve hex characters of the SHA-1 of the bytes. */
  sha1: Schema.String
}

/** A file has arrived. */
export const Uploaded = defineEvent({
  category: "upload",
  fields: file,
  message: ({ filename }) => `Uploaded ${filename}`
})

/** A file was taken away again. */
export const Removed = defineEvent({
  category: "upload",
  fields: { ...file, removed: Schema.Literal(true) },
  message: ({ filename }) => `Removed ${filename}`
})

/** A run begins. */
export const RunStarted = defineEvent({
  category: "analyze",
  fields: { files: Schema.Finite },
  message: ({ files }) => `Analyzing ${counted(files, "file")}`
})

/** What is worth a second look in a file. */
export const Findings = Schema.Struct({
  empty_cells: Schema.Finite,
  duplicate_rows: Schema.Finite,
  /** Rows that are longer or shorter than the header. */
  uneven_rows: Schema.Finite,
  /** Columns of numbers or dates that hold something else as well. */
  mixed_columns: Schema.Finite
})
export type Findings = typeof Findings.Type

/** One file was analyzed. `rows` does not count the header. */
export const Analyzed = defineEvent({
  category: "analyze",
  fields: { filename: Schema.String, rows: Schema.Finite, cols: Schema.Finite, findings: Findings },
  message: ({ filename, rows, cols }) =>
    `Analyzed ${filename}: ${counted(rows, "row")}, ${counted(cols, "column")}`
})

/** Why a file could not be analyzed: a closed list, so that support can count. */
export const Outcome = Schema.Literals([
  "missing",
  "empty_upload",
  "not_csv",
  "wrong_encoding",
  "empty_after_repair",
  "no_data",
  "failed"
])
export type Outcome = typeof Outcome.Type

/** One file could not be worked on, and the person has been told why. `reason` never quotes the file. */
export const FileFailed = defineEvent({
  category: "error",
  level: "error",
  fields: { filename: Schema.String, outcome: Outcome, reason: Schema.String },
  message: ({ filename, reason }) => `Cannot analyze ${filename}: ${reason}`
})

/** The result of a page's main action is there. */
export const ToolRun = defineEvent({
  category: "tool_run",
  fields: { page: Schema.String },
  message: ({ page }) => `Ran ${page}`
})
