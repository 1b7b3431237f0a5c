// Verifying a log's files: once over all of them for what seals remember of each other, once for every line, and again
// only where a stretch is in doubt. Streams: memory has a chunk, and a little for each session.

//   list ─▶ what first seals remember ─▶ each file: lines, stretches, seals ─▶ doubts, read again
//        ─▶ each session: its chain, its numbers ─▶ what is known and not here ─▶ report

import { asWritten, endsInCrLf, type OptionRules, optionRule } from "@daybook/core"
import { codeOf, describeDiskError } from "../disk/error.ts"
import { PackedFile } from "../disk/packed-file.node.ts"
import type { OpenFile, ReadLayer } from "../disk/read-layer.ts"
import { sealLimits } from "../limits.ts"
import { type Env, findLogDir } from "../place/audit-log-path.node.ts"
import { isCalendarDay } from "../place/day.ts"
import { isPackedName } from "../place/layout.node.ts"
import { type DayFile, listAllFiles } from "../place/list.node.ts"
import { anyText, anyValue, checkPlaceOptions, placeRules } from "../place/option-rules.node.ts"
import { withoutTwins } from "../place/twins.node.ts"
import { type KnownSeal, readVerifyingKey } from "../seal/key.node.ts"
import { keyOf, readMark, seqOf, timeAt, toSealLine } from "../seal/line.ts"
import { counted } from "../words.ts"
import { checkKnown, spreadAnchors } from "./absent.ts"
import { checkChain, verdictOf } from "./chain.ts"
import { DoubtVisitor } from "./doubt.node.ts"
import { FileCheck } from "./file.node.ts"
import { Findings, sealsText } from "./findings.ts"
import { KnownSeals } from "./known.ts"
import { eachLine } from "./lines.ts"
import { type SessionReport, type Verdict, type VerifyReport, verdicts } from "./report.ts"
import type { SessionTrail } from "./session.ts"
import type { OpenStretch, VerifyState } from "./stretch.node.ts"

export interface VerifyOptions {
  readonly app: string
  /** Default: where `fileExporter()` writes, by `env`. */
  readonly dir?: string | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
  /** First and last day to look at, "YYYY-MM-DD". Default: all. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Only this user's files, where each user has their own. */
  readonly user?: string | undefined
  /** Public keys, PEM: seals signed with one of them make a session `signed`. */
  readonly publicKey?: string | readonly string[] | undefined
  /** Seals that were kept elsewhere: see the exporter's option `anchor`. */
  readonly anchors?: readonly (KnownSeal & { readonly file?: string | undefined })[] | undefined
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined
  /** Aborts with its reason. */
  readonly signal?: AbortSignal | undefined
}

const rules: OptionRules = {
  ...placeRules,
  from: anyValue,
  to: anyValue,
  user: anyText,
  publicKey: {
    mustBe: "a PEM text, or a list of them",
    isRight: (value) => typeof value === "string" || Array.isArray(value)
  },
  anchors: optionRule.list("a list of seals"),
  onProgress: optionRule.callable,
  signal: optionRule.object("an AbortSignal")
}

/** Every file is read twice. */
export interface VerifyProgress {
  readonly file: string
  readonly bytesRead: number
  readonly bytesTotal: number
}

/** On any read layer: see src/verify.ts. */
export const verifyOn = async (layer: ReadLayer, options: VerifyOptions): Promise<VerifyReport> => {
  checkPlaceOptions("verify", options, rules)
  const { app, env, user, from, to, publicKey = [], anchors = [] } = options
  for (const [name, day] of Object.entries({ from, to }))
    if (day !== undefined && !isCalendarDay(day))
      throw new TypeError(`verify: option "${name}" must be YYYY-MM-DD, got ${JSON.stringify(day)}`)
  const { dir } = findLogDir({ app, dir: options.dir, env })
  const state: VerifyState = {
    findings: new Findings(),
    known: new KnownSeals(),
    keys: (typeof publicKey === "string" ? [publicKey] : publicKey).map(readVerifyingKey),
    sessions: new Map(),
    retiredUpTo: "",
    unowned: 0
  }
  for (const anchor of anchors) state.known.anchor(anchor)
  const all = await listAllFiles(layer, { app, dir, user, withPacked: true })
  const isWanted = ({ day }: DayFile): boolean =>
    day === "unknown" || ((from === undefined || day >= from) && (to === undefined || day <= to))
  const wanted = all.filter(isWanted)
  const isPartial = user !== undefined || wanted.length < all.length
  const { files, twins } = await withoutTwins(layer, wanted)
  for (const { file } of twins)
    state.findings.note("packed-copy", "not looked at: the file that was packed is here as well", { file })
  const read = await new Reading(layer, state, options).read(files)
  const isFromDay = isPartial && from !== undefined
  judge(state, files, { isPartial, isOneUser: user !== undefined, isFromDay })
  return toReport(state, read)
}

type ReadFile = VerifyReport["files"][number]

/** Reads the files: first for what seals remember of each other, then line by line. */
class Reading {
  private readonly layer: ReadLayer
  private readonly state: VerifyState
  private readonly options: VerifyOptions
  private readonly sizes = new Map<DayFile, number>()
  /** Bytes of lines, as far as they were checked. */
  private readonly checked = new Map<DayFile, number>()
  private bytesRead = 0
  private bytesTotal = 0

  constructor(layer: ReadLayer, state: VerifyState, options: VerifyOptions) {
    this.layer = layer
    this.state = state
    this.options = options
  }

  async read(files: readonly DayFile[]): Promise<readonly ReadFile[]> {
    // Newest first: a seal may remember what stands in an older file, so that one must not be measured before it.
    for (const file of files.toReversed()) {
      await this.withFile(file, async (open) => {
        const { kind, size } = await open.facts()
        if (kind !== "file") return
        // How much was packed is known at its end; nothing is appended to it meanwhile.
        const isPacked = open instanceof PackedFile
        this.sizes.set(file, isPacked ? Number.POSITIVE_INFINITY : size)
        this.bytesTotal += 2 * (isPacked ? await open.likelySize() : size)
      })
    }
    for (const file of files) await this.withFile(file, (open) => this.remember(file, open))
    const read: ReadFile[] = []
    for (const file of files) {
      const check = new FileCheck(this.state, file)
      await this.withFile(file, (open) => this.check(file, open, check))
      const bytes = isPackedName(file.path) ? this.checked.get(file) : this.sizes.get(file)
      read.push({ file: file.file, bytes: bytes ?? 0, lines: check.lines })
    }
    return read
  }

  private async withFile(file: DayFile, work: (open: OpenFile) => Promise<void>): Promise<void> {
    const { signal } = this.options
    signal?.throwIfAborted()
    let open: OpenFile | undefined
    try {
      const handle = await this.layer.open(file.path)
      open = handle !== undefined && isPackedName(file.path) ? new PackedFile(handle) : handle
      if (open !== undefined) await work(open)
    } catch (error) {
      signal?.throwIfAborted()
      if (codeOf(error) === undefined) throw error
      const text = `the file cannot be read: ${describeDiskError(error)}`
      this.state.findings.problem("unreadable", text, { file: file.file, offset: 0 })
    } finally {
      await open?.close()
    }
  }

  private each(
    file: DayFile,
    open: OpenFile,
    visitor: Parameters<typeof eachLine>[2],
    part: { readonly from: number; readonly to: number; readonly isAgain?: boolean }
  ): Promise<void> {
    const { onProgress, signal } = this.options
    const onBytes = (bytes: number): void => {
      this.bytesRead += bytes
      this.checked.set(file, (this.checked.get(file) ?? 0) + bytes)
      this.bytesTotal = Math.max(this.bytesTotal, this.bytesRead)
      onProgress?.({ file: file.file, bytesRead: this.bytesRead, bytesTotal: this.bytesTotal })
    }
    return eachLine(open, { ...part, signal, ...(part.isAgain === true ? {} : { onBytes }) }, visitor)
  }

  private remember(file: DayFile, open: OpenFile): Promise<void> {
    const { known } = this.state
    return this.each(
      file,
      open,
      {
        line: (bytes, start, end) => {
          // Most lines are events, and a carriage return at the end moves their seq.
          if (!endsInCrLf(bytes, start, end) && seqOf(bytes, start, end) > 0) return
          const line = asWritten(bytes, start, end)
          const key = seqOf(line) === 0 ? keyOf(line) : undefined
          const mark = key === undefined ? undefined : readMark(line)
          const seal = mark === undefined ? undefined : toSealLine(mark)
          if (key === undefined || seal === undefined || seal.v > 1) return
          for (const seen of seal.saw ?? []) known.seen(key.replace("-", ""), seen)
        },
        unterminated: () => {},
        tooLong: () => {},
        chunkEnd: () => {}
      },
      { from: 0, to: this.sizes.get(file) ?? 0 }
    )
  }

  private async check(file: DayFile, open: OpenFile, check: FileCheck): Promise<void> {
    this.checked.delete(file)
    await this.each(file, open, check, { from: 0, to: this.sizes.get(file) ?? 0 })
    check.end()
    for (const doubt of check.doubts) {
      if (this.state.findings.isFull) {
        doubt.trail.problems += 1
        this.state.findings.leftOut += 1
        continue
      }
      const visitor = new DoubtVisitor(doubt)
      await this.each(file, open, visitor, {
        from: doubt.from.offset,
        to: doubt.sealAt.offset,
        isAgain: true
      })
      visitor.conclude(this.state.findings)
    }
    for (const stretch of check.unsealed) await this.leave(file, open, check, stretch)
  }

  // What a session left unsealed in a file: a little is honest, more than a log leaves is not.
  private async leave(
    { file }: DayFile,
    open: OpenFile,
    check: FileCheck,
    { trail, lines, first, lastOffset, tail, k }: OpenStretch
  ): Promise<void> {
    const { findings } = this.state
    trail.unsealed += lines
    trail.adopted += tail?.lines ?? 0
    trail.openAfter = k
    trail.openLines = lines
    if (trail.isNewer) return
    const where = { file, line: first.line, offset: first.offset }
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
      const whenClosed = trail.ended ? ", although the session was closed" : " yet"
      const when = sealsNothing ? ", for the log seals nothing" : whenClosed
      findings.noteOf(trail, "unsealed", `${counted(lines, "line")} not sealed${when}, ${what}${seen}`, where)
    }
  }
}

const lineHeadBytes = 64

/** What can only be judged when every line was read. */
const judge = (
  state: VerifyState,
  files: readonly DayFile[],
  scope: { readonly isPartial: boolean; readonly isOneUser: boolean; readonly isFromDay: boolean }
): void => {
  const { findings, known, sessions, retiredUpTo } = state
  const trails = [...sessions.values()]
  const days = [...new Set(files.map(({ day }) => day))].filter((day) => day !== "unknown").sort()
  spreadAnchors(known, trails)
  for (const trail of trails) checkChain(trail, { findings, days, retiredUpTo, ...scope })
  checkKnown({
    findings,
    known,
    trails,
    files: new Set(files.map(({ sealedAs }) => sealedAs)),
    oldestDay: days[0] ?? "",
    retiredUpTo,
    isPartial: scope.isPartial
  })
}

const toReport = (state: VerifyState, files: readonly ReadFile[]): VerifyReport => {
  const sessions = [...state.sessions.values()].map(toSessionReport)
  const { problems, notes, leftOut } = state.findings
  const weakest: Verdict[] = sessions.map(({ verdict }) => verdict)
  if (problems.length > 0) weakest.push("broken")
  if (state.unowned > 0) weakest.push("unsealed")
  const order = new Map(files.map(({ file }, index) => [file, index]))
  const rank = (file: string | undefined): number => order.get(file ?? "") ?? files.length
  const inOrder = <One extends { readonly file?: string | undefined; readonly offset?: number | undefined }>(
    findings: readonly One[]
  ): readonly One[] =>
    findings.toSorted(
      (one, other) =>
        rank(one.file) - rank(other.file) || (one.offset ?? Infinity) - (other.offset ?? Infinity) || 0
    )
  return {
    verdict: verdicts.find((verdict) => weakest.includes(verdict)),
    sessions,
    problems: inOrder(problems),
    notes: inOrder(notes),
    findingsLeftOut: leftOut,
    files
  }
}

const toSessionReport = (trail: SessionTrail): SessionReport => ({
  session: trail.session,
  streamKey: trail.streamKey,
  verdict: verdictOf(trail),
  lines: trail.lines,
  seals: trail.seals,
  lastSeal: trail.lastSeal,
  unsealed: trail.unsealed,
  adopted: trail.adopted,
  redacted: trail.redacted,
  anchoredTo: trail.anchoredTo,
  ended: trail.ended,
  firstFile: trail.firstFile,
  lastFile: trail.lastFile
})
