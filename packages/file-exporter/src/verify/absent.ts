// What is known and not here: a seal that an anchor or another session remembers. It was cut off, or went with
// its file, or is not the same any more; or the log has deleted it, by a mark that is believed.

import { counted } from "../words.ts"
import { type Findings, sealsText } from "./findings.ts"
import type { KnownOne, KnownSeals, KnownTail } from "./known.ts"
import type { RetiredFiles } from "./retired.ts"
import type { SessionTrail } from "./session.ts"

export interface AbsentScope {
  readonly findings: Findings
  readonly known: KnownSeals
  readonly trails: readonly SessionTrail[]
  /** Names of the files that were looked at. */
  readonly files: ReadonlySet<string>
  /** The names that others had before a rotation moved them aside. There may have been further files of such a name. */
  readonly moved: ReadonlySet<string>
  readonly oldestDay: string
  readonly retired: RetiredFiles
  /** Files were left out: what is not here may be in them. */
  readonly isPartial: boolean
}

/** Says of each seal that is known and not met why it is not. True when a part is not here, and nothing says that it was deleted. */
export const checkKnown = (scope: AbsentScope): boolean => {
  const { retired, findings } = scope
  const trails = new Map<string, SessionTrail[]>()
  for (const trail of scope.trails) trails.set(trail.session, [...(trails.get(trail.session) ?? []), trail])
  const absent = new AbsentFiles(scope)
  for (const one of scope.known.all) {
    if (one.metBy !== undefined) continue
    const [trail] = trails.get(one.session) ?? []
    if (retired.covers(one) && !isHere(trail, one)) {
      if (one.isAnchor)
        findings.note(
          "retired",
          `${sealsText(one.k, one.k)} is among the anchors, and in a file that the log has deleted`,
          {
            ...(one.file === undefined ? {} : { file: one.file }),
            session: one.session
          }
        )
    } else if (trail === undefined) absent.add(one)
    else contradict(trail, one, scope, absent)
  }
  for (const tail of scope.known.allTails) {
    if (tail.metBy !== undefined) continue
    const [trail] = trails.get(tail.session) ?? []
    if (trail !== undefined) contradictTail(trail, tail, scope)
    else if (tail.k === 0 && retired.named(tail.file ?? "") === undefined)
      absent.add({ ...tail, isAnchor: false, seers: [tail.seer] })
  }
  absent.report()
  return absent.isIncomplete
}

const isHere = (trail: SessionTrail | undefined, { k }: KnownOne): boolean =>
  trail?.sortedRuns().some(({ first, last }) => k >= first.k && k <= last.k) === true

const knower = ({ isAnchor, seers: [seer = ""] }: Pick<KnownOne, "isAnchor" | "seers">): string =>
  isAnchor ? "is among the anchors" : `was seen by session ${seer.slice(0, 8)}`

const contradict = (
  trail: SessionTrail,
  one: KnownOne,
  { findings, isPartial, files }: AbsentScope,
  absent: AbsentFiles
): void => {
  const runs = trail.sortedRuns()
  const file = trail.lastFile
  const named = sealsText(one.k, one.k)
  if (trail.isNewer) return
  if (one.k > trail.lastSeal) {
    if (isPartial) {
      absent.unprove(one)
      return
    }
    if (absent.isLost(one.file ?? "")) {
      absent.add(one)
      return
    }
    const last = runs.at(-1)?.last
    const end =
      last === undefined ? "no seal of it is here" : `here it ends with ${sealsText(last.k, last.k)}`
    findings.problemOf(trail, "truncated", `${named} ${knower(one)}, and ${end}`, last ?? { file })
    return
  }
  const run = runs.find(({ first, last }) => one.k >= first.k && one.k <= last.k)
  if (run === undefined) {
    // Of seals that are missing in between or before, the chain has reported: nothing is left to be said of these.
    if (one.file === undefined || !files.has(one.file)) absent.unprove(one)
    return
  }
  const seal = [run.first, run.last].find(({ k }) => k === one.k)
  findings.problemOf(trail, "edited", `another ${named} ${knower(one)} than the one here`, seal ?? { file })
}

const contradictTail = (
  trail: SessionTrail,
  { k, lines, seer, file }: KnownTail,
  scope: AbsentScope
): void => {
  const { findings, files, moved, isPartial } = scope
  if (trail.isNewer || isPartial || k > trail.lastSeal) return
  if (file !== undefined && !files.has(file) && (!moved.has(file) || isOld(file, scope))) return
  const run = trail.sortedRuns().find(({ first, last }) => k >= first.k && k <= last.k)
  if (k > 0 && run === undefined) return
  const open = trail.opens.find(
    ({ after, sealedAs }) => after === k && (k > 0 || file === undefined || sealedAs === file)
  )
  const isLast = k === trail.lastSeal
  const isCut =
    open === undefined && (isLast || (k === 0 && !trail.replaced.has(file ?? "") && trail.seals === 0))
  const left = open?.lines ?? (isCut ? 0 : Number.POSITIVE_INFINITY)
  // A file that was replaced took its unsealed lines with it.
  if (open === undefined && file !== undefined && trail.replaced.has(file)) return
  const behind = k === 0 ? "at the file's beginning" : `behind ${sealsText(k, k)}`
  const what = `session ${seer.slice(0, 8)} has seen ${counted(lines, "line")} ${behind} that no seal covers`
  const where = (isLast ? run?.last : undefined) ?? open ?? { file: trail.lastFile }
  // A file that was deleted by right may have been made anew, by lines of its day that came late.
  if (open === undefined && k === 0 && scope.retired.named(file ?? "") !== undefined) {
    trail.isIncomplete = true
    findings.noteOf(trail, "older", `${what}; the log has deleted a file of that name`, { file })
  } else if (left < lines) findings.problemOf(trail, "truncated", `${what}, and ${left} are here`, where)
  else findings.problemOf(trail, "edited", `${what}, and they are not the same any more`, where)
}

/** Sessions that are gone altogether, reported once for each file that they were in. */
class AbsentFiles {
  private readonly scope: AbsentScope
  private readonly byFile = new Map<string, { readonly first: Absent; sessions: number }>()
  isIncomplete = false

  constructor(scope: AbsentScope) {
    this.scope = scope
  }

  add(one: Absent): void {
    const file = one.file ?? ""
    // Each anchor is accounted for.
    if (one.isAnchor && (this.scope.isPartial || this.isLost(file))) {
      this.unprove(one)
      if (one.seers.length === 0) return
    }
    const known = this.byFile.get(file)
    if (known === undefined) this.byFile.set(file, { first: one, sessions: 1 })
    else known.sessions += 1
  }

  /** An anchor that is not met, and no mark that is believed says why. */
  unprove({ isAnchor, session, k, file }: Absent): void {
    if (!isAnchor) return
    const { findings, isPartial } = this.scope
    // What is as old as what the log has deleted by now would be gone in any case. When it was taken away before its time, and
    // a mark said nothing of it, this was said then.
    if (!isPartial && !isOld(file ?? "", this.scope)) this.isIncomplete = true
    const where = isPartial
      ? "it may be in a file that was not looked at"
      : "no mark that is believed says that it was deleted"
    findings.note("unproved", `${sealsText(k, k)} is among the anchors and not here; ${where}`, {
      ...(file === undefined ? {} : { file }),
      session
    })
  }

  report(): void {
    for (const [file, { first, sessions }] of this.byFile) this.reportFile(file, first, sessions)
  }

  /** Its file is not here, and may have been deleted by right. */
  isLost(file: string): boolean {
    const { files, oldestDay } = this.scope
    const day = dayOf(file)
    return day !== "" && !files.has(file) && (isOld(file, this.scope) || day < oldestDay)
  }

  private reportFile(file: string, first: Absent, sessions: number): void {
    const { findings, files, moved, isPartial } = this.scope
    const more =
      sessions === 1 ? "" : `, and so ${sessions === 2 ? "is" : "are"} ${counted(sessions - 1, "other")}`
    const which = first.k === 0 ? "a session" : sealsText(first.k, first.k)
    const what = `${which} of session ${first.session} is not here${more}; it ${knower(first)}`
    if (files.has(file) || (moved.has(file) && !this.isLost(file))) {
      findings.problem("deleted", `${what} in this file`, { file, session: first.session })
      return
    }
    if (isPartial) return
    if (this.isLost(file)) {
      this.isIncomplete = true
      findings.note("older", `${what}; no mark that is believed says that the log deleted it`, { file })
    } else if (file !== "") findings.problem("missing-day", `the file is missing: ${what}`, { file })
    // It may be as old as what the log has deleted.
    else if (this.scope.retired.upTo !== "") this.unprove(first)
    else findings.problem("truncated", what, { session: first.session })
  }
}

/** Of a day that the log has deleted by now. */
const isOld = (file: string, { retired }: AbsentScope): boolean => {
  const day = dayOf(file)
  return day !== "" && day <= retired.upTo
}

const dayOf = (file: string): string => /\d{4}-\d\d-\d\d/.exec(file)?.[0] ?? ""

type Absent = Pick<KnownOne, "session" | "k" | "file" | "isAnchor" | "seers">

/** Follows the anchors: a first seal that is anchored holds the seals that it remembers in their places. */
export const spreadAnchors = (known: KnownSeals, trails: readonly SessionTrail[]): void => {
  const byKey = new Map(trails.map((trail) => [trail.streamKey, trail]))
  const seenBy = new Map<string, KnownOne[]>()
  const open: SessionTrail[] = []
  const anchor = (one: KnownOne): void => {
    const trail = one.metBy === undefined ? undefined : byKey.get(one.metBy)
    if (trail === undefined || trail.anchoredTo >= one.k) return
    if (trail.anchoredTo === 0) open.push(trail)
    trail.anchoredTo = one.k
  }
  const all = [...known.all]
  for (const one of all) if (one.isAnchor) anchor(one)
  if (open.length === 0) return
  for (const one of all) for (const seer of one.seers) seenBy.set(seer, [...(seenBy.get(seer) ?? []), one])
  for (let trail = open.pop(); trail !== undefined; trail = open.pop()) {
    const [begin] = trail.sortedRuns()
    if (begin?.first.k === 1 && begin.last.k >= trail.anchoredTo)
      for (const one of seenBy.get(trail.streamKey) ?? []) anchor(one)
  }
}
