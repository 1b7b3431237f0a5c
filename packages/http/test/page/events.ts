// The events of the page in these tests: one file for the page and its server, as an application has it.
import { defineEvent, number } from "@daybook/core/event"

export const Uploaded = defineEvent({
  category: "upload",
  fields: { n: number },
  message: ({ n }) => `Uploaded ${n}`
})
