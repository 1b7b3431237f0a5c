// Appends batches to files, one after the other, for one log: splits each by file. Remembers how far the batch in hand has come, so that a
// repeated attempt, or the exit hook, goes on behind the last line that is down.

//   batch ──split by file──▶ run ──▶ open, look, ONE write with its seals, close ──▶ next run
//                                               │ short or failed
//                                               └▶ the next attempt looks which lines arrived, begins with "\n" where
//                                                  a fragment stands, and writes the rest whole. A line is never
//                                                  continued: another process may have appended meanwhile.

import type { Batch } from "@daybook/core"
import { diskRefusal } from "../disk/error.ts"
import type { FileLayer } from "../disk/file-layer.ts"
import { type DiskWork, doAtOnce, doInSteps } from "../disk/work.ts"
import type { KnownFile } from "./known-file.ts"
import { LineAppender, type LineAppenderOptions } from "./line-appender.node.ts"
import { isUnfinished, type Run, runsOf } from "./run.ts"

/** What an appender needs to know of its place. */
export interface AppenderOptions extends Omit<LineAppenderOptions, "onChange"> {
  /** The file of a day (yyyymmdd, 0 unknown) and a route. */
  pathOf(day: number, route: string): string
}

/** The batch in hand. */
interface Progress {
  readonly batch: Batch
  /** One for each file. */
  readonly runs: readonly Run[]
  /** Who may issue writes: an attempt, or the exit hook. Each that begins ends the one before. */
  turn: number
}

export class BatchAppender {
  private readonly layer: FileLayer
  private readonly options: AppenderOptions
  private readonly lines: LineAppender
  private progress: Progress | undefined

  constructor(layer: FileLayer, options: AppenderOptions) {
    this.layer = layer
    this.options = options
    this.lines = new LineAppender({ ...options, onChange: (file) => this.changed(file) })
  }

  /** Appends the whole batch, or rejects with an `ExportError`. */
  async append(batch: Batch): Promise<void> {
    const progress = this.progressOf(batch)
    const turn = ++progress.turn
    await doInSteps(this.batchWork(progress), this.layer, () => progress.turn !== turn)
    // Only the exit hook ends an attempt's turn, and the process lives on: the next attempt does the rest.
    const rest = progress.runs.find((run) => !this.isDone(run))
    if (rest !== undefined) throw diskRefusal("append to", rest.path, "the exit hook came between")
  }

  /** The exit hook's append: at once, and behind whatever was issued. Returns how many lines of the batch are down. */
  appendNow(batch: Batch, deadlineMs: number): number {
    const endsAt = performance.now() + deadlineMs
    const progress = this.progressOf(batch)
    progress.turn += 1
    const isFree = this.lines.awaitIssued(this.layer, endsAt)
    for (const run of isFree ? progress.runs : []) {
      while (!this.isDone(run) && performance.now() < endsAt) {
        const before = run.next
        doAtOnce(this.lines.runWork(run, true), this.layer.now)
        if (run.next === before && isUnfinished(run)) break
      }
    }
    return progress.runs.reduce((sum, { next }) => sum + next, 0)
  }

  /** Closes the stretches of these files with a seal each; a file that fails keeps its stretch open. */
  async seal(paths: readonly string[]): Promise<void> {
    const errors: unknown[] = []
    for (const path of paths) {
      await doInSteps(this.lines.ownWork(path, [], true), this.layer).catch((error: unknown) =>
        errors.push(error)
      )
    }
    if (errors.length > 0) throw errors[0]
  }

  /** Paths of files whose newest lines are under no seal yet, with the time (ms since 1970) at which one is due. */
  openStretches(): readonly { readonly path: string; readonly dueMs: number }[] {
    return this.lines.openStretches()
  }

  /** When this session appended an event to the file last, in ms of the monotonic clock; absent where it has not. */
  lastAppendMs(path: string): number | undefined {
    return this.lines.lastAppendMs(path)
  }

  /** Appends one mark to the file of a day, under a seal: `verify` believes no other. */
  async appendMark(path: string, mark: Uint8Array): Promise<void> {
    await doInSteps(this.lines.ownWork(path, [mark], true), this.layer)
  }

  /** Makes durable what was appended since the last time. */
  async syncAll(): Promise<void> {
    for (const file of this.lines.unsyncedFiles) await doInSteps(this.lines.syncWork(file), this.layer)
  }

  private isDone(run: Run): boolean {
    const isSynced = this.options.sync !== "batch" || run.synced === run.next
    return !isUnfinished(run) && isSynced && !this.lines.isOwing(run.path)
  }

  private progressOf(batch: Batch): Progress {
    if (this.progress?.batch !== batch) {
      this.progress = { batch, runs: runsOf(batch, this.options.pathOf), turn: 0 }
    }
    return this.progress
  }

  private *batchWork({ runs }: Progress): DiskWork<void> {
    for (const run of runs) {
      while (!this.isDone(run)) {
        const before = run.next
        yield* this.lines.runWork(run, false)
        if (run.next === before && isUnfinished(run))
          throw diskRefusal("append to", run.path, "it takes less than one whole line at a time")
      }
    }
  }

  // Another file stands there now: what was not synced yet is in the one that is gone.
  private changed(file: KnownFile): void {
    for (const run of this.options.sync === "batch" ? (this.progress?.runs ?? []) : []) {
      if (run.path === file.path) run.next = run.synced
    }
    this.options.sealer?.forget(file.name)
  }
}
