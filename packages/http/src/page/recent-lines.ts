// The newest lines of a page, for a download: whatever became of them on their way to the server. Bounded; a gap mark in front says
// how many gave way.
import type { GapFields } from "@daybook/core/client"
import { pageLimits } from "./limits.ts"

/** A page's newest lines. The diagnostics panel of `@daybook/react-hooks` takes it for its download. */
export interface RecentPageLines {
  readonly kept: { readonly lines: number; readonly bytes: number; readonly forgotten: number }
  /** The lines as JSONL, oldest first: a copy. */
  bytes(): Uint8Array<ArrayBuffer>
  text(): string
}

/** Makes one, for the option `recent`. */
export const recentLines = (): RecentPageLines => new RecentTexts()

interface KeptLine {
  readonly seq: number
  readonly text: string
  readonly bytes: number
  readonly category: string
}

export class RecentTexts implements RecentPageLines {
  gapLine: ((fields: GapFields) => string) | undefined
  private lines: KeptLine[] = []
  /** Those before have given way. */
  private first = 0
  private size = 0
  private gap: GapFields | undefined

  get kept(): RecentPageLines["kept"] {
    return { lines: this.lines.length - this.first, bytes: this.size, forgotten: this.gap?.count ?? 0 }
  }

  keep(line: KeptLine): void {
    this.lines.push(line)
    this.size += line.bytes
    while (
      this.size > pageLimits.recentBytesMax ||
      this.lines.length - this.first > pageLimits.recentLinesMax
    )
      this.forget()
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode(this.text())
  }

  text(): string {
    const mark = this.gap === undefined ? "" : (this.gapLine?.(this.gap) ?? "")
    return (
      mark +
      this.lines
        .slice(this.first)
        .map(({ text }) => text)
        .join("")
    )
  }

  private forget(): void {
    const line = this.lines[this.first] as KeptLine
    this.first += 1
    this.size -= line.bytes
    const { count = 0, first_seq: first = line.seq, by_category: known = {} } = this.gap ?? {}
    this.gap = {
      count: count + 1,
      first_seq: first,
      last_seq: line.seq,
      by_category: { ...known, [line.category]: (known[line.category] ?? 0) + 1 },
      reasons: { overflow: count + 1 },
      exporter: "recent"
    }
    if (this.first < 1_024) return
    this.lines = this.lines.slice(this.first)
    this.first = 0
  }
}
