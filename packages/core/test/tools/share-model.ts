// What must become of the events of one session at one exporter, as plain arithmetic: a list of what was offered, and a
// fate for each. Nothing of it looks at the log; it is told the calls, and what the exporter was given, and complains
// when the two do not fit. An exact model also foretells what a full queue drops, which it can only do where no fiber
// runs between two steps; one that is not exact learns it from the gap marks.
import { type DropReason, dropReasons } from "../../src/event/mark.ts"
import { writerLimits } from "../../src/limits.ts"
import type { Exporter } from "../../src/pipeline/exporter.ts"
import type { ExporterHealth } from "../../src/pipeline/health.ts"
import type { Attempt, GapLine, StreamLine } from "./watched-exporter.ts"

/** An event as the model knows it. */
export interface Recorded {
  readonly seq: number
  readonly bytes: number
  readonly category: string
  readonly route: string
  readonly isCommitted: boolean
}

/** `lost`: a gap mark tells it, and an inexact model does not know why. */
export type Fate = "waiting" | "taken" | "confirmed" | "lost" | DropReason

interface Taken {
  readonly attempt: Attempt
  /** Places in `accepted`: the hole that its first line tells begins at `start`, its events at `first`. */
  readonly start: number
  readonly first: number
  readonly end: number
  isKept: boolean
}

const noDrops = (): Record<DropReason, number> => ({
  overflow: 0,
  closed: 0,
  too_large: 0,
  refused: 0,
  gave_up: 0,
  defect: 0
})

export class ShareModel {
  /** What was offered after the filter, in order. */
  readonly accepted: Recorded[] = []
  /** The place in `accepted` up to which the stream has told everything, as an event or in a gap. */
  told = 0
  /** Events that a given-up batch had already brought to the far side: in the stream, and in a gap as well. */
  readonly ghosts = new Set<string>()
  confirmed = 0
  private readonly fates: Fate[] = []
  private readonly places = new Map<number, number>()
  /** Dropped without a `seq`. */
  private unseen = 0
  private readonly droppedBy = noDrops()
  private readonly toldBy = noDrops()
  /** Where the next batch begins. */
  private next = 0
  private waitingBytes = 0
  private waitingEvents = 0
  private waitingCommits = 0
  private isRefusing = false
  private taken: Taken | undefined
  private deaths = 0

  private readonly exporter: Exporter
  private readonly isExact: boolean
  private readonly complain: (what: string) => void

  constructor(exporter: Exporter, isExact: boolean, complain: (what: string) => void) {
    this.exporter = exporter
    this.isExact = isExact
    this.complain = (what) => complain(`${exporter.name}: ${what}`)
  }

  /** Undefined for an event that was never offered here. */
  fateOf(seq: number): Fate | undefined {
    return this.fates[this.places.get(seq) ?? -1]
  }

  get isAllTold(): boolean {
    return this.told === this.accepted.length
  }

  /** How many of the first `count` events are confirmed. */
  confirmedWithin(count: number): number {
    let confirmed = 0
    for (let place = 0; place < count; place++) if (this.fates[place] === "confirmed") confirmed += 1
    return confirmed
  }

  /** A call recorded an event that this exporter accepts. */
  offer(event: Recorded): void {
    const place = this.add(event, "waiting")
    if (!this.isExact) return
    const { policy } = this
    if (event.bytes > Math.min(policy.bytesMax, policy.batchBytesMax)) this.lose(place, "too_large")
    else if (!this.makeRoom(event.bytes)) this.lose(place, "overflow")
    else this.wait(event, 1)
  }

  /** An event that has a `seq` and could not become a line. */
  offerBroken(event: Recorded): void {
    this.lose(this.add(event, "waiting"), "defect")
  }

  /** A call after the end of the log: counted, and without a `seq`. */
  offerClosed(): void {
    this.unseen += 1
    this.droppedBy.closed += 1
  }

  /** The exporter is given a batch. */
  began(attempt: Attempt): void {
    const { taken } = this
    if (taken === undefined) this.take(attempt)
    else if (taken.attempt.text !== attempt.text)
      this.complain("a batch that was not settled is not what was repeated")
  }

  /** The exporter has answered. */
  ended(attempt: Attempt): void {
    const { taken } = this
    if (taken === undefined) return this.complain("an answer without a batch")
    taken.isKept ||= attempt.isKept
    if (attempt.ending === "confirmed") this.confirm(taken)
    else if (attempt.ending === "refused") this.giveUp(taken, "refused")
    else if (attempt.ending !== "died") this.deaths = 0
    else if (++this.deaths === writerLimits.defectsMax) this.giveUp(taken, "defect")
  }

  /** What the log says of itself must be what is known here. Between two turns, only the sums can be. */
  compare(health: ExporterHealth, isSettled: boolean): void {
    const { accepted, written, handedOver, dropped, pending, droppedBy } = health
    const expect = (what: string, actual: number, expected: number): void => {
      if (actual !== expected) this.complain(`${what} is ${actual}, not ${expected}`)
    }
    expect(
      "the sum of written, handedOver, dropped, pending",
      written + handedOver + dropped + pending,
      accepted
    )
    expect(
      "the sum of droppedBy",
      dropReasons.reduce((sum, reason) => sum + droppedBy[reason], 0),
      dropped
    )
    expect("accepted", accepted, this.accepted.length + this.unseen)
    expect("dropped as closed", droppedBy.closed, this.droppedBy.closed)
    if (!isSettled) return
    const [down, other] = this.exporter.handsOver === true ? [handedOver, written] : [written, handedOver]
    expect("written or handed over", down, this.confirmed)
    expect("the other one of written and handedOver", other, 0)
    for (const reason of ["refused", "defect", "gave_up"] as const)
      expect(`dropped as ${reason}`, droppedBy[reason], this.droppedBy[reason])
    if (!this.isExact) return
    for (const reason of ["overflow", "too_large"] as const)
      expect(`dropped as ${reason}`, droppedBy[reason], this.droppedBy[reason])
  }

  /** When everything is told, what the gap marks told is what was dropped. */
  compareTold(health: ExporterHealth): void {
    for (const reason of dropReasons) {
      const expected = health.droppedBy[reason] - (reason === "closed" ? this.unseen : 0)
      if (this.toldBy[reason] !== expected)
        this.complain(`gap marks tell ${this.toldBy[reason]} drops as ${reason}, health ${expected}`)
    }
  }

  /** Whether a producer may go on, for an exporter in this state. */
  hasRoom(state: ExporterHealth["state"]): boolean {
    if (state === "degraded" || state === "stalled" || state === "closed") return true
    const { eventsMax, bytesMax } = this.policy
    return this.waitingEvents <= eventsMax / 2 && this.waitingBytes <= bytesMax / 2
  }

  /**
   * Reads the stream as a stranger would, who has nothing but the lines and knows what was offered: each line once by
   * its id, ghosts left out, every route must tell all its events, as themselves or in the gap that stands in their place.
   */
  read(stream: readonly StreamLine[]): void {
    const seen = new Set<string>()
    const lines = stream.filter(({ id }) => !seen.has(id) && seen.add(id))
    let lastSeq = 0
    for (const line of lines) {
      if (line.kind === "gap") continue
      if (line.seq <= lastSeq) this.complain(`${line.seq} stands behind ${lastSeq}`)
      lastSeq = line.seq
    }
    const isKnown = ({ id }: StreamLine): boolean => !this.ghosts.has(id)
    for (const route of new Set([...this.accepted, ...lines].map((item) => item.route))) {
      const isHere = (item: { readonly route: string }): boolean => item.route === route
      this.readRoute(
        lines.filter((line) => isHere(line) && isKnown(line)),
        this.accepted.filter(isHere)
      )
    }
  }

  private readRoute(lines: readonly StreamLine[], accepted: readonly Recorded[]): void {
    let place = 0
    for (const line of lines) {
      const [first, last] = line.kind === "event" ? [line.seq, line.seq] : [line.firstSeq, line.lastSeq]
      const count = line.kind === "event" ? 1 : line.count
      if (accepted[place]?.seq !== first || accepted[place + count - 1]?.seq !== last)
        this.complain(`the stream tells ${count} of ${first}..${last} where ${accepted[place]?.seq} is next`)
      place += count
    }
    if (place !== accepted.length) this.complain(`the stream tells ${place} of ${accepted.length} events`)
  }

  private get policy(): Exporter["queue"] {
    return this.exporter.queue
  }

  private add(event: Recorded, fate: Fate): number {
    this.places.set(event.seq, this.accepted.length)
    this.fates.push(fate)
    return this.accepted.push(event) - 1
  }

  private wait(event: Recorded, by: 1 | -1): void {
    this.waitingEvents += by
    this.waitingBytes += by * event.bytes
    if (event.isCommitted) this.waitingCommits += by
  }

  private lose(place: number, reason: DropReason): void {
    this.fates[place] = reason
    this.droppedBy[reason] += 1
  }

  private makeRoom(bytes: number): boolean {
    const { eventsMax, bytesMax, overflow } = this.policy
    const fits = (): boolean => this.waitingEvents < eventsMax && this.waitingBytes + bytes <= bytesMax
    if (overflow === "drop-newest") {
      const share = 1 - writerLimits.reopenShare
      const isOpenAgain = this.waitingEvents <= eventsMax * share && this.waitingBytes <= bytesMax * share
      if (this.isRefusing && !isOpenAgain) return false
      this.isRefusing = !fits()
      return !this.isRefusing
    }
    for (let place = this.next; !fits(); place++) {
      if (this.waitingCommits > 0) return false
      const oldest = this.accepted[place]
      if (oldest === undefined || this.fates[place] !== "waiting") continue
      this.wait(oldest, -1)
      this.lose(place, "overflow")
    }
    return true
  }

  // A batch begins where the one before ended: perhaps with the marks of the hole that lies there, one a route, then
  // events that are neighbours, up to the limits or the next hole.
  private take(attempt: Attempt): void {
    const { accepted, next: start, policy } = this
    const gaps = attempt.lines.filter((line) => line.kind === "gap")
    const events = attempt.lines.filter((line) => line.kind === "event")
    const first = start + gaps.reduce((sum, { count }) => sum + count, 0)
    if (attempt.lines.slice(0, gaps.length).some(({ kind }) => kind !== "gap"))
      this.complain("a gap mark behind an event of its batch")
    if (new Set(gaps.map(({ route }) => route)).size < gaps.length) this.complain("two gaps of one route")
    this.takeHole(start, first, gaps)
    let bytes = attempt.byteLength - byteLengthOf(attempt.text.split("\n").slice(gaps.length).join("\n"))
    let place = first
    for (const line of events) {
      const event = accepted[place]
      if (event?.seq !== line.seq) return this.complain(`${line.seq} is taken where ${event?.seq} is next`)
      if (event.route !== line.route) this.complain(`${line.seq} goes to ${line.route}, not ${event.route}`)
      if (this.fates[place] !== "waiting") this.complain(`${line.seq} is taken and was ${this.fates[place]}`)
      this.fates[place] = "taken"
      if (this.isExact) this.wait(event, -1)
      bytes += event.bytes
      place += 1
    }
    if (attempt.lines.length === 0) this.complain("an empty batch")
    if (events.length > policy.batchEventsMax) this.complain(`a batch of ${events.length} events`)
    if (this.isExact) this.checkSize(attempt, events.length, bytes, place)
    this.next = place
    this.deaths = 0
    this.taken = { attempt, start, first, end: place, isKept: false }
  }

  private checkSize(attempt: Attempt, events: number, bytes: number, end: number): void {
    const { batchEventsMax, batchBytesMax } = this.policy
    if (attempt.byteLength !== bytes) this.complain(`a batch of ${attempt.byteLength} bytes, not ${bytes}`)
    if (bytes > batchBytesMax && events > 1) this.complain(`a batch of ${bytes} bytes`)
    const following = this.accepted[end]
    const isStopped = following === undefined || this.fates[end] !== "waiting" || events === batchEventsMax
    if (!isStopped && bytes + following.bytes <= batchBytesMax)
      this.complain("a batch that has room for more")
  }

  private takeHole(start: number, end: number, gaps: readonly GapLine[]): void {
    const { accepted, fates } = this
    const places = accepted.slice(start, end).map((event, index) => ({ event, fate: fates[start + index] }))
    for (const gap of gaps) {
      const missing = places.filter(({ event }) => event.route === gap.route)
      const name = `gap ${gap.firstSeq}..${gap.lastSeq}`
      const [first, last] = [missing[0]?.event.seq, missing.at(-1)?.event.seq]
      if (first !== gap.firstSeq || last !== gap.lastSeq || missing.length !== gap.count)
        this.complain(
          `${name} tells ${gap.count} events, and ${missing.length} of ${first}..${last} are missing`
        )
      if (sumOf(gap.reasons) !== gap.count) this.complain(`the reasons of ${name} are not ${gap.count}`)
      if (!isSame(gap.byCategory, tally(missing.map(({ event }) => event.category))))
        this.complain(`the categories of ${name} are not those of its events`)
      const reasons = tally(missing.map(({ fate }) => fate ?? "unknown"))
      if (this.isExact && !isSame(gap.reasons, reasons))
        this.complain(`${name} says ${JSON.stringify(gap.reasons)}, not ${JSON.stringify(reasons)}`)
    }
    for (let place = start; place < end; place++) {
      const fate = fates[place]
      if (fate === "taken" || fate === "confirmed") this.complain(`a gap tells what is ${fate}`)
      if (fate === "waiting") fates[place] = "lost"
    }
  }

  private confirm({ attempt, first, end }: Taken): void {
    for (let place = first; place < end; place++) this.fates[place] = "confirmed"
    this.confirmed += end - first
    this.told = end
    for (const line of attempt.lines)
      if (line.kind === "gap")
        for (const reason of dropReasons) this.toldBy[reason] += line.reasons[reason] ?? 0
    this.taken = undefined
    this.deaths = 0
  }

  // The next gap tells again what this batch's own gap would have told.
  private giveUp({ attempt, start, first, end, isKept }: Taken, reason: DropReason): void {
    for (let place = first; place < end; place++) this.lose(place, reason)
    if (isKept) for (const { id } of attempt.lines) this.ghosts.add(id)
    this.next = start
    this.taken = undefined
    this.deaths = 0
  }
}

const encoder = new TextEncoder()
const byteLengthOf = (text: string): number => encoder.encode(text).length

const tally = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

const isSame = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean => {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}
