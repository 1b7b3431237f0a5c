// One file that is followed: how far it was read, the line that is in progress, and what becomes of it when it is cut
// short or another file takes its name. When it is looked at is decided in follow.node.ts.

//             begin ──▶ following ──another file has the name, or none──▶ gone ──one more look──▶ closed
//                         │    ▲                                         (a log may have had it open)
//               shorter   │    │
//            than was read└────┘ a row `truncated`, and again from the front

import { ForwardLines, type PlacedLine } from "../disk/lines.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import type { DamagedLine } from "../query/row.ts"
import type { LineChunks } from "./merge.ts"
import type { ReadFile } from "./open-files.ts"
import { backwardLines, unreadable } from "./source.ts"

export class FileTail implements LineChunks {
  readonly day: string
  readonly file: ReadFile
  private readonly layer: ReadLayer
  private lines: ForwardLines
  private size = 0
  /** Rows about the file itself, which go before its lines. */
  private said: DamagedLine[] = []
  private isTroubled = false
  private isEnding = false
  private isGone = false
  /** Where a line begins that was given as damage because its day was over. */
  private restsAt: number | undefined

  constructor(layer: ReadLayer, file: ReadFile, day: string) {
    this.layer = layer
    this.file = file
    this.day = day
    this.lines = this.linesFrom(0)
  }

  /** Begins behind the last whole line, so that a line in progress is read when it is finished. */
  async beginAtEnd(): Promise<void> {
    try {
      const backward = await backwardLines(this.file, readLimits.chunkBytes)
      let end = backward.position
      for (let lines = await backward.next(); lines !== undefined; lines = await backward.next()) {
        const [last] = lines
        if (last === undefined) continue
        if (!last.isTerminated) end = last.at
        break
      }
      this.lines = this.linesFrom(end)
    } catch (error) {
      this.complain(error)
    }
  }

  /** Looks at the name. `gone`: the file that was followed has it no more; what it still holds can be read. */
  async look(): Promise<"there" | "gone"> {
    if (this.isGone) return "gone"
    try {
      const facts = await this.layer.facts(this.file.path)
      const { id } = this.file
      this.isGone = id !== undefined && facts?.id !== id
      if (this.isGone) return "gone"
      this.size = facts?.size ?? 0
      if (facts !== undefined && facts.kind !== "file") throw new Error("it is not a regular file")
      if (this.size < this.lines.position) this.beginAgain()
    } catch (error) {
      this.complain(error)
    }
    return "there"
  }

  /** Whether there is anything to give since the last look. */
  get hasMore(): boolean {
    return this.isEnding || this.said.length > 0 || this.size > this.lines.position
  }

  /** The next look is the last one: a line that is still in progress then never will be finished. */
  end(): void {
    this.isEnding = true
  }

  /** Its day is over, and may come again: it keeps nothing open, and goes on behind the last whole line. */
  async rest(): Promise<void> {
    this.isEnding = false
    this.lines = this.linesFrom(this.restsAt ?? this.lines.position)
    this.restsAt = undefined
    await this.file.close()
  }

  async next(): Promise<readonly (PlacedLine | DamagedLine)[] | undefined> {
    const { said } = this
    this.said = []
    if (said.length > 0) return said
    try {
      const lines = await this.more()
      if (lines !== undefined) return lines
    } catch (error) {
      this.complain(error)
      return this.said.splice(0)
    }
    const unfinished = this.isEnding ? this.lines.takeUnfinished() : undefined
    this.restsAt = unfinished?.at ?? this.restsAt
    return unfinished === undefined ? undefined : [unfinished]
  }

  // A file that has not grown is not even opened. One that is gone is read to its end, if it is still open.
  private async more(): Promise<readonly PlacedLine[] | undefined> {
    const { file, lines, isGone } = this
    if (!(isGone ? file.isOpen : this.size > lines.position)) return undefined
    const found = await lines.next()
    if (found !== undefined) this.isTroubled = false
    return found
  }

  private beginAgain(): void {
    this.said.push({ damage: "truncated", file: this.file.path, offset: this.size })
    this.lines = this.linesFrom(0)
  }

  // Once, until it can be read again.
  private complain(error: unknown): void {
    if (!this.isTroubled) this.said.push(unreadable(this.file.path, this.lines.position, error))
    this.isTroubled = true
    this.size = 0
  }

  private linesFrom(position: number): ForwardLines {
    return new ForwardLines((into, at) => this.file.read(into, at), readLimits.chunkBytes, position)
  }
}
