// Characters that a database does not hold: each becomes U+FFFD, and is counted, so that no row is refused for one and no
// replacement is silent. PostgreSQL has no NUL in text and in jsonb; none of the three has half a surrogate pair.

/** A text that fits, and how many of its characters had to be replaced. */
export interface FittingText {
  readonly text: string
  readonly replaced: number
}

const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const loneOrNul = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Every runtime of ours has it; the types of es2023 do not. */
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed()

/** `undefined` for a text that fits as it is. `holdsNul`: the database stores NUL in a text. */
export const fittingText = (text: string, holdsNul: boolean): FittingText | undefined => {
  if (isWellFormed(text) && (holdsNul || !text.includes("\0"))) return undefined
  let replaced = 0
  const fitting = text.replace(holdsNul ? lone : loneOrNul, () => {
    replaced += 1
    return "\ufffd"
  })
  return { text: fitting, replaced }
}

// One escape at a time, so that a backslash that is itself escaped begins nothing.
const jsonEscape = /\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|[\s\S])/g

/** The same for the text of a JSON value, in which such characters stand as `\u0000` and `\ud800`. */
export const fittingJson = (json: string, holdsNul: boolean): FittingText => {
  if (!json.includes("\\u")) return { text: json, replaced: 0 }
  let replaced = 0
  const text = json.replace(jsonEscape, (whole: string, first?: string, second?: string) => {
    if (first === undefined) return whole
    const code = Number.parseInt(first, 16)
    const isHigh = code >= 0xd800 && code < 0xdc00
    if (isHigh && second !== undefined) return whole
    const rest = second === undefined ? "" : `\\u${second}`
    // What follows another character than a high surrogate is alone.
    const isBad = isHigh || (code >= 0xdc00 && code < 0xe000) || (code === 0 && !holdsNul)
    replaced += (isBad ? 1 : 0) + (second === undefined ? 0 : 1)
    if (!isBad && second === undefined) return whole
    return `${isBad ? "\\ufffd" : `\\u${first}`}${rest === "" ? "" : "\\ufffd"}`
  })
  return { text, replaced }
}
