// The event catalogue of the app: its own events, each with fields and a message for people. The log has methods of its own
// for session start, opened pages and unexpected errors. The web app in examples/react-app records most of them too.

import { defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** What is recorded of a file. Not its contents: name, size and fingerprint identify it. */
export const fileFields = {
  filename: Schema.String,
  bytes: Schema.Finite,
  /** The first twelve hex characters of the SHA-1 of the bytes. */
  sha1: Schema.String
}

/** A file has arrived. */
export const Uploaded = defineEvent({
  category: "upload",
  fields: fileFields,
  message: ({ filename }) => `Uploaded ${filename}`
})

/** A run begins. */
export const RunStarted = defineEvent({
  category: "analyze",
  fields: { files: Schema.Finite },
  message: ({ files }) => `Analyzing ${counted(files, "file")}`
})

/** What is worth a second look in a file, counted by kind. */
export const findingCounts = {
  empty_cells: Schema.Finite,
  duplicate_rows: Schema.Finite
}

/** What is recorded of an analyzed file. `rows` does not count the header, and `findings` is the sum of the counts by kind. */
export const tableFields = {
  filename: Schema.String,
  rows: Schema.Finite,
  cols: Schema.Finite,
  findings: Schema.Finite
}

export const analyzedMessage = (table: {
  readonly filename: string
  readonly rows: number
  readonly cols: number
}): string => `Analyzed ${table.filename}: ${counted(table.rows, "row")}, ${counted(table.cols, "column")}`

/** One file was analyzed. */
export const Analyzed = defineEvent({
  category: "analyze",
  fields: { ...tableFields, ...findingCounts },
  message: analyzedMessage
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

/** One file could not be analyzed, and the person sees why. `reason` never quotes the file. */
export const FileFailed = defineEvent({
  category: "error",
  level: "error",
  fields: { filename: Schema.String, outcome: Outcome, reason: Schema.String },
  message: ({ filename, reason }) => `Cannot analyze ${filename}: ${reason}`
})

/** The main action of a page has a result. */
export const ToolRun = defineEvent({
  category: "tool_run",
  fields: { page: Schema.String },
  message: ({ page }) => `Ran ${page}`
})
