// The lines of a trail behind the places of its files, in batches: file after file, the oldest day first. What is sent, what
// is skipped, and what is damaged is decided here; what becomes of it is places.ts.

//   a file that has grown ──fits its place──▶ read on behind it
//                         └─does not fit──▶ another file's place fits: a rotation gave it this name ──▶ read on there
//                                           none does ──▶ from its front, which is noticed where it had a place

import { type AuditEvent, asWritten, decodeLine, isBlankLine, type LineDamage } from "@daybook/core"
import { type DecodedLine, LineIds } from "@daybook/core/replay"
import { bytesOf, isTooLong, type PlacedLine } from "../disk/lines.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { dayBefore } from "../place/day.ts"
import type { FilePlace } from "../state/delivery-place.node.ts"
import { firstOf } from "../state/place-fit.node.ts"
import { FileLines, frontPlace, placeBehind } from "./file-lines.node.ts"
import type { Places } from "./places.ts"
import type { ReadBatch, ReadLine, TrackedFile } from "./read-line.ts"
import type { TrailFile } from "./trail.node.ts"

export interface ReaderOptions {
  /** Whether an event or mark is sent. */
  isWanted(line: DecodedLine): boolean
  readonly linesMax: number
  readonly bytesMax: number
  /** A file does not fit its place, and is begun again. */
  onRewind(file: TrackedFile): void
  /** Once until it can be read again. */
  onUnreadable(file: TrackedFile, error: unknown): void
}

/** How far a file was read, which may be further than it is settled. */
interface Reach {
  readonly file: TrackedFile
  at: number
  /** Made when the file is left, for when it is read again. */
  place: FilePlace
  /** The file that was read: a name may be another's since. */
  fileId: string
  readonly ids: LineIds
  /** What stands before the place was counted, for the ids of lines without one. */
  isCounted: boolean
  isUnreadable: boolean
}

interface Current {
  readonly day: string
  readonly reach: Reach
  readonly lines: FileLines
}

/** Lines that are settled without being sent do not fill a batch, but they are held, and their place is to be saved. */
const readPerSent = 4

export class TrailReader {
  private readonly layer: ReadLayer
  private readonly places: Places
  private readonly options: ReaderOptions
  /** By name. */
  private readonly reaches = new Map<string, Reach>()
  private today = ""
  /** By the file's first line: copies of one file share it. */
  private readonly byFirst = new Map<string, Set<Reach>>()
  private readonly behind = new Set<TrailFile>()
  private waiting: TrailFile[] = []
  private left = 0
  private current: Current | undefined

  constructor(layer: ReadLayer, places: Places, options: ReaderOptions) {
    this.layer = layer
    this.places = places
    this.options = options
    for (const file of places.files) {
      const reach = newReach(file)
      this.reaches.set(file.name, reach)
      this.recognise(reach, file.first)
    }
  }

  /** Notes files that have changed: how long they are, and that they are behind. */
  note(changed: readonly TrailFile[]): void {
    for (const found of changed) {
      const { file } = this.reaches.get(found.file) ?? this.added(found)
      if (found.facts !== undefined) {
        file.size = found.facts.size
        file.changedMs = found.facts.changedMs
      }
      this.behind.add(found)
    }
  }

  /** Begins a round through the files that are behind. */
  begin(today: string): void {
    this.today = today
    for (const found of this.behind) if (!this.hasNews(found)) this.behind.delete(found)
    this.waiting = [...this.behind].sort((one, other) => one.order - other.order)
  }

  /** Settles all that is there, without reading it. */
  async skipAll(files: readonly TrailFile[]): Promise<void> {
    for (const found of files) {
      try {
        await this.skip(found)
      } catch (error) {
        this.complain(this.added(found), error)
      }
    }
    this.places.isChanged = true
  }

  /** The next batch; `undefined` when the round is over. */
  async next(): Promise<ReadBatch | undefined> {
    const { linesMax, bytesMax } = this.options
    const lines: ReadLine[] = []
    const sent: DecodedLine[] = []
    let bytes = 0
    let readBytes = 0
    const isFull = (): boolean =>
      sent.length >= linesMax ||
      bytes >= bytesMax ||
      lines.length >= readPerSent * linesMax ||
      readBytes >= readPerSent * bytesMax
    while (!isFull()) {
      const placed = this.current?.lines.ready() ?? (await this.line())
      if (placed === undefined || this.current === undefined) break
      const { reach } = this.current
      const decided = decide(placed)
      reach.at = placed.at + placed.length
      readBytes += placed.end - placed.start
      // A line in progress is not how its file is recognised: it may become longer.
      if (placed.at === 0 && placed.isTerminated && !isTooLong(placed))
        this.recognise(reach, firstOf(bytesOf(placed)))
      if ("fate" in decided) {
        lines.push({ file: reach.file, placed, fate: decided.fate, id: "", reason: decided.reason })
        continue
      }
      const line = decided.event.head.id === "" ? await this.named(this.current, decided, placed.at) : decided
      const { id } = line.event.head
      const fate = this.options.isWanted(line) ? "sent" : "skipped"
      lines.push({ file: reach.file, placed, fate, id, reason: "" })
      if (fate === "skipped") continue
      sent.push(line)
      bytes += placed.length
    }
    return lines.length === 0 ? undefined : { lines, sent }
  }

  /** A file that has gone. */
  forget(file: TrackedFile): void {
    const reach = this.reaches.get(file.name)
    if (reach?.file !== file) return
    this.reaches.delete(file.name)
    const same = this.byFirst.get(file.first)
    same?.delete(reach)
    if (same?.size === 0) this.byFirst.delete(file.first)
  }

  /** Leaves the file that is being read: it is held against its last line when it is read again. */
  async close(): Promise<void> {
    const { current } = this
    this.current = undefined
    if (current === undefined) return
    const { reach, lines } = current
    if (lines.lastLine !== undefined) reach.place = placeBehind(reach.file.first, lines.lastLine)
    await lines.close()
  }

  private async skip(found: TrailFile): Promise<void> {
    const lines = await FileLines.open(this.layer, found.path)
    if (lines === undefined) return
    try {
      await lines.skipAll()
      const { lastLine } = lines
      if (lastLine === undefined) return
      const first = await lines.first()
      const reach = this.added(found)
      reach.fileId = lines.facts.id
      this.recognise(reach, first)
      reach.place = placeBehind(first, lastLine)
      reach.at = reach.place.at
      reach.isCounted = false
      reach.file.place = reach.place
    } finally {
      await lines.close()
    }
  }

  private hasNews({ file, facts }: TrailFile): boolean {
    const reach = this.reaches.get(file)
    if (facts === undefined || reach === undefined) return false
    const { at } = reach
    // Another file under the name; after a start, each is held against its bytes once.
    return facts.size !== at || (at > 0 && reach.fileId !== facts.id)
  }

  private async line(): Promise<PlacedLine | undefined> {
    for (;;) {
      this.current ??= await this.openNext()
      if (this.current === undefined) return undefined
      const { day, lines, reach } = this.current
      try {
        const placed = (await lines.next()) ?? (this.isOver(day) ? lines.rest() : undefined)
        if (placed !== undefined) return placed
        reach.isUnreadable = false
      } catch (error) {
        this.complain(reach, error)
      }
      await this.close()
    }
  }

  // A line that was in progress when its day went by never will be finished.
  private isOver(day: string): boolean {
    return day !== "unknown" && day <= dayBefore(this.today, 2)
  }

  // Lines without an id are told apart by how many equal ones stand before them in their file.
  private async named({ reach, lines }: Current, line: DecodedLine, begin: number): Promise<DecodedLine> {
    if (!reach.isCounted) await this.countBefore(reach, lines.fromFront(), begin)
    return reach.ids.named(line)
  }

  private async countBefore(reach: Reach, lines: FileLines, end: number): Promise<void> {
    for (let line = await lines.next(); line !== undefined && line.at < end; line = await lines.next()) {
      const decided = decide(line)
      if ("event" in decided) await reach.ids.named(decided)
    }
    reach.isCounted = true
  }

  private async openNext(): Promise<Current | undefined> {
    for (;;) {
      const found = this.waiting.shift()
      if (found === undefined) return undefined
      try {
        const lines = await FileLines.open(this.layer, found.path)
        if (lines === undefined) continue
        try {
          const reach = await this.reachOf(found, lines)
          lines.begin(reach.place.at)
          reach.file.size = lines.facts.size
          reach.file.changedMs = lines.facts.changedMs
          return { day: found.day, reach, lines }
        } catch (error) {
          await lines.close()
          throw error
        }
      } catch (error) {
        this.complain(this.reaches.get(found.file) ?? this.added(found), error)
      }
    }
  }

  private async reachOf(found: TrailFile, lines: FileLines): Promise<Reach> {
    const known = this.reaches.get(found.file) ?? this.added(found)
    const isBegun = known.place.at > 0
    if (isBegun && (await isOf(known, lines))) {
      if (known.file.first === "") this.recognise(known, await lines.first())
      return known
    }
    const moved = await this.movedTo(found, lines)
    if (moved !== undefined) {
      if (isBegun) this.leaveName(known)
      else this.places.files.delete(known.file)
      return moved
    }
    known.fileId = lines.facts.id
    if (!isBegun) return known
    known.file.isLeft = true
    this.places.files.delete(known.file)
    this.places.counts.rewinds += 1
    this.places.isChanged = true
    this.options.onRewind(known.file)
    return this.added(found, lines.facts.id)
  }

  private recognise(reach: Reach, first: string): void {
    reach.file.first = first
    const same = this.byFirst.get(first)
    if (same === undefined) this.byFirst.set(first, new Set([reach]))
    else same.add(reach)
  }

  // A rotation gives a file another name, and its own to a new one.
  private async movedTo(found: TrailFile, lines: FileLines): Promise<Reach | undefined> {
    const first = await lines.first()
    if (first === "") return undefined
    for (const reach of this.byFirst.get(first) ?? []) {
      const { name } = reach.file
      // One that was left, or is gone, has its name no more.
      if (name === found.file || this.reaches.get(name) !== reach || !(await isOf(reach, lines))) continue
      this.reaches.delete(name)
      this.reaches.set(found.file, reach)
      reach.file.name = found.file
      reach.file.path = found.path
      this.places.isChanged = true
      return reach
    }
    return undefined
  }

  // The file that had the name until now may stand under another one that comes later in the round; or it is gone.
  private leaveName(reach: Reach): void {
    this.left += 1
    reach.file.name = `${reach.file.name}#${this.left}`
    this.reaches.set(reach.file.name, reach)
  }

  private added({ file: name, path, facts }: TrailFile, fileId = ""): Reach {
    const { size = 0, changedMs } = facts ?? {}
    const reach = newReach(this.places.add({ name, path, place: frontPlace, size }, changedMs))
    reach.fileId = fileId
    this.reaches.set(name, reach)
    return reach
  }

  private complain(reach: Reach, error: unknown): void {
    if (!reach.isUnreadable) this.options.onUnreadable(reach.file, error)
    reach.isUnreadable = true
  }
}

const newReach = (file: TrackedFile): Reach => ({
  file,
  at: file.place.at,
  place: file.place,
  fileId: "",
  ids: new LineIds(),
  isCounted: file.place.at === 0,
  isUnreadable: false
})

// The bytes decide, and of a file that was not read since the start its first line too.
const isOf = async (reach: Reach, lines: FileLines): Promise<boolean> => {
  const { place, fileId, file } = reach
  if (!(await lines.fits(place))) return false
  // A file that was one torn line, or is it, has no first one.
  const first = fileId === lines.facts.id || file.first === "" ? "" : await lines.first()
  if (first !== "" && first !== file.first) return false
  reach.fileId = lines.facts.id
  return true
}

/** What a line says; or that it is not sent, and why. */
const decide = (
  placed: PlacedLine
): DecodedLine | { readonly fate: "damaged" | "blank"; readonly reason: string } => {
  const { bytes, start, end, text, isTerminated } = placed
  if (isTooLong(placed)) return damaged("too long")
  if (!isTerminated) return damaged("unterminated")
  // Ours. What an editor has put in front of a line or behind it is looked at in its bytes.
  if (text?.startsWith("{") && text.endsWith("}")) {
    const event = decodeLine(text)
    return "damage" in event ? damaged(event.damage) : { bytes, start, end, event }
  }
  const plain = asWritten(bytes, start, end)
  if (isBlankLine(plain)) return { fate: "blank", reason: "" }
  const event: AuditEvent | { readonly damage: LineDamage } = decodeLine(plain)
  return "damage" in event ? damaged(event.damage) : { bytes: plain, start: 0, end: plain.length, event }
}

const damaged = (reason: string): { readonly fate: "damaged"; readonly reason: string } => ({
  fate: "damaged",
  reason
})
