// What a delivery keeps on its own disk: the lock while it works, letters before the place moves over their lines, and the place
// behind what is settled, saved in time. When that is, is decided here; what is settled, in delivery-run.node.ts.

import { describeThrown, type LogIdentity, toLocalDay } from "@daybook/core"
import { codeOf, describeDiskError } from "../disk/errno.ts"
import type { FileLayer } from "../disk/file-layer.ts"
import { type DiskWork, doInSteps, step } from "../disk/work.ts"
import { deliveryLimits } from "../limits.ts"
import { dayText, isoOf } from "../place/day.ts"
import { appendLetters, type DeadLetter, letterBytes } from "../state/dead-letters.node.ts"
import { type FoundPlace, placeText, readPlace, writePlace } from "../state/delivery-place.node.ts"
import { Lock } from "../state/lock.node.ts"
import { removeParts } from "../state/replace-file.node.ts"
import type { Places } from "./places.ts"
import type { TrackedFile } from "./read-line.ts"

export interface KeeperOptions {
  readonly app: string
  readonly name: string
  /** The directory of place, lock and letters. */
  readonly stateDir: string
  readonly holds: boolean
  readonly log: LogIdentity
  /** Says what is wrong, once until it works again. */
  tell(text: string): void
  onWorking(): void
}

const dayMs = 24 * 60 * 60 * 1_000

export class Keeper {
  /** Bytes of all dead letters. */
  letterBytes = 0
  private readonly disk: FileLayer
  private readonly options: KeeperOptions
  private readonly lock: Lock
  private beatAt = 0
  private savedAt = Number.NEGATIVE_INFINITY
  private savedBytes = 0

  constructor(disk: FileLayer, options: KeeperOptions) {
    this.disk = disk
    this.options = options
    this.lock = new Lock(options.stateDir)
  }

  /** True while no other process works for the delivery. */
  get isOurs(): boolean {
    return this.lock.isHeld
  }

  async makeDir(): Promise<void> {
    await this.do(step((disk) => disk.makeDir(this.options.stateDir)))
  }

  async takeLock(): Promise<boolean> {
    this.beatAt = this.now
    return this.do(this.lock.take(this.now))
  }

  /** Shows that we live, when that is due. */
  async beat(): Promise<void> {
    if (this.now - this.beatAt < deliveryLimits.lockBeatMs) return
    this.beatAt = this.now
    const { stateDir } = this.options
    try {
      await this.do(this.lock.beat())
      // People may have taken letters away, which is what an outage of too many waits for.
      if (this.letterBytes > deliveryLimits.letterBytesMax)
        this.letterBytes = await this.do(letterBytes(stateDir))
    } catch {
      // It only saves work: a full disk holds up no line, and what matters of it is said when the place is saved.
    }
  }

  release(): Promise<void> {
    return this.do(this.lock.release())
  }

  async find(): Promise<FoundPlace> {
    const { stateDir } = this.options
    await this.do(removeParts(stateDir, /^(place|lock)-/, this.lock.token))
    this.letterBytes = await this.do(letterBytes(stateDir))
    const found = await this.do(readPlace(stateDir))
    if (found.is === "broken" && found.isPassing) throw new Error(`the place cannot be read: ${found.reason}`)
    return found
  }

  /** Letters survive a power cut when this has ended. Rejects where they cannot be kept. */
  async keep(letters: readonly DeadLetter[]): Promise<void> {
    const day = dayText(toLocalDay(this.options.log.now()))
    this.letterBytes += await this.do(appendLetters(this.options.stateDir, day, letters))
    this.options.onWorking()
  }

  /** How long until the places should be saved: 0 when it is due, Infinity when nothing has changed. */
  saveDueInMs({ isChanged }: Places): number {
    const { saveEveryMs, saveBytesPerMs } = deliveryLimits
    // A running delivery shows that it holds what it has not delivered, though nothing happens.
    const pauseMs = isChanged ? Math.max(saveEveryMs, this.savedBytes / saveBytesPerMs) : dayMs / 2
    return Math.max(0, this.savedAt + pauseMs - this.now)
  }

  /** First the lines, then the place: a place beyond its file would hide what comes to stand there. Never rejects. */
  async save(places: Places): Promise<void> {
    const { app, name, stateDir, holds, log, tell, onWorking } = this.options
    if (!places.isChanged && this.saveDueInMs(places) > 0) return
    places.isChanged = false
    try {
      for (const file of places.files) if (file.syncedTo < file.place.at) await this.sync(file)
      const { byName: files, counts } = places
      const saved = isoOf(log.now())
      const text = placeText({ app, name, holds, saved, files, counts })
      await this.do(writePlace(stateDir, this.lock.token, text))
      this.savedBytes = text.length
      onWorking()
    } catch (error) {
      places.isChanged = true
      tell(
        `Cannot save the place in ${JSON.stringify(stateDir)}: ${reasonOf(error)}; after a restart, lines come again`
      )
    }
    // The first place of all, which has no file yet, holds up no other one.
    this.savedAt = this.now - (places.byName.size > 0 ? 0 : deliveryLimits.saveEveryMs)
  }

  private async sync(file: TrackedFile): Promise<void> {
    const { at } = file.place
    const { log, tell } = this.options
    try {
      // What was written long ago is on the disk; if it is not, its bytes will not fit its place.
      const isOld = log.now() - file.changedMs > deliveryLimits.writtenBackMs
      if (!isOld) await this.do(syncFile(file.path))
    } catch (error) {
      // It was renamed, or deleted.
      if (codeOf(error) !== "ENOENT")
        tell(
          `Cannot sync ${JSON.stringify(file.name)}: ${reasonOf(error)}; a power cut may take its lines back`
        )
    }
    file.syncedTo = at
  }

  private get now(): number {
    return this.options.log.monotonicMs()
  }

  private do<A>(work: DiskWork<A>): Promise<A> {
    return doInSteps(work, this.disk) as Promise<A>
  }
}

/** Why something of our own failed. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? describeDiskError(error) : describeThrown(error).message

function* syncFile(path: string): DiskWork<void> {
  const fd = yield* step((disk) => disk.openRead(path))
  try {
    yield* step((disk) => disk.sync(fd))
  } finally {
    yield* step((disk) => disk.close(fd))
  }
}
