// One seal against the lines before it: their number, their digest, their place in the file, its own file and signature.
// Whether seals follow each other is judged at the end, by chain.ts.

import { createHash } from "node:crypto"
import type { DayFile } from "../place/list.node.ts"
import { type SealLine, withoutSignature } from "../seal/line.ts"
import type { Doubt } from "./doubt.node.ts"
import { type Position, sealsText } from "./findings.ts"
import type { ChainedSeal } from "./session.ts"
import type { OpenStretch, VerifyState } from "./stretch.node.ts"

/** A seal where it stands. */
export interface FoundSeal {
  readonly seal: SealLine
  /** Its bytes, newline included. */
  readonly line: Uint8Array
  readonly at: Position
  readonly file: DayFile
}

/** Judges a seal, and begins the next stretch. Returns the stretch when it does not fit, to be read again. */
export const judgeSeal = (found: FoundSeal, open: OpenStretch, state: VerifyState): Doubt | undefined => {
  const { seal, line, at, file } = found
  const { trail } = open
  const digest = createHash("sha256").update(line).digest("hex")
  state.known.meet(trail.streamKey, trail.session, seal.k, digest)
  // A session has one version: with a seal of ours, it is judged by our rules.
  if (seal.v === 1) trail.isNewer = false
  const shift = seal.skip - open.nextSkip
  const isReplaced = seal.replaced === true
  const { k, prev } = seal
  const where = { file: file.file, day: file.day, ...at }
  const chained: ChainedSeal = { k, prev, digest, ...where, shift, isReplaced, isTold: false }
  trail.addSeal(chained)
  let doubt: Doubt | undefined
  if (!trail.isNewer) {
    checkPlace(found, open, state)
    checkSignature(found, open, state)
    if (open.isRewritten) trail.problems += 1
    if (seal.lines !== open.lines || open.digest() !== seal.sha256) {
      chained.isTold = shift > 0
      doubt = toDoubt(found, open, shift, state)
    } else if (open.retiredUpTo > state.retiredUpTo) state.retiredUpTo = open.retiredUpTo
  }
  open.next(k, seal.skip + seal.lines + 1, at)
  return doubt
}

const toDoubt = (
  { seal, at, file }: FoundSeal,
  open: OpenStretch,
  shift: number,
  { sessions }: VerifyState
): Doubt => ({
  trail: open.trail,
  file: file.file,
  seal,
  lines: open.lines,
  shift,
  from: open.after,
  isBehindSeal: open.k > 0,
  isStray: (key) => {
    const { lines = 0, seals = 0 } = sessions.get(key) ?? {}
    return lines + seals <= 1
  },
  sealAt: at
})

const checkPlace = (
  { seal, at, file }: FoundSeal,
  { trail }: OpenStretch,
  { findings }: VerifyState
): void => {
  const where = { file: file.file, ...at }
  const named = sealsText(seal.k, seal.k)
  if (seal.session !== trail.session)
    findings.problemOf(trail, "damaged", "it is a seal whose id is not of the session that it names", where)
  if ((seal.prev === "") !== (seal.k === 1)) {
    const text = `${named} names ${seal.k === 1 ? "a" : "no"} seal before it, and its number says otherwise`
    findings.problemOf(trail, "edited", text, where)
  }
  if (seal.file === file.sealedAs) return
  const text = `what ${named} covers stood in ${JSON.stringify(seal.file)} when it was sealed`
  findings.problemOf(trail, "moved", text, where)
}

const checkSignature = (
  { seal, line, at, file }: FoundSeal,
  { trail }: OpenStretch,
  { findings, keys }: VerifyState
): void => {
  const { key: fingerprint, sig } = seal
  const key = keys.find((one) => one.fingerprint === fingerprint)
  if (sig === undefined || key === undefined) {
    trail.notSigned += 1
    if (fingerprint !== undefined) trail.otherKey ??= fingerprint
  } else if (key.isSigned(withoutSignature(line, sig), sig)) trail.signed += 1
  else {
    const text = `the signature of ${sealsText(seal.k, seal.k)} is not of these bytes`
    findings.problemOf(trail, "signature", text, { file: file.file, ...at })
  }
}
