// One file under verification: whose each line is, the open stretch of each session in it, and each seal against the
// lines before it. One pass and no look back; what does not fit is handed on as a doubt, to be read again.

//   line ──ends like an id?──no──▶ a fragment, or a line of no session
//     │ yes: the session's
//     ├─ event ─▶ counted and hashed ─▶ the stretch, still open
//     ├─ mark ──▶ the same, and what it says counts if it is proved (gap, retention)
//     └─ seal ──▶ judged when the chunk was read: as many lines as it says? their digests? its place? ──no──▶ doubt
//                 yes ─▶ proved; the next stretch is open
//   the file's end ─▶ what is still open is not sealed

import { asWritten, decodeLine, endsInCrLf, hasByteOrderMark } from "@daybook/core"
import { asEnded, endsWith, keyOf, readMark, seqOf, timeAt, toSealLine } from "../seal/line.ts"
import { counted } from "../words.ts"
import { prove } from "./blocks.ts"
import type { Doubt } from "./doubt.ts"
import type { Position } from "./findings.ts"
import type { KnownTail } from "./known.ts"
import { isMoved, type LineVisitor, type VerifyFile } from "./lines.ts"
import { toRetention } from "./retired.ts"
import { baseOf, type FoundSeal, judgeSeal } from "./seal.ts"
import { SessionTrail } from "./session.ts"
import { OpenStretch, type VerifyState } from "./stretch.ts"

const ascii = new TextDecoder("latin1")

export class FileCheck implements LineVisitor {
  readonly doubts: Doubt[] = []
  private readonly state: VerifyState
  private readonly file: VerifyFile
  private readonly opens = new Map<string, OpenStretch>()
  private last: OpenStretch | undefined
  /** What waits for digests until the chunk was read. */
  private waiting: (() => Promise<void>)[] = []
  /** The line at hand lacks its newline, and the log does not write here any more. */
  private isUnended = false
  private rewrittenAt: Position | undefined
  private torn = 0
  private tornAt: Position | undefined
  private readonly tornOf = new Map<string, number>()
  private unowned = 0
  private unownedAt: Position | undefined

  constructor(state: VerifyState, file: VerifyFile) {
    this.state = state
    this.file = file
  }

  /** Stretches that are open at the file's end. */
  get unsealed(): readonly OpenStretch[] {
    return [...this.opens.values()].filter(({ lines }) => lines > 0)
  }

  /** Offset of the last fragment that may be the rest of a write of this session; -1 without one. */
  lastFragmentOf(session: string): number {
    return Math.max(this.tornOf.get(session) ?? -1, this.tornOf.get("") ?? -1)
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    this.file.lines += 1
    const isRewritten = endsInCrLf(bytes, start, end) || hasByteOrderMark(bytes, start)
    if (!isRewritten) {
      if (end - start > 1) this.whole(bytes, start, end, offset, false)
      return
    }
    const line = asWritten(bytes, start, end)
    if (line.length > 1) this.whole(line, 0, line.length, offset, true)
  }

  unterminated(bytes: Uint8Array, offset: number): void {
    this.file.lines += 1
    const at = { line: this.file.lines, offset }
    // A short write may take all of a line but its newline: the log counts it, and ends it with its next write there.
    const line = asEnded(bytes)
    if (line === undefined) this.tornOf.set(sessionOn(bytes), offset)
    else {
      this.isUnended = isMoved(this.file)
      this.whole(line, 0, line.length, offset, false)
    }
    this.note(
      "unterminated",
      "the last line has no newline: it is being written, or the process was killed while it wrote",
      at
    )
  }

  tooLong(offset: number): void {
    this.file.lines += 1
    this.fragment("", { line: this.file.lines, offset })
  }

  async chunkEnd(): Promise<void> {
    for (const open of this.opens.values()) open.hold()
    const { waiting } = this
    this.waiting = []
    for (const work of waiting) await work()
  }

  /** Reports what is true of the file as a whole. */
  end(): void {
    if (this.rewrittenAt !== undefined) {
      const text = "an editor has saved the file with other line ends or a byte order mark, from this line on"
      this.state.findings.problem("rewritten", text, { file: this.file.file, ...this.rewrittenAt })
    }
    if (this.tornAt !== undefined)
      this.note(
        "torn",
        `${counted(this.torn, "fragment")} of lines, as a crash or a full disk leaves them, from this one on`,
        this.tornAt
      )
    if (this.unownedAt !== undefined)
      this.note(
        "unowned",
        `${counted(this.unowned, "line")} of no session, which no seal can cover, from this one on`,
        this.unownedAt
      )
  }

  private whole(bytes: Uint8Array, start: number, end: number, offset: number, isRewritten: boolean): void {
    const at = { line: this.file.lines, offset }
    if (isRewritten) this.rewrittenAt ??= at
    const open = this.openOf(bytes, start, end, at)
    if (open === undefined) return
    const seq = seqOf(bytes, start, end)
    if (seq === 0 && this.isSeal(open, bytes.subarray(start, end), at)) return
    if (isRewritten) open.isRewritten = true
    if (open.lines === 0) open.first = { ...at, ms: timeAt(bytes, start) }
    open.add(bytes, start, end, at)
    open.trail.lines += 1
    if (seq === 0) this.readMark(open, bytes.subarray(start, end), at)
    else {
      open.trail.events.add(seq)
      if (isSessionLine(bytes, start, end)) readSession(open, bytes.subarray(start, end))
    }
    const { seenTails } = open
    if (seenTails !== undefined) this.meetTails(open, seenTails)
  }

  private meetTails(open: OpenStretch, tails: readonly KnownTail[]): void {
    const { adopted, trail } = open
    const { blocks } = open.stretch
    this.waiting.push(async () => {
      for (const tail of tails) {
        const { fits, bare } = await prove(blocks, tail, this.state.digest)
        if (!fits) continue
        tail.metBy = trail.streamKey
        Object.assign(adopted, { tail, bare })
      }
    })
  }

  /** The session that a line ends like. */
  private openOf(bytes: Uint8Array, start: number, end: number, at: Position): OpenStretch | undefined {
    const { last } = this
    if (last !== undefined && end - start >= keyBytes && endsWith(bytes, end, last.ending)) return last
    const key = keyOf(bytes, start, end)
    const line = bytes.subarray(start, end)
    if (key === undefined) {
      this.unownedLine(line, at)
      return undefined
    }
    let open = this.opens.get(key)
    if (open === undefined) {
      const trail = this.state.sessions.get(key) ?? this.newSession(key, line, at)
      if (trail === undefined) return undefined
      trail.lastFile = this.file.file
      open = new OpenStretch(trail, line.slice(-keyBytes), this.state)
      this.opens.set(key, open)
    }
    this.last = open
    return open
  }

  // A line whose id says one session and whose text another one was changed in one of them.
  private newSession(key: string, line: Uint8Array, at: Position): SessionTrail | undefined {
    const decoded = decodeLine(line)
    if ("damage" in decoded) {
      this.fragment("", at)
      return undefined
    }
    const streamKey = key.replace("-", "")
    if (decoded.head.session !== streamKey.slice(0, 8)) {
      this.state.findings.problem("damaged", "its id is not of the session that it names", {
        file: this.file.file,
        ...at
      })
      return undefined
    }
    const trail = new SessionTrail(streamKey, this.file)
    if ((decoded.head.v ?? 1) > 1) trail.isNewer = true
    this.state.sessions.set(key, trail)
    return trail
  }

  private unownedLine(line: Uint8Array, at: Position): void {
    if ("damage" in decodeLine(line)) {
      this.fragment(sessionOn(line), at)
      return
    }
    this.unowned += 1
    this.state.unowned += 1
    this.unownedAt ??= at
  }

  private fragment(session: string, at: Position): void {
    this.torn += 1
    this.tornAt ??= at
    this.tornOf.set(session, at.offset)
  }

  /** True for a seal, which is no line of the stretch that it ends. */
  private isSeal(open: OpenStretch, line: Uint8Array, at: Position): boolean {
    const mark = readMark(line)
    const seal = mark === undefined ? undefined : toSealLine(mark)
    const base = seal === undefined ? undefined : baseOf(line, seal)
    const { trail } = open
    if (seal === undefined || base === undefined) {
      if (mark?.kind === "seal" && !trail.isNewer)
        this.problem(trail, "damaged", "it is a seal whose fields are not those of one", at)
      return false
    }
    if (seal.closed === true) trail.ended = true
    // A session has one version: with a seal of ours, it is judged by our rules.
    if (seal.v === 1) trail.isNewer = false
    const { file, isUnended } = this
    const found: FoundSeal = { seal, base: base.slice(), at, file, trail, stretch: open.stretch, isUnended }
    this.waiting.push(async () => {
      const doubt = await judgeSeal(found, this.state)
      if (doubt !== undefined) this.doubts.push(doubt)
    })
    open.next(seal.k, seal.skip + seal.lines + 1, at)
    return true
  }

  /** What a mark says counts if its line is proved; a gap also where nothing is sealed yet. */
  private readMark({ trail, block, statements }: OpenStretch, line: Uint8Array, at: Position): void {
    const mark = readMark(line)
    if (mark === undefined) {
      if ("damage" in decodeLine(line)) this.problem(trail, "damaged", "it is not valid JSON", at)
      return
    }
    const { fields, kind, head } = mark
    if (kind === "gap") {
      const { first_seq: first, last_seq: last } = fields
      if (typeof first === "number" && typeof last === "number" && first <= last)
        statements.push({ block, hold: () => trail.events.add(first, last), isHeldUnsealed: true })
    }
    const retention = kind === "retention" ? toRetention(fields) : undefined
    if (retention === undefined) return
    const where = { file: this.file.file, ...at }
    const mean = { trail, at: where, day: head.ts.slice(0, 10), fields: retention }
    const hold = (k: number): number => this.state.marks.push({ ...mean, k })
    statements.push({ block, hold, isHeldUnsealed: false })
  }

  private problem(trail: SessionTrail, kind: "damaged", text: string, at: Position): void {
    this.state.findings.problemOf(trail, kind, text, { file: this.file.file, ...at })
  }

  private note(kind: "torn" | "unowned" | "unterminated", text: string, at: Position): void {
    this.state.findings.note(kind, text, { file: this.file.file, ...at })
  }
}

/** `1a2-c3d4e5f60718"}\n` */
const keyBytes = 19
const headBytes = 512

const sessionLine = new TextEncoder().encode(',"category":"session",')
const levelBytes = `,"level":"info"`.length

// At its fixed place: all of the log's own session lines have level info, and a time or none.
const isSessionLine = (bytes: Uint8Array, start: number, end: number): boolean => {
  const to = start + (bytes[start + 7] === 0x22 ? 8 : 32) + levelBytes + sessionLine.length
  return to < end && endsWith(bytes, to, sessionLine)
}

const readSession = ({ trail, block, statements }: OpenStretch, line: Uint8Array): void => {
  const decoded = decodeLine(line)
  if ("damage" in decoded) return
  const { head, fields } = decoded
  if (head.message === "Session ended") trail.ended = true
  if (head.message !== "Session started") return
  const hold = (k: number): void => {
    // One behind a seal is not the session's first.
    if (k === 0 && trail.seals > 0) return
    trail.isFiltered = fields.filtered !== undefined && fields.filtered !== false
    trail.isUnsealed = fields.sealed === false
  }
  statements.push({ block, hold, isHeldUnsealed: true })
}

/** The session that the beginning of a broken line names; "" for one that does not get that far. */
const sessionOn = (line: Uint8Array): string => {
  const head = ascii.decode(line.subarray(0, headBytes))
  return /"session":"([0-9a-f]{8})"/.exec(head)?.[1] ?? ""
}
