// What an editor does to a line: a byte order mark before it, a carriage return behind it, blanks on an empty one. Whether
// that is a note, a finding or nothing is decided where lines are read.

const newline = 0x0a
const carriageReturn = 0x0d
const markBytes = 3

/** True for a byte order mark. It is an editor's at a file's begin, and one file's behind another's where two were joined. */
export const hasByteOrderMark = (line: Uint8Array, start = 0): boolean =>
  line[start] === 0xef && line[start + 1] === 0xbb && line[start + 2] === 0xbf

/** True for a line that ends in CR LF. */
export const endsInCrLf = (line: Uint8Array, start = 0, end = line.length): boolean =>
  end - start > 1 && line[end - 2] === carriageReturn && line[end - 1] === newline

/** The line from `start` to `end` as it was before an editor saved it: the same memory, unless it ends in CR LF. */
export const asWritten = (line: Uint8Array, start = 0, end = line.length): Uint8Array => {
  const from = hasByteOrderMark(line, start) ? start + markBytes : start
  if (!endsInCrLf(line, from, end)) return line.subarray(from, end)
  const plain = line.slice(from, end - 1)
  plain[plain.length - 1] = newline
  return plain
}

/** True for nothing but blanks, and a byte order mark. NUL is no blank: it is what a power cut leaves of a line. */
export const isBlankLine = (line: Uint8Array): boolean => {
  for (let at = hasByteOrderMark(line) ? markBytes : 0; at < line.length; at++) {
    const byte = line[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn && byte !== newline) return false
  }
  return true
}
