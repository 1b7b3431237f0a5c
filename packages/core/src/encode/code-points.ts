// Lengths in code points, as people count characters: 300 emoji are 300, though they have 600 UTF-16 units. Only where the
// reader of a line counts that way; everything else is measured in units, which costs nothing.

/** Without one of these, units are code points. The search ends at once for a text of one byte a unit. */
const anySurrogate = /[\ud800-\udfff]/

/** The code points of a text; half of a pair counts as one. */
export const pointsIn = (text: string): number => {
  const first = text.search(anySurrogate)
  if (first === -1) return text.length
  let pairs = 0
  for (let index = first + 1; index < text.length; index++) {
    if (isPair(text, index)) {
      pairs += 1
      index += 1
    }
  }
  return text.length - pairs
}

/** How many units the first `pointsMax` code points of a text have. */
export const unitsOfPoints = (text: string, pointsMax: number): number => {
  if (text.length <= pointsMax) return text.length
  let units = 0
  for (let points = 0; points < pointsMax && units < text.length; points++)
    units += isPair(text, units + 1) ? 2 : 1
  return units
}

// A pair whose second half is here.
const isPair = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at)
  if (unit < 0xdc00 || unit > 0xdfff) return false
  const before = text.charCodeAt(at - 1)
  return before >= 0xd800 && before <= 0xdbff
}
