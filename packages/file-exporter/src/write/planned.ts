// One write, before and after it is issued: what it appends, and what of it is in the file. Nothing here does I/O: what
// arrived is said by the system, or found by file-tail.ts.
import { joinedBytes } from "@daybook/core"
import type { PlannedAppend } from "../seal/sealer.node.ts"
import type { Lines } from "../seal/woven.ts"
import type { Run } from "./run.ts"

export interface Planned {
  readonly append: PlannedAppend
  /** 1 when a newline goes first, because a fragment stands at the end, or may stand there when the write arrives. */
  readonly lead: 0 | 1
  /** The file's size before. */
  readonly position: number
  /** Absent for lines of our own. */
  readonly run: Run | undefined
  /** The run's line that comes first, behind `marks` marks. */
  readonly from: number
  readonly marks: number
}

/** How much of a planned write is in the file. */
export interface Arrived {
  /** Whole lines. */
  readonly lines: number
  /** The same, and one more if all of it but the newline is there: the newline that comes next makes it whole. */
  readonly standing: number
}

/** What arrived of a planned write when the system says how many bytes it took. */
export const arrivedWithin = ({ append, lead }: Planned, written: number): Arrived => {
  const { ends } = append
  let lines = 0
  while (lines < ends.length && (ends[lines] as number) + lead <= written) lines += 1
  const isStanding = lines < ends.length && (ends[lines] as number) + lead - 1 === written
  return { lines, standing: isStanding ? lines + 1 : lines }
}

/** The run's lines that are down when so many of the planned ones are: seals and marks are none of them. */
export const runLinesWithin = ({ append, from, marks }: Planned, lines: number): number => {
  for (let line = lines - 1; line >= 0; line--) {
    const source = (append.source[line] ?? -1) - marks
    if (source >= 0) return from + source + 1
  }
  return 0
}

/** The lines as they are, where nothing is sealed. */
export const unsealed = ({ bytes, ends }: Lines): PlannedAppend => ({
  bytes,
  ends: Uint32Array.from(ends),
  source: Int32Array.from(ends, (_end, line) => line),
  settle: () => [],
  release: () => undefined
})

export const withLead = (bytes: Uint8Array, lead: 0 | 1): Uint8Array =>
  lead === 0 ? bytes : joinedBytes([newline, bytes])

const newline = Uint8Array.of(0x0a)
