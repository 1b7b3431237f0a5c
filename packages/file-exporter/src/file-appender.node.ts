// Appends batches to day files, one after the other, for one log. Remembers how far the batch in hand has come, so that
// a repeated attempt, or the exit hook, goes on behind the last line that is down.

//   batch ──split by day──▶ run ──▶ open, look, ONE write, close ──▶ next run
//                                         │ short or failed
//                                         └▶ the next write begins with "\n": the fragment stays one damaged line,
//                                            and its event is written again whole. A line is never continued,
//                                            because another process may have appended meanwhile.

import type { Batch } from "@daybook/core"
import { codeOf, diskRefusal, toDiskError } from "./disk-error.ts"
import type { FileFacts, FileLayer, NowLayer } from "./file-layer.ts"

const newline = 0x0a
/** Wait of the exit hook between two looks at a write that is under way. */
const pauseMs = 1
/** A tail in which the last line of a batch must be found; the largest line has 64 KiB, other processes add theirs. */
const tailBytes = 1024 * 1024

/** Lines `from` up to `to` of one day. */
interface Run {
  readonly path: string
  readonly from: number
  readonly to: number
}

/** The batch in hand. */
interface Progress {
  readonly batch: Batch
  /** First line that is not known to be down. */
  next: number
  /** The write that was handed to the system and has not come back. */
  issued: Run | undefined
  /** Who may issue writes: an attempt, or the exit hook. Each that begins ends the one before. */
  turn: number
}

export class DayFileAppender {
  private readonly layer: FileLayer
  private readonly pathOf: (day: number) => string
  private readonly ownUid: number | undefined
  private progress: Progress | undefined
  /** Paths that may end in the middle of a line, by our own doing. */
  private readonly torn = new Set<string>()

  constructor(layer: FileLayer, pathOf: (day: number) => string, ownUid: number | undefined) {
    this.layer = layer
    this.pathOf = pathOf
    this.ownUid = ownUid
  }

  /** Appends the whole batch, or rejects with an `ExportError`. */
  async append(batch: Batch): Promise<void> {
    const progress = this.progressOf(batch)
    const turn = ++progress.turn
    while (progress.next < batch.count) {
      const run = this.runAt(progress)
      await this.appendRun(progress, run, turn)
      if (progress.turn !== turn) break
    }
    // Only the exit hook ends an attempt's turn, and the process lives on: the next attempt does the rest.
    if (progress.next < batch.count)
      throw diskRefusal("append to", this.runAt(progress).path, "the exit hook came between")
  }

  /** The exit hook's append: at once, and behind whatever was issued. Returns how many lines of the batch are down. */
  appendNow(batch: Batch, deadlineMs: number): number {
    const endsAt = performance.now() + deadlineMs
    const progress = this.progressOf(batch)
    progress.turn += 1
    const { issued } = progress
    if (issued !== undefined) {
      if (!this.hasArrived(batch, issued, endsAt)) return progress.next
      progress.next = Math.max(progress.next, issued.to)
      progress.issued = undefined
    }
    while (progress.next < batch.count && performance.now() < endsAt) {
      const before = progress.next
      this.appendRunNow(progress, this.runAt(progress))
      if (progress.next === before) break
    }
    return progress.next
  }

  private progressOf(batch: Batch): Progress {
    if (this.progress?.batch !== batch) this.progress = { batch, next: 0, issued: undefined, turn: 0 }
    return this.progress
  }

  // The next lines of one day. Usually the whole batch; two runs around midnight.
  private runAt({ batch, next }: Progress): Run {
    const { day } = batch.columns
    let to = next + 1
    while (to < batch.count && day[to] === day[next]) to += 1
    return { path: this.pathOf(day[next] ?? 0), from: next, to }
  }

  private async appendRun(progress: Progress, run: Run, turn: number): Promise<void> {
    const { path } = run
    try {
      const fd = await this.open(path)
      try {
        const facts = await this.layer.facts(fd)
        this.check(path, facts)
        const bytes = withLeadingNewline(progress.batch, run, await this.isTorn(path, fd, facts))
        if (progress.turn !== turn) return
        progress.issued = run
        this.settle(progress, run, bytes, await this.layer.append(fd, bytes))
      } finally {
        progress.issued = undefined
        await this.layer.close(fd)
      }
    } catch (error) {
      this.torn.add(path)
      throw toDiskError("append to", path, error)
    }
  }

  private appendRunNow(progress: Progress, run: Run): void {
    const { now } = this.layer
    const fd = this.openNow(run.path)
    try {
      const facts = now.facts(fd)
      this.check(run.path, facts)
      const isTorn = this.torn.has(run.path) || (facts.size > 0 && now.tail(fd, 1)[0] !== newline)
      const bytes = withLeadingNewline(progress.batch, run, isTorn)
      this.settle(progress, run, bytes, now.append(fd, bytes))
    } finally {
      now.close(fd)
    }
  }

  // Which lines are down after `written` of the bytes went in.
  private settle(progress: Progress, run: Run, bytes: Uint8Array, written: number): void {
    const lead = bytes.length - progress.batch.bytes(run.from, run.to).length
    const { end } = progress.batch.columns
    const begin = run.from === 0 ? 0 : (end[run.from - 1] ?? 0)
    let down = run.from
    while (down < run.to && (end[down] ?? 0) - begin + lead <= written) down += 1
    // The hook may have gone on behind this run before its write came back.
    progress.next = Math.max(progress.next, down)
    if (down === run.to) {
      this.torn.delete(run.path)
      return
    }
    this.torn.add(run.path)
    if (down === run.from) {
      throw diskRefusal(
        "append to",
        run.path,
        `only ${written} of ${bytes.length} bytes were taken, not one whole line`
      )
    }
  }

  // Asked of the file each time: another process may have been killed in the middle of a line since we looked.
  private async isTorn(path: string, fd: number, facts: FileFacts): Promise<boolean> {
    if (facts.size === 0) return false
    return this.torn.has(path) || (await this.layer.byteAt(fd, facts.size - 1)) !== newline
  }

  private check(path: string, facts: FileFacts): void {
    const refuse = (why: string): never => {
      throw diskRefusal("append to", path, why)
    }
    if (!facts.isFile) refuse("it is not a regular file")
    if (this.ownUid !== undefined && facts.uid !== this.ownUid) {
      refuse(`it belongs to user ${facts.uid}, and we are user ${this.ownUid}`)
    }
    if (facts.links > 1) refuse(`it has ${facts.links} names; a log file has one`)
  }

  private async open(path: string): Promise<number> {
    try {
      return await this.layer.openAppend(path)
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error
      await this.layer.makeDir(parentOf(path))
      return this.layer.openAppend(path)
    }
  }

  private openNow(path: string): number {
    const { now } = this.layer
    try {
      return now.openAppend(path)
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error
      now.makeDir(parentOf(path))
      return now.openAppend(path)
    }
  }

  // The pool's thread finishes an issued write even while this thread blocks: wait until its last line is in the file.
  private hasArrived(batch: Batch, issued: Run, endsAt: number): boolean {
    const { now } = this.layer
    const last = batch.bytes(issued.to - 1, issued.to)
    while (performance.now() < endsAt) {
      if (this.endsWith(issued.path, last, now)) return true
      now.pause(pauseMs)
    }
    return false
  }

  private endsWith(path: string, line: Uint8Array, now: NowLayer): boolean {
    let fd: number | undefined
    try {
      fd = now.openAppend(path)
      return indexOfBytes(now.tail(fd, tailBytes), line) !== -1
    } catch {
      return false
    } finally {
      if (fd !== undefined) now.close(fd)
    }
  }
}

const withLeadingNewline = (batch: Batch, run: Run, isTorn: boolean): Uint8Array => {
  const lines = batch.bytes(run.from, run.to)
  if (!isTorn) return lines
  const bytes = new Uint8Array(lines.length + 1)
  bytes[0] = newline
  bytes.set(lines, 1)
  return bytes
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.search(/[\\/][^\\/]*$/)))

const indexOfBytes = (haystack: Uint8Array, needle: Uint8Array): number => {
  let at = haystack.lastIndexOf(needle[0] ?? 0)
  while (at !== -1) {
    if (needle.every((byte, offset) => haystack[at + offset] === byte)) return at
    at = at === 0 ? -1 : haystack.lastIndexOf(needle[0] ?? 0, at - 1)
  }
  return -1
}
