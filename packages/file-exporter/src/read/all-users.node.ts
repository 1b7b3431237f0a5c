// The newest lines of all users together, by the instant at which they happened. Each file is read from its end until its
// lines are older than those that are already known to be among the newest; one file is open at a time.

//   <dir>/ada/tool_audit/2026-11-22.jsonl  ◀── from the end ──┐
//   <dir>/bob/tool_audit/2026-11-22.jsonl  ◀── from the end ──┼──▶ the newest `limit`, by instant
//   <dir>/ada/tool_audit/2026-11-21.jsonl  ◀── only while days may overlap, or too few were found

import { join } from "node:path"
import type { AuditEvent } from "@daybook/core"
import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { userFolderName } from "../place/layout.node.ts"
import { byDay, type DayFile, listFolders, listUserFiles } from "../place/list.node.ts"
import { withoutTwins } from "../place/twins.node.ts"
import type { RowFilter } from "../query/filter.ts"
import type { DamagedLine, Row } from "../query/row.ts"
import { filesInSpan, type Span } from "../query/span.ts"
import { ReadFiles } from "./open-files.ts"
import { backwardSource, noteTwins, type Reading, unreadable } from "./source.ts"

/** The rows for `readRecentAllUsers`. */
export async function* allUsersRows(
  layer: ReadLayer,
  wanted: Reading & { readonly dir: string; readonly filter: RowFilter; readonly span: Span }
): AsyncGenerator<Row, void> {
  const { dir, filter, span } = wanted
  if (span.limit === 0) return
  const files: DayFile[] = []
  for await (const found of listAllUsers(layer, dir)) {
    if ("damage" in found) yield found
    else files.push(found)
  }
  const events = new Newest(span.limit)
  const marks = new Newest(span.limit)
  const isBeyond = (time: number): boolean => time < filter.fromMs || time <= events.floor
  const beyond = { linesMax: readLimits.beyondLinesOfUserMax, isBeyond }
  const open = new ReadFiles(layer, 1)
  try {
    const inSpan = filesInSpan(files, span, wanted.onNote)
    for (const listed of byDay(inSpan, ({ day }) => day).toReversed()) {
      const midnight = Date.parse(`${listed[0]?.day}T00:00:00Z`)
      if (midnight + longestDayMs < events.floor) break
      const { files: sameDay, twins } = await withoutTwins(layer, listed)
      noteTwins(twins, wanted.onNote)
      const how = { ...wanted, filesAtOnce: 1, beyond, timeBefore: midnight }
      for (const { path } of sameDay) {
        const source = backwardSource(open.file(path), how)
        while (await source.advance()) {
          const { row } = source
          if (row === undefined) continue
          if ("damage" in row) yield row
          else if (filter.passes(row)) (row.kind === "event" ? events : marks).add(row, source.time)
        }
      }
    }
  } finally {
    await open.closeAll()
  }
  const all = new Newest(Number.POSITIVE_INFINITY)
  for (const { line, time } of [...events.sorted(), ...marks.sorted()])
    if (time >= events.floor) all.add(line, time)
  for (const { line } of all.sorted()) yield line
}

async function* listAllUsers(layer: ReadLayer, dir: string): AsyncGenerator<DayFile | DamagedLine, void> {
  // A folder that stands there was named by us, or by the older system: its name is taken as it is.
  for (const folder of await listFolders(layer, dir)) {
    const userFiles = join(dir, folder, userFolderName)
    try {
      yield* await listUserFiles(layer, userFiles, folder, { withPacked: true })
    } catch (error) {
      yield unreadable(userFiles, 0, error)
    }
  }
}

/** From a day's beginning in UTC to its end in UTC−12, where it ends last: days of different zones overlap. */
const longestDayMs = 36 * 60 * 60 * 1_000

/** A line and its instant. That of a line without a time is its neighbour's. */
interface Timed {
  readonly line: AuditEvent
  readonly time: number
}

/** The latest of all lines that were added, up to a limit. */
class Newest {
  private readonly limit: number
  private lines: Timed[] = []
  private oldest = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.limit = limit
  }

  /** Only later ones than this can still be among them. */
  get floor(): number {
    return this.oldest
  }

  add(line: AuditEvent, time: number): void {
    if (time <= this.oldest) return
    this.lines.push({ line, time })
    const isFirst = this.oldest === Number.NEGATIVE_INFINITY
    if (this.lines.length >= (isFirst ? this.limit : 2 * this.limit)) this.lines = this.cut()
  }

  sorted(): readonly Timed[] {
    this.lines = this.cut()
    return this.lines
  }

  // Of lines of the same instant, the one that was added first stays first.
  private cut(): Timed[] {
    const lines = this.lines.sort((a, b) => compare(b.time, a.time)).slice(0, this.limit)
    if (lines.length === this.limit) this.oldest = lines.at(-1)?.time ?? this.oldest
    return lines
  }
}

// By subtraction, two infinities would be no number.
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)
