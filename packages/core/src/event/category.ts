// The alphabet of categories. A category becomes an OTel event name, a column and a file filter, so it is narrow;
// which categories there are is up to the application.
import { eventLimits } from "../limits.ts"

const allowed = /^[a-z0-9_.-]{1,64}$/

/**
 * Fits any text into `[a-z0-9_.-]{1,64}`: letters are lowered, every other character becomes `_`, the rest is cut,
 * and an empty one becomes `_`.
 */
export const toCategory = (text: string): string => {
  if (allowed.test(text)) return text
  const fitted = text
    .slice(0, eventLimits.categoryCharsMax)
    .toLowerCase()
    .replace(/[^a-z0-9_.-]/g, "_")
    .slice(0, eventLimits.categoryCharsMax)
  return fitted === "" ? "_" : fitted
}
