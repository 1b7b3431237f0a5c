// The event catalogue of the service: what it records of its files. The log has methods of its own for the session and for
// unforeseen errors.
import { defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"

/** A file has arrived. Its contents are not recorded. */
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
