// What is shown of objects that have a form of their own: dates, URLs, and classes of the platform whose facts are getters.
// value-encoder.ts writes it.
import { eventLimits } from "../limits.ts"

/** What a class of the platform says of itself, none of which is a field of its own. A file's content is never read. */
export const gettersOf = {
  Response: ["status", "statusText", "url"],
  Request: ["method", "url"],
  // A file's name, where there is one: in Bun a file calls itself a blob.
  Blob: ["name", "size", "type"]
} as const

/** ISO text. */
export const dateText = (date: Date): string =>
  Number.isNaN(date.getTime()) ? "Invalid Date" : date.toISOString()

/** The text of a URL. Cut by hand, because parsing it again would take as long as it is. */
export const withoutUserinfo = ({ href }: URL): string => {
  const start = href.indexOf("://") + 3
  if (start === 2) return href
  const path = href.slice(start, start + eventLimits.lineBytesMax).search(/[/?#]/)
  const at = href.lastIndexOf("@", path === -1 ? href.length : start + path)
  return at < start ? href : href.slice(0, start) + href.slice(at + 1)
}
