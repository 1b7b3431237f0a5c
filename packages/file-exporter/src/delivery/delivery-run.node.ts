// A delivery: the lines of a trail, in file order, into one exporter, once each as far as the far end knows ids. One idea: the
// place moves only over what is settled, and is saved only behind it; everything else may be lost at any moment.

//            lock is free                     new lines              the far end has them
//   starting ────────────▶ idle ──look──▶ read ──────────▶ sending ───────────────────────▶ letters, place ──▶ read on
//      │ another's          ▲   nothing new │                 │ fails        ▲
//      └▶ standby           └── wait ◀──────┘                 └▶ backing off─┘ 1 s … 300 s
//
//   paused: 64 lines refused in a row, or 64 MiB of letters (tried again each 300 s); a place of a newer version; letters that
//   cannot be written

import { type LogIdentity, toLocalDay } from "@daybook/core"
import { acceptsLine, type DecodedLine, isOn, senderIdentity, unrefClock } from "@daybook/core/replay"
import type * as Clock from "effect/Clock"
import { codeOf } from "../disk/errno.ts"
import type { FileLayer } from "../disk/file-layer.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import { dayText } from "../place/day.ts"
import { type FoundPlace, noCounts } from "../state/delivery-place.node.ts"
import { onAppended } from "../write/appended.ts"
import { Backlog } from "./backlog.node.ts"
import { type Flush, Flushes } from "./flushes.ts"
import { Keeper, reasonOf } from "./keeper.node.ts"
import type {
  DeliverOptions,
  DeliveryHealth,
  DeliveryResult,
  DeliveryState,
  RunningDelivery
} from "./options.ts"
import { Pause, quietly, waitMs } from "./pause.ts"
import { Places } from "./places.ts"
import { Sending, type SendingHost } from "./sending.node.ts"

/** The disk of a delivery: what it reads, and what it keeps. */
export interface DeliveryDisk {
  readonly files: FileLayer
  readonly reads: ReadLayer
}

/** Options that were checked, and where everything is. */
export interface DeliverySetting extends DeliverOptions {
  readonly dir: string
  readonly name: string
  /** The directory of place, lock and letters. */
  readonly stateDir: string
}

/** What is there while we have the lock. */
interface Life {
  readonly backlog: Backlog
  readonly sending: Sending
}

export class DeliveryRun implements RunningDelivery, SendingHost {
  private readonly disk: DeliveryDisk
  readonly setting: DeliverySetting
  readonly clock: Clock.Clock
  readonly log: LogIdentity
  readonly keeper: Keeper
  readonly pause: Pause
  private readonly pollMs: number
  private current: Life | undefined
  /** As it was when we had the lock last. */
  private places = new Places(noCounts)
  /** Paths that the exporter of this process has appended to. */
  private readonly named = new Set<string>()
  private readonly stopListening: (() => void) | undefined
  private readonly flushes = new Flushes()
  private readonly listeners = new Set<(health: DeliveryHealth) => void>()
  private state: DeliveryState = "starting"
  private lastError: string | undefined
  private readonly told = new Set<string>()
  /** There may be new lines since the last look: a poke alone is used up by whatever waits. */
  private isAsked = false
  /** It had a place: one that is gone since is no first start. */
  private isBegun = false
  private isClosing = false
  private closed: Promise<DeliveryResult> | undefined
  private readonly ended: Promise<void>

  constructor(disk: DeliveryDisk, setting: DeliverySetting) {
    const { app, env, name, notice, stateDir, source, placeDir, holds = placeDir === undefined } = setting
    this.disk = disk
    this.setting = setting
    this.clock = setting.clock ?? unrefClock
    this.log = senderIdentity({ app, env, notice, clock: this.clock })
    this.pause = new Pause(this.clock)
    const { pollMs, pollWokenMs } = deliveryLimits
    this.pollMs = setting.pollMs ?? (source === undefined ? pollMs : pollWokenMs)
    this.keeper = new Keeper(disk.files, {
      app,
      name,
      stateDir,
      isBelowLog: placeDir === undefined,
      holds,
      log: this.log,
      tell: (text) => this.tell(text),
      onWorking: () => this.told.clear()
    })
    this.stopListening =
      source === undefined
        ? undefined
        : onAppended(source, (paths) => {
            for (const path of paths) this.named.add(path)
            this.wake()
          })
    this.ended = this.run()
  }

  health(): DeliveryHealth {
    const { places, lastError } = this
    const { nextAttemptAt, oldestTime = Number.NaN } = this.current?.sending.sender ?? {}
    const ageMs = this.log.now() - oldestTime
    return {
      name: this.setting.name,
      state: this.state,
      ...places.counts,
      pendingBytes: places.pendingBytes,
      ...(Number.isNaN(ageMs) ? {} : { oldestAgeMs: Math.max(0, ageMs) }),
      ...(lastError === undefined ? {} : { lastError }),
      ...(nextAttemptAt === undefined ? {} : { nextAttemptAt })
    }
  }

  onHealth(listener: (health: DeliveryHealth) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  wake(): void {
    this.isAsked = true
    this.pause.poke()
  }

  async flush(options: { readonly timeoutMs?: number | undefined } = {}): Promise<DeliveryResult> {
    const { timeoutMs = deliveryLimits.flushTimeoutMs } = options
    if (this.state === "closed") return this.result(false)
    const { flush, answered } = this.flushes.add()
    this.attemptFor([flush])
    this.pause.poke()
    const complete = await this.pause.within(answered, timeoutMs)
    this.flushes.answer([flush], false)
    return this.result(complete === true)
  }

  close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<DeliveryResult> {
    this.closed ??= this.closeWithin(options.timeoutMs ?? deliveryLimits.closeTimeoutMs)
    return this.closed
  }

  private async closeWithin(timeoutMs: number): Promise<DeliveryResult> {
    const endsAt = this.log.monotonicMs() + timeoutMs
    const { complete } = await this.flush({ timeoutMs })
    this.isClosing = true
    this.pause.poke()
    const leftMs = Math.max(deliveryLimits.saveEveryMs, endsAt - this.log.monotonicMs())
    await this.pause.within(this.ended, leftMs)
    return this.result(complete)
  }

  private result(complete: boolean): DeliveryResult {
    const { counts, pendingBytes } = this.places
    const { delivered, skipped, dead, damaged } = counts
    return { complete, delivered, skipped, dead, damaged, pendingBytes }
  }

  // One life after another: what goes wrong with our own files is said, waited out, and begun again at the saved place.
  private async run(): Promise<void> {
    for (let failures = 0; !this.isClosing; ) {
      try {
        await this.live()
        failures = 0
      } catch (error) {
        failures += 1
        await this.endLife()
        // What the system says names no place; what we say ourselves does.
        const where = codeOf(error) === undefined ? "" : `Cannot work in ${this.where}: `
        await this.rest(`${where}${reasonOf(error)}; trying again`, waitMs(failures))
      }
    }
    this.stopListening?.()
    await this.endLife()
    try {
      await this.keeper.release()
    } catch {
      // Whoever comes next finds that its owner is gone.
    }
    this.become("closed")
    this.flushes.answer(this.flushes.all, false)
  }

  private async live(): Promise<void> {
    const { to } = this.setting
    const { probeMs } = deliveryLimits
    if (!isOn(to, this.log))
      return this.rest(`The environment switches "${to.name}" off: nothing is delivered`, probeMs)
    await this.keeper.makeDir()
    await this.takeLock()
    if (this.isClosing) return
    const found = await this.keeper.find()
    const foreign = this.foreignness(found)
    if (found.is === "newer" || foreign !== undefined) {
      // Another process may be able to work with it.
      await this.keeper.release()
      return this.rest(`The place in ${this.where} is ${foreign}: nothing is delivered`, probeMs)
    }
    const life = await this.begin(found)
    while (this.isAtWork) {
      await this.look(life)
      await life.sending.round()
      if (!this.isAtWork) break
      await this.settled()
      this.become("idle")
      if (!this.flushes.any) await this.idle()
    }
    await this.endLife()
    if (this.isClosing) return
    this.tell(
      this.keeper.isRemoved
        ? `${this.where} was removed: begun again with what is there`
        : "Another process works for this delivery now"
    )
  }

  /** Why what is kept there is not for us. */
  private foreignness(found: FoundPlace): string | undefined {
    const { app } = this.setting
    if (found.is === "newer") return "of a newer version of Daybook"
    return found.is === "place" && found.place.app !== app
      ? `of the app ${JSON.stringify(found.place.app)}, and each app needs a placeDir of its own`
      : undefined
  }

  get isAtWork(): boolean {
    return !this.isClosing && this.keeper.isOurs
  }

  private async takeLock(): Promise<void> {
    while (!this.isClosing && !(await this.keeper.takeLock())) {
      this.become("standby")
      this.flushes.answer(this.flushes.all, false)
      await this.pause.for(deliveryLimits.lockBeatMs)
    }
  }

  private async begin(found: Exclude<FoundPlace, { readonly is: "newer" }>): Promise<Life> {
    const { app, dir, to, begin } = this.setting
    if (found.is === "broken")
      this.tell(`The place in ${this.where} cannot be used: ${found.reason}; all files are delivered again`)
    const { log, disk, pollMs } = this
    const place = found.is === "place" ? found.place : undefined
    const backlog = new Backlog(disk.reads, place, {
      ...{ app, dir, log, pollMs },
      batch: to.queue,
      isWanted: (line) => this.isWanted(line),
      tell: (text) => this.tell(text)
    })
    if (found.is === "none" && !this.isBegun && begin === "now") await backlog.skipAll()
    this.isBegun = true
    this.places = backlog.places
    const life = { backlog, sending: new Sending(backlog, this) }
    this.current = life
    if (found.is === "place") return life
    // From now on retention keeps what is not delivered, though the far end has never answered.
    this.places.isChanged = true
    await this.keeper.save(this.places)
    return life
  }

  /** Leaves everything as it is. */
  private async endLife(): Promise<void> {
    const life = this.current
    if (life === undefined) return
    await life.sending.close()
    await life.backlog.close()
    if (this.keeper.isOurs) await this.keeper.save(this.places)
    this.current = undefined
  }

  private isWanted(line: DecodedLine): boolean {
    const { marks = true, to } = this.setting
    if (!marks && line.event.kind !== "event") return false
    return acceptsLine(this.setting, line.event) && acceptsLine(to, line.event)
  }

  private async look({ backlog }: Life): Promise<void> {
    this.flushes.look()
    this.isAsked = false
    const named = new Set(this.named)
    this.named.clear()
    await backlog.look(this.today, this.flushes.any, named)
  }

  private get today(): string {
    return dayText(toLocalDay(this.log.now()))
  }

  async whileSending(): Promise<void> {
    // What is known of a batch that takes its time is saved meanwhile.
    await this.keeper.saveIfDue(this.places)
    await this.current?.backlog.measure(this.today, this.named)
  }

  // All that a look has found is settled: who waits for that has an answer, behind a place on the disk.
  private async settled(): Promise<void> {
    const { looked } = this.flushes
    if (looked.length > 0) await this.keeper.save(this.places)
    this.flushes.answer(looked, true)
  }

  private async idle(): Promise<void> {
    const endsAt = this.log.monotonicMs() + this.pollMs
    while (this.isAtWork) {
      const saveInMs = this.keeper.saveDueInMs(this.places)
      if (saveInMs === 0) await this.keeper.save(this.places)
      const leftMs = endsAt - this.log.monotonicMs()
      if (leftMs <= 0 || this.isAsked) return
      const beatMs = deliveryLimits.lockBeatMs
      const isPoked = await this.pause.for(Math.min(leftMs, beatMs, saveInMs === 0 ? beatMs : saveInMs))
      await this.keeper.beat()
      if (isPoked) return
    }
  }

  /** Something is wrong that time or people may mend. A flush looks again at once; new lines mend nothing. */
  async rest(text: string, ms: number): Promise<void> {
    this.tell(text)
    this.become("paused")
    this.flushes.answer(this.flushes.all, false)
    const endsAt = this.log.monotonicMs() + ms
    for (let leftMs = ms; leftMs > 0 && !this.isClosing; leftMs = endsAt - this.log.monotonicMs()) {
      await this.pause.for(Math.min(leftMs, deliveryLimits.lockBeatMs))
      if (this.keeper.isOurs) await this.keeper.beat()
      if (this.flushes.any) return
    }
  }

  attempt(): void {
    this.attemptFor(this.flushes.all)
  }

  private attemptFor(flushes: readonly Flush[]): void {
    for (const flush of flushes)
      this.current?.sending.sender.flush((complete) => {
        if (!complete) this.flushes.answer([flush], false)
      })
  }

  failed(reason: string): void {
    this.lastError = reason
  }

  become(state: DeliveryState): void {
    if (this.state === state) return
    this.state = state
    for (const listener of [...this.listeners]) quietly(() => listener(this.health()))
  }

  // Once, until it works again.
  private tell(text: string): void {
    this.lastError = text
    if (this.told.has(text)) return
    this.told.add(text)
    this.log.notice(`delivery ${JSON.stringify(this.setting.name)}: ${text}`)
  }

  private get where(): string {
    return JSON.stringify(this.setting.stateDir)
  }
}
