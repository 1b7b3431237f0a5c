// Lines with seals between them, as one piece of bytes: what goes into a file with one write, and which of it is whose.
// Which seals there are is decided by the sealer.

/** Some lines end to end, and one value a line. */
export interface Lines {
  readonly bytes: Uint8Array
  /** Where each line ends within `bytes`, newline included. */
  readonly ends: ArrayLike<number>
  /** 0 for marks. */
  readonly seqs: ArrayLike<number>
}

/** A seal, and the given line that it stands before. */
export interface WovenSeal {
  readonly before: number
  readonly line: Uint8Array
}

export const startOfLine = ({ ends }: Lines, line: number): number => (line === 0 ? 0 : (ends[line - 1] ?? 0))

/** How many bytes it takes. */
export const lengthOf = ({ bytes }: Lines, seals: readonly WovenSeal[]): number =>
  seals.reduce((sum, { line }) => sum + line.length, bytes.length)

/** What is appended. */
export interface Woven {
  readonly bytes: Uint8Array
  /** End of every line in `bytes`, seals included. */
  readonly ends: Uint32Array
  /** For each planned line the index of the given one; -1 for a seal. */
  readonly source: Int32Array
}

/** The given lines with the seals between them, in `room`. Without a seal, the given bytes themselves. */
export const weave = (given: Lines, seals: readonly WovenSeal[], room: Uint8Array): Woven => {
  const { bytes, ends } = given
  const count = ends.length + seals.length
  const woven = seals.length === 0 ? bytes : room.subarray(0, lengthOf(given, seals))
  const wovenEnds = new Uint32Array(count)
  const source = new Int32Array(count)
  let from = 0
  let shift = 0
  for (let index = 0; index <= seals.length; index++) {
    const seal = seals[index]
    const to = seal?.before ?? ends.length
    const start = startOfLine(given, from)
    if (woven !== bytes) woven.set(bytes.subarray(start, startOfLine(given, to)), start + shift)
    for (let line = from; line < to; line++) {
      wovenEnds[line + index] = (ends[line] as number) + shift
      source[line + index] = line
    }
    from = to
    if (seal === undefined) break
    const at = startOfLine(given, to) + shift
    woven.set(seal.line, at)
    wovenEnds[to + index] = at + seal.line.length
    source[to + index] = -1
    shift += seal.line.length
  }
  return { bytes: woven, ends: wovenEnds, source }
}
