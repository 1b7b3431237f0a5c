// A stretch that does not fit its seal is read once more, line by line, to say what happened to it and where. A digest
// shows that something is wrong and in which 16 lines; what it was can be seen from the numbers, the ids and the count. So is
// one that fits without some of its salts: what is not proved must be lines that say they were redacted.

import { type AuditEvent, asWritten, decodeLine } from "@daybook/core"
import { sealLimits } from "../limits.ts"
import { leavesOf } from "../seal/leaves.ts"
import { asEnded, keyOf, keyOnLine, type SealLine } from "../seal/line.ts"
import { isRedacted } from "../seal/redacted-line.ts"
import { counted } from "../words.ts"
import { BlockDigests, linesIn, prove } from "./blocks.ts"
import type { HexDigest } from "./digest.ts"
import { type Findings, missingText, type Position, sealsText } from "./findings.ts"
import type { LineVisitor } from "./lines.ts"
import { NumberRanges } from "./ranges.ts"
import type { ProblemKind } from "./report.ts"
import type { SessionTrail } from "./session.ts"

/** A stretch in doubt. */
export interface Doubt {
  readonly trail: SessionTrail
  readonly file: string
  readonly seal: Pick<SealLine, "k" | "lines" | "sha256" | "salts" | "first_seq" | "last_seq" | "replaced">
  /** The session that has seen these lines, where no seal of their own covers them. */
  readonly seer?: string
  /** Its digest is of what stands here, as far as its salts are here. */
  readonly isRight: boolean
  /** Blocks without their salts. */
  readonly bare: ReadonlySet<number>
  /** The first line of the first block that is not as its salt says. */
  readonly badAt: Position | undefined
  /** The lines that stand where the stretch should. */
  readonly lines: number
  /** `skip` less what stands before. */
  readonly shift: number
  /** From the session's seal before, or the file's beginning, to this seal. */
  readonly from: Position
  readonly isBehindSeal: boolean
  /** True for the end of an id that no other line has: it may be one of ours that was damaged. */
  isStray(key: string): boolean
  /** Where the part ends: at the seal. */
  readonly to: Position
}

/** Looks at each line of the part of a file that is in doubt, and then says what it was. */
export class DoubtVisitor implements LineVisitor {
  private readonly doubt: Doubt
  private readonly key: string
  private lineNumber: number
  private ownLines = 0
  private marks = 0
  private readonly tail: BlockDigests
  private readonly digest: HexDigest
  private first: Position | undefined
  private damaged: (Position & { readonly why: string }) | undefined
  private duplicate: Position | undefined
  private reordered: Position | undefined
  private stranger: Position | undefined
  private hole: (Position & { readonly after: number; readonly before: number }) | undefined
  /** First lines of blocks, and blocks with a redacted line. */
  private readonly blockAt: Position[] = []
  private readonly redactedIn = new Set<number>()
  private redactedMark: Position | undefined
  private lastSeq = 0
  private readonly ends = new Set<string>()
  private readonly explained = new NumberRanges()
  /** A mark that is not a whole line: left by a short write, unless the seal is missing. */
  private tornMark: Position | undefined
  /** A line that is none, until the next line shows whether that is the same one written again. */
  private fragment: (Position & { readonly bytes: Uint8Array }) | undefined

  constructor(doubt: Doubt, digest: HexDigest) {
    this.doubt = doubt
    this.digest = digest
    this.tail = new BlockDigests(digest)
    this.key = keyOnLine(doubt.trail.streamKey)
    this.lineNumber = doubt.from.line - 1
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    this.lineNumber += 1
    if (this.doubt.isBehindSeal && offset === this.doubt.from.offset) return
    const where = { line: this.lineNumber, offset }
    const line = asWritten(bytes, start, end)
    if (line.length === 1) return
    const key = keyOf(line)
    if (key === this.key) this.own(line, where)
    else if (key === undefined || this.doubt.isStray(key)) this.other(line, where)
  }

  private own(line: Uint8Array, where: Position): void {
    const { doubt } = this
    this.first ??= where
    if (this.ownLines % sealLimits.leafLines === 0) this.blockAt.push(where)
    this.ownLines += 1
    if (this.ownLines > doubt.lines - doubt.seal.lines) this.tail.add(line, 0, line.length)
    const { fragment } = this
    // A short write leaves the beginning of a line, and the whole line follows it: that is no damage.
    if (fragment !== undefined && !fragment.bytes.every((byte, at) => byte === line[at])) this.harm(fragment)
    this.fragment = undefined
    const end = ascii.decode(line.subarray(-endBytes))
    if (this.ends.has(end)) this.duplicate ??= where
    if (this.ends.size < endsMax) this.ends.add(end)
    const decoded = decodeLine(line)
    if ("damage" in decoded) this.damaged ??= { ...where, why: `is ${decoded.damage}` }
    else this.member(decoded, where)
  }

  private member(event: AuditEvent, where: Position): void {
    const { head, kind, fields } = event
    if (head.session !== this.doubt.trail.session)
      this.damaged ??= { ...where, why: "names a session that its id is not of" }
    if (kind === "seal") this.damaged ??= { ...where, why: "is a seal whose fields are not those of one" }
    if (isRedacted(event)) {
      if (kind === "event") this.redactedIn.add(this.blockAt.length - 1)
      else this.redactedMark ??= where
    }
    if (kind === "gap") {
      const { first_seq: first, last_seq: last } = fields
      if (typeof first === "number" && typeof last === "number" && first <= last)
        this.explained.add(first, last)
    }
    const { seq } = head
    if (seq === undefined) {
      this.marks += 1
      return
    }
    const { first_seq: first, last_seq: last } = this.doubt.seal
    if (seq < first || seq > last) this.stranger ??= where
    if (this.lastSeq > 0 && seq < this.lastSeq) this.reordered ??= where
    const after = this.lastSeq === 0 ? first - 1 : this.lastSeq
    if (seq > after + 1 && seq <= last) this.hole ??= { ...where, after, before: seq }
    this.lastSeq = seq
  }

  // A line of no session, or of another one. It is this session's all the same when it says so where the id does not.
  private other(line: Uint8Array, where: Position): void {
    const { session } = this.doubt.trail
    const decoded = decodeLine(line)
    if (!("damage" in decoded)) {
      const isOthers = decoded.head.session !== session
      if (!isOthers) this.damaged ??= { ...where, why: "has an id that is not of its session" }
      return
    }
    const text = new TextDecoder().decode(line.subarray(0, headCharsMax))
    if (!text.includes(`"session":"${session}"`)) return
    // A mark that was torn is made anew, so nothing equal follows it.
    if (/"category":"(seal|recovered|retention)"/.test(text)) {
      this.tornMark = where
      return
    }
    if (this.fragment !== undefined) this.harm(this.fragment)
    this.fragment = { ...where, bytes: line.slice(0, -1) }
  }

  private harm({ line, offset }: Position): void {
    this.damaged ??= { line, offset, why: "is not a whole line" }
  }

  unterminated(bytes: Uint8Array, offset: number): void {
    const line = asEnded(bytes)
    if (line !== undefined) this.line(line, 0, line.length, offset)
  }

  tooLong(): void {
    this.lineNumber += 1
  }

  chunkEnd(): void {
    this.tail.hold()
  }

  /** Says what it was. */
  async conclude(findings: Findings): Promise<void> {
    const { doubt, first } = this
    const { trail, file, to } = doubt
    if (this.fragment !== undefined) this.harm(this.fragment)
    if (doubt.isRight) {
      this.redaction(findings)
      return
    }
    const { kind, text, where } = this.damage() ?? (await this.shifted()) ?? this.changed()
    findings.problemOf(trail, kind, text, { file, ...(where ?? first ?? to) })
  }

  // Where a salt is missing, a line must say that it was redacted: else it was taken away to hide an edit. Marks cannot be.
  private redaction(findings: Findings): void {
    const { trail, file, bare, seal } = this.doubt
    const bad = [...bare].find((block) => !this.redactedIn.has(block))
    const [at] = [this.redactedMark, bad === undefined ? undefined : this.blockAt[bad]].filter(
      (where) => where !== undefined
    )
    if (at !== undefined) {
      const why =
        at === this.redactedMark
          ? "it is a mark, and marks cannot be redacted"
          : `${this.named} has no salt for this line and the ${sealLimits.leafLines - 1} after it, and none of them is redacted`
      findings.problemOf(trail, "edited", why, { file, ...at })
      return
    }
    const open = linesIn(bare, seal.lines)
    trail.redacted += open
    trail.isIncomplete = true
    const text = `${open} of the ${counted(seal.lines, "line")} that ${this.named} covers are not proved: lines among them are redacted`
    const [where] = [...bare].sort((one, other) => one - other).map((block) => this.blockAt[block])
    findings.noteOf(trail, "redacted", text, { file, ...where })
  }

  private get named(): string {
    const { seer } = this.doubt
    return seer !== undefined
      ? `seal 1 of session ${seer.slice(0, 8)}`
      : sealsText(this.doubt.seal.k, this.doubt.seal.k)
  }

  private damage(): Diagnosis | undefined {
    if (this.damaged === undefined) return undefined
    const { why, line, offset } = this.damaged
    return { kind: "damaged", text: `it ${why}; ${this.named} covers it`, where: { line, offset } }
  }

  // The stretch is whole, and stands behind lines that it does not cover.
  private async shifted(): Promise<Diagnosis | undefined> {
    const { seal, lines, shift } = this.doubt
    const surplus = lines - seal.lines
    if (surplus <= 0) return undefined
    const { sha256, salts } = seal
    const entries = salts.slice(0, leavesOf(seal.lines))
    const { fits } = await prove(this.tail.blocks, { sha256, entries }, this.digest)
    if (!fits) return undefined
    const text = `${counted(surplus, "line")} before the stretch of ${this.named} ${surplus === 1 ? "is" : "are"} under no seal`
    if (seal.replaced === true)
      return {
        kind: "truncated",
        text: `another process truncated the file while the log was writing; ${text}`
      }
    if (shift <= surplus) return { kind: "inserted", text, where: this.duplicate }
    if (this.tornMark !== undefined)
      return {
        kind: "damaged",
        text: `it is not a whole line, and was a seal; ${text}`,
        where: this.tornMark
      }
    const gone =
      shift - surplus === 1
        ? "the seal that covered them is"
        : `their seal and ${counted(shift - surplus - 1, "line")} are`
    return { kind: "deleted", text: `${text}: ${gone} gone` }
  }

  private changed(): Diagnosis {
    const { duplicate, reordered, stranger, hole, named } = this
    const { seal, lines } = this.doubt
    const surplus = lines - seal.lines
    const count = `${named} covers ${counted(seal.lines, "line")}, and ${lines} stand here`
    // Where a log filters, or has files of users, numbers are missing by right.
    const isDense = seal.last_seq - seal.first_seq + 1 === seal.lines - this.marks
    const missing = hole === undefined || !isDense || this.explained.has(hole.after + 1) ? undefined : hole
    const gone =
      missing === undefined ? "" : `; ${missingText(missing.after + 1, missing.before - 1)} before this one`
    if (surplus > 0)
      return duplicate === undefined
        ? { kind: "inserted", text: count, where: earlier(stranger, reordered) }
        : { kind: "inserted", text: `${count}; this one is here twice`, where: duplicate }
    if (surplus < 0) return { kind: "deleted", text: `${count}${gone}`, where: missing }
    if (duplicate !== undefined)
      return {
        kind: "inserted",
        text: `this line is here twice, in place of another; ${named} covers it`,
        where: duplicate
      }
    if (reordered !== undefined || stranger !== undefined)
      return {
        kind: "reordered",
        text: `the lines that ${named} covers are not in the order in which it covers them`,
        where: earlier(reordered, stranger)
      }
    if (missing !== undefined)
      return { kind: "deleted", text: `another line stands in place of one${gone}`, where: missing }
    const { badAt } = this.doubt
    const which =
      badAt === undefined
        ? `${named} itself, or one of the ${counted(lines, "line")} that it covers,`
        : lines === 1
          ? "this line"
          : `this line, or one of the ${sealLimits.leafLines - 1} of its session after it,`
    return { kind: "edited", text: `${which} is not as ${named} covers it`, where: badAt }
  }
}

/** What happened to a stretch. Without a place of its own it is the stretch's first line. */
interface Diagnosis {
  readonly kind: ProblemKind
  readonly text: string
  readonly where?: Position | undefined
}

const earlier = (one: Position | undefined, other: Position | undefined): Position | undefined =>
  one === undefined || (other !== undefined && other.line < one.line) ? other : one

/** As many as two stretches have, and more: one that is longer lost its seals, and is found by its numbers. */
const endsMax = 4_096
/** With the id in it, and the number of an event. */
const endBytes = 64
const headCharsMax = 512
const ascii = new TextDecoder("latin1")
