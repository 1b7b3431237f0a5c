// Verifying the files of a trail, wherever their bytes come from: once over all of them for what seals remember of each other,
// once for every line, and again only where a stretch is in doubt. Streams: memory has a chunk, and a little for each session.
// Runs in a page as well: digests, signatures and bytes are handed in.

//   files ─▶ what first seals remember ─▶ each file: lines, stretches, seals ─▶ doubts, read again
//         ─▶ what anchors hold ─▶ marks of deletions that are believed ─▶ each session: its chain, its numbers
//         ─▶ what is known and not here ─▶ report

import { describeDiskError } from "../disk/errno.ts"
import { sealLimits } from "../limits.ts"
import { timeAt } from "../seal/line.ts"
import type { SealVerifyingKey } from "../seal/verifying-key.ts"
import { counted } from "../words.ts"
import { checkKnown, spreadAnchors } from "./absent.ts"
import { linesIn } from "./blocks.ts"
import { checkChain, checkSigned, type Judged, verdictOf } from "./chain.ts"
import { type Digest, hexDigest } from "./digest.ts"
import { DoubtVisitor } from "./doubt.ts"
import { FileCheck } from "./file.ts"
import { Findings, sealsText } from "./findings.ts"
import { KnownSeals } from "./known.ts"
import {
  type ByteSource,
  eachLine,
  isMoved,
  type LineVisitor,
  type TrailFile,
  toVerifyFile,
  type VerifyFile
} from "./lines.ts"
import { remembering } from "./remember.ts"
import { type Finding, type SessionReport, type Verdict, type VerifyReport, verdicts } from "./report.ts"
import { RetiredFiles } from "./retired.ts"
import type { SessionTrail } from "./session.ts"
import type { OpenStretch, VerifyState } from "./stretch.ts"

/** A seal that is known from elsewhere: what the exporter's option `anchor` got. */
export interface Anchor {
  /** First 8 hex digits of the session's stream key. */
  readonly session: string
  readonly k: number
  readonly sha256: string
  /** Its file, below the log's directory: without it a deleted day's anchor cannot be told from a cut. */
  readonly file?: string | undefined
}

/** What is asked of a trail. */
export interface TrailDemand {
  /** Seals that were kept elsewhere: see the exporter's option `anchor`. */
  readonly anchors?: readonly Anchor[] | undefined
  /** For how many days files were to be kept: marks of deletions that kept less are not believed. */
  readonly retentionDays?: number | undefined
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined
  /** Aborts with its reason. */
  readonly signal?: AbortSignal | undefined
}

export interface VerifyFilesOptions extends TrailDemand {
  /** All files of one app in one folder, of one day in any order. */
  readonly files: readonly TrailFile[]
  readonly digest: Digest
  /** They are a demand: what is not signed with one of them is `unsigned`. */
  readonly keys?: readonly SealVerifyingKey[] | undefined
  /** Which other files there are and were left out: what is not here may be in them. */
  readonly without?:
    | { readonly older?: boolean; readonly others?: boolean; readonly users?: boolean }
    | undefined
}

/** Every file is read twice. */
export interface VerifyProgress {
  readonly file: string
  readonly bytesRead: number
  readonly bytesTotal: number
}

/** Says of each session what its seals prove, and of everything that does not fit what it is and where it stands. */
export const verifyFiles = async (options: VerifyFilesOptions): Promise<VerifyReport> => {
  const { keys = [], anchors = [] } = options
  const state: VerifyState = {
    findings: new Findings(),
    known: new KnownSeals(),
    keys,
    digest: hexDigest(options.digest),
    sessions: new Map(),
    marks: [],
    unowned: 0
  }
  for (const anchor of anchors) state.known.anchor(anchor)
  const files = options.files
    .map(toVerifyFile)
    .sort((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : 0))
  await new Reading(state, options).read(files)
  return judge(state, files, options)
}

/** Reads the files: first for what seals remember of each other, then line by line. */
class Reading {
  private readonly state: VerifyState
  private readonly options: TrailDemand
  private bytesRead = 0
  private bytesTotal = 0

  constructor(state: VerifyState, options: TrailDemand) {
    this.state = state
    this.options = options
  }

  async read(files: readonly VerifyFile[]): Promise<void> {
    // Newest first: a seal may remember what stands in an older file, so that one must not be measured before it.
    for (const file of files.toReversed())
      await this.withFile(file, ({ size, likelySize }) => {
        file.size = size
        this.bytesTotal += 2 * (likelySize ?? size)
      })
    for (const file of files) await this.withFile(file, (open) => this.remember(file, open))
    for (const file of files) await this.withFile(file, (open) => this.check(file, open))
  }

  private async withFile(file: VerifyFile, work: (open: ByteSource) => void | Promise<void>): Promise<void> {
    const { signal } = this.options
    signal?.throwIfAborted()
    const orUnreadable = async <Answer>(answer: () => Answer | Promise<Answer>): Promise<Answer> => {
      try {
        return await answer()
      } catch (cause) {
        throw new Unreadable(cause)
      }
    }
    let open: ByteSource | undefined
    try {
      open = await orUnreadable(() => file.open())
      const source = open
      if (source === undefined) return
      const read: ByteSource["read"] = (into, at) => orUnreadable(() => source.read(into, at))
      const { size, likelySize } = source
      await work({ size, likelySize, read })
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof Unreadable)) throw error
      const text = `the file cannot be read: ${describeDiskError(error.why)}`
      this.state.findings.problem("unreadable", text, { file: file.file, offset: 0 })
    } finally {
      await open?.close?.()
    }
  }

  private each(
    file: VerifyFile,
    open: ByteSource,
    visitor: LineVisitor,
    part: { readonly from: number; readonly to: number; readonly isAgain?: boolean }
  ): Promise<void> {
    const { onProgress, signal } = this.options
    const onBytes = (bytes: number): void => {
      this.bytesRead += bytes
      file.checked += bytes
      this.bytesTotal = Math.max(this.bytesTotal, this.bytesRead)
      onProgress?.({ file: file.file, bytesRead: this.bytesRead, bytesTotal: this.bytesTotal })
    }
    return eachLine(open, { ...part, signal, ...(part.isAgain === true ? {} : { onBytes }) }, visitor)
  }

  private remember(file: VerifyFile, open: ByteSource): Promise<void> {
    return this.each(file, open, remembering(this.state.known, this.state), { from: 0, to: file.size })
  }

  private async check(file: VerifyFile, open: ByteSource): Promise<void> {
    const { findings, digest } = this.state
    file.checked = 0
    const check = new FileCheck(this.state, file)
    await this.each(file, open, check, { from: 0, to: file.size })
    await check.chunkEnd()
    check.end()
    for (const doubt of check.doubts) {
      if (findings.isFull) {
        doubt.trail.problems += 1
        findings.leftOut += 1
        continue
      }
      const visitor = new DoubtVisitor(doubt, digest)
      await this.each(file, open, visitor, { from: doubt.from.offset, to: doubt.to.offset, isAgain: true })
      await visitor.conclude(findings)
    }
    for (const stretch of check.unsealed) await this.leave(file, open, check, stretch)
  }

  // What a session left unsealed in a file: a little is honest, more than a log leaves is not.
  private async leave(
    file: VerifyFile,
    open: ByteSource,
    check: FileCheck,
    stretch: OpenStretch
  ): Promise<void> {
    const { findings } = this.state
    const { trail, lines, first, lastOffset, adopted, k } = stretch
    const { tail, bare } = adopted
    trail.unsealed += lines
    const { sealedAs, day } = file
    trail.opens.push({ file: file.file, sealedAs, day, isMoved: isMoved(file), after: k, lines, ...first })
    for (const { hold, isHeldUnsealed } of stretch.statements) if (isHeldUnsealed) hold(0)
    if (tail !== undefined) {
      trail.adopted += tail.lines
      trail.adoptedBy ??= tail.seer
      if (bare.size > 0) await this.checkAdopted(file, open, stretch)
      const held = tail.lines - linesIn(bare, tail.lines)
      file.proved += held
      trail.proved += held
    }
    if (trail.isNewer) return
    const where = { file: file.file, line: first.line, offset: first.offset }
    const head = new Uint8Array(lineHeadBytes)
    await open.read(head, lastOffset)
    const spanMs = timeAt(head, 0) - first.ms
    // A full disk may take lines of an hour at once and refuse the seal behind them: it leaves a fragment there.
    const isTorn = check.lastFragmentOf(trail.session) > lastOffset
    const isLong = lines > sealLimits.stretchLinesMax || (spanMs > sealLimits.stretchMs && !isTorn)
    const what = k === 0 ? "from this one on" : `behind ${sealsText(k, k)}, from this one on`
    // One seal is enough to contradict it.
    const sealsNothing = trail.isUnsealed && trail.lastSeal === 0
    if (isLong && !sealsNothing) {
      const text = `${counted(lines, "line")} of ${Math.round(spanMs / 1000)} s are under no seal, ${what}: no log leaves so many`
      findings.problemOf(trail, "seals-missing", text, where)
    } else {
      const seen =
        tail === undefined ? "" : `; session ${tail.seer.slice(0, 8)} has seen ${tail.lines} of them`
      const when = sealsNothing ? ", for the log seals nothing" : " yet"
      findings.noteOf(trail, "unsealed", `${counted(lines, "line")} not sealed${when}, ${what}${seen}`, where)
    }
  }

  // What others have seen of unsealed lines may be redacted as well.
  private async checkAdopted(file: VerifyFile, open: ByteSource, stretch: OpenStretch): Promise<void> {
    const { findings, digest } = this.state
    const { trail, after, k, adopted } = stretch
    const { tail, bare } = adopted
    if (tail === undefined) return
    const { lines, sha256, entries } = tail
    const visitor = new DoubtVisitor(
      {
        ...{ trail, file: file.file, isRight: true, bare, badAt: undefined, lines, shift: 0 },
        seal: { k, lines, sha256, salts: entries, first_seq: 0, last_seq: 0 },
        seer: tail.seer,
        from: after,
        isBehindSeal: k > 0,
        isStray: () => false,
        to: { line: 0, offset: file.size }
      },
      digest
    )
    await this.each(file, open, visitor, { from: after.offset, to: file.size, isAgain: true })
    await visitor.conclude(findings)
  }
}

/** What a file's bytes were refused with. */
class Unreadable extends Error {
  readonly why: unknown

  constructor(why: unknown) {
    super("unreadable")
    this.why = why
  }
}

const lineHeadBytes = 64

/** What can only be judged when every line was read. */
const judge = (
  state: VerifyState,
  files: readonly VerifyFile[],
  options: VerifyFilesOptions
): VerifyReport => {
  const { findings, known, keys } = state
  const { anchors = [], retentionDays, without = {} } = options
  const isPartial = Object.values(without).includes(true)
  const trails = [...state.sessions.values()]
  const days = [...new Set(files.map(({ day }) => day))].filter((day) => day !== "unknown").sort()
  const present = new Set(files.filter((file) => !isMoved(file)).map(({ sealedAs }) => sealedAs))
  const moved = new Set(files.filter(isMoved).map(({ sealedAs }) => sealedAs))
  const judged: Judged = {
    isSigned: keys.length > 0,
    byKey: new Map(trails.map((trail) => [trail.streamKey, trail]))
  }
  spreadAnchors(known, trails)
  const demand = { isSigned: judged.isSigned, isAnchored: anchors.length > 0, retentionDays }
  const retired = new RetiredFiles(state.marks, demand, { present, findings })
  const gone = isPartial ? [] : retired.gone
  for (const trail of trails)
    checkChain(trail, {
      ...{ findings, days, retired },
      isOneUser: without.users === true,
      isFromDay: without.older === true
    })
  const isLost = checkKnown({
    ...{ findings, known, trails, files: present, moved, retired, isPartial },
    oldestDay: days[0] ?? ""
  })
  for (const trail of trails) checkSigned(trail, judged, findings)
  // Of what is not signed more is said than that.
  if (!isPartial) checkLinks(state, trails, (trail) => !judged.isSigned || trail.isSigned)
  tellRetired(gone, findings)
  const sessions = trails.map((trail) => toSessionReport(trail, judged))
  const weakest: Verdict[] = sessions.map(({ verdict }) => verdict)
  if (findings.problems.length > 0) weakest.push("broken")
  if (isLost) weakest.push("incomplete")
  // Keys are a demand on every line: what is of no session is signed by none.
  if (state.unowned > 0) weakest.push(judged.isSigned ? "unsigned" : "unsealed")
  const inOrder = inOrderOf(files)
  return {
    verdict: verdicts.find((verdict) => weakest.includes(verdict)),
    sessions,
    problems: inOrder(findings.problems),
    notes: inOrder(findings.notes),
    findingsLeftOut: findings.leftOut,
    files: files.map(({ file, day, size, checked, lines, proved }) => ({
      ...{ file, day, lines, proved },
      bytes: Number.isFinite(size) ? size : checked
    })),
    retired: gone,
    asked: { keys: keys.length, anchors: anchors.length }
  }
}

// A session of another folder, with seals as good as ours, can be put among ours: then none here has seen it.
const checkLinks = (
  { known, findings }: VerifyState,
  trails: readonly SessionTrail[],
  isAsked: (trail: SessionTrail) => boolean
): void => {
  if (trails.length < 2) return
  for (const trail of trails.filter(isAsked)) {
    const isFromFirst = trail.sortedRuns()[0]?.first.k === 1
    const isLinked = known.seers.has(trail.streamKey) || known.seen.has(trail.session)
    if (!isFromFirst || isLinked || trail.problems > 0) continue
    const text =
      "no other session here has seen it, and it has seen none: nothing shows that it is of this folder"
    findings.noteOf(trail, "unlinked", text, { file: trail.lastFile })
  }
}

// One note a session and reason: the files are in the report.
const tellRetired = (gone: VerifyReport["retired"], findings: Findings): void => {
  const byWhom = new Map<
    string,
    { readonly session: string; readonly why: string; readonly days: string[] }
  >()
  for (const { session, reason, days, day } of gone) {
    const why =
      reason === "age" && days !== undefined
        ? `for they were older than ${counted(days, "day")}`
        : reason === "budget"
          ? "for the folder had too many bytes"
          : reason === "delivered"
            ? "for they were over and delivered"
            : "for they were old"
    const one = byWhom.get(`${session} ${why}`) ?? { session, why, days: [] }
    byWhom.set(`${session} ${why}`, one)
    one.days.push(day)
  }
  for (const { session, why, days } of byWhom.values()) {
    const [first = "", last = ""] = [days.toSorted()[0], days.toSorted().at(-1)]
    const span = first === last ? first : `${first} to ${last}`
    findings.note("retired", `it deleted ${counted(days.length, "file")} of ${span}, ${why}`, { session })
  }
}

const inOrderOf = (files: readonly VerifyFile[]) => {
  const order = new Map(files.map(({ file }, index) => [file, index]))
  const rank = (file: string | undefined): number => order.get(file ?? "") ?? files.length
  return <One extends Pick<Finding, "file" | "offset">>(findings: readonly One[]): readonly One[] =>
    findings.toSorted(
      (one, other) =>
        rank(one.file) - rank(other.file) || (one.offset ?? Infinity) - (other.offset ?? Infinity) || 0
    )
}

const toSessionReport = (trail: SessionTrail, judged: Judged): SessionReport => {
  const { session, streamKey, lines, seals, lastSeal, unsealed, adopted, redacted, anchoredTo, ended } = trail
  const [signer] = trail.isSigned ? trail.signedBy.keys() : []
  return {
    ...{ session, streamKey, lines, seals, lastSeal, unsealed, adopted, redacted, anchoredTo, ended },
    verdict: verdictOf(trail, judged),
    ...(signer === undefined ? {} : { signedBy: signer }),
    proved: trail.proved,
    firstFile: trail.firstFile,
    lastFile: trail.lastFile
  }
}
