// What one log has sealed, over all its files: the open stretch of each, and the chain of the seals. Says which seals an
// append must carry; when and where it is appended, and what of it has arrived, is decided in line-appender.node.ts.

//   a file   ║ event event … mark ║ SEAL ║ event event … event ║ SEAL ║ event …
//            ╚═══ stretch 1 ══════╝  k=1 ╚═══ stretch 2 ═══════╝  k=2 ╚═ open: nothing vouches for it yet
//            skip = 0                    skip = lines 1 + its seal
//
//   a stretch   empty ──first line──▶ open ──full, 10 s old, or the file is left──▶ sealed, and the next one is empty
//                                      └──the file was replaced: forget──▶ empty, skip = 0
//
//   the chain   SEAL 1 ◀──prev── SEAL 2 ◀──prev── SEAL 3      over all files: the last seal vouches for all
//
// A plan changes nothing. Only what `settle` reports as written is part of a stretch, so a write that failed half-way, or
// was repeated, is sealed as it stands in the file.

import { hash } from "node:crypto"
import type { SealFields } from "@daybook/core"
import { sealLimits } from "../limits.ts"
import type { NewSeal, SealKey } from "./key.node.ts"
import { endsWith, lineEnding, timeAt, withSalts, withSignature } from "./line.ts"
import {
  BlockHasher,
  type Blocks,
  leavesOver,
  type NewSalts,
  noBlocks,
  randomSalts
} from "./sealed-lines.node.ts"
import type { Sight } from "./seen.node.ts"
import { type Lines, lengthOf, startOfLine, type Woven, type WovenSeal, weave } from "./woven.ts"

/** The log whose lines are sealed. */
export interface SealerLog {
  readonly streamKey: string
  readonly session: string
  /** Milliseconds since 1970; NaN when the clock fails. */
  now(): number
  /** Encodes a mark as a line with its own time and id, newline included. */
  mark(kind: "seal", message: string, fields: SealFields): Uint8Array
}

export interface SealerOptions {
  /** Signs each seal. */
  readonly key?: SealKey | undefined
  /** Default 1,000. Only tests set it: `verify` holds logs to the default. */
  readonly linesMax?: number | undefined
  /** Default: random ones. Only vectors set it. */
  readonly newSalts?: NewSalts | undefined
}

/** What to append to a file. */
export interface PlannedAppend extends Woven {
  /**
   * The first `count` planned lines are down, the rest is not and may be planned again. May be called again with a
   * greater count; once another plan was settled, or the file forgotten, it does nothing. Returns the seals that are
   * down now and were not before.
   */
  settle(count: number): readonly NewSeal[]
  /** `bytes` are not needed any more: the next plan may use their memory. Fresh memory costs more than the copying. */
  release(): void
}

/** The lines of this session in one file since its last seal there. */
interface Stretch {
  /** The session's lines in this file before the stretch. */
  readonly skip: number
  /** Since the last seal the file was replaced by one that has none of our lines. */
  readonly isReplaced: boolean
  readonly lines: number
  readonly firstSeq: number
  readonly lastSeq: number
  /** Time of its first line; NaN without a clock. */
  readonly startMs: number
  /** Of its lines so far. */
  readonly blocks: Blocks
}

interface Chain {
  readonly k: number
  /** SHA-256 of the newest seal line without its salts. */
  readonly prev: string
}

/** A seal within a plan. */
interface PlannedSeal extends WovenSeal {
  readonly seal: NewSeal
  readonly skipAfter: number
  readonly isLast: boolean
}

const newStretch = (skip: number, isReplaced = false): Stretch => ({
  skip,
  isReplaced,
  lines: 0,
  firstSeq: 0,
  lastSeq: 0,
  startMs: Number.NaN,
  blocks: noBlocks
})

export class Sealer {
  private readonly log: SealerLog
  private readonly key: SealKey | undefined
  private readonly linesMax: number
  private readonly newSalts: NewSalts
  private readonly ending: Uint8Array
  private readonly stretches = new Map<string, Stretch>()
  private chain: Chain = { k: 0, prev: "" }
  private sight: Sight | undefined
  /** The file of the newest seal. */
  newestFile: string | undefined
  /** That one closes the session. */
  isClosed = false
  /** Memory of a plan that was released. */
  private spare = new Uint8Array(0)

  constructor(log: SealerLog, options: SealerOptions = {}) {
    const { key, linesMax = sealLimits.stretchLinesMax, newSalts = randomSalts } = options
    this.log = log
    this.key = key
    this.linesMax = linesMax
    this.newSalts = newSalts
    this.ending = lineEnding(log.streamKey)
  }

  /**
   * What to append to `file`, its path below the log's directory with "/" between the parts, for these lines: they
   * themselves, and a seal wherever a stretch is full, its time is up, or the file is left (`closing`), unless it must wait
   * because the seal before it is in doubt (`holdsBack`). With `last` a seal that closes the session ends it all, also
   * where there is nothing to seal. Changes nothing until it is settled; the lines must not change until then.
   */
  plan(
    file: string,
    lines: Lines,
    at: { readonly closing: boolean; readonly holdsBack?: boolean; readonly last?: boolean }
  ): PlannedAppend {
    const nowMs = this.log.now()
    const strangers = this.strangersIn(lines)
    if (at.holdsBack === true) return this.planned(file, lines, [], strangers, nowMs)
    const seals: PlannedSeal[] = []
    let open = this.stretchOf(file)
    let { chain } = this
    let from = 0
    const sealUpTo = (to: number, isLast = false): void => {
      const stretch = this.extend(open, lines, from, to, strangers, nowMs, true)
      const planned = this.seal(file, stretch, chain, to, isLast)
      seals.push(planned)
      open = newStretch(planned.skipAfter)
      chain = { k: planned.seal.k, prev: planned.seal.sha256 }
      from = to
    }
    // Full already: its last line went down without its seal, when a disk took only part of an append.
    if (open.lines >= this.linesMax) sealUpTo(0)
    let { lines: count, startMs } = open
    for (let line = 0; line < lines.ends.length; line++) {
      if (strangers?.[line] === 1) continue
      if (count === 0) startMs = startOf(lines, line, nowMs)
      count += 1
      if (count < this.linesMax) continue
      sealUpTo(line + 1)
      count = 0
    }
    const isDue = at.closing || this.isDue(startMs, nowMs)
    if (at.last === true || (count > 0 && isDue)) sealUpTo(lines.ends.length, at.last)
    return this.planned(file, lines, seals, strangers, nowMs)
  }

  /** Files whose newest lines are under no seal yet, with the time at which one is due. */
  openStretches(): readonly { readonly file: string; readonly dueMs: number }[] {
    return [...this.stretches]
      .filter(([, { lines }]) => lines > 0)
      .map(([file, { startMs }]) => ({
        file,
        dueMs: Number.isNaN(startMs) ? 0 : startMs + sealLimits.stretchMs
      }))
  }

  /**
   * The file is not the one we knew: rotated, replaced, or cut short. None of this session's lines count in what stands
   * there now, and the next seal says so: an honest rotation must not look like lines that were taken out.
   */
  forget(file: string): void {
    if (this.stretches.has(file)) this.beginAnew(file)
  }

  /** Lets go of a file that was left. If it is met again, `beginAnew` must say that nothing is known of it any more. */
  drop(file: string): void {
    this.stretches.delete(file)
  }

  /** None of this session's lines that may stand in the file count any more, and the next seal there says so. */
  beginAnew(file: string): void {
    this.stretches.set(file, newStretch(0, true))
  }

  /** Whether lines of the file are under no seal yet. */
  isOpen(file: string): boolean {
    return this.stretchOf(file).lines > 0
  }

  /** The plan has the session's first seal, and nobody has looked yet what others have sealed: it is to be planned again then. */
  isBlind({ source }: PlannedAppend): boolean {
    return this.sight === undefined && this.chain.k === 0 && source.includes(-1)
  }

  /** What the first seal remembers of other sessions. */
  see(sight: Sight): void {
    this.sight = sight
  }

  private stretchOf(file: string): Stretch {
    return this.stretches.get(file) ?? newStretch(0)
  }

  // Lines that came from elsewhere, a replay's, are another session's: they are written and not sealed here. Usually there
  // are none.
  private strangersIn({ bytes, ends }: Lines): Uint8Array | undefined {
    let strangers: Uint8Array | undefined
    for (let line = 0; line < ends.length; line++) {
      if (endsWith(bytes, ends[line] as number, this.ending)) continue
      strangers ??= new Uint8Array(ends.length)
      strangers[line] = 1
    }
    return strangers
  }

  // Without a clock, and when it steps back, it is not known how old a stretch is: it is not left open.
  private isDue(startMs: number, nowMs: number): boolean {
    return !(nowMs >= startMs && nowMs - startMs < sealLimits.stretchMs)
  }

  /** The stretch with those of the given lines `from` up to `to` that are the session's. `isLast`: a seal ends it. */
  private extend(
    stretch: Stretch,
    given: Lines,
    from: number,
    to: number,
    strangers: Uint8Array | undefined,
    nowMs: number,
    isLast = false
  ): Stretch {
    let { lines, firstSeq, lastSeq, startMs } = stretch
    const hasher = new BlockHasher(stretch.blocks, lines)
    const { bytes, ends, seqs } = given
    // One digest a run, not one a line: SHA-256 of a line by itself costs three times as much.
    let runStart = startOfLine(given, from)
    for (let line = from; line < to; line++) {
      const end = ends[line] as number
      if (strangers?.[line] === 1) {
        hasher.add(bytes.subarray(runStart, startOfLine(given, line)))
        runStart = end
        continue
      }
      if (lines === 0) startMs = startOf(given, line, nowMs)
      lines += 1
      if (hasher.isFull()) {
        hasher.close(bytes.subarray(runStart, end))
        runStart = end
      }
      const seq = seqs[line] as number
      if (seq === 0) continue
      if (firstSeq === 0) firstSeq = seq
      lastSeq = seq
    }
    const rest = bytes.subarray(runStart, startOfLine(given, to))
    if (isLast) hasher.close(rest)
    else hasher.add(rest)
    const { skip, isReplaced } = stretch
    return { skip, isReplaced, lines, firstSeq, lastSeq, startMs, blocks: hasher.blocks }
  }

  /** The seal of a stretch that ends before the given line `before`. */
  private seal(file: string, stretch: Stretch, chain: Chain, before: number, isLast: boolean): PlannedSeal {
    const { log, key } = this
    const { skip, isReplaced, lines, firstSeq, lastSeq, blocks } = stretch
    const k = chain.k + 1
    const { sha256: stretchDigest, entries } = leavesOver(blocks.whole, this.newSalts)
    const { saw = [], salts = [] } = k === 1 ? (this.sight ?? {}) : {}
    const fields: SealFields = {
      file,
      k,
      skip,
      ...(isReplaced ? { replaced: true } : {}),
      lines,
      first_seq: firstSeq,
      last_seq: lastSeq,
      sha256: stretchDigest,
      prev: chain.prev,
      ...(isLast ? { closed: true } : {}),
      ...(saw.length > 0 ? { saw } : {}),
      ...(key === undefined ? {} : { alg: "ed25519", key: key.fingerprint })
    }
    const unsigned = log.mark("seal", `Sealed ${lines} ${lines === 1 ? "line" : "lines"}`, fields)
    const sealed = key === undefined ? unsigned : withSignature(unsigned, key.sign(unsigned))
    const sha256 = hash("sha256", sealed)
    const line = withSalts(sealed, [...entries, ...salts])
    const seal = { session: log.session, k, file, sha256 }
    return { before, line, seal, skipAfter: skip + lines + 1, isLast }
  }

  private planned(
    file: string,
    given: Lines,
    seals: readonly PlannedSeal[],
    strangers: Uint8Array | undefined,
    nowMs: number
  ): PlannedAppend {
    // Each time that something is settled there is another stretch: a plan of yesterday changes nothing.
    let planned = this.stretches.get(file)
    let settled = 0
    const total = given.ends.length + seals.length
    const settle = (asked: number): readonly NewSeal[] => {
      const count = Math.min(asked, total)
      if (planned !== this.stretches.get(file) || count <= settled) return []
      const down = seals.filter(({ before }, index) => before + index < count)
      const news = down.filter(({ before }, index) => before + index >= settled)
      const last = news.at(-1)
      let stretch = this.stretchOf(file)
      let from = settled - (down.length - news.length)
      if (last !== undefined) {
        this.chain = { k: last.seal.k, prev: last.seal.sha256 }
        this.newestFile = file
        this.isClosed = last.isLast
        stretch = newStretch(last.skipAfter)
        from = last.before
      }
      planned = this.extend(stretch, given, from, count - down.length, strangers, nowMs)
      this.stretches.set(file, planned)
      settled = count
      return news.map(({ seal }) => seal)
    }
    let room = this.takeRoom(seals.length === 0 ? 0 : lengthOf(given, seals))
    const append = weave(given, seals, room)
    const release = (): void => {
      if (room.length > this.spare.length) this.spare = room
      room = noRoom
    }
    return { ...append, settle, release }
  }

  private takeRoom(length: number): Uint8Array<ArrayBuffer> {
    const { spare } = this
    if (length === 0) return noRoom
    this.spare = noRoom
    return length <= spare.length ? spare : new Uint8Array(Math.ceil(length / roomStepBytes) * roomStepBytes)
  }
}

// From the event, not from its append: what waited for a disk that came back is sealed as soon as it is down, so that a
// reader may rely on the times on the lines.
const startOf = (lines: Lines, line: number, nowMs: number): number => {
  const lineMs = timeAt(lines.bytes, startOfLine(lines, line))
  return lineMs < nowMs ? lineMs : nowMs
}

const noRoom = new Uint8Array(0)
/** Batches differ a little in length: the next one shall fit too. */
const roomStepBytes = 64 * 1024
