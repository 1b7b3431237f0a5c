// Foreign text made safe to show, and its width on a terminal. A control character could move the cursor, a bidi one turn what
// is around it, and one without a width hide words.

// Controls, line and paragraph ends, formats and everything else without a width of its own: bidi marks, zero-width
// characters, tags, variation selectors, fillers; and halves of surrogate pairs. Only the selector that makes a sign an emoji
// stays.
const unsafe =
  /(?!(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const shortForms: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** The text with each character that is no sign or space as `\n`, `\u001b` or `\u{e0041}`. */
export const printable = (text: string): string => text.replace(unsafe, escaped)

const escaped = (char: string): string => {
  const hex = (char.codePointAt(0) ?? 0).toString(16)
  return shortForms[char] ?? (hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`)
}

/** The columns of a printable text on a terminal: two for East Asian characters and emoji, none for combining marks. */
export const textColumns = (text: string): number => {
  let columns = 0
  for (const char of text) columns += columnsOf(char)
  return columns
}

const combining = /^\p{Mark}$/u
const wide =
  /^[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Yi}\u3000-\u303e\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]$/u

const columnsOf = (char: string): number => {
  if (char <= "\u02ff") return 1
  // It makes the sign before it an emoji, which takes a second column on most terminals.
  if (char === "\ufe0f") return 1
  return combining.test(char) ? 0 : wide.test(char) ? 2 : 1
}

/** Cuts to at most so many columns; a cut text ends with "…". */
export const cutText = (text: string, columnsMax: number): string => {
  // No character is narrower than nothing or wider than two columns.
  if (2 * text.length <= columnsMax || textColumns(text) <= columnsMax) return text
  let kept = ""
  let left = columnsMax - 1
  for (const char of text) {
    left -= columnsOf(char)
    if (left < 0) break
    kept += char
  }
  return columnsMax > 0 ? `${kept}…` : ""
}

/** Exactly so many columns, cut or filled with spaces. */
export const fillText = (text: string, columns: number): string => {
  const fitting = cutText(text, columns)
  return fitting + " ".repeat(columns - textColumns(fitting))
}
