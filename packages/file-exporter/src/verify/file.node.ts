// One file under verification: whose each line is, the open stretch of each session in it, and each seal against the
// lines before it. One pass and no look back; what does not fit is handed on as a doubt, to be read again.

//   line ──ends like an id?──no──▶ a fragment, or a line of no session
//     │ yes: the session's
//     ├─ event ─▶ counted and hashed ─▶ the stretch, still open
//     ├─ mark ──▶ the same, and what it says is remembered (gap, retention)
//     └─ seal ──▶ as many lines as it says? their digest? its place? ──no──▶ doubt
//                 yes ─▶ sealed; the next stretch is open
//   the file's end ─▶ what is still open is not sealed

import { asWritten, decodeLine, endsInCrLf, hasByteOrderMark } from "@daybook/core"
import type { DayFile } from "../place/list.node.ts"
import { endsWith, keyOf, readMark, seqOf, timeAt, toSealLine } from "../seal/line.ts"
import { counted } from "../words.ts"
import type { Doubt } from "./doubt.node.ts"
import type { Position } from "./findings.ts"
import type { KnownTail } from "./known.ts"
import type { LineVisitor } from "./lines.ts"
import { judgeSeal } from "./seal.node.ts"
import { SessionTrail } from "./session.ts"
import { OpenStretch, type VerifyState } from "./stretch.node.ts"

const ascii = new TextDecoder("latin1")

export class FileCheck implements LineVisitor {
  readonly doubts: Doubt[] = []
  lines = 0
  private readonly state: VerifyState
  private readonly file: DayFile
  private readonly opens = new Map<string, OpenStretch>()
  private last: OpenStretch | undefined
  /** Lines of one session behind each other are hashed at once. */
  private run:
    | { readonly open: OpenStretch; readonly bytes: Uint8Array; readonly start: number; end: number }
    | undefined
  private rewrittenAt: Position | undefined
  private torn = 0
  private tornAt: Position | undefined
  private readonly tornOf = new Map<string, number>()
  private unowned = 0
  private unownedAt: Position | undefined

  constructor(state: VerifyState, file: DayFile) {
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
    this.lines += 1
    const isRewritten = endsInCrLf(bytes, start, end) || hasByteOrderMark(bytes, start)
    if (!isRewritten) {
      if (end - start > 1) this.whole(bytes, start, end, offset, false)
      return
    }
    const line = asWritten(bytes, start, end)
    if (line.length > 1) this.whole(line, 0, line.length, offset, true)
  }

  unterminated(bytes: Uint8Array, offset: number): void {
    this.lines += 1
    const at = { line: this.lines, offset }
    this.tornOf.set(sessionOn(bytes), offset)
    this.note(
      "unterminated",
      "the last line has no newline: it is being written, or the process was killed while it wrote",
      at
    )
  }

  tooLong(offset: number): void {
    this.lines += 1
    this.fragment("", { line: this.lines, offset })
  }

  chunkEnd(): void {
    this.flush()
  }

  /** Reports what is true of the file as a whole. */
  end(): void {
    this.flush()
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
    const at = { line: this.lines, offset }
    if (isRewritten) this.rewrittenAt ??= at
    const open = this.openOf(bytes, start, end, at)
    if (open === undefined) return
    const seq = seqOf(bytes, start, end)
    if (seq === 0 && this.isSeal(open, bytes.subarray(start, end), at)) return
    if (isRewritten) open.isRewritten = true
    if (open.lines === 0) open.first = { ...at, ms: timeAt(bytes, start) }
    open.lines += 1
    open.lastOffset = offset
    open.trail.lines += 1
    if (seq > 0) {
      open.trail.events.add(seq)
      if (isSessionLine(bytes, start, end)) readSession(open.trail, bytes.subarray(start, end))
    }
    this.take(open, bytes, start, end)
    const { seenTails } = open
    if (seenTails !== undefined) this.meetTails(open, seenTails)
  }

  private take(open: OpenStretch, bytes: Uint8Array, start: number, end: number): void {
    const { run } = this
    if (run?.open === open && run.bytes === bytes && run.end === start) run.end = end
    else {
      this.flush()
      this.run = { open, bytes, start, end }
    }
  }

  private flush(): void {
    if (this.run === undefined) return
    const { open, bytes, start, end } = this.run
    open.update(bytes.subarray(start, end))
    this.run = undefined
  }

  private meetTails(open: OpenStretch, tails: readonly KnownTail[]): void {
    this.flush()
    const digest = open.digest()
    for (const tail of tails) {
      if (tail.sha256 !== digest) continue
      tail.metBy = open.trail.streamKey
      open.tail = tail
    }
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
      open = new OpenStretch(trail, line.slice(-keyBytes), this.state.known)
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
    const trail = new SessionTrail(streamKey, this.file.file)
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

  /** Remembers what a mark says. Returns true for a seal, which is no line of the stretch that it ends. */
  private isSeal(open: OpenStretch, line: Uint8Array, at: Position): boolean {
    const mark = readMark(line)
    if (mark === undefined) {
      if (!("damage" in decodeLine(line))) return false
      this.problem(open.trail, "damaged", "it is not valid JSON", at)
      return false
    }
    const seal = toSealLine(mark)
    if (seal !== undefined) {
      this.flush()
      if (seal.closed === true) open.trail.ended = true
      const doubt = judgeSeal({ seal, line, at, file: this.file }, open, this.state)
      if (doubt !== undefined) this.doubts.push(doubt)
      return true
    }
    const { fields, kind } = mark
    if (kind === "seal" && !open.trail.isNewer)
      this.problem(open.trail, "damaged", "it is a seal whose fields are not those of one", at)
    if (kind === "gap") {
      const { first_seq: first, last_seq: last } = fields
      if (typeof first === "number" && typeof last === "number" && first <= last)
        open.trail.events.add(first, last)
    }
    const { newest } = fields
    if (kind === "retention" && typeof newest === "string" && newest > open.retiredUpTo)
      open.retiredUpTo = newest
    return false
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

const readSession = (trail: SessionTrail, line: Uint8Array): void => {
  const decoded = decodeLine(line)
  if ("damage" in decoded) return
  const { head, fields } = decoded
  if (head.message === "Session started") {
    trail.isFiltered = fields.filtered !== undefined && fields.filtered !== false
    trail.isUnsealed = fields.sealed === false
  }
  if (head.message === "Session ended") trail.ended = true
}

/** The session that the beginning of a broken line names; "" for one that does not get that far. */
const sessionOn = (line: Uint8Array): string => {
  const head = ascii.decode(line.subarray(0, headBytes))
  return /"session":"([0-9a-f]{8})"/.exec(head)?.[1] ?? ""
}
