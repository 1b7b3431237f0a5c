// The event catalogue of the app: the events of the command line tool, with more kinds of findings, and one event that only
// a screen has: a file can be removed again.
import { defineEvent } from "@daybook/core"
import {
  analyzedMessage,
  FileFailed,
  fileFields,
  findingCounts,
  type Outcome,
  RunStarted,
  ToolRun,
  tableFields,
  Uploaded
} from "@daybook/example-data-tools/events"
import * as Schema from "effect/Schema"

export { FileFailed, type Outcome, RunStarted, ToolRun, Uploaded }

/** A file was removed again. */
export const Removed = defineEvent({
  category: "upload",
  fields: { ...fileFields, removed: Schema.Literal(true) },
  message: ({ filename }) => `Removed ${filename}`
})

const counts = {
  ...findingCounts,
  /** Rows that are longer or shorter than the header. */
  uneven_rows: Schema.Finite,
  /** Columns of numbers or dates that hold other values as well. */
  mixed_columns: Schema.Finite
}
export type FindingCounts = { readonly [Kind in keyof typeof counts]: number }

/** One file was analyzed. */
export const Analyzed = defineEvent({
  category: "analyze",
  fields: { ...tableFields, ...counts },
  message: analyzedMessage
})
