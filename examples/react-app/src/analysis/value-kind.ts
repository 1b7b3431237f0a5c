// The kind of one cell. Deliberately strict: what may or may not be a number or a date is text, because a wrong guess sends
// people looking for an error that is not there.

export type ValueKind = "number" | "date" | "yes/no" | "text"

const number = /^[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?(?:e[-+]?\d+)?$/i
const hasDigit = /\d/
const yesNo = /^(?:true|false|yes|no)$/i
const time = String.raw`(?:[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[-+]\d{2}:?\d{2})?)?`
const month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
const dates = [
  new RegExp(String.raw`^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}${time}$`, "i"),
  new RegExp(String.raw`^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}${time}$`, "i"),
  new RegExp(String.raw`^${month} \d{1,2},? \d{4}$`, "i"),
  new RegExp(String.raw`^\d{1,2} ${month} \d{4}$`, "i")
]

/** The kind of a cell that is not blank. */
export const kindOf = (cell: string): ValueKind => {
  const value = cell.trim()
  if (number.test(value) && hasDigit.test(value)) return "number"
  if (yesNo.test(value)) return "yes/no"
  return dates.some((form) => form.test(value)) ? "date" : "text"
}

/** The value of a cell of kind number. */
export const toNumber = (cell: string): number => Number(cell.replaceAll(",", ""))
