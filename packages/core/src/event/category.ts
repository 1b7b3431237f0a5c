// The alphabet of categories: letters and digits of any script, in lower case, with `_ . -`. A category becomes an OTel event
// name, a column and a file filter, so it has no blanks and no characters that cannot be seen; which categories there are is
// up to the application.
import { eventLimits } from "../limits.ts"

const { categoryCharsMax } = eventLimits

/** What nearly all categories are, told apart without looking at scripts. */
const usual = /^[a-z0-9_.-]{1,64}$/
/** Marks are parts of letters in many scripts; fillers and selectors are letters and marks that cannot be seen. */
const outside = /[^\p{L}\p{M}\p{N}_.-]|\p{Default_Ignorable_Code_Point}/gu
/** A code point has two units, and four may become one by composition. */
const unitsMax = 8 * categoryCharsMax

/** What others than usual ones became. An application has few; all are forgotten when there are more. */
const fitted = new Map<string, string>()
const fittedMax = 1_024

/**
 * Fits any text into the alphabet: letters are lowered and composed (NFC), every other character becomes `_`, what is behind 64
 * characters (code points) is cut, and an empty text becomes `_`.
 */
export const toCategory = (text: string): string => {
  if (usual.test(text)) return text
  const known = fitted.get(text)
  if (known !== undefined) return known
  const category = fit(text)
  if (text.length <= categoryCharsMax) {
    if (fitted.size >= fittedMax) fitted.clear()
    fitted.set(text, category)
  }
  return category
}

const fit = (text: string): string => {
  const letters = lowered(text.slice(0, unitsMax)).replace(outside, "_")
  return Array.from(letters).slice(0, categoryCharsMax).join("") || "_"
}

/** True when a text and the category that it became differ in letter case or composition alone. */
export const isWholeIn = (category: string, text: string): boolean =>
  category === text || (text.length <= unitsMax && lowered(text) === category)

const lowered = (text: string): string => text.toLowerCase().normalize("NFC")
