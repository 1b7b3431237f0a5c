// The lines of a trail behind the places of its files, in batches: file after file, the oldest day first. What is sent, what
// is skipped, and what is damaged is decided here; what becomes of it is places.ts.

//   a file that has grown ──fits its place──▶ read on behind it
//                         └─does not fit──▶ another file's place fits: a rotation gave it this name ──▶ read on there
//                                           none does ──▶ from its front, which is noticed where it had a place

import { asWritten, decodeLine, isBlankLine } from "@daybook/core"
import { type DecodedLine, LineIds } from "@daybook/core/replay"
import type { ReadLayer } from "../disk/read-layer.ts"
import { dayBefore } from "../place/day.ts"
import type { FilePlace } from "../state/delivery-place.node.ts"
import { firstOf } from "../state/place-fit.node.ts"
import { FileLines, frontPlace, type PlacedLine, placeBehind } from "./file-lines.node.ts"
import type { Places } from "./places.ts"
import type { LineFate, ReadBatch, ReadLine, TrackedFile } from "./read-line.ts"
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

/** Lines that are settled without being sent do not fill a batch, but their place is to be saved. */
const linesPerSent = 4

export class TrailReader {
  private readonly layer: ReadLayer
  private readonly places: Places
  private readonly options: ReaderOptions
  /** By name. */
  private readonly reaches = new Map<string, Reach>()
  private today = ""
  private waiting: TrailFile[] = []
  private current: Current | undefined

  constructor(layer: ReadLayer, places: Places, options: ReaderOptions) {
    this.layer = layer
    this.places = places
    this.options = options
    for (const file of places.files) this.reaches.set(file.name, newReach(file))
  }

  /** Begins a round through the files that have grown. */
  begin(files: readonly TrailFile[], today: string): void {
    this.today = today
    this.waiting = files.filter((file) => this.hasNews(file))
  }

  /** Settles all that is there, without reading it. */
  async skipAll(files: readonly TrailFile[]): Promise<void> {
    for (const found of files) {
      const lines = await FileLines.open(this.layer, found.path)
      if (lines === undefined) continue
      try {
        await lines.skipAll()
        const reach = this.added(found, lines)
        const { lastLine } = lines
        if (lastLine === undefined) continue
        reach.place = placeBehind(await lines.first(), lastLine)
        reach.isCounted = false
        reach.file.place = reach.place
      } finally {
        await lines.close()
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
    while (sent.length < linesMax && bytes < bytesMax && lines.length < linesPerSent * linesMax) {
      const read = await this.line()
      if (read === undefined) break
      lines.push(read.line)
      if (read.sent === undefined) continue
      sent.push(read.sent)
      bytes += read.sent.bytes.length
    }
    return lines.length === 0 ? undefined : { lines, sent }
  }

  /** A file that has gone. */
  forget(file: TrackedFile): void {
    if (this.reaches.get(file.name)?.file === file) this.reaches.delete(file.name)
  }

  /** Leaves the file that is being read: it is held against its last line when it is read again. */
  async close(): Promise<void> {
    const { current } = this
    this.current = undefined
    if (current === undefined) return
    const { reach, lines } = current
    if (lines.lastLine !== undefined) reach.place = placeBehind(reach.place.first, lines.lastLine)
    await lines.close()
  }

  private hasNews({ file, facts }: TrailFile): boolean {
    const reach = this.reaches.get(file)
    if (facts === undefined) return false
    if (reach === undefined) return facts.size > 0
    reach.file.size = facts.size
    return facts.size !== reach.place.at || (reach.fileId !== "" && reach.fileId !== facts.id)
  }

  private async line(): Promise<{ readonly line: ReadLine; readonly sent?: DecodedLine } | undefined> {
    for (;;) {
      this.current ??= await this.openNext()
      if (this.current === undefined) return undefined
      const { day, lines, reach } = this.current
      try {
        const placed = (await lines.next()) ?? (this.isOver(day) ? lines.rest() : undefined)
        if (placed !== undefined) return await this.decide(reach, placed)
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

  private async decide(
    reach: Reach,
    placed: PlacedLine
  ): Promise<{ readonly line: ReadLine; readonly sent?: DecodedLine }> {
    const { begin, end, bytes, isTerminated } = placed
    const first = begin === 0 ? firstOf(bytes) : reach.place.first
    reach.place = { ...reach.place, first, at: end }
    const line = (fate: LineFate, id = ""): ReadLine => ({ ...placed, file: reach.file, fate, id, first })
    if (bytes === undefined) return { line: { ...line("damaged"), reason: "too long" } }
    if (!isTerminated) return { line: { ...line("damaged"), reason: "unterminated" } }
    if (isBlankLine(bytes)) return { line: line("blank") }
    const plain = asWritten(bytes)
    const event = decodeLine(plain)
    if ("damage" in event) return { line: { ...line("damaged"), reason: event.damage } }
    const named = event.head.id === "" ? await this.named(reach, { bytes: plain, event }, begin) : undefined
    const sent = named ?? { bytes: plain, event }
    const { id } = sent.event.head
    return this.options.isWanted(sent) ? { line: line("sent", id), sent } : { line: line("skipped", id) }
  }

  // Lines without an id are told apart by how many equal ones stand before them in their file.
  private async named(reach: Reach, line: DecodedLine, begin: number): Promise<DecodedLine> {
    if (!reach.isCounted) await this.countBefore(reach, begin)
    return reach.ids.named(line)
  }

  private async countBefore(reach: Reach, end: number): Promise<void> {
    reach.isCounted = true
    const lines = await FileLines.open(this.layer, reach.file.path)
    if (lines === undefined) return
    try {
      for (let line = await lines.next(); line !== undefined && line.end <= end; line = await lines.next()) {
        const plain = line.bytes === undefined ? undefined : asWritten(line.bytes)
        if (plain === undefined || isBlankLine(plain)) continue
        const event = decodeLine(plain)
        if (!("damage" in event)) await reach.ids.named({ bytes: plain, event })
      }
    } finally {
      await lines.close()
    }
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
          return { day: found.day, reach, lines }
        } catch (error) {
          await lines.close()
          throw error
        }
      } catch (error) {
        this.complain(this.reaches.get(found.file) ?? this.added(found, undefined), error)
      }
    }
  }

  private async reachOf(found: TrailFile, lines: FileLines): Promise<Reach> {
    const known = this.reaches.get(found.file)
    if (known !== undefined && (await isOf(known, lines))) return known
    const moved = await this.movedTo(found, lines)
    if (moved !== undefined) return moved
    if (known !== undefined && known.place.at > 0) {
      known.file.isLeft = true
      this.places.files.delete(known.file)
      this.places.counts.rewinds += 1
      this.places.isChanged = true
      this.options.onRewind(known.file)
    }
    return this.added(found, lines)
  }

  // A rotation gives a file another name, and its own to a new one.
  private async movedTo(found: TrailFile, lines: FileLines): Promise<Reach | undefined> {
    const first = await lines.first()
    if (first === "") return undefined
    for (const [name, reach] of this.reaches) {
      if (name === found.file || reach.place.first !== first || !(await isOf(reach, lines))) continue
      this.reaches.delete(name)
      this.reaches.set(found.file, reach)
      reach.file.name = found.file
      reach.file.path = found.path
      this.places.isChanged = true
      return reach
    }
    return undefined
  }

  private added(found: TrailFile, lines: FileLines | undefined): Reach {
    const { file: name, path } = found
    const file: TrackedFile = {
      name,
      path,
      place: frontPlace,
      size: lines?.facts.size ?? 0,
      syncedTo: 0,
      missing: 0,
      isLeft: false
    }
    const reach = { ...newReach(file), fileId: lines?.facts.id ?? "", isCounted: true }
    this.places.files.add(file)
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
  place: file.place,
  fileId: "",
  ids: new LineIds(),
  isCounted: file.place.at === 0,
  isUnreadable: false
})

// The bytes decide, and of a file that was not read since the start its first line too.
const isOf = async (reach: Reach, lines: FileLines): Promise<boolean> => {
  const { place, fileId } = reach
  if (!(await lines.fits(place))) return false
  if (fileId !== lines.facts.id && place.first !== "" && (await lines.first()) !== place.first) return false
  reach.fileId = lines.facts.id
  return true
}
