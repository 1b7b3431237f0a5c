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
import {
  acceptsLine,
  batchOf,
  type DecodedLine,
  isOn,
  Sender,
  senderIdentity,
  unrefClock
} from "@daybook/core/replay"
import type * as Clock from "effect/Clock"
import type { FileLayer } from "../disk/file-layer.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import { dayText } from "../place/day.ts"
import { packedName } from "../place/layout.node.ts"
import { type FoundPlace, noCounts } from "../state/delivery-place.node.ts"
import { onAppended } from "../write/appended.ts"
import { Keeper, reasonOf } from "./keeper.node.ts"
import type {
  DeliverOptions,
  DeliveryHealth,
  DeliveryResult,
  DeliveryState,
  RunningDelivery
} from "./options.ts"
import { Pause } from "./pause.ts"
import { Places } from "./places.ts"
import type { ReadBatch } from "./read-line.ts"
import { TrailReader } from "./reader.node.ts"
import { lettersOf, SentBatch, type Stretch } from "./sent-batch.ts"
import { pathIn, Trail } from "./trail.node.ts"

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

interface Flush {
  /** All files were looked at since it came. */
  isLooked: boolean
  answer: (complete: boolean) => void
}

/** What is there while we have the lock: made of the place that was found. */
interface Life {
  readonly places: Places
  readonly trail: Trail
  readonly reader: TrailReader
  readonly sender: Sender
}

export class DeliveryRun implements RunningDelivery {
  private readonly disk: DeliveryDisk
  private readonly setting: DeliverySetting
  private readonly clock: Clock.Clock
  private readonly log: LogIdentity
  private readonly keeper: Keeper
  private readonly pause: Pause
  private readonly pollMs: number
  private current: Life | undefined
  /** As it was when we had the lock last. */
  private places = new Places(noCounts)
  private sent: SentBatch | undefined
  /** Paths that the exporter of this process has appended to. */
  private readonly named = new Set<string>()
  private readonly stopListening: (() => void) | undefined
  private flushes: Flush[] = []
  private readonly listeners = new Set<(health: DeliveryHealth) => void>()
  private state: DeliveryState = "starting"
  private lastError: string | undefined
  private readonly told = new Set<string>()
  private isOutage = false
  /** A name was missing when the names were listed last. */
  private isMissing = false
  /** There may be new lines since the last look: a poke alone is used up by whatever waits. */
  private isAsked = false
  private measuredAt = Number.NEGATIVE_INFINITY
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
    const { nextAttemptAt, oldestTime = Number.NaN } = this.current?.sender ?? {}
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
    const flush: Flush = { isLooked: false, answer: () => undefined }
    const flushed = new Promise<boolean>((resolve) => {
      flush.answer = resolve
    })
    this.flushes.push(flush)
    this.attemptFor([flush])
    this.pause.poke()
    const complete = await this.pause.within(flushed, timeoutMs)
    this.flushes = this.flushes.filter((other) => other !== flush)
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
        await this.rest(`Cannot work in ${this.where}: ${reasonOf(error)}; trying again`, waitMs(failures))
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
    this.answerAll(false)
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
    if (found.is === "newer")
      return this.rest(
        `The place in ${this.where} is of a newer version of Daybook: nothing is delivered`,
        probeMs
      )
    const life = await this.begin(found)
    while (this.isAtWork) {
      await this.look(life)
      await this.round(life)
      if (!this.isAtWork) break
      await this.settled(life)
      this.become("idle")
      if (this.flushes.length === 0) await this.idle(life)
    }
    await this.endLife()
    if (!this.isClosing) this.tell("Another process works for this delivery now")
  }

  private get isAtWork(): boolean {
    return !this.isClosing && this.keeper.isOurs
  }

  private async takeLock(): Promise<void> {
    while (!this.isClosing && !(await this.keeper.takeLock())) {
      this.become("standby")
      this.answerAll(false)
      await this.pause.for(deliveryLimits.lockBeatMs)
    }
  }

  private async begin(found: Exclude<FoundPlace, { readonly is: "newer" }>): Promise<Life> {
    const { app, dir, to, begin } = this.setting
    if (found.is === "broken")
      this.tell(`The place in ${this.where} cannot be used: ${found.reason}; all files are delivered again`)
    const places = new Places(found.is === "place" ? found.place.counts : noCounts)
    for (const [name, place] of found.is === "place" ? found.place.files : [])
      places.add({ name, path: pathIn(dir, name), place, size: place.at })
    const { log, disk } = this
    const trail = new Trail(disk.reads, {
      app,
      dir,
      now: () => log.monotonicMs(),
      wallNow: () => log.now()
    })
    const { batchEventsMax: linesMax, batchBytesMax: bytesMax } = to.queue
    const reader = new TrailReader(disk.reads, places, {
      linesMax,
      bytesMax,
      now: () => log.monotonicMs(),
      isWanted: (line) => this.isWanted(line),
      onRewind: ({ name }) =>
        this.tell(`${JSON.stringify(name)} is not the file that it was: delivered from its front`),
      onUnreadable: ({ name }, error) =>
        this.tell(`Cannot read ${JSON.stringify(name)}: ${reasonOf(error)}; trying again`)
    })
    const isNew = found.is === "none" && !this.isBegun
    if (isNew && begin === "now") {
      await trail.look("", { isFull: true, named: this.named, pollMs: 0 })
      await reader.skipAll(trail.all)
    }
    this.isBegun = true
    this.places = places
    const life = { places, trail, reader, sender: this.makeSender() }
    this.current = life
    if (found.is === "place") return life
    // From now on retention keeps what is not delivered, though the far end has never answered.
    places.isChanged = true
    await this.keeper.save(places)
    return life
  }

  private makeSender(): Sender {
    const { setting, log, clock } = this
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = deliveryLimits
    const sender: Sender = new Sender(setting.to, {
      identity: log,
      clock,
      backoff: setting.backoff ?? { minMs, maxMs },
      // What is refused alone is looked for in the whole batch; an outage ends that.
      refusalsMax: Number.POSITIVE_INFINITY,
      pauseFor: (refusedInRow) => this.pauseFor(refusedInRow),
      waiting: () => `${this.places.pendingBytes} bytes wait in the files`,
      refusedTo: `, and kept in ${this.where}`,
      onChange: () => this.senderChanged(sender)
    })
    return sender
  }

  /** Leaves everything as it is: the place is right, and what is with the far end is sent again. */
  private async endLife(): Promise<void> {
    const life = this.current
    if (life === undefined) return
    await life.sender.close(deliveryLimits.flushTimeoutMs)
    try {
      await this.settle(life, false)
    } catch {
      // Letters that cannot be kept: their lines are not settled, and come again.
    }
    this.sent = undefined
    await life.reader.close().catch(() => undefined)
    if (this.keeper.isOurs) await this.keeper.save(life.places)
    this.current = undefined
  }

  private isWanted(line: DecodedLine): boolean {
    const { marks = true, to } = this.setting
    if (!marks && line.event.kind !== "event") return false
    return acceptsLine(this.setting, line.event) && acceptsLine(to, line.event)
  }

  private async look({ trail, reader, places }: Life): Promise<void> {
    const isFull = this.flushes.length > 0 || this.isMissing
    for (const flush of this.flushes) flush.isLooked = true
    const { today } = this
    const named = new Set(this.named)
    this.named.clear()
    this.isAsked = false
    const { isListed, changed } = await trail.look(today, { isFull, named, pollMs: this.pollMs })
    if (isListed) this.missGone({ trail, reader, places })
    reader.note(changed)
    reader.begin(today)
  }

  // While a batch waits nothing is read, but health says how far behind the delivery is.
  private async measure({ trail, reader }: Life): Promise<void> {
    const now = this.log.monotonicMs()
    const { pollMs } = deliveryLimits
    if (now - this.measuredAt < pollMs) return
    this.measuredAt = now
    try {
      const { changed } = await trail.look(this.today, { isFull: false, named: this.named, pollMs })
      reader.note(changed)
    } catch {
      // A directory that cannot be listed is said with the next look.
    }
  }

  private get today(): string {
    return dayText(toLocalDay(this.log.now()))
  }

  // A name that is missing twice in a row is gone: a rotation may just have been under way the first time.
  private missGone({ trail, reader, places }: Omit<Life, "sender">): void {
    const names = new Set(trail.all.map(({ file }) => file))
    this.isMissing = false
    for (const file of [...places.files]) {
      file.missing = names.has(file.name) ? 0 : file.missing + 1
      this.isMissing ||= file.missing === 1
      if (file.missing < 2) continue
      // What was packed is settled there; a file that was begun goes on there as soon as that can be read.
      const isPacked = names.has(packedName(file.name))
      if (isPacked && file.place.at > 0 && !places.isBegun(packedName(file.name))) continue
      reader.forget(file)
      const lost = places.lose(file, isPacked && file.place.at === 0)
      if (lost > 0)
        this.tell(`${JSON.stringify(file.name)} is gone with ${lost} bytes that were not delivered`)
    }
  }

  // Reads ahead while the far end works, so that neither waits for the other.
  private async round(life: Life): Promise<void> {
    let batch = await life.reader.next()
    while (batch !== undefined && this.isAtWork) {
      const sending = this.send(life, batch)
      const ahead = await life.reader.next()
      await this.until(life, sending)
      batch = ahead
    }
  }

  private send({ sender }: Life, batch: ReadBatch): Promise<boolean> {
    const sent = new SentBatch(batch)
    this.sent = sent
    if (batch.sent.length === 0) return Promise.resolve(true)
    this.become("sending")
    const sending = sender.send(batchOf(batch.sent), sent.settle)
    this.attemptFor(this.flushes)
    return sending
  }

  private async until(life: Life, sending: Promise<boolean>): Promise<void> {
    let isOver = false
    const over = sending.then((isSettled) => {
      isOver = isSettled
      this.pause.poke()
    })
    while (!isOver && this.isAtWork) {
      await this.pause.for(deliveryLimits.pollMs)
      await this.settle(life, false)
      // What is known of a batch that takes its time is saved at once.
      if (!isOver) {
        await this.keeper.save(life.places)
        await this.measure(life)
      }
      await this.keeper.beat()
    }
    if (!isOver) return
    await over
    await this.settle(life, true)
    this.sent = undefined
    if (this.keeper.saveDueInMs(life.places) === 0) await this.keeper.save(life.places)
  }

  private async settle({ places }: Life, isOver: boolean): Promise<void> {
    const { sent } = this
    for (let next = sent?.first(isOver); next !== undefined; next = sent?.first(isOver)) {
      await this.keepLetters(next)
      places.settle(next.lines, next.outcome.refused)
      sent?.shift(next)
      if (next.outcome.reason !== undefined) this.lastError = next.outcome.reason
      this.isOutage = false
    }
  }

  // The place moves on only when they are kept.
  private async keepLetters(stretch: Stretch): Promise<void> {
    const letters = lettersOf(stretch, this.log.now())
    for (let failures = 1; letters.length > 0; failures++) {
      try {
        await this.keeper.keep(letters)
        break
      } catch (error) {
        if (this.isClosing) throw error
        await this.rest(
          `Cannot keep dead letters in ${this.where}: ${reasonOf(error)}; trying again`,
          waitMs(failures)
        )
      }
    }
    for (const letter of letters) quietly(() => this.setting.onDead?.(letter))
  }

  private pauseFor(refusedInRow: number): number | undefined {
    const { refusedInRowMax, letterBytesMax, probeMs } = deliveryLimits
    this.isOutage = refusedInRow > refusedInRowMax || this.keeper.letterBytes > letterBytesMax
    return this.isOutage ? probeMs : undefined
  }

  // All that a look has found is settled: who waits for that has an answer, behind a place on the disk.
  private async settled({ places }: Life): Promise<void> {
    const looked = this.flushes.filter(({ isLooked }) => isLooked)
    if (looked.length > 0) await this.keeper.save(places)
    for (const flush of looked) this.answer(flush, true)
  }

  private async idle({ places }: Life): Promise<void> {
    const endsAt = this.log.monotonicMs() + this.pollMs
    while (this.isAtWork) {
      const saveInMs = this.keeper.saveDueInMs(places)
      if (saveInMs === 0) await this.keeper.save(places)
      const leftMs = endsAt - this.log.monotonicMs()
      if (leftMs <= 0 || this.isAsked) return
      const beatMs = deliveryLimits.lockBeatMs
      const isPoked = await this.pause.for(Math.min(leftMs, beatMs, saveInMs === 0 ? beatMs : saveInMs))
      await this.keeper.beat()
      if (isPoked) return
    }
  }

  /** Something is wrong that time or people may mend. A flush looks again at once; new lines mend nothing. */
  private async rest(text: string, ms: number): Promise<void> {
    this.tell(text)
    this.become("paused")
    this.answerAll(false)
    const endsAt = this.log.monotonicMs() + ms
    for (let leftMs = ms; leftMs > 0 && !this.isClosing; leftMs = endsAt - this.log.monotonicMs())
      if (!(await this.pause.for(leftMs)) || this.flushes.length > 0) return
  }

  private attemptFor(flushes: readonly Flush[]): void {
    for (const flush of flushes)
      this.current?.sender.flush((complete) => {
        if (!complete) this.answer(flush, false)
      })
  }

  private answer(flush: Flush, complete: boolean): void {
    flush.answer(complete)
    this.flushes = this.flushes.filter((other) => other !== flush)
  }

  private answerAll(complete: boolean): void {
    for (const flush of this.flushes) flush.answer(complete)
    this.flushes = []
  }

  private senderChanged(sender: Sender): void {
    const { state, lastError } = sender
    if (this.current?.sender !== sender) return
    if (state === "degraded" || state === "stalled") {
      this.lastError = lastError ?? this.lastError
      this.become(this.isOutage ? "paused" : "backing off")
    } else if (this.sent !== undefined && state === "writing") this.become("sending")
  }

  private become(state: DeliveryState): void {
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

/** How long what is wrong with our own files is waited out. */
const waitMs = (failures: number): number => {
  const { backoffMinMs, backoffMaxMs } = deliveryLimits
  return Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(failures - 1, 30))
}

/** Calls a listener, whose trouble is its own. */
const quietly = (call: () => void): void => {
  try {
    call()
  } catch {
    // Said by whoever made it.
  }
}
