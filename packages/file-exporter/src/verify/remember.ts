// What first seals remember of other sessions, read from all files before a line is judged: what must be here, and which lines
// without a seal are held all the same.

import { asWritten, endsInCrLf } from "@daybook/core"
import { asEnded, keyOf, readMark, seqOf, toSealLine } from "../seal/line.ts"
import type { KnownSeals } from "./known.ts"
import type { LineVisitor } from "./lines.ts"
import { baseOf, signedBy } from "./seal.ts"
import type { VerifyState } from "./stretch.ts"

/** Where keys are given, only what is signed is remembered: a seal of somebody else must accuse nobody, and excuse nothing. */
export const remembering = (known: KnownSeals, { keys }: Pick<VerifyState, "keys">): LineVisitor => {
  let found: { readonly key: string; readonly line: Uint8Array }[] = []
  return {
    line: (bytes, start, end) => {
      // Most lines are events, and a carriage return at the end moves their seq.
      if (!endsInCrLf(bytes, start, end) && seqOf(bytes, start, end) > 0) return
      const line = asWritten(bytes, start, end)
      const key = seqOf(line) === 0 ? keyOf(line) : undefined
      if (key !== undefined) found.push({ key, line: line.slice() })
    },
    unterminated: (bytes) => {
      const line = asEnded(bytes)
      const key = line === undefined || seqOf(line) > 0 ? undefined : keyOf(line)
      if (line !== undefined && key !== undefined) found.push({ key, line })
    },
    tooLong: () => {},
    chunkEnd: async () => {
      const lines = found
      found = []
      for (const { key, line } of lines) {
        const mark = readMark(line)
        // Most seals have seen nothing.
        const seal = mark?.fields.saw === undefined ? undefined : toSealLine(mark)
        if (seal?.saw === undefined || seal.v > 1 || seal.k !== 1) continue
        const base = baseOf(line, seal)
        if (base === undefined) continue
        const signed = keys.length === 0 ? "" : await signedBy({ seal, base }, { keys })
        if (signed !== undefined && signed !== "wrong") known.see(key.replace("-", ""), seal)
      }
    }
  }
}
