// Bytes cut into lines: the same lines wherever pieces end, with their places, and nothing held beyond the bound.

import { describe, expect, it } from "vitest"
import { LineSplitter } from "../../src/encode/line-splitter.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

type Cut = readonly [text: string | undefined, offset: number, isTerminated: boolean]

const cutsOf = (text: string, pieceBytes: number, bytesMax?: number): readonly Cut[] => {
  const splitter = new LineSplitter(100, bytesMax)
  const shown = new LineSplitter(100, bytesMax)
  const seen: Cut[] = []
  // Somewhere in a larger buffer, as a part of a chunk is.
  const piece = new Uint8Array(pieceBytes + 7).subarray(7)
  const cuts: Cut[] = []
  const take = (line: ReturnType<LineSplitter["takeRest"]>): void => {
    if (line === undefined) return
    cuts.push([line.bytes && new TextDecoder().decode(line.bytes), line.offset, line.isTerminated])
  }
  for (let at = 0; at < text.length; at += pieceBytes) {
    // The same memory for each piece, as a reader has it.
    const part = bytes(text.slice(at, at + pieceBytes))
    piece.set(part)
    for (const line of splitter.push(piece.subarray(0, part.length))) take(line)
    shown.each(piece.subarray(0, part.length), (bytes, start, end, offset) => {
      seen.push([bytes && new TextDecoder().decode(bytes.subarray(start, end)), offset, true])
    })
  }
  expect(seen).toEqual(cuts)
  take(splitter.takeRest())
  expect(splitter.position).toBe(100 + text.length)
  expect(splitter.takeRest()).toBeUndefined()
  return cuts
}

describe("lines", () => {
  it.each([1, 2, 3, 5, 100])(
    "are the same whether they come %d bytes at a time or all at once",
    (pieceBytes) => {
      expect(cutsOf("one\n\ntwo\nthree", pieceBytes)).toEqual([
        ["one\n", 100, true],
        ["\n", 104, true],
        ["two\n", 105, true],
        ["three", 109, false]
      ])
    }
  )

  it.each([1, 4, 100])(
    "beyond the bound are only counted, and their neighbours are whole: %d at a time",
    (pieceBytes) => {
      expect(cutsOf("abcd\nabcde\nabcd\nabcde", pieceBytes, 4)).toEqual([
        ["abcd\n", 100, true],
        [undefined, 105, true],
        ["abcd\n", 111, true],
        [undefined, 116, false]
      ])
    }
  )

  it("of nothing are none", () => {
    expect(cutsOf("", 1)).toEqual([])
  })
})
