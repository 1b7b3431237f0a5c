// Data that stays what it is and does no harm on a terminal: JSON with its characters escaped as JSON escapes them, and cells
// that no spreadsheet takes for a formula (F117).
import { printable } from "@daybook/core/event-line"

/** One line of JSON as a terminal may show it: the same value. */
export const safeJson = (line: string): string => {
  let safe = ""
  let from = 0
  for (const { index, char } of unsafeIn(line)) {
    safe += line.slice(from, index) + jsonEscape(char)
    from = index + char.length
  }
  return safe + line.slice(from)
}

function* unsafeIn(line: string): Generator<{ readonly index: number; readonly char: string }> {
  if (printable(line) === line) return
  let index = 0
  for (const char of line) {
    if (printable(char) !== char) yield { index, char }
    index += char.length
  }
}

const jsonEscape = (char: string): string =>
  [...Array(char.length).keys()]
    .map((unit) => `\\u${char.charCodeAt(unit).toString(16).padStart(4, "0")}`)
    .join("")

/** One cell: always in quotes, and with an apostrophe before what a spreadsheet would calculate. */
export const csvCell = (text: string): string =>
  `"${(/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
