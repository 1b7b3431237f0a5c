// One seal against the lines before it: their number, their digests, their place in the file, its own file and signature.
// Whether seals follow each other is judged at the end, by chain.ts.

import { leavesOf } from "../seal/leaves.ts"
import { type SealLine, withoutSalts, withoutSignature } from "../seal/line.ts"
import { linesIn, prove } from "./blocks.ts"
import type { Doubt } from "./doubt.ts"
import { type Position, sealsText } from "./findings.ts"
import type { VerifyFile } from "./lines.ts"
import type { ChainedSeal, SessionTrail } from "./session.ts"
import type { Stretch, VerifyState } from "./stretch.ts"

/** A seal where it stands, and the stretch that it ends. */
export interface FoundSeal {
  readonly seal: SealLine
  /** Its bytes without the salts, newline included. */
  readonly base: Uint8Array
  readonly at: Position
  readonly file: VerifyFile
  readonly trail: SessionTrail
  readonly stretch: Stretch
  readonly isUnended: boolean
}

/** The seal's bytes as other seals know them; `undefined` where its salts do not stand where they must. */
export const baseOf = (line: Uint8Array, { salts }: SealLine): Uint8Array | undefined =>
  withoutSalts(line, salts)

/** Judges a seal. Returns the stretch, to be read again, when it does not fit or is not proved as a whole. */
export const judgeSeal = async (found: FoundSeal, state: VerifyState): Promise<Doubt | undefined> => {
  const { seal, base, at, file, trail, stretch, isUnended } = found
  const digest = await state.digest(base)
  state.known.meet(trail.streamKey, trail.session, seal.k, digest)
  const shift = seal.skip - stretch.nextSkip
  const isReplaced = seal.replaced === true
  const { k, prev, lines } = seal
  const where = { file: file.file, day: file.day, ...at }
  const chained: ChainedSeal = { k, prev, digest, ...where, shift, isReplaced, isUnended, isTold: false }
  trail.addSeal(chained)
  if (isReplaced) trail.replaced.add(file.sealedAs)
  if (trail.isNewer) return undefined
  checkPlace(found, state)
  await checkSignature(found, state)
  if (stretch.isRewritten) trail.problems += 1
  const { sha256, salts } = seal
  const isCounted = lines === stretch.lines
  const entries = salts.slice(0, leavesOf(lines))
  const proof = isCounted ? await prove(stretch.blocks, { sha256, entries }, state.digest) : undefined
  const bare = proof?.bare ?? new Set<number>()
  if (proof?.fits === true) {
    if (seal.closed === true && trail.closedBy === 0) trail.closedBy = k
    for (const { block, hold } of stretch.statements) if (!bare.has(block)) hold(k)
    const proved = lines - linesIn(bare, lines)
    trail.proved += proved
    file.proved += proved
    if (bare.size === 0) return undefined
  } else chained.isTold = shift > 0
  return {
    trail,
    file: file.file,
    seal,
    isRight: proof?.fits === true,
    bare,
    badAt: proof === undefined || proof.badBlock < 0 ? undefined : stretch.blockAt[proof.badBlock],
    lines: stretch.lines,
    shift,
    from: stretch.after,
    isBehindSeal: stretch.k > 0,
    isStray: (key) => {
      const { lines: count = 0, seals = 0 } = state.sessions.get(key) ?? {}
      return count + seals <= 1
    },
    to: at
  }
}

const checkPlace = ({ seal, at, file, trail }: FoundSeal, { findings }: VerifyState): void => {
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

const checkSignature = async (found: FoundSeal, state: VerifyState): Promise<void> => {
  const { seal, at, file, trail } = found
  const signed = await signedBy(found, state)
  if (signed === "wrong") {
    const text = `the signature of ${sealsText(seal.k, seal.k)} is not of these bytes`
    state.findings.problemOf(trail, "signature", text, { file: file.file, ...at })
  } else if (signed === undefined) {
    trail.notSigned += 1
    if (seal.key !== undefined) trail.otherKey ??= seal.key
  } else trail.signedBy.set(signed, (trail.signedBy.get(signed) ?? 0) + 1)
}

/** The given key that has signed a seal; `undefined` where none claims to have. */
export const signedBy = async (
  { seal, base }: Pick<FoundSeal, "seal" | "base">,
  { keys }: Pick<VerifyState, "keys">
): Promise<string | "wrong" | undefined> => {
  const { key: fingerprint, sig } = seal
  const key = keys.find((one) => one.fingerprint === fingerprint)
  if (sig === undefined || key === undefined) return undefined
  const bytes = withoutSignature(base, sig)
  const isRight = bytes !== undefined && (await key.isSigned(bytes as Uint8Array<ArrayBuffer>, sig))
  return isRight ? key.fingerprint : "wrong"
}
