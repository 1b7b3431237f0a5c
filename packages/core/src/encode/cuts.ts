// Where values are cut that are longer than a line shows: texts on a code point and by bytes, and a little later where secrets are
// looked for first; what is read one by one, after so many.
import { encodeLimits, eventLimits } from "../limits.ts"
import { cutPoint } from "./line-bytes.ts"

/** What of a text is searched for secrets before it is cut to `charsMax`: one that the cut divides is known by what follows. */
export const searched = (text: string, charsMax: number): string =>
  text.length > charsMax ? text.slice(0, cutPoint(text, charsMax + encodeLimits.searchedBehindCut)) : text

/** As much of a text as a line shows of any. */
export const cutText = (text: string): string => text.slice(0, cutPoint(text, eventLimits.stringCharsMax))

/** How many units of a text fit into so many bytes of UTF-8. */
export const charsWithin = (text: string, asked: number): number => {
  const bytesMax = Math.min(asked, eventLimits.lineBytesMax)
  if (text.length * 3 <= bytesMax) return bytesMax
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    // Each half of a pair takes two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
    if (bytes > bytesMax) return index
  }
  return bytesMax
}

/** The first items of something that may have no end. */
export const take = <Item>(items: Iterable<Item>, countMax: number): readonly Item[] => {
  const taken: Item[] = []
  for (const item of items) {
    if (taken.length === countMax) break
    taken.push(item)
  }
  return taken
}
