// The lines of a trail behind the places of its files, in batches: file after file, the oldest day first. What is sent, what
// is skipped, and what is damaged is decided here; which file is which is reaches.node.ts, and what becomes of lines places.ts.

import { type AuditEvent, asWritten, decodeLine, isBlankLine, type LineDamage } from "@daybook/core"
import { type DecodedLine, LineIds } from "@daybook/core/replay"
import { bytesOf, isTooLong, type PlacedLine } from "../disk/lines.ts"
import type { ReadFacts, ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import { dayBefore } from "../place/day.ts"
import { isPackedName } from "../place/layout.node.ts"
import { firstOf } from "../state/place-fit.node.ts"
import { FileLines } from "./file-lines.node.ts"
import type { Places } from "./places.ts"
import { isReadWhole, type Reach, Reaches } from "./reaches.node.ts"
import type { ReadBatch, ReadLine, TrackedFile } from "./read-line.ts"
import type { TrailFile } from "./trail.node.ts"

export interface ReaderOptions {
  /** Whether an event or mark is sent. */
  isWanted(line: DecodedLine): boolean
  readonly linesMax: number
  readonly bytesMax: number
  /** Monotonic ms. */
  now(): number
  /** A file does not fit its place, and is begun again. */
  onRewind(file: TrackedFile): void
  /** Once until it can be read again. */
  onUnreadable(file: TrackedFile, error: unknown): void
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
  private readonly reaches: Reaches
  private today = ""
  /** Files that may have more lines than were read, by name. */
  private readonly behind = new Map<string, TrailFile>()
  private waiting: TrailFile[] = []
  private current: Current | undefined

  constructor(layer: ReadLayer, places: Places, options: ReaderOptions) {
    this.layer = layer
    this.places = places
    this.options = options
    this.reaches = new Reaches(places, (file) => options.onRewind(file))
  }

  /** Notes files that have changed: how long they are, and that they are behind. */
  note(changed: readonly TrailFile[]): void {
    for (const found of changed) {
      const reach = this.reaches.named(found)
      const { file } = reach
      reach.retryAt = Number.NEGATIVE_INFINITY
      if (found.facts !== undefined) {
        file.size = sizeOf(file, found.facts)
        file.changedMs = found.facts.changedMs
      }
      this.behind.set(found.file, found)
    }
  }

  /** Begins a round through the files that are behind. */
  begin(today: string): void {
    this.today = today
    const now = this.options.now()
    for (const [name, found] of this.behind) if (!this.hasNews(found)) this.behind.delete(name)
    this.waiting = [...this.behind.values()]
      .filter(({ file }) => !(now < (this.reaches.get(file)?.retryAt ?? now)))
      .sort((one, other) => one.order - other.order)
  }

  /** Settles all that is there, without reading it. */
  async skipAll(files: readonly TrailFile[]): Promise<void> {
    for (const found of files) {
      try {
        await this.skip(found)
      } catch (error) {
        this.complain(this.reaches.named(found), error)
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
        this.reaches.recognise(reach, firstOf(bytesOf(placed)))
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
    this.reaches.forget(file)
  }

  /** Leaves the file that is being read. */
  async close(): Promise<void> {
    const { current } = this
    this.current = undefined
    if (current === undefined) return
    this.reaches.leave(current.reach, current.lines)
    await current.lines.close()
  }

  private async skip(found: TrailFile): Promise<void> {
    const lines = await FileLines.open(this.layer, found.path)
    if (lines === undefined) return
    try {
      await lines.skipAll()
      const reach = this.reaches.named(found)
      const { lastLine } = lines
      reach.fileId = lines.facts.id
      if (lastLine !== undefined) {
        this.reaches.recognise(reach, await lines.first())
        this.reaches.leave(reach, lines)
        reach.at = reach.place.at
        reach.file.place = reach.place
      }
      if (lines.isPacked) this.readWhole(reach, lines)
    } finally {
      await lines.close()
    }
  }

  private hasNews({ file, facts }: TrailFile): boolean {
    const reach = this.reaches.get(file)
    if (facts === undefined || reach === undefined) return false
    const { at, fileId } = reach
    // Another file under the name; after a start, each is held against its bytes once.
    if (isPackedName(file)) return !isReadWhole(reach.file, { facts }) || fileId !== facts.id
    return facts.size !== at || (at > 0 && fileId !== facts.id)
  }

  private async line(): Promise<PlacedLine | undefined> {
    for (;;) {
      this.current ??= await this.openNext()
      if (this.current === undefined) return undefined
      const { day, lines, reach } = this.current
      try {
        const placed = (await lines.next()) ?? (lines.isPacked || this.isOver(day) ? lines.rest() : undefined)
        if (placed !== undefined) return placed
        reach.isUnreadable = false
        if (lines.isPacked) this.readWhole(reach, lines)
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

  private readWhole({ file, at }: Reach, { facts }: FileLines): void {
    file.packed = { bytes: facts.size, at }
    file.size = at
    this.places.isChanged = true
  }

  // Lines without an id are told apart by how many equal ones stand before them in their file.
  private async named({ reach, lines }: Current, line: DecodedLine, begin: number): Promise<DecodedLine> {
    const ids = reach.ids ?? (await this.countBefore(lines.fromFront(), begin))
    this.reaches.keepCounted(reach, ids)
    return ids.named(line)
  }

  private async countBefore(lines: FileLines, end: number): Promise<LineIds> {
    const ids = new LineIds()
    for (
      let line = end > 0 ? await lines.next() : undefined;
      line !== undefined && line.at < end;
      line = lines.ready() ?? (await lines.next())
    ) {
      const decided = decide(line)
      if ("event" in decided) await ids.named(decided)
    }
    return ids
  }

  private async openNext(): Promise<Current | undefined> {
    for (;;) {
      const found = this.waiting.shift()
      if (found === undefined) return undefined
      try {
        const lines = await FileLines.open(this.layer, found.path)
        if (lines === undefined) continue
        const current = await this.opened(found, lines)
        if (current !== undefined) return current
        await lines.close()
      } catch (error) {
        this.complain(this.reaches.named(found), error)
      }
    }
  }

  // `undefined` where there is nothing to read, of a packed file that was read to its end.
  private async opened(found: TrailFile, lines: FileLines): Promise<Current | undefined> {
    try {
      const reach = await this.reaches.of(found, lines)
      const { file, place } = reach
      file.size = sizeOf(file, lines.facts)
      file.changedMs = lines.facts.changedMs
      if (isReadWhole(file, lines) && file.packed?.at === place.at) return undefined
      lines.begin(place.at)
      return { day: found.day, reach, lines }
    } catch (error) {
      await lines.close()
      throw error
    }
  }

  private complain(reach: Reach, error: unknown): void {
    if (!reach.isUnreadable) this.options.onUnreadable(reach.file, error)
    reach.isUnreadable = true
    if (isPackedName(reach.file.name)) reach.retryAt = this.options.now() + deliveryLimits.probeMs
  }
}

/** Bytes of a file's lines; of a packed one that was not read to its end at least so many. */
const sizeOf = (file: TrackedFile, { size }: ReadFacts): number =>
  !isPackedName(file.name)
    ? size
    : isReadWhole(file, { facts: { size } })
      ? (file.packed?.at ?? 0)
      : file.place.at + size

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
