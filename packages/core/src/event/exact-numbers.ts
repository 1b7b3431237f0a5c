// Parsing a line's JSON without losing digits: what a double cannot hold becomes a text, which is also how the encoder writes
// such values. Python's NaN and Infinity, which are no JSON, are read the same way. Ordinary lines pay one look.

/** Parses a line. Throws a SyntaxError, as JSON.parse does, for what is no JSON with these exceptions. */
export const parseLine = (text: string): unknown => {
  if (hasLongNumber(text)) return parseExactly(text)
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!notFinite.test(text)) throw error
    return parseExactly(text)
  }
}

/** The same without the look whether it is necessary. */
export const parseExactly = (text: string): unknown => JSON.parse(withExactNumbers(text))

/** True where a number may be too large for a double. To look for it costs: not every line can afford it. */
export const mayOverflow = (text: string): boolean => largeExponent.test(text)

/** A double holds any number of 15 digits. */
const safeDigits = 15
const largeExponent = /\de\+?\d{3,}[\s,}\]]/i
const notFinite = /NaN|Infinity/

// A run of 16 has a character at every sixteenth place, so only those are looked at. A regular expression looks at all,
// and costs as much as the parsing.
const hasLongNumber = (text: string): boolean => {
  for (let at = safeDigits; at < text.length; at += safeDigits + 1) {
    if (!isDigitOrPoint(text.charCodeAt(at))) continue
    let from = at
    while (isDigitOrPoint(text.charCodeAt(from - 1))) from -= 1
    let to = at + 1
    while (isDigitOrPoint(text.charCodeAt(to))) to += 1
    if (to - from > safeDigits) return true
  }
  return false
}

const isDigitOrPoint = (code: number): boolean => code <= 0x39 && code >= 0x2e && code !== 0x2f

/** The same JSON with texts in place of the numbers that a double cannot hold. Linear, whatever the text is. */
const withExactNumbers = (text: string): string => {
  let exact = ""
  for (let at = 0; at < text.length; ) {
    const opening = text.indexOf('"', at)
    const between = opening === -1 ? text.slice(at) : text.slice(at, opening)
    // A number is no key, and must not become one.
    exact += keyWithoutQuotes.test(between) ? between : between.replace(numbers, quoted)
    if (opening === -1) break
    at = endOfString(text, opening + 1)
    exact += text.slice(opening, at)
  }
  return exact
}

const keyWithoutQuotes = /\w\s*:/
const numbers = /-?\d[\d.eE+-]*|(?:-?Infinity|NaN)(?=[\s,}\]])/g
const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

const quoted = (number: string): string => (isHeld(number) ? number : `"${number}"`)

/** Behind the quote that ends a string; the text's end when none does. */
const endOfString = (text: string, from: number): number => {
  for (let quote = text.indexOf('"', from); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = quote
    while (backslashes > from && text[backslashes - 1] === "\\") backslashes -= 1
    if ((quote - backslashes) % 2 === 0) return quote + 1
  }
  return text.length
}

/** True where a double, written again, has the same digits; and for what is no JSON, which stays as it is. */
const isHeld = (number: string): boolean => {
  const [, whole = "", fraction, exponent] = jsonNumber.exec(number) ?? []
  if (whole === "") return number !== "NaN" && !number.endsWith("Infinity")
  if (number.length > lengthMax) return false
  const value = Number(number)
  // What is too small for a double is zero, on every line.
  if (value === 0) return true
  if (fraction === undefined && exponent === undefined) return String(value) === number
  const digits = significant(whole + (fraction ?? ""))
  // Of a number half-way between two texts, JavaScript writes one and `toPrecision` the other.
  if (significant(String(value)) === digits) return true
  return digits.length <= precisionMax && significant(value.toPrecision(digits.length)) === digits
}

/** What `toPrecision` takes. */
const precisionMax = 100
/** No double is written with so many characters. */
const lengthMax = 1_000

/** The digits of a number without zeros at either end: "12" of "0.0120" and of "1.2e+3"; "" of Infinity. */
const significant = (number: string): string =>
  number.replace(/e.*/i, "").replaceAll(/\D/g, "").replace(/^0+/, "").replace(/0+$/, "")
