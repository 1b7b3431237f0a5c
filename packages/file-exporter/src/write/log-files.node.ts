// The files of one log, and everything that happens to them, one thing at a time: appending batches, sealing what is due,
// syncing, and deleting what is too old. How bytes get into a file is batch-appender.node.ts.

import { dirname, join, relative, sep } from "node:path"
import {
  type Batch,
  describeThrown,
  type ExportError,
  type LogIdentity,
  type OpenExporter,
  toLocalDay
} from "@daybook/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { codeOf } from "../disk/errno.ts"
import { diskRefusal, toDiskError } from "../disk/error.ts"
import type { FileLayer } from "../disk/file-layer.ts"
import { ownUser } from "../disk/own-user.node.ts"
import { patientLayer } from "../disk/patient-layer.ts"
import { tracedLayer } from "../disk/traced-layer.ts"
import { type DiskWork, doAtOnce, doInSteps, step } from "../disk/work.ts"
import { fileLimits, retentionLimits, sealLimits } from "../limits.ts"
import type { AuditLogDir } from "../place/audit-log-path.node.ts"
import { dayText } from "../place/day.ts"
import { dayFilePath, type Layout, userFilePath } from "../place/layout.node.ts"
import type { SealOptions } from "../seal/key.node.ts"
import { Sealer } from "../seal/sealer.node.ts"
import { BatchAppender } from "./batch-appender.node.ts"
import { dayOf } from "./known-file.ts"
import { type Modes, Ownership } from "./ownership.ts"
import { Retention, type UndeliveredOptions } from "./retention.node.ts"
import { lookAround } from "./sight.node.ts"
import { isDirectory } from "./streams.node.ts"
import type { DeletionMark } from "./sweep.node.ts"
import { UndeliveredBound } from "./undelivered.node.ts"

/** Where a log's files are, and how they are kept. */
export interface LogFilesOptions {
  readonly found: AuditLogDir
  readonly layout: Layout
  readonly sync: "none" | "interval" | "batch"
  /** Absent: no number is asked for. */
  readonly retentionDays: number | undefined
  /** Absent: the folder may have any number of bytes. */
  readonly bytesMax: number | undefined
  readonly sweepDelivered: boolean
  readonly undelivered: UndeliveredOptions
  readonly modes: Modes
  /** Absent: nothing is sealed. */
  readonly seal: SealOptions | undefined
  /** Gets the paths of each batch, when it is down. */
  onAppended(paths: readonly string[]): void
}

export class LogFiles {
  private readonly options: LogFilesOptions
  private readonly layer: FileLayer
  private readonly log: LogIdentity
  private readonly ownership: Ownership
  private readonly appender: BatchAppender
  private readonly sealer: Sealer | undefined
  /** One file operation at a time: a thread of the pool that hangs must not become four. */
  private readonly lane = Semaphore.makeUnsafe(1)
  private isNoticed = false
  private isLookedAt = false
  private readonly retention: Retention
  /** Absent where the hold lapses instead. */
  private readonly bound: UndeliveredBound | undefined
  /** The batch in hand: what was let in once is let in. */
  private letIn: Batch | undefined
  private sweptDay = -1
  /** Why a mark could not be written the last time. */
  private unmarkedWhy = ""
  /** Deletions whose marks a full disk has refused. */
  private unmarked: (DeletionMark & { tries: number })[] = []

  constructor(disk: FileLayer, log: LogIdentity, options: LogFilesOptions) {
    const ownership = new Ownership({
      ownUid: ownUser,
      modes: options.modes,
      notice: (text) => log.notice(text)
    })
    const traced = tracedLayer(disk, log.trace)
    const layer = ownership.hasUsers ? traced : patientLayer(traced)
    const { found, layout, seal, sync, undelivered } = options
    this.options = options
    this.layer = layer
    this.log = log
    this.sealer = seal === undefined ? undefined : new Sealer(log, { key: seal.key })
    this.ownership = ownership
    const { dir } = found
    this.appender = new BatchAppender(layer, {
      log,
      pathOf: (day, route) =>
        route === "" ? this.dayPath(dayText(day)) : userFilePath(dir, route, dayText(day)),
      insteadOf: (path, isStanding) => this.insteadOf(path, isStanding),
      nameOf: (path) => relative(dir, path).split(sep).join("/"),
      ownership: this.ownership,
      sync,
      sealer: this.sealer,
      anchor: seal?.anchor,
      lookAround: () => lookAround({ app: log.app, dir, layout }, log.streamKey),
      ...(layout === "user" ? { checkDir: (path: string) => this.checkBelow(path) } : {})
    })
    this.retention = new Retention(
      {
        app: log.app,
        dir,
        layout,
        asked: options.retentionDays,
        bytesMax: options.bytesMax,
        sweepDelivered: options.sweepDelivered,
        undelivered,
        lastAppendMs: (path) => this.appender.lastAppendMs(path)
      },
      log
    )
    if (undelivered.full === "refuse")
      this.bound = new UndeliveredBound({
        app: log.app,
        dir,
        layout,
        bytesMax: undelivered.bytesMax ?? retentionLimits.undeliveredBytesMax,
        now: () => log.monotonicMs(),
        holding: () => this.retention.holding()
      })
  }

  /** The file of a day; in the layout "user", of the lines that belong to no user. */
  dayPath(day: string): string {
    const { found, layout } = this.options
    const { app, session } = this.log
    return dayFilePath(found.dir, app, day, layout === "session" ? session : undefined)
  }

  open(): Effect.Effect<OpenExporter, ExportError, Scope.Scope> {
    const { found, sync } = this.options
    const self = this
    return Effect.gen(function* () {
      if (found.notice !== undefined && !self.isNoticed) self.log.notice(found.notice)
      self.isNoticed = true
      yield* self.inLane(() => doInSteps(self.prepareDir(), self.layer), "make the directory")
      yield* self.inLane(() => self.lookAtDir(), "look at")
      yield* self.inLane(() => self.sweepOnce(), "delete old files in")
      yield* Effect.forkScoped(self.sweepInTime())
      // Ended in the opposite order: what is sealed last is synced as well.
      if (sync === "interval") {
        yield* Effect.addFinalizer(() => Effect.ignore(self.syncAll()))
        const again = Effect.andThen(Effect.sleep(fileLimits.syncEveryMs), Effect.ignore(self.syncAll()))
        yield* Effect.forkScoped(Effect.forever(again))
      }
      if (self.sealer !== undefined) {
        yield* Effect.addFinalizer(() =>
          Effect.catch(self.sealDue(Number.POSITIVE_INFINITY), (error) =>
            Effect.sync(() => self.tellUnsealed(error))
          )
        )
        yield* Effect.forkScoped(self.sealInTime())
      }
      const { dir } = found
      return {
        export: (batch) => self.inLane(() => self.append(batch), "append to"),
        finish: () => self.inLane(() => self.appender.finish((name) => join(dir, name)), "seal files in")
      }
    })
  }

  /** The exit hook's way. */
  appendNow(batch: Batch, deadlineMs: number): number {
    doAtOnce(this.prepareDir(), this.layer.now)
    return this.appender.appendNow(batch, deadlineMs)
  }

  /** The exit hook's seals, behind its last lines. A notice names what cannot be sealed. */
  finishNow(deadlineMs: number): void {
    if (this.appender.openStretches().length === 0) return
    try {
      if (!this.appender.sealNow(deadlineMs)) this.tellUnsealed("a write before has not come back")
    } catch (error) {
      this.tellUnsealed(error)
    }
  }

  private tellUnsealed(error: unknown): void {
    const paths = this.appender.openStretches().map(({ path }) => JSON.stringify(path))
    const why = typeof error === "string" ? error : describeThrown(error).message
    if (paths.length > 0) this.log.notice(`the last lines of ${paths.join(", ")} are under no seal: ${why}`)
  }

  // A user's file that cannot be used, or one of another day, must not hold up the others: there is a file of this session
  // for the day, which readers and `verify` know. Today's own file, for which all of them wait, has no other.
  private insteadOf(path: string, isStanding: boolean): string | undefined {
    const { found, layout } = this.options
    const { app, session } = this.log
    const day = dayOf(path)
    const instead = dayFilePath(found.dir, app, day, session)
    const isOther = layout === "user" || (isStanding && day !== dayText(toLocalDay(this.log.now())))
    return isOther && instead !== path ? instead : undefined
  }

  private async append(batch: Batch): Promise<void> {
    if (this.letIn !== batch && this.bound !== undefined)
      await doInSteps(this.bound.letIn(batch.bytes().length), this.layer)
    this.letIn = batch
    this.options.onAppended(await this.appender.append(batch))
    await this.sweepOnce()
    if (this.unmarked.length > 0) await this.markSwept()
  }

  // All users may write to the directory for temporary files: what stands there under our name may be a trap.
  private *prepareDir(): DiskWork<void> {
    const { dir, source } = this.options.found
    try {
      yield* step((disk) => disk.makeDir(dir, this.options.modes.dir))
    } catch (error) {
      throw toDiskError("make the directory", dir, error)
    }
    if (source === "temp") yield* this.ownership.refuseShared(dir, dirname(dir))
  }

  // One notice says who else may write to the directory; it is written to all the same.
  private async lookAtDir(): Promise<void> {
    if (this.isLookedAt) return
    this.isLookedAt = true
    await doInSteps(this.ownership.lookAt(this.options.found.dir), this.layer).catch(() => undefined)
  }

  // A link in place of a user's directory would lead out of ours.
  private *checkBelow(path: string): DiskWork<void> {
    let at = this.options.found.dir
    for (const name of relative(at, path)
      .split(sep)
      .filter((part) => part !== "")) {
      at = join(at, name)
      if (yield* isOther(at)) throw diskRefusal("append below", at, "it is not a directory, or a link to one")
    }
  }

  // At the start, and at each change of the day.
  private async sweepOnce(): Promise<void> {
    const today = toLocalDay(this.log.now())
    if (today === this.sweptDay || today === 0) return
    this.sweptDay = today
    await this.sweep()
  }

  // A deletion without a mark looks like a theft: the mark is down before anything goes. Only a full disk may need the room.
  private async sweep(): Promise<void> {
    const planned = await doInSteps(this.retention.plan(), this.layer)
    if (planned !== undefined && (await this.isMarked(planned.marks)))
      await doInSteps(this.retention.carryOut(planned), this.layer)
    this.log.trace?.("sweep", { deleted: this.retention.deletedCount })
  }

  private async isMarked(marks: readonly DeletionMark[]): Promise<boolean> {
    if (marks.length === 0) return true
    try {
      await this.appendMarks(marks)
      return true
    } catch (error) {
      if (isFull(error)) {
        for (const mark of marks) this.unmarked.push({ ...mark, tries: 1 })
        return true
      }
      const why = describeThrown(error).message
      if (why !== this.unmarkedWhy)
        this.log.notice(`no old files are deleted, for the mark that says so cannot be written: ${why}`)
      this.unmarkedWhy = why
      return false
    }
  }

  private appendMarks(marks: readonly DeletionMark[]): Promise<void> {
    const today = this.dayPath(dayText(toLocalDay(this.log.now())))
    const lines = marks.map(({ text, fields }) => this.log.mark("retention", text, fields))
    return this.appender.appendMarks(today, lines)
  }

  // What was held, or had changed a moment ago, goes while the log runs. A directory that is gone is made again by an append,
  // which says so.
  private sweepInTime(): Effect.Effect<void> {
    const sweep = async (): Promise<void> => {
      if ((await doInSteps(isDirectory(this.options.found.dir), this.layer)) !== true) return
      await this.sweep()
      if (this.unmarked.length > 0) await this.markSwept()
    }
    return Effect.forever(
      Effect.andThen(
        Effect.sleep(retentionLimits.sweepEveryMs),
        Effect.ignore(this.inLane(sweep, "delete old files in"))
      )
    )
  }

  // The mark is tried again with the next batches. One that still cannot be written then holds up nothing, and a notice says so.
  private async markSwept(): Promise<void> {
    const { unmarked } = this
    this.unmarked = []
    for (const mark of unmarked) {
      try {
        await this.appendMarks([mark])
      } catch (error) {
        mark.tries += 1
        if (mark.tries < fileLimits.markTriesMax) this.unmarked.push(mark)
        else
          this.log.notice(
            `${mark.text}, and its retention mark cannot be written: ${describeThrown(error).message}`
          )
      }
    }
  }

  // Lines that no others follow are sealed all the same, in time.
  private sealInTime(): Effect.Effect<void> {
    const { stretchMs } = sealLimits
    return Effect.forever(
      Effect.suspend(() => {
        const now = this.log.now()
        const dueMs = Math.min(stretchMs, ...this.appender.openStretches().map((open) => open.dueMs - now))
        return Effect.andThen(
          Effect.sleep(Number.isFinite(dueMs) ? Math.max(fileLimits.sealPauseMs, dueMs) : stretchMs),
          // A place that is broken is not knocked at ten times a second.
          Effect.catch(
            Effect.suspend(() => this.sealDue(this.log.now())),
            () => Effect.sleep(stretchMs)
          )
        )
      })
    )
  }

  private sealDue(atMs: number): Effect.Effect<void, ExportError> {
    return this.inLane(() => {
      // A stretch without a time is due whenever we come by.
      const due = this.appender.openStretches().filter(({ dueMs }) => !(dueMs > atMs))
      return this.appender.seal(due.map(({ path }) => path))
    }, "seal files in")
  }

  private syncAll(): Effect.Effect<void, ExportError> {
    return this.inLane(() => this.appender.syncAll(), "sync files in")
  }

  // A file operation that was issued cannot be called back, so it is never interrupted: its time limit makes it stalled.
  private inLane(operation: () => Promise<void>, action: string): Effect.Effect<void, ExportError> {
    const { dir } = this.options.found
    return this.lane.withPermit(
      Effect.uninterruptible(
        Effect.tryPromise({ try: operation, catch: (error) => toDiskError(action, dir, error) })
      )
    )
  }
}

const isFull = (error: unknown): boolean => {
  const code = codeOf((error as { readonly cause?: unknown }).cause)
  return code === "ENOSPC" || code === "EDQUOT"
}

function* isOther(path: string): DiskWork<boolean> {
  try {
    return !(yield* step((disk) => disk.nameFacts(path))).isDirectory
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false
    throw error
  }
}
