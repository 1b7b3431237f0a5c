// What is known and not here: a seal that an anchor or another session remembers. It was cut off, or went with
// its file, or is not the same any more; or it is older than everything here, and that is lawful.

import { counted } from "../words.ts"
import { type Findings, sealsText } from "./findings.ts"
import type { KnownOne, KnownSeals, KnownTail } from "./known.ts"
import type { SessionTrail } from "./session.ts"

export interface AbsentScope {
  readonly findings: Findings
  readonly known: KnownSeals
  readonly trails: readonly SessionTrail[]
  /** Names of the files that were looked at, as seals name them. */
  readonly files: ReadonlySet<string>
  readonly oldestDay: string
  readonly retiredUpTo: string
  /** Files were left out: what is not here may be in them. */
  readonly isPartial: boolean
}

/** Says of each seal that is known and not met why it is not. */
export const checkKnown = (scope: AbsentScope): void => {
  const trails = new Map<string, SessionTrail[]>()
  for (const trail of scope.trails) trails.set(trail.session, [...(trails.get(trail.session) ?? []), trail])
  const absent = new AbsentFiles(scope)
  for (const one of scope.known.all) {
    if (one.metBy !== undefined) continue
    const [trail] = trails.get(one.session) ?? []
    if (trail === undefined) absent.add(one)
    else contradict(trail, one, scope)
  }
  for (const tail of scope.known.allTails) {
    if (tail.metBy !== undefined) continue
    const [trail] = trails.get(tail.session) ?? []
    if (trail !== undefined) contradictTail(trail, tail, scope)
    else if (tail.k === 0) absent.add({ ...tail, isAnchor: false, seers: [tail.seer] })
  }
  absent.report()
}

const knower = ({ isAnchor, seers: [seer = ""] }: Pick<KnownOne, "isAnchor" | "seers">): string =>
  isAnchor ? "is among the anchors" : `was seen by session ${seer.slice(0, 8)}`

const contradict = (trail: SessionTrail, one: KnownOne, { findings, isPartial }: AbsentScope): void => {
  const runs = trail.sortedRuns()
  const file = trail.lastFile
  const named = sealsText(one.k, one.k)
  if (trail.isNewer) return
  if (one.k > trail.lastSeal) {
    if (isPartial) return
    const last = runs.at(-1)?.last
    const end =
      last === undefined ? "no seal of it is here" : `here it ends with ${sealsText(last.k, last.k)}`
    findings.problemOf(trail, "truncated", `${named} ${knower(one)}, and ${end}`, last ?? { file })
    return
  }
  // Of seals that are missing in between or before, the chain has reported.
  const run = runs.find(({ first, last }) => one.k >= first.k && one.k <= last.k)
  if (run === undefined) return
  const seal = [run.first, run.last].find(({ k }) => k === one.k)
  findings.problemOf(trail, "edited", `another ${named} ${knower(one)} than the one here`, seal ?? { file })
}

const contradictTail = (
  trail: SessionTrail,
  { k, lines, seer, file }: KnownTail,
  { findings, files, isPartial }: AbsentScope
): void => {
  if (trail.isNewer || trail.isIncomplete || isPartial || k > trail.lastSeal) return
  if (file !== undefined && !files.has(file)) return
  const run = trail.sortedRuns().find(({ first, last }) => k >= first.k && k <= last.k)
  if (k > 0 && run === undefined) return
  const isLast = k === trail.lastSeal
  const left = trail.openAfter === k ? trail.openLines : isLast ? 0 : Number.POSITIVE_INFINITY
  const behind = k === 0 ? "at the file's beginning" : `behind ${sealsText(k, k)}`
  const what = `session ${seer.slice(0, 8)} has seen ${counted(lines, "line")} ${behind} that no seal covers`
  const where = (isLast ? run?.last : undefined) ?? { file: trail.lastFile }
  if (left < lines) findings.problemOf(trail, "truncated", `${what}, and ${left} are here`, where)
  else findings.problemOf(trail, "edited", `${what}, and they are not the same any more`, where)
}

/** Sessions that are gone altogether, reported once for each file that they were in. */
class AbsentFiles {
  private readonly scope: AbsentScope
  private readonly byFile = new Map<string, { readonly first: Absent; sessions: number }>()

  constructor(scope: AbsentScope) {
    this.scope = scope
  }

  add(one: Absent): void {
    const file = one.file ?? ""
    const known = this.byFile.get(file)
    if (known === undefined) this.byFile.set(file, { first: one, sessions: 1 })
    else known.sessions += 1
  }

  report(): void {
    for (const [file, { first, sessions }] of this.byFile) this.reportFile(file, first, sessions)
  }

  private reportFile(file: string, first: Absent, sessions: number): void {
    const { findings, files, oldestDay, retiredUpTo, isPartial } = this.scope
    const more =
      sessions === 1 ? "" : `, and so ${sessions === 2 ? "is" : "are"} ${counted(sessions - 1, "other")}`
    const which = first.k === 0 ? "a session" : sealsText(first.k, first.k)
    const what = `session ${first.session} is not here${more}; ${which} of it ${knower(first)}`
    const day = /\d{4}-\d\d-\d\d/.exec(file)?.[0] ?? ""
    const isOlder = day !== "" && day < oldestDay
    if (file !== "" && files.has(file))
      findings.problem("deleted", `${what} in this file`, { file, session: first.session })
    else if (isPartial) return
    // Deleted, whatever is still here: a power cut may bring back some of what was deleted, and not the newest of it.
    else if (day !== "" && day <= retiredUpTo) return
    else if (isOlder)
      findings.note("older", `${what} in a file older than those here, and no retention mark says why`, {
        file
      })
    else if (file !== "") findings.problem("missing-day", `the file is missing: ${what}`, { file })
    // An anchor that does not say where its seal stood may be as old as what the log itself has deleted.
    else if (retiredUpTo !== "")
      findings.note("older", `${what}; it may have been in a file that the log has deleted`, {})
    else findings.problem("truncated", what, { session: first.session })
  }
}

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
