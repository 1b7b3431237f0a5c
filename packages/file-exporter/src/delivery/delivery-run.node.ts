// A delivery: the lines of a trail, in file order, into one exporter, once each as far as the far end knows ids. One idea: the
// place moves only over what is settled, and is saved only behind it; everything else may be lost at any moment.

//            lock is free                     new lines              the far end has them
//   starting ────────────▶ idle ──look──▶ read ──────────▶ sending ───────────────────────▶ letters, place, save ──▶ read on
//      │ another's          ▲   nothing new │                 │ fails        ▲
//      └▶ standby           └── wait ◀──────┘                 └▶ backing off─┘ 1 s … 300 s
//
//   paused: 64 lines refused in a row, or 64 MiB of letters (tried again each 300 s); a place of a newer version; letters that
//   cannot be written

import { describeThrown, type LogIdentity, toLocalDay } from "@daybook/core"
import {
  acceptsLine,
  batchOf,
  type DecodedLine,
  Sender,
  type Settled,
  senderIdentity,
  unrefClock
} from "@daybook/core/replay"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { codeOf, describeDiskError } from "../disk/error.ts"
import type { FileLayer } from "../disk/file-layer.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { type DiskWork, doInSteps, step } from "../disk/work.ts"
import { deliveryLimits } from "../limits.ts"
import { dayText } from "../place/day.ts"
import { appendLetters, type DeadLetter, letterBytes } from "../state/dead-letters.node.ts"
import { noCounts, placeText, readPlace, writePlace } from "../state/delivery-place.node.ts"
import { Lock } from "../state/lock.node.ts"
import { removeParts } from "../state/replace-file.node.ts"
import { onAppended } from "../write/appended.ts"
import { bytesOf, type PlacedLine } from "./file-lines.node.ts"
import type {
  DeliverOptions,
  DeliveryHealth,
  DeliveryResult,
  DeliveryState,
  RunningDelivery
} from "./options.ts"
import { Places } from "./places.ts"
import type { ReadBatch, ReadLine, TrackedFile } from "./read-line.ts"
import { TrailReader } from "./reader.node.ts"
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
  readonly answer: (complete: boolean) => void
}

export class DeliveryRun implements RunningDelivery {
  private readonly disk: DeliveryDisk
  private readonly setting: DeliverySetting
  private readonly clock: Clock.Clock
  private readonly identity: LogIdentity
  private readonly sender: Sender
  private readonly trail: Trail
  private readonly lock: Lock
  private places = new Places(noCounts)
  private reader: TrailReader | undefined
  private readonly named = new Set<string>()
  private readonly stopListening: (() => void) | undefined
  private flushes: Flush[] = []
  private readonly listeners = new Set<(health: DeliveryHealth) => void>()
  private state: DeliveryState = "starting"
  private trouble: string | undefined
  private readonly noticed = new Set<string>()
  private isOutage = false
  private letters = 0
  private beatAt = 0
  private savedAt = Number.NEGATIVE_INFINITY
  private savedBytes = 0
  private isClosing = false
  private isPoked = false
  private resume: () => void = () => undefined
  private closed: Promise<DeliveryResult> | undefined
  private readonly ended: Promise<void>

  constructor(disk: DeliveryDisk, setting: DeliverySetting) {
    const { app, dir, to, env, notice, stateDir, source } = setting
    this.disk = disk
    this.setting = setting
    this.clock = setting.clock ?? unrefClock
    this.identity = senderIdentity({ app, env, notice, clock: this.clock })
    this.lock = new Lock(stateDir)
    this.trail = new Trail(disk.reads, { app, dir, now: () => this.identity.monotonicMs() })
    this.sender = new Sender(to, {
      identity: this.identity,
      clock: this.clock,
      backoff: setting.backoff ?? {
        minMs: deliveryLimits.backoffMinMs,
        maxMs: deliveryLimits.backoffMaxMs
      },
      // What is refused alone is looked for in the whole batch; an outage ends that.
      refusalsMax: Number.POSITIVE_INFINITY,
      pauseFor: (refusedInRow) => this.pauseFor(refusedInRow),
      waiting: () => `${this.places.pendingBytes} bytes wait in the files`,
      refusedTo: `, and kept in ${JSON.stringify(stateDir)}`,
      onChange: () => this.look()
    })
    this.stopListening =
      source === undefined
        ? undefined
        : onAppended(source, (paths) => {
            for (const path of paths) this.named.add(path)
            this.poke()
          })
    this.ended = this.run()
  }

  health(): DeliveryHealth {
    const { places, sender, setting } = this
    const { nextAttemptAt, oldestTime } = sender
    const lastError = this.trouble ?? sender.lastError
    const ageMs = this.identity.now() - (oldestTime ?? Number.NaN)
    return {
      name: setting.name,
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
    this.poke()
  }

  async flush(options: { readonly timeoutMs?: number | undefined } = {}): Promise<DeliveryResult> {
    const { timeoutMs = deliveryLimits.flushTimeoutMs } = options
    if (this.state === "closed") return this.result(false)
    const flushed = new Promise<boolean>((resolve) => {
      const flush: Flush = { isLooked: false, answer: resolve }
      this.flushes.push(flush)
      this.attemptFor([flush])
    })
    this.poke()
    const complete = await this.within(flushed, timeoutMs)
    return this.result(complete === true)
  }

  close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<DeliveryResult> {
    this.closed ??= this.closeWithin(options.timeoutMs ?? deliveryLimits.closeTimeoutMs)
    return this.closed
  }

  private async closeWithin(timeoutMs: number): Promise<DeliveryResult> {
    const endsAt = this.identity.monotonicMs() + timeoutMs
    const result = await this.flush({ timeoutMs })
    this.isClosing = true
    this.poke()
    const leftMs = Math.max(deliveryLimits.saveEveryMs, endsAt - this.identity.monotonicMs())
    await this.within(this.ended, leftMs)
    return { ...this.result(result.complete) }
  }

  private result(complete: boolean): DeliveryResult {
    const { delivered, skipped, dead, damaged } = this.places.counts
    return { complete, delivered, skipped, dead, damaged, pendingBytes: this.places.pendingBytes }
  }

  // One life after another: what goes wrong with our own files is told, waited out, and begun again at the saved place.
  private async run(): Promise<void> {
    for (let failures = 0; !this.isClosing; ) {
      try {
        await this.life()
        failures = 0
      } catch (error) {
        failures += 1
        this.tell(`Cannot work in ${JSON.stringify(this.setting.stateDir)}: ${reasonOf(error)}; trying again`)
        this.become("paused")
        this.answerAll(false)
        await this.pause(this.waitMs(failures))
      }
    }
    await this.end()
  }

  private async end(): Promise<void> {
    this.stopListening?.()
    await this.sender.close(deliveryLimits.flushTimeoutMs)
    try {
      await this.settleAll()
      await this.reader?.close()
      if (this.lock.isHeld) await this.save()
      await this.do(this.lock.release())
    } catch (error) {
      this.tell(`Cannot keep the place in ${JSON.stringify(this.setting.stateDir)}: ${reasonOf(error)}`)
    }
    this.become("closed")
    this.answerAll(false)
  }

  private async life(): Promise<void> {
    const { stateDir, to } = this.setting
    if (to.isOn?.(this.identity) === false) {
      this.tell(`The environment switches "${to.name}" off: nothing is delivered`)
      return this.rest("paused")
    }
    await this.do(step((disk) => disk.makeDir(stateDir)))
    await this.takeLock()
    if (this.isClosing || !(await this.begin())) return
    while (!this.isClosing && this.lock.isHeld) {
      const isFull = this.flushes.length > 0
      for (const flush of this.flushes) flush.isLooked = true
      const today = dayText(toLocalDay(this.identity.now()))
      await this.lookAtFiles(today, isFull)
      await this.round()
      if (this.isClosing || !this.lock.isHeld) break
      await this.save()
      this.become("idle")
      for (const flush of this.flushes.filter(({ isLooked }) => isLooked)) flush.answer(true)
      this.flushes = this.flushes.filter(({ isLooked }) => !isLooked)
      if (this.flushes.length === 0) await this.idle()
    }
    if (!this.isClosing) this.tell("Another process works for this delivery now")
  }

  private async takeLock(): Promise<void> {
    while (!this.isClosing && !(await this.do(this.lock.take(this.identity.monotonicMs())))) {
      this.become("standby")
      this.answerAll(false)
      await this.pause(deliveryLimits.lockBeatMs)
    }
    this.beatAt = this.identity.monotonicMs()
  }

  /** Finds the place. False when it is not ours to change. */
  private async begin(): Promise<boolean> {
    const { stateDir, begin, dir } = this.setting
    await this.do(removeParts(stateDir, /^(place|lock)-/, this.lock.token))
    const found = await this.do(readPlace(stateDir))
    if (found.is === "newer") {
      this.tell(
        `The place in ${JSON.stringify(stateDir)} is of a newer version of Daybook: nothing is delivered`
      )
      await this.rest("paused")
      return false
    }
    if (found.is === "broken")
      this.tell(
        `The place in ${JSON.stringify(stateDir)} cannot be used: ${found.reason}; all files are delivered again`
      )
    this.places = new Places(found.is === "place" ? found.place.counts : noCounts)
    for (const [name, place] of found.is === "place" ? found.place.files : []) {
      const path = pathIn(dir, name)
      this.places.files.add({
        name,
        path,
        place,
        first: place.first,
        size: place.at,
        syncedTo: place.at,
        missing: 0,
        isLeft: false
      })
    }
    this.letters = await this.do(letterBytes(stateDir))
    const { batchEventsMax: linesMax, batchBytesMax: bytesMax } = this.setting.to.queue
    this.reader = new TrailReader(this.disk.reads, this.places, {
      linesMax,
      bytesMax,
      isWanted: (line) => this.isWanted(line),
      onRewind: ({ name }) =>
        this.tell(`${JSON.stringify(name)} is not the file that it was: delivered from its front`),
      onUnreadable: ({ name }, error) =>
        this.tell(`Cannot read ${JSON.stringify(name)}: ${reasonOf(error)}; trying again`)
    })
    if (found.is === "none" && begin === "now") {
      await this.trail.look("", { isFull: true, named: this.named, pollMs: 0 })
      await this.reader.skipAll(this.trail.all)
      await this.save()
    }
    return true
  }

  private isWanted(line: DecodedLine): boolean {
    const { marks = true, to } = this.setting
    if (!marks && line.event.kind !== "event") return false
    return acceptsLine(this.setting, line.event) && acceptsLine(to, line.event)
  }

  private async lookAtFiles(today: string, isFull: boolean): Promise<void> {
    const { pollMs = this.stopListening === undefined ? deliveryLimits.pollMs : deliveryLimits.pollWokenMs } =
      this.setting
    const named = new Set(this.named)
    this.named.clear()
    const isMissing = [...this.places.files].some(({ missing }) => missing > 0)
    const isListed = await this.trail.look(today, { isFull: isFull || isMissing, named, pollMs })
    if (isListed) this.missGone()
    this.reader?.begin(this.trail.all, today)
  }

  // A name that is missing twice in a row is gone: a rotation may just have been under way the first time.
  private missGone(): void {
    const names = new Set(this.trail.all.map(({ file }) => file))
    for (const file of [...this.places.files]) {
      file.missing = names.has(file.name) ? 0 : file.missing + 1
      if (file.missing < 2) continue
      this.reader?.forget(file)
      const lost = this.places.lose(file)
      if (lost > 0)
        this.tell(`${JSON.stringify(file.name)} is gone with ${lost} bytes that were not delivered`)
    }
  }

  // Reads ahead while the far end works, so that neither waits for the other.
  private async round(): Promise<void> {
    let batch = await this.reader?.next()
    while (batch !== undefined && !this.isClosing && this.lock.isHeld) {
      const sending = this.send(batch)
      const ahead = await this.reader?.next()
      await this.until(sending)
      batch = ahead
    }
    if (batch !== undefined || this.isClosing) await this.reader?.close()
  }

  private sending: { readonly batch: ReadBatch; next: number; readonly outcomes: Settled[] } | undefined

  private send(batch: ReadBatch): Promise<boolean> {
    const outcomes: Settled[] = []
    this.sending = { batch, next: 0, outcomes }
    if (batch.sent.length === 0) return Promise.resolve(true)
    this.become("sending")
    const sent = this.sender.send(batchOf(batch.sent), (settled) => void outcomes.push(settled))
    this.attemptFor(this.flushes)
    return sent
  }

  private async until(sending: Promise<boolean>): Promise<void> {
    let isDone = false
    const done = sending.then((isSettled) => {
      isDone = isSettled
      this.poke()
    })
    while (!isDone && !this.isClosing && this.lock.isHeld) {
      await this.pause(deliveryLimits.lockBeatMs)
      await this.settleAll()
      await this.beat()
      await this.saveInTime(false)
    }
    if (!isDone) return
    await done
    await this.settleAll(true)
    await this.beat()
    await this.saveInTime(true)
  }

  // Lines in their order up to the last one whose outcome is known; those that were not sent go with the ones before them.
  private async settleAll(isDone = false): Promise<void> {
    const { sending } = this
    if (sending === undefined) return
    const { batch, outcomes } = sending
    while (outcomes.length > 0) {
      const [{ lines: count, refused, reason = "" }] = outcomes as [Settled]
      const end = endOf(batch.lines, sending.next, count)
      await this.settle(batch.lines.slice(sending.next, end), { count, refused, reason })
      outcomes.shift()
      sending.next = end
      this.isOutage = false
    }
    if (!isDone) return
    await this.settle(batch.lines.slice(sending.next), { count: 0, refused: 0, reason: "" })
    this.sending = undefined
  }

  private async settle(
    lines: readonly ReadLine[],
    told: { readonly count: number; readonly refused: number; readonly reason: string }
  ): Promise<void> {
    if (lines.length === 0) return
    const letters = lines.flatMap((line) => this.letterOf(line, told))
    if (letters.length > 0) await this.keepLetters(letters)
    this.places.settle(lines, told.refused)
  }

  private letterOf(
    line: ReadLine,
    { count, refused, reason }: { readonly count: number; readonly refused: number; readonly reason: string }
  ): readonly DeadLetter[] {
    const isRefused = line.fate === "sent" && refused > 0
    if (!isRefused && line.fate !== "damaged") return []
    const unsure = `${refused} of these ${count} lines were refused, and it is not said which: ${reason}`
    const why = line.fate === "damaged" ? line.reason : refused < count ? unsure : reason
    const text = textOf(line.placed)
    return [
      {
        at: new Date(this.identity.now()).toISOString(),
        file: line.file.name,
        offset: line.placed.at,
        reason: why,
        ...(text === undefined ? {} : { line: text })
      }
    ]
  }

  // The place moves on only when they are kept.
  private async keepLetters(letters: readonly DeadLetter[]): Promise<void> {
    const { stateDir, onDead } = this.setting
    const day = dayText(toLocalDay(this.identity.now()))
    for (let failures = 1; ; failures++) {
      try {
        this.letters += await this.do(appendLetters(stateDir, day, letters))
        break
      } catch (error) {
        this.tell(`Cannot keep dead letters in ${JSON.stringify(stateDir)}: ${reasonOf(error)}; trying again`)
        this.become("paused")
        if (this.isClosing) throw error
        await this.pause(this.waitMs(failures))
      }
    }
    this.noticed.clear()
    for (const letter of letters) {
      try {
        onDead?.(letter)
      } catch {
        // A listener's trouble is its own.
      }
    }
  }

  private pauseFor(refusedInRow: number): number | undefined {
    const { refusedInRowMax, letterBytesMax, probeMs } = deliveryLimits
    const isOutage = refusedInRow > refusedInRowMax || this.letters > letterBytesMax
    if (!isOutage) return undefined
    this.isOutage = true
    return probeMs
  }

  private async beat(): Promise<void> {
    const now = this.identity.monotonicMs()
    if (now - this.beatAt < deliveryLimits.lockBeatMs) return
    this.beatAt = now
    try {
      await this.do(this.lock.beat())
    } catch {
      // It only saves work: a full disk holds up no line, and what matters of it is said when the place is saved.
    }
  }

  private async idle(): Promise<void> {
    const { pollMs = this.stopListening === undefined ? deliveryLimits.pollMs : deliveryLimits.pollWokenMs } =
      this.setting
    const endsAt = this.identity.monotonicMs() + pollMs
    for (;;) {
      const leftMs = endsAt - this.identity.monotonicMs()
      if (leftMs <= 0 || this.isClosing) return
      const isPoked = await this.pause(Math.min(leftMs, deliveryLimits.lockBeatMs))
      await this.beat()
      if (isPoked || !this.lock.isHeld) return
    }
  }

  private async saveInTime(isMore: boolean): Promise<void> {
    const { saveEveryMs, saveBytesPerMs } = deliveryLimits
    const pauseMs = Math.max(saveEveryMs, this.savedBytes / saveBytesPerMs)
    const isPacedOut = isMore && this.identity.monotonicMs() - this.savedAt < pauseMs
    if (!isPacedOut) await this.save()
  }

  // First the lines, then the place: a place beyond its file would hide what comes to stand there.
  private async save(): Promise<void> {
    const { app, name, stateDir, placeDir, holds = placeDir === undefined } = this.setting
    const now = this.identity.monotonicMs()
    if (!this.places.isChanged && now - this.savedAt < dayMs / 2) return
    this.places.isChanged = false
    try {
      for (const file of this.places.files) if (file.syncedTo < file.place.at) await this.sync(file)
      const { byName: files, counts } = this.places
      const saved = new Date(this.identity.now()).toISOString()
      const text = placeText({ app, name, holds, saved, files, counts })
      await this.do(writePlace(stateDir, this.lock.token, text))
      this.savedBytes = text.length
      this.savedAt = this.identity.monotonicMs()
      this.noticed.clear()
    } catch (error) {
      this.places.isChanged = true
      this.tell(
        `Cannot save the place in ${JSON.stringify(stateDir)}: ${reasonOf(error)}; after a restart, lines come again`
      )
      this.savedAt = this.identity.monotonicMs()
    }
  }

  private async sync(file: TrackedFile): Promise<void> {
    const { at } = file.place
    try {
      await this.do(syncFile(file.path))
    } catch (error) {
      // It was renamed, or deleted.
      if (codeOf(error) !== "ENOENT")
        this.tell(
          `Cannot sync ${JSON.stringify(file.name)}: ${reasonOf(error)}; a power cut may take its lines back`
        )
    }
    file.syncedTo = at
  }

  private async rest(state: DeliveryState): Promise<void> {
    this.become(state)
    this.answerAll(false)
    await this.pause(deliveryLimits.probeMs)
  }

  private attemptFor(flushes: readonly Flush[]): void {
    for (const flush of flushes)
      this.sender.flush((complete) => {
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

  private waitMs(failures: number): number {
    const { backoffMinMs, backoffMaxMs } = deliveryLimits
    return Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(failures - 1, 30))
  }

  private do<A>(work: DiskWork<A>): Promise<A> {
    return doInSteps(work, this.disk.files) as Promise<A>
  }

  /** Waits, unless it is poked. True when it was. */
  private async pause(ms: number): Promise<boolean> {
    const poked = Effect.callback<void>((resume) => {
      this.resume = () => resume(Effect.void)
      if (this.isPoked) this.resume()
    })
    await Effect.runPromise(Effect.raceFirst(this.clock.sleep(Duration.millis(ms)), poked))
    const { isPoked } = this
    this.isPoked = false
    return isPoked
  }

  private poke(): void {
    this.isPoked = true
    this.resume()
  }

  /** The answer, or `undefined` when it takes longer. Meanwhile the process stays alive. */
  private async within<A>(answer: Promise<A>, ms: number): Promise<A | undefined> {
    const hold = setInterval(() => undefined, 2 ** 30)
    try {
      return await Effect.runPromise(
        Effect.raceFirst(
          Effect.promise(() => answer),
          Effect.as(this.clock.sleep(Duration.millis(Math.max(0, ms))), undefined)
        )
      )
    } finally {
      clearInterval(hold)
    }
  }

  // The sender's state is another.
  private look(): void {
    const { state } = this.sender
    if (state === "degraded" || state === "stalled") this.become(this.isOutage ? "paused" : "backing off")
    else if (this.sending !== undefined && state === "writing") this.become("sending")
  }

  private become(state: DeliveryState): void {
    if (this.state === state) return
    this.state = state
    for (const listener of [...this.listeners]) {
      try {
        listener(this.health())
      } catch {
        // A listener's trouble is its own.
      }
    }
  }

  // Once, until it works again.
  private tell(text: string): void {
    this.trouble = text
    if (this.noticed.has(text)) return
    this.noticed.add(text)
    this.identity.notice(`delivery ${JSON.stringify(this.setting.name)}: ${text}`)
  }
}

const dayMs = 24 * 60 * 60 * 1_000

/** Behind so many sent lines from `from` on. */
const endOf = (lines: readonly ReadLine[], from: number, sent: number): number => {
  let end = from
  for (let left = sent; left > 0; end++) if (lines[end]?.fate === "sent") left -= 1
  return end
}

const decoder = new TextDecoder("utf-8", { fatal: true })

const textOf = (placed: PlacedLine): string | undefined => {
  if (placed.end === placed.start) return undefined
  try {
    return decoder.decode(bytesOf(placed)).replace(/\n$/, "")
  } catch {
    return undefined
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? describeDiskError(error) : describeThrown(error).message

function* syncFile(path: string): DiskWork<void> {
  const fd = yield* step((disk) => disk.openRead(path))
  try {
    yield* step((disk) => disk.sync(fd))
  } finally {
    yield* step((disk) => disk.close(fd))
  }
}
