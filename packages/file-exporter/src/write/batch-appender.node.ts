// Appends batches to files, one after the other, for one log: splits each by file. Remembers how far the batch in hand has
// come, so that a repeated attempt, or the exit hook, goes on behind the last line that is down.

//   batch ──split by file──▶ run ──▶ open, look, ONE write with its seals, close ──▶ next run
//                             │                 │ short or failed
//                             │                 └▶ the next attempt looks which lines arrived, begins with "\n" where
//                             │                    a fragment stands, and writes the rest whole. A line is never
//                             │                    continued: another process may have appended meanwhile.
//                             └─its file cannot be used─▶ the rest goes to the file instead of it, and says so once;
//                                                         each batch tries its own file first

import { type Batch, describeThrown, ExportError } from "@daybook/core"
import { codeOf } from "../disk/errno.ts"
import { diskRefusal, isStanding, toDiskError } from "../disk/error.ts"
import type { FileLayer } from "../disk/file-layer.ts"
import { type DiskWork, doAtOnce, doInSteps, step } from "../disk/work.ts"
import { fileLimits } from "../limits.ts"
import type { KnownFile } from "./known-file.ts"
import { LineAppender, type LineAppenderOptions } from "./line-appender.node.ts"
import { isUnfinished, type Run, runsOf } from "./run.ts"

/** What an appender needs to know of its place. */
export interface AppenderOptions extends Omit<LineAppenderOptions, "onChange"> {
  /** The file of a day (yyyymmdd, 0 unknown) and a route. */
  pathOf(day: number, route: string): string
  /** Where the lines of a file go that cannot be used, for a reason that stays or may pass; without such a place they wait. */
  insteadOf?(path: string, isStanding: boolean): string | undefined
}

/** The batch in hand. */
interface Progress {
  readonly batch: Batch
  /** One for each file. */
  readonly runs: Run[]
  /** Who may issue writes: an attempt, or the exit hook. Each that begins ends the one before. */
  turn: number
}

interface Attempt {
  /** Nothing may come after it, so that each file ends with a seal. */
  readonly isLast: boolean
  isOver(): boolean
}

/** A user's folder may be a hash; people know the user by the name that the application gave. */
const namingUser = (error: unknown, { batch, lines }: Run): unknown => {
  const { route, names } = batch.columns
  const user = names.route[route[lines[0] ?? 0] ?? 0] ?? ""
  if (user === "" || !(error instanceof ExportError)) return error
  const { reason, retryable, outcome, cause } = error
  const named = JSON.stringify(user.slice(0, fileLimits.toldUserCharsMax))
  return new ExportError({ reason: `${reason} (user ${named})`, retryable, outcome, cause })
}

const tooLittle = "it takes less than one whole line at a time"

const inSteps: Attempt = { isLast: false, isOver: () => false }

export class BatchAppender {
  private readonly layer: FileLayer
  private readonly options: AppenderOptions
  private readonly lines: LineAppender
  private progress: Progress | undefined
  /** Files that failed when they were tried last. */
  private readonly broken = new Map<string, { tries: number; isTold: boolean }>()
  /** Each exit hook's seals end those that were under way. */
  private exits = 0

  constructor(layer: FileLayer, options: AppenderOptions) {
    this.layer = layer
    this.options = options
    this.lines = new LineAppender({ ...options, onChange: (file) => this.changed(file) })
  }

  /** Appends the whole batch, or rejects with an `ExportError`. Returns the paths of its files. */
  async append(batch: Batch): Promise<readonly string[]> {
    const progress = this.progressOf(batch)
    const turn = ++progress.turn
    await doInSteps(this.batchWork(progress), this.layer, () => progress.turn !== turn)
    // Only the exit hook ends an attempt's turn, and the process lives on: the next attempt does the rest.
    const rest = progress.runs.find((run) => !this.isDone(run))
    if (rest !== undefined) throw diskRefusal("append to", rest.path, "the exit hook came between")
    return progress.runs.map(({ path }) => path)
  }

  /** The exit hook's append: at once, and behind whatever was issued. Returns how many lines of the batch are down. */
  appendNow(batch: Batch, deadlineMs: number): number {
    const endsAt = performance.now() + deadlineMs
    const progress = this.progressOf(batch)
    progress.turn += 1
    const isOver = (): boolean => performance.now() >= endsAt
    if (this.lines.awaitIssued(this.layer, endsAt))
      doAtOnce(this.batchWork(progress, { isLast: true, isOver }), this.layer.now)
    return progress.runs.reduce((sum, { next }) => sum + next, 0)
  }

  /** Closes the stretches of these files with a seal each; a file that fails keeps its stretch open. */
  async seal(paths: readonly string[]): Promise<void> {
    const { exits } = this
    await doInSteps(this.sealWork(paths), this.layer, () => this.exits !== exits)
  }

  /** The exit hook's seals. False when a write under way did not come back in time. */
  sealNow(deadlineMs: number): boolean {
    const endsAt = performance.now() + deadlineMs
    this.exits += 1
    if (!this.lines.awaitIssued(this.layer, endsAt)) return false
    doAtOnce(this.sealWork(this.openStretches().map(({ path }) => path)), this.layer.now)
    return true
  }

  /** Seals what is open, and says in the last seal that the session ends with it. `toPath` knows a file by its name. */
  async finish(toPath: (name: string) => string): Promise<void> {
    const { sealer } = this.options
    if (sealer === undefined) return
    const paths = this.openStretches().map(({ path }) => path)
    const last = paths.at(-1) ?? (sealer.newestFile === undefined ? undefined : toPath(sealer.newestFile))
    if (last === undefined || sealer.isClosed) return
    await this.seal(paths.slice(0, -1))
    const isThere = await doInSteps(this.closeWork(last, paths.length > 0), this.layer)
    if (isThere === true && !sealer.isClosed)
      throw diskRefusal("seal", last, "it is not known yet whether the seal before is in its file")
  }

  /** Paths of files whose newest lines are under no seal yet, with the time (ms since 1970) at which one is due. */
  openStretches(): readonly { readonly path: string; readonly dueMs: number }[] {
    return this.lines.openStretches()
  }

  /** When this session appended an event to the file last, in ms of the monotonic clock; absent where it has not. */
  lastAppendMs(path: string): number | undefined {
    return this.lines.lastAppendMs(path)
  }

  /** Appends marks to the file of a day, under a seal: `verify` believes no other. */
  async appendMarks(path: string, marks: readonly Uint8Array[]): Promise<void> {
    await doInSteps(this.lines.ownWork(path, marks, "stretch"), this.layer)
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
      this.progress = { batch, runs: [...runsOf(batch, this.options.pathOf)], turn: 0 }
    }
    return this.progress
  }

  // A file that fails holds up no other. Where so many fail, it is the disk, and the rest would only wait for it.
  private *batchWork({ runs }: Progress, at: Attempt = inSteps): DiskWork<void> {
    const errors: unknown[] = []
    for (let index = 0; index < runs.length && !at.isOver(); index++) {
      const run = runs[index] as Run
      try {
        yield* this.runWork(run, at)
        this.works(run.path)
      } catch (cause) {
        const error = namingUser(cause, run)
        try {
          yield* this.divert(runs, index, error, at)
        } catch {
          errors.push(error)
          if (errors.length === fileLimits.failuresMax) break
        }
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  private *runWork(run: Run, { isLast, isOver }: Attempt): DiskWork<void> {
    while (!this.isDone(run) && !isOver()) {
      const before = run.next
      yield* this.lines.runWork(run, isLast)
      if (run.next > before || !isUnfinished(run)) continue
      // The exit hook has no time for a disk that takes nothing, and the others have none either.
      if (isLast) return
      throw diskRefusal("append to", run.path, tooLittle, new Error(tooLittle))
    }
  }

  // A link in a folder's place does not go away by itself, nor does another owner: what is left for that file goes to the
  // one instead of it. Other errors may pass. Where the other file fails as well it is the disk, and all wait.
  private *divert(runs: Run[], index: number, error: unknown, at: Attempt): DiskWork<void> {
    const run = runs[index] as Run
    const mustStay = isStanding(error)
    const instead = this.options.insteadOf?.(run.path, mustStay)
    const broken = this.broken.get(run.path) ?? { tries: 0, isTold: false }
    this.broken.set(run.path, broken)
    broken.tries += 1
    if (instead === undefined || (!mustStay && broken.tries < fileLimits.fileTriesMax)) throw error
    const from = this.options.sync === "batch" ? run.synced : run.next
    const rest: Run = { ...run, path: instead, lines: run.lines.subarray(from), next: 0, synced: 0 }
    // What is down stays counted, and asks for nothing more.
    const down: Run = { ...run, path: instead, lines: run.lines.subarray(0, from), next: from, synced: from }
    runs.splice(index, 1, down, rest)
    try {
      yield* this.runWork(rest, at)
    } catch {
      if (yield* this.lines.isUntouched(rest)) runs.splice(index, 2, run)
      throw error
    }
    if (!broken.isTold)
      this.options.log.notice(
        `${describeThrown(error).message}; what belongs there goes to ${JSON.stringify(instead)} until it can be used`
      )
    broken.isTold = true
  }

  private works(path: string): void {
    const broken = this.broken.size === 0 ? undefined : this.broken.get(path)
    if (broken === undefined) return
    this.broken.delete(path)
    if (broken.isTold) this.options.log.notice(`${JSON.stringify(path)}: it can be used again`)
  }

  private *sealWork(paths: readonly string[]): DiskWork<void> {
    const errors: unknown[] = []
    for (const path of paths) {
      try {
        yield* this.lines.ownWork(path, [], "stretch")
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  // False where there is nothing to seal but that it is the end, and the file is gone: it is not made again for that.
  private *closeWork(path: string, hasLines: boolean): DiskWork<boolean> {
    try {
      if (!hasLines) yield* step((disk) => disk.nameFacts(path))
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false
      throw toDiskError("seal", path, error)
    }
    yield* this.lines.ownWork(path, [], "session")
    return true
  }

  // Another file stands there now: what was not synced yet is in the one that is gone.
  private changed(file: KnownFile): void {
    for (const run of this.options.sync === "batch" ? (this.progress?.runs ?? []) : []) {
      if (run.path === file.path) run.next = run.synced
    }
    this.options.sealer?.forget(file.name)
  }
}
