// The end of verifying one session: do its seals follow each other without a break, and are its events all here? What is
// missing is judged by what surrounds it: days that are not here, lines that a seal counts, a mark that explains it.

import { counted } from "../words.ts"
import { type Findings, type FoundAt, missingText, sealsText } from "./findings.ts"
import type { NoteKind, ProblemKind, Verdict } from "./report.ts"
import type { RetiredFiles } from "./retired.ts"
import type { ChainedSeal, ChainRun, SessionTrail } from "./session.ts"

/** What is known of all files when their lines have been read. */
export interface Scope {
  readonly findings: Findings
  /** Days of files that are here, oldest first, without "unknown". */
  readonly days: readonly string[]
  /** Only one user's files were looked at: seals in others' are not missed. */
  readonly isOneUser: boolean
  /** Older files are here and were not looked at. */
  readonly isFromDay: boolean
  /** What the log has deleted itself. */
  readonly retired: RetiredFiles
}

/** Judges the chain of a session's seals, and the numbers of its events. */
export const checkChain = (trail: SessionTrail, scope: Scope): void => {
  if (trail.isNewer) {
    note(trail, scope, "newer-version", "it was sealed by a newer version, and is not checked")
    return
  }
  const runs = certainRuns(trail, scope)
  const [begin] = runs
  if (begin !== undefined && begin.first.k > 1) checkBeginning(trail, begin.first, runs[1]?.first, scope)
  for (const [index, { first }] of runs.entries()) {
    const before = runs[index - 1]
    const after = runs[index + 1]?.first
    // A seal that is contradicted by the one behind it says nothing of the one before it.
    const isChanged = after?.k === first.k + 1 && after.prev !== first.digest
    if (before !== undefined && !(isChanged && first.k === before.last.k + 1))
      checkJoint(trail, before.last, first, scope)
  }
  if (trail.signedBy.size > 0 && trail.notSigned > 0)
    problem(trail, scope, "signature", `${trail.notSigned} of its ${trail.seals} seals are not signed`)
  else if (trail.otherKey !== undefined)
    note(
      trail,
      scope,
      "other-key",
      `its seals are signed with the key ${trail.otherKey}, which was not given`
    )
  checkClosed(trail, scope)
  checkNumbers(trail, runs, scope)
}

// A seal that lacked its newline when its file was moved aside was in doubt: the log made another one, in the next file.
const certainRuns = (trail: SessionTrail, scope: Scope): readonly ChainRun[] => {
  const runs = trail.sortedRuns()
  return runs.filter(({ first, last }) => {
    const again = runs.find(
      ({ first: one }) => one !== first && one.k === first.k && one.isReplaced && one.digest !== first.digest
    )
    if (first !== last || !first.isUnended || again === undefined) return true
    const text = `${sealsText(first.k, first.k)} was half written when ${byOthers} its file, and made again`
    incomplete(trail, scope, "replaced", text, first)
    return false
  })
}

// Nothing follows a closing seal. Only what was in a file that was moved aside before its lines were sealed stands there for ever
// without a seal, and nothing vouches for it.
const checkClosed = (trail: SessionTrail, scope: Scope): void => {
  const { closedBy, lastSeal, opens } = trail
  if (closedBy === 0) return
  const closed = `${sealsText(closedBy, closedBy)} closed the session`
  if (lastSeal > closedBy)
    problem(trail, scope, "inserted", `${closed}, and ${sealsText(closedBy + 1, lastSeal)} came later`)
  for (const open of opens) {
    const text = `${closed}, and ${counted(open.lines, "line")} from this one on ${open.lines === 1 ? "is" : "are"} under no seal`
    if (open.isMoved) incomplete(trail, scope, "replaced", `${text}: ${byOthers} the file before`, open)
    else problem(trail, scope, "inserted", text, open)
  }
}

// A session whose first seals are not here is the rule where old files are deleted: a mark must name the last of them.
const checkBeginning = (
  trail: SessionTrail,
  first: ChainedSeal,
  next: ChainedSeal | undefined,
  scope: Scope
): void => {
  const missing = sealsAndLines(1, first.k - 1)
  const { days, retired, isFromDay, isOneUser } = scope
  // A file with lines of it, and without the seals over them. In one of the same day, another user's, or of a later one, they need not have been.
  const cut = trail.opens.find(
    ({ after, file, day, isMoved }) => after === 0 && !isMoved && file !== first.file && day < first.day
  )
  if (first.isReplaced)
    incomplete(
      trail,
      scope,
      "replaced",
      `${missing} stood in a file that ${byOthers} while the log was writing`,
      first
    )
  else if (first.shift > 0) missingBefore(trail, first, 1, scope)
  else if (isOneUser || retired.has(trail.session, first.k - 1, first.prev)) return
  else if (isFromDay) note(trail, scope, "older", `${missing} are in older files`)
  else if (isAhead(first, next)) incomplete(trail, scope, "older", outOfOrderText(missing), first)
  else if (cut !== undefined)
    problem(trail, scope, "truncated", `${missing} are not here: cut off behind these lines, or deleted`, cut)
  else {
    const between = daysBetween(days[0] ?? "", first.day, days)
    const text = `${missing} are not here, and no mark that is believed says that the log deleted them${between}`
    incomplete(trail, scope, "older", text, first)
  }
}

// A delivery that holds a file keeps it longer than those around it. A clock that was wrong for a while leaves the file of another day, or of none, in the middle of the chain. It is deleted
// at another time than the days around it, and what was in those cannot be known by days any more.
const isAhead = (one: ChainedSeal, next: ChainedSeal | undefined): boolean =>
  next !== undefined && one.day !== "unknown" && next.day !== "unknown" && one.day > next.day

const isUndated = (seal: ChainedSeal, { retired }: Scope): boolean =>
  seal.day === "unknown" && retired.upTo !== ""

const outOfOrderText = (missing: string): string =>
  `${missing} are not here; they may have been in files that the log has deleted: a clock was wrong there, or a delivery held the files around them`

const checkJoint = (trail: SessionTrail, last: ChainedSeal, next: ChainedSeal, scope: Scope): void => {
  if (next.k <= last.k) {
    problem(
      trail,
      scope,
      "inserted",
      `${sealsText(next.k, next.k)} of the session stands here a second time`,
      next
    )
  } else if (next.k > last.k + 1) {
    const missing = sealsAndLines(last.k + 1, next.k - 1)
    if (next.isReplaced)
      incomplete(
        trail,
        scope,
        "replaced",
        `${missing} stood in a file that ${byOthers} while the log was writing`,
        next
      )
    else if (next.shift > 0) missingBefore(trail, next, last.k + 1, scope)
    else if (scope.retired.has(trail.session, next.k - 1, next.prev)) return
    else if (isAhead(last, next) || last.day <= scope.retired.upTo || isUndated(last, scope))
      incomplete(trail, scope, "older", outOfOrderText(missing), next)
    else if (!scope.isOneUser) missingDays(trail, last.day, next, `${missing} are not here`, scope, last)
  } else if (next.prev !== last.digest) {
    const text = `${sealsText(last.k, last.k)} is not the one that ${sealsText(next.k, next.k)} follows`
    problem(trail, scope, "edited", text, last)
  } else if (next.isReplaced) {
    note(trail, scope, "replaced", `${byOthers} the file while the log was writing`, next)
  } else if (next.shift > 0) missingBefore(trail, next, next.k, scope)
  else if (next.shift < 0) {
    const text = `${counted(-next.shift, "line")} of the session stand before the stretch of ${sealsText(next.k, next.k)} that were not there`
    problem(trail, scope, "inserted", text, next)
  }
}

/** "seal 5 and its lines", "seals 5 to 7 and their lines". */
const sealsAndLines = (from: number, to: number): string =>
  `${sealsText(from, to)} and ${from === to ? "its" : "their"} lines`

const byOthers = "another process moved or truncated"

/** Lines that a seal counts before its stretch, and that are not there. */
const missingBefore = (trail: SessionTrail, seal: ChainedSeal, from: number, scope: Scope): void => {
  if (seal.isTold) return
  const seals = from < seal.k ? `, ${sealsText(from, seal.k - 1)} among them,` : ""
  const are = seal.shift === 1 ? "is" : "are"
  const text = `${counted(seal.shift, "line")} of the session${seals} ${are} gone before the stretch of ${sealsText(seal.k, seal.k)}`
  problem(trail, scope, "deleted", text, seal)
}

/** Seals that are missing between two files: with a day between them, or from the end of the first. */
const missingDays = (
  trail: SessionTrail,
  day: string,
  next: ChainedSeal,
  what: string,
  scope: Scope,
  last: ChainedSeal
): void => {
  const days = daysBetween(day, next.day, scope.days)
  if (days !== "") problem(trail, scope, "missing-day", `${what}${days}`, next)
  else if (last.file === next.file) problem(trail, scope, "deleted", what, next)
  else
    problem(trail, scope, "truncated", `${what}: cut off after this seal, or in a file that is missing`, last)
}

/** `; there is no file of 2026-11-21`, or nothing. */
const daysBetween = (from: string, to: string, days: readonly string[]): string => {
  const here = new Set(days)
  const missing: string[] = []
  const dayMs = 86_400_000
  const end = Date.parse(to)
  for (let at = Date.parse(from) + dayMs; at < end && missing.length < daysNamedMax; at += dayMs) {
    const day = new Date(at).toISOString().slice(0, 10)
    if (!here.has(day)) missing.push(day)
  }
  return missing.length === 0 ? "" : `; there is no file of ${missing.join(", ")}`
}

const daysNamedMax = 7

const checkNumbers = (trail: SessionTrail, runs: readonly ChainRun[], scope: Scope): void => {
  if (trail.problems > 0 || trail.isIncomplete || scope.isOneUser) return
  if (trail.isFiltered === true || trail.events.isLost) return
  const isFromFirst = (runs[0]?.first.k ?? 1) === 1
  const gaps = trail.events.gaps(isFromFirst && !scope.isFromDay)
  const [first] = gaps
  if (first === undefined) return
  const more = gaps.length === 1 ? "" : `, and so in ${counted(gaps.length - 1, "other place")}`
  const text = `${missingText(first.from, first.to)}${more}, and no gap mark says why`
  const excuse = excuseOf(trail, runs, scope)
  if (excuse === undefined) problem(trail, scope, "gap", text)
  else note(trail, scope, "gap", `${text}; ${excuse}`)
}

// What is sealed has its numbers under its seals. Of the rest, numbers may be missing by right.
const excuseOf = (trail: SessionTrail, runs: readonly ChainRun[], { retired }: Scope): string | undefined => {
  const { isFiltered, firstDay, firstFile, lastFile, opens } = trail
  if (isFiltered === undefined)
    return "the session's first line, which would say whether events were filtered, is not here"
  const isBroken = runs.length > 1 || (runs[0]?.first.k ?? 1) > 1
  if (isBroken || (firstDay !== "unknown" && firstDay <= retired.upTo))
    return "they may have been in files that the log has deleted"
  if (opens.length > 0 && firstFile !== lastFile)
    return "it wrote into several files, and was killed before its last lines were in all of them"
  return undefined
}

/** Whose verdict is asked for, and what was given for it. */
export interface Judged {
  /** Keys were given: they are a demand. */
  readonly isSigned: boolean
  readonly byKey: ReadonlyMap<string, SessionTrail>
}

/** What can be said of a session when everything was read. */
export const verdictOf = (trail: SessionTrail, judged: Judged): Verdict => {
  if (trail.problems > 0) return "broken"
  const worth = worthOf(trail, judged)
  if (worth === "unsigned") return worth
  if (trail.isNewer) return "unknown"
  return trail.isIncomplete ? "incomplete" : worth
}

// By its seals alone. A session without any was killed early: it is worth as much as the one that has seen its lines.
const worthOf = (trail: SessionTrail, judged: Judged): Verdict => {
  const { isSigned, byKey } = judged
  if (trail.seals === 0 && !trail.isNewer) {
    const seer = trail.adoptedBy === undefined ? undefined : byKey.get(trail.adoptedBy)
    const isHeld = seer !== undefined && seer.seals > 0 && seer.problems === 0
    return isHeld ? worthOf(seer, judged) : isSigned ? "unsigned" : "unsealed"
  }
  if (isSigned && !trail.isSigned) return "unsigned"
  if (trail.anchoredTo > 0) return "anchored"
  return isSigned ? "signed" : "intact"
}

/** Says of a session that is not signed why it is not. */
export const checkSigned = (trail: SessionTrail, judged: Judged, findings: Findings): void => {
  if (!judged.isSigned || trail.problems > 0 || worthOf(trail, judged) !== "unsigned") return
  const { seals, signedBy } = trail
  const why =
    seals === 0
      ? "it has no seal, and no session that is signed has seen its lines"
      : signedBy.size > 1
        ? `its ${seals} seals are signed with ${signedBy.size} keys, and a session has one`
        : `its ${counted(seals, "seal")} ${seals === 1 ? "is" : "are"} not signed with a key that was given`
  findings.noteOf(trail, "unsigned", why, { file: trail.lastFile })
}

const problem = (
  trail: SessionTrail,
  { findings }: Scope,
  kind: ProblemKind,
  text: string,
  at: FoundAt = { file: trail.lastFile }
): void => findings.problemOf(trail, kind, text, at)

const note = (
  trail: SessionTrail,
  { findings }: Scope,
  kind: NoteKind,
  text: string,
  at: FoundAt = { file: trail.lastFile }
): void => findings.noteOf(trail, kind, text, at)

const incomplete = (
  trail: SessionTrail,
  scope: Scope,
  kind: "older" | "replaced",
  text: string,
  at: FoundAt
): void => {
  trail.isIncomplete = true
  note(trail, scope, kind, text, at)
}
