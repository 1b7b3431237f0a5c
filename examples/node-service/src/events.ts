// The event catalogue of the service: what it records of its files. The session and errors that nobody foresaw need no
// entry: the log has a method for each.
import { defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"

/** A file has arrived. What is in it stays where it is. */
export const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Finite },
  message: ({ filename }) => `Uploaded ${filename}`
})

export const Analyzed = defineEvent({
  category: "analyze",
  fields: { filename: Schema.String, rows: Schema.Finite },
  message: ({ filename, rows }) => `Analyzed ${filename}: ${rows} rows`
})

export const FileMissing = defineEvent({
  category: "analyze",
  level: "warn",
  fields: { filename: Schema.String },
  message: ({ filename }) => `Cannot analyze ${filename}: it was never uploaded`
})
