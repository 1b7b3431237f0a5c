// The event catalogue of the service: what it records of its notes. The log has methods of its own for the session and for
// unforeseen errors.
import { defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"

export const NoteSaved = defineEvent({
  category: "note",
  fields: { title: Schema.String, words: Schema.Finite },
  message: ({ title, words }) => `Saved ${title}: ${words} words`
})

export const NoteRead = defineEvent({
  category: "note",
  fields: { title: Schema.String },
  message: ({ title }) => `Read ${title}`
})

export const NoteMissing = defineEvent({
  category: "note",
  level: "warn",
  fields: { title: Schema.String },
  message: ({ title }) => `There is no note ${title}`
})
