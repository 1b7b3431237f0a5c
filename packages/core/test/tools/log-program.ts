// A random program over a whole log: calls, troubles of its exporters, time, new sessions, in any order, on virtual time.
// After every step, what the log says of itself is compared with the model (share-model.ts), and every answer is judged
// when it comes. A program that fails tells its steps.
import * as Schema from "effect/Schema"
import type { CommittingAudit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { type Level, levels } from "../../src/event/level.ts"
import { writerLimits } from "../../src/limits.ts"
import { QueueFull, type Receipt, Refused, Unknown } from "../../src/log/commit.ts"
import type { Exporter, QueuePolicy } from "../../src/pipeline/exporter.ts"
import type { FlushResult } from "../../src/pipeline/health.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import { type Fate, ShareModel } from "./share-model.ts"
import type { VirtualTime } from "./virtual-time.ts"
import { type Attempt, troubles, WatchedExporter, type Watcher } from "./watched-exporter.ts"

/** What a program may do in one step. */
export type StepName =
  | "log"
  | "burst"
  | "nested"
  | "commit"
  | "flush"
  | "room"
  | "break"
  | "heal"
  | "advance"
  | "settle"
  | "start"
  | "close"
  | "restart"

/** What kind of program. */
export interface ProgramForm {
  /** Fibers run to their end between two steps, so that the model can foretell every drop. */
  readonly isExact: boolean
  readonly exportersMax: number
  readonly steps: number
  /** The clock moves by less than one of these. */
  readonly pausesMs: readonly number[]
  /** How likely a step is against the others; absent ones are never taken. */
  readonly weights: Readonly<Partial<Record<StepName, number>>>
}

/** One session. */
interface Session {
  readonly number: number
  readonly audit: CommittingAudit
  readonly shares: readonly ShareModel[]
  /** Of each exporter, what has been told of a trouble that is not over. */
  readonly told: readonly Set<string>[]
  seq: number
  /** Known from its first event on. */
  name: string
  isClosed: boolean
  startedAt: number | undefined
}

/** Somebody waits for an answer. */
interface Wait {
  readonly what: string
  /** In virtual time: by then there must be an answer. */
  readonly deadline: number
  /** True when there is nothing left to wait for. */
  isDue(): boolean
  isAnswered: boolean
}

interface Commit {
  readonly session: Session
  readonly seq: number
  readonly deadline: number
  /** By which no required exporter has refused it at the call. */
  isQueued: boolean
}

export const Paid = defineEvent({ category: "payment", fields: { pad: Schema.String }, message: "Paid" })
const categories = ["upload", "nav", "error.io"] as const
const timeouts = [undefined, 0, -5, 100, 5_000, 60_000] as const
const durabilities = ["os", "synced", "remote"] as const

export class LogProgram implements Watcher {
  /** How often what happened: a property that never meets a full queue shows nothing about one. */
  readonly seen: Map<string, number>
  private readonly complaints: string[] = []
  private readonly steps: string[] = []
  private readonly exporters: readonly WatchedExporter[]
  private readonly sessions: Session[] = []
  private readonly commits: Commit[] = []
  private waits: Wait[] = []
  /** Its lines fill pages, which the log then leaves and uses again. */
  private readonly isWordy: boolean
  /** No fiber has anything to do before the clock moves or the next call comes. */
  private isSettled = true

  private readonly form: ProgramForm
  private readonly sizes: LineSizes
  private readonly random: () => number
  private readonly time: VirtualTime

  constructor(
    form: ProgramForm,
    sizes: LineSizes,
    random: () => number,
    time: VirtualTime,
    seen: Map<string, number>
  ) {
    this.form = form
    this.sizes = sizes
    this.random = random
    this.time = time
    this.seen = seen
    this.isWordy = random() < 0.25
    const count = 1 + this.below(form.exportersMax)
    this.exporters = Array.from(
      { length: count },
      (_, index) => new WatchedExporter(this.exporterOptions("abc".charAt(index)), this)
    )
    this.begin()
  }

  /** Runs the whole program. Rejects with the first complaints, and the steps that led to them. */
  async run(): Promise<void> {
    try {
      for (let step = 0; step < this.form.steps; step++) {
        await this.step()
        this.look()
      }
      await this.finish()
    } catch (error) {
      const policies = this.exporters.map(({ exporter: { name, required, handsOver, queue } }) =>
        JSON.stringify({ name, required, handsOver, ...queue })
      )
      const message = `${(error as Error).message}\n  ${policies.join("\n  ")}\n  ${this.steps.join("; ")}`
      throw new Error(message, { cause: error })
    }
  }

  complain(what: string): void {
    this.complaints.push(what)
  }

  began(attempt: Attempt, exporter: WatchedExporter): void {
    this.shareOf(attempt, exporter)?.began(attempt)
  }

  ended(attempt: Attempt, exporter: WatchedExporter): void {
    this.count(`export ${attempt.ending}`)
    if (attempt.isKept && attempt.ending !== "confirmed") this.count("kept, and not confirmed")
    if (attempt.lines[0]?.kind === "gap" && attempt.ending === "confirmed") this.count("gap told")
    this.shareOf(attempt, exporter)?.ended(attempt)
  }

  private async step(): Promise<void> {
    const name = this.draw()
    this.count(name)
    switch (name) {
      case "log":
        this.say("log")
        this.logOne()
        break
      case "burst":
        this.burst()
        break
      case "nested":
        this.logNested()
        break
      case "commit":
        this.commit()
        break
      case "flush":
        this.flush(this.pick(this.sessions))
        break
      case "room":
        this.askForRoom()
        break
      case "break":
        await this.break(this.pick(this.exporters))
        break
      case "heal":
        await this.heal(this.pick(this.exporters))
        break
      case "advance":
        await this.advance()
        break
      case "settle":
        this.say("settle")
        await this.settle()
        break
      case "start":
        this.startSession()
        break
      case "close":
        this.close()
        break
      case "restart":
        this.close()
        this.begin()
        break
    }
    if (this.form.isExact) {
      if (this.random() < 0.6) await this.settle()
    } else if (this.random() < 0.7) {
      this.isSettled = false
      for (let turns = this.below(6); turns > 0; turns--) await this.time.turn()
    }
  }

  // What is asked of the log, and what the model makes of it.

  private begin(): void {
    const number = this.sessions.length
    const exporters = this.exporters.map(({ exporter }) => exporter)
    const audit = createAuditLog({
      app: "program",
      exporters,
      clock: this.time.clock,
      env: {},
      exitHook: false,
      notice: (line) => this.hear(number, line)
    }) as CommittingAudit
    const shares = exporters.map(
      (exporter) =>
        new ShareModel(exporter, this.form.isExact, (what) => this.complain(`session ${number}, ${what}`))
    )
    this.sessions.push({
      number,
      audit,
      shares,
      told: exporters.map(() => new Set<string>()),
      seq: 0,
      name: "",
      isClosed: false,
      startedAt: undefined
    })
  }

  private burst(): void {
    const largest = Math.max(...this.exporters.map(({ exporter }) => exporter.queue.eventsMax))
    const count = 1 + this.below(1.5 * largest)
    this.say(`burst ${count}`)
    for (let n = 0; n < count; n++) this.logOne()
  }

  private logOne(): void {
    const session = this.current
    const level = this.pick(levels)
    const category = this.pick(categories)
    const message = "x".repeat(this.below(this.isWordy || this.random() < 0.03 ? 4_000 : 120))
    this.call(() => session.audit.log(category, message, undefined, { level }))
    const bytes = this.sizes.logged(category, level, message.length, session.seq + 1)
    this.record(session, { category, level, bytes })
    this.compare(session)
  }

  private logNested(): void {
    const session = this.current
    this.say("nested")
    const inner = {
      toJSON: () => {
        session.audit.log("nav", "from inside another event")
        return "told"
      }
    }
    this.call(() => session.audit.log("upload", "outside", { inner }))
    this.record(session, { category: "upload", level: "info", bytes: this.sizes.nested(session.seq + 1) })
    if (!session.isClosed) this.drop(session, "nav")
    this.compare(session)
  }

  private startSession(): void {
    const session = this.current
    this.say("start")
    this.call(() => session.audit.sessionStart())
    if (session.startedAt !== undefined) return
    session.startedAt = this.time.now
    const bytes = this.sizes.started(session.seq + 1)
    this.record(session, { category: "session", level: "info", bytes, isForAll: true })
    this.compare(session)
  }

  private commit(): void {
    const session = this.current
    const { required } = this
    if (required.length === 0) return
    const timeoutMs = this.pick(timeouts)
    const pad = "x".repeat(this.below(this.random() < 0.03 ? 4_000 : 60))
    this.say(`commit within ${timeoutMs}`)
    const answer = this.call(() => session.audit.commit(Paid({ pad }), undefined, { timeoutMs }))
    const seq = session.seq + 1
    const wasClosed = session.isClosed
    const bytes = this.sizes.committed(pad.length, seq)
    this.record(session, { category: "payment", level: "info", bytes, isCommitted: true })
    this.compare(session)
    const wait = this.wait(`commit ${seq}`, timeoutMs ?? writerLimits.commitTimeoutMs, () => {
      const fates = this.requiredFates(session, seq)
      return wasClosed || fates.every((fate) => fate === "confirmed") || fates.some(isLost)
    })
    const commit: Commit = { session, seq, deadline: wait.deadline, isQueued: !wasClosed }
    this.commits.push(commit)
    const judge = (receipt: Receipt | undefined, error: unknown): void => {
      wait.isAnswered = true
      const why = this.judgeCommit(commit, wasClosed, receipt, error)
      if (why !== undefined) this.complain(`session ${session.number}, commit ${seq}: ${why}`)
    }
    void answer.then(
      (receipt) => judge(receipt, undefined),
      (error: unknown) => judge(undefined, error)
    )
  }

  private flush(session: Session): void {
    const timeoutMs = this.pick([...timeouts, Number.POSITIVE_INFINITY])
    this.say(`flush ${session.number} within ${timeoutMs}`)
    this.awaitFlush("flush", session, timeoutMs, () => session.audit.flush({ timeoutMs }))
  }

  private close(): void {
    const session = this.current
    const timeoutMs = this.pick(timeouts)
    this.say(`close ${session.number} within ${timeoutMs}`)
    this.awaitFlush("close", session, timeoutMs, () => {
      const answer = session.audit.close({ timeoutMs })
      if (session.startedAt !== undefined && !session.isClosed) {
        const bytes = this.sizes.ended(this.time.now - session.startedAt, session.seq + 1)
        this.record(session, { category: "session", level: "info", bytes, isForAll: true })
      }
      session.isClosed = true
      return answer
    })
    this.compare(session)
  }

  private awaitFlush(
    what: "flush" | "close",
    session: Session,
    timeoutMs: number | undefined,
    ask: () => Promise<FlushResult>
  ): void {
    const answer = this.call(ask)
    // Taken after the call: what `close` itself records comes before it.
    const covers = session.shares.map(({ accepted }) => accepted.length)
    const droppedBefore = session.audit
      .health()
      .exporters.map(({ dropped, droppedBy }) => dropped - droppedBy.closed)
    const states = () => session.audit.health().exporters.map(({ state }) => state)
    const wait = this.wait(`${what} ${session.number}`, timeoutMs ?? writerLimits.flushTimeoutMs, () =>
      what === "close"
        ? states().every((state) => state === "closed")
        : session.shares.every(({ told }, index) => told >= (covers[index] ?? 0))
    )
    const judge = (result: FlushResult): void => {
      wait.isAnswered = true
      this.count(result.complete ? `${what} complete` : `${what} incomplete`)
      for (const why of this.judgeFlush(session, covers, droppedBefore, result))
        this.complain(`session ${session.number}, ${what}: ${why}`)
      // One whose limit has passed says only what it knows of the events.
      const isEnded = states().every((state) => state === "closed")
      const hasBegun = session.seq > 0 && this.time.now < wait.deadline
      if (what === "close" && result.complete && hasBegun && !isEnded)
        this.complain(
          `session ${session.number} is closed and complete, and its writers are ${states().join()}`
        )
    }
    void answer.then(judge, (error: unknown) => this.complain(`${what} rejected: ${String(error)}`))
  }

  private askForRoom(): void {
    const { audit, number } = this.pick(this.sessions)
    const name = this.pick([undefined, ...this.exporters.map(({ exporter }) => exporter.name), "nobody"])
    this.say(`room ${number} ${name}`)
    const wait = this.wait(`room of ${number}`, Number.POSITIVE_INFINITY, () => audit.hasRoom(name))
    const answered = (): void => {
      wait.isAnswered = true
    }
    void this.call(() => audit.room(name)).then(answered, () => this.complain("room rejected"))
  }

  private async break(exporter: WatchedExporter): Promise<void> {
    const how = this.pick(troubles)
    if (exporter.isHanging) await this.heal(exporter)
    this.say(`break ${exporter.exporter.name}: ${how}`)
    exporter.break(how)
  }

  // Healing resumes what hangs on this stack, as no far side does: what it starts must end before the next step.
  private async heal(exporter: WatchedExporter): Promise<void> {
    this.say(`heal ${exporter.exporter.name}`)
    exporter.heal()
    await this.settle()
  }

  private async advance(): Promise<void> {
    const ms = 1 + this.below(this.pick(this.form.pausesMs))
    this.say(`advance ${ms}`)
    await this.time.advance(ms)
    this.isSettled = true
  }

  private async settle(): Promise<void> {
    await this.time.settle()
    this.isSettled = true
  }

  // What must hold, whatever happens.

  private look(): void {
    for (const session of this.sessions) this.compare(session)
    if (this.isSettled) this.lookAtWaits()
    this.waits = this.waits.filter(({ isAnswered }) => !isAnswered)
    if (this.complaints.length > 0) throw new Error(this.complaints.slice(0, 5).join("\n  "))
  }

  private lookAtWaits(): void {
    for (const wait of this.waits) {
      if (wait.isAnswered) continue
      if (this.time.now >= wait.deadline) this.complain(`${wait.what} is unanswered past its limit`)
      else if (wait.isDue()) this.complain(`${wait.what} is unanswered, and has nothing to wait for`)
    }
  }

  private compare({ audit, shares, number, isClosed }: Session): void {
    const { exporters } = audit.health()
    for (const [index, health] of exporters.entries()) {
      const share = shares[index]
      if (share === undefined) continue
      share.compare(health, this.form.isExact || this.isSettled)
      if (health.state === "closed" && !isClosed) this.complain(`a writer of session ${number} has ended`)
      if (health.state === "closed" && health.pending > 0) this.complain("a closed writer has events")
      const hasRoom = isClosed || share.hasRoom(health.state)
      if (this.form.isExact && audit.hasRoom(health.name) !== hasRoom)
        this.complain(`hasRoom of ${health.name} is not ${hasRoom}`)
    }
  }

  private judgeCommit(
    commit: Commit,
    wasClosed: boolean,
    receipt: Receipt | undefined,
    error: unknown
  ): string | undefined {
    const { session, seq } = commit
    const fates = this.requiredFates(session, seq)
    if (error === undefined) {
      this.count("commit acknowledged")
      const ranks = this.required.map((index) =>
        durabilities.indexOf(this.exporters[index]?.exporter.durability ?? "os")
      )
      const durability = durabilities[Math.min(...ranks)]
      if (receipt?.seq !== seq || receipt.durability !== durability) return "its receipt is another one's"
      return fates.every((fate) => fate === "confirmed") ? undefined : `acknowledged and ${fates.join()}`
    }
    if (error instanceof Unknown) {
      this.count("commit unknown")
      return this.time.now >= commit.deadline ? undefined : "given up before its time"
    }
    if (error instanceof QueueFull) {
      this.count("commit QueueFull")
      commit.isQueued = false
      const fate = session.shares.find((_, index) => this.nameOf(index) === error.exporter)?.fateOf(seq)
      return fate === "overflow" || (!this.form.isExact && fate !== "confirmed")
        ? undefined
        : `QueueFull and ${fate}`
    }
    if (!(error instanceof Refused)) return `failed with ${String(error)}`
    this.count("commit Refused")
    if (wasClosed) return error.why === "the log is closed" ? undefined : error.why
    commit.isQueued = error.why !== "too_large"
    const fate = session.shares.find((_, index) => this.nameOf(index) === error.exporter)?.fateOf(seq)
    return fate === error.why || (!this.form.isExact && error.why === "too_large" && fate !== "confirmed")
      ? undefined
      : `Refused because of ${error.why}, and ${fate}`
  }

  private *judgeFlush(
    { shares }: Session,
    covers: readonly number[],
    droppedBefore: readonly number[],
    result: FlushResult
  ): Iterable<string> {
    for (const key of ["accepted", "written", "handedOver", "dropped", "pending"] as const) {
      const sum = result.exporters.reduce((total, counts) => total + counts[key], 0)
      if (sum !== result[key]) yield `${key} is ${result[key]}, and the sum of the exporters' ${sum}`
    }
    if (!result.complete && result.pending + result.dropped === 0) yield "incomplete, and all is written"
    for (const [index, counts] of result.exporters.entries()) {
      const { name, accepted, written, handedOver, dropped, pending } = counts
      if (name !== this.nameOf(index)) yield `answers for ${name}`
      if (accepted !== written + handedOver + dropped + pending)
        yield `${JSON.stringify(counts)} adds up to more`
      const share = shares[index]
      const covered = covers[index] ?? 0
      if (share === undefined || accepted < covered) yield `knows nothing of the latest events of ${name}`
      else if (!result.complete) continue
      else if (share.told < covered) yield `complete, and ${name} was told ${share.told} of ${covered}`
      else if (share.confirmedWithin(covered) + (droppedBefore[index] ?? 0) !== covered)
        yield `complete, and ${name} dropped some meanwhile`
    }
  }

  private async finish(): Promise<void> {
    this.steps.push("finish")
    for (const exporter of this.exporters) exporter.heal()
    await this.settle()
    this.look()
    for (const session of this.sessions)
      this.awaitFlush("flush", session, 60_000, () => session.audit.flush({ timeoutMs: 60_000 }))
    await this.settle()
    this.look()
    if (this.waits.some(({ what }) => what.startsWith("flush"))) this.complain("a flush waits for the clock")
    for (const { audit, shares, number } of this.sessions) {
      const pending = audit.health().exporters.reduce((sum, health) => sum + health.pending, 0)
      if (pending > 0) this.complain(`session ${number} has ${pending} pending at the end`)
      if (!shares.every(({ isAllTold }) => isAllTold)) this.complain(`session ${number} has an untold gap`)
    }
    this.close()
    this.say("log")
    this.logOne()
    await this.settle()
    for (const session of this.sessions) this.readBack(session)
    for (const { session, seq, isQueued } of this.commits) {
      const lost = this.requiredFates(session, seq).filter((fate) => !isSettledFate(fate))
      if (isQueued && lost.length > 0) this.complain(`commit ${seq} of ${session.number} is ${lost.join()}`)
    }
    this.look()
  }

  // Everything is healed, told and closed: the streams as a stranger reads them.
  private readBack({ audit, shares, name, seq, number }: Session): void {
    const { exporters } = audit.health()
    for (const [index, { streams }] of this.exporters.entries()) {
      const share = shares[index]
      const health = exporters[index]
      if (share === undefined || health === undefined) continue
      share.read(streams.get(name) ?? [])
      share.compareTold(health)
      if (seq > 0 && health.state !== "closed") this.complain(`session ${number} ends ${health.state}`)
    }
  }

  private wait(what: string, timeoutMs: number, isDue: () => boolean): Wait {
    const wait = { what, deadline: this.time.now + Math.max(0, timeoutMs), isDue, isAnswered: false }
    this.waits.push(wait)
    return wait
  }

  private record(
    session: Session,
    event: {
      readonly category: string
      readonly level: Level
      readonly bytes: number
      readonly isCommitted?: boolean
      readonly isForAll?: boolean
    }
  ): void {
    this.isSettled = false
    const { shares, audit } = session
    if (session.isClosed) {
      for (const share of shares) share.offerClosed()
      return
    }
    const { category, level, bytes, isCommitted = false, isForAll = false } = event
    session.seq += 1
    if (session.name === "") session.name = audit.health().session
    const { seq, name } = session
    const head = { time: this.time.now, level, category, session: name, seq }
    for (const [index, { exporter }] of this.exporters.entries()) {
      const isProtected = isCommitted && exporter.required === true
      const isWanted = isForAll || isProtected || attempt(() => exporter.accepts?.(head) ?? true, true)
      const route = attempt(() => exporter.route?.(head, {}) ?? "", "")
      if (isWanted) shares[index]?.offer({ seq, bytes, category, route, isCommitted: isProtected })
    }
  }

  private drop(session: Session, category: string): void {
    session.seq += 1
    const { seq } = session
    for (const share of session.shares)
      share.offerBroken({ seq, bytes: 0, category, route: "", isCommitted: false })
  }

  private call<A>(ask: () => A): A {
    for (const exporter of this.exporters) exporter.isCallerOnStack = true
    try {
      return ask()
    } catch (error) {
      this.complain(`a call threw ${String(error)}`)
      throw error
    } finally {
      for (const exporter of this.exporters) exporter.isCallerOnStack = false
      this.isSettled = false
    }
  }

  // Trouble and recovery are told once each, and an exporter that has just died has not recovered.
  private hear(number: number, line: string): void {
    const [, name = "", what = ""] = noticeForm.exec(line) ?? []
    const index = this.exporters.findIndex(({ exporter }) => exporter.name === name)
    const session = this.sessions[number]
    const exporter = this.exporters[index]
    const troubles = session?.told[index]
    if (session === undefined || exporter === undefined || troubles === undefined)
      return this.complain(`nobody's notice: ${line}`)
    if (what === "refused") return
    const isRecovery = what === "works again"
    if (isRecovery && exporter.lastEndings.get(session.name) === "died")
      this.complain(`${name} works again, says the log, and its last export died`)
    const kind = what === "no answer" ? "stalled" : "degraded"
    if (isRecovery ? troubles.size === 0 : troubles.has(kind)) this.complain(`told twice: ${line}`)
    if (isRecovery) troubles.clear()
    else troubles.add(kind)
  }

  private shareOf({ session }: Attempt, exporter: WatchedExporter): ShareModel | undefined {
    const found = this.sessions.find(({ name }) => name === session)
    if (found === undefined) this.complain(`an export of a session that nobody began`)
    return found?.shares[this.exporters.indexOf(exporter)]
  }

  private requiredFates({ shares }: Session, seq: number): readonly (Fate | undefined)[] {
    return this.required.map((index) => shares[index]?.fateOf(seq))
  }

  private get required(): readonly number[] {
    return this.exporters.flatMap(({ exporter }, index) => (exporter.required === true ? [index] : []))
  }

  private nameOf(index: number): string | undefined {
    return this.exporters[index]?.exporter.name
  }

  private get current(): Session {
    return this.sessions.at(-1) as Session
  }

  private exporterOptions(name: string): ConstructorParameters<typeof WatchedExporter>[0] {
    const chance = (share: number): boolean => this.random() < share
    const queue: QueuePolicy = {
      eventsMax: 4 + this.below(37),
      bytesMax: chance(0.3) ? 1_000 + this.below(5_000) : 1_000_000,
      overflow: chance(0.5) ? "drop-oldest" : "drop-newest",
      batchEventsMax: 1 + this.below(10),
      batchBytesMax: chance(0.5) ? 700 + this.below(2_500) : 100_000
    }
    return {
      name,
      queue,
      required: chance(0.4),
      ...(chance(0.15) ? { handsOver: true } : {}),
      ...(chance(0.5) ? { durability: this.pick(durabilities) } : {}),
      ...(chance(0.5) ? { exportTimeoutMs: this.pick([1_000, 5_000]) } : {}),
      // Where lines fill pages, an exporter that wants few of them has to move out.
      ...(chance(this.isWordy ? 0.7 : 0.4) ? { accepts: this.pick(filters) } : {}),
      ...(chance(0.3) ? { route: this.pick(routers) } : {})
    }
  }

  private draw(): StepName {
    const entries = Object.entries(this.form.weights) as [StepName, number][]
    let rest = this.random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of entries) {
      rest -= weight
      if (rest < 0) return name
    }
    return "settle"
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit)
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  private say(step: string): void {
    this.steps.push(step)
  }

  private count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }
}

const noticeForm = /^\[daybook\] program: (\w): (works again|refused|no answer|.)/

const filters: readonly NonNullable<Exporter["accepts"]>[] = [
  ({ level }) => level !== "debug" && level !== "info",
  ({ category }) => category !== "nav",
  ({ seq }) => seq % 10 === 0,
  ({ seq }) => {
    if (seq % 3 === 0) throw new Error("a filter that throws accepts")
    return seq % 3 === 1
  }
]

const routers: readonly NonNullable<Exporter["route"]>[] = [
  ({ category }) => category,
  ({ seq }) => {
    if (seq % 4 === 0) throw new Error("a router that throws has no route")
    return `r${seq % 4}`
  }
]

const attempt = <A>(ask: () => A, otherwise: A): A => {
  try {
    return ask()
  } catch {
    return otherwise
  }
}

// What an exporter dropped by its own decision, or has. A queue must not have dropped it.
const isSettledFate = (fate: Fate | undefined): boolean =>
  fate === "confirmed" || fate === "refused" || fate === "defect"

const isLost = (fate: Fate | undefined): boolean =>
  fate === "overflow" || fate === "too_large" || fate === "refused" || fate === "defect"

/** How many bytes the lines of a program take. */
export interface LineSizes {
  logged(category: string, level: Level, messageChars: number, seq: number): number
  nested(seq: number): number
  committed(padChars: number, seq: number): number
  started(seq: number): number
  ended(durationMs: number, seq: number): number
}

/** Measured on real lines, so that the model knows nothing of the format but what changes from line to line. */
export const measureLines = async (): Promise<LineSizes> => {
  const memory = memoryExporter({ required: true })
  const audit = createAuditLog({ app: "program", exporters: [memory], env: {}, exitHook: false })
  audit.log("c", "", undefined, { level: "info" })
  audit.log("upload", "outside", { inner: "told" })
  await audit.commit(Paid({ pad: "" }))
  audit.sessionStart()
  await audit.close()
  const digits = (value: number): number => String(value).length
  const [logged = 0, nested = 0, committed = 0, started = 0, ended = 0] = memory.lines.map(
    (line) => Buffer.byteLength(line) + "\n".length - digits(1)
  )
  const durationMs = Number(memory.events.at(-1)?.fields.duration_ms)
  return {
    logged: (category, level, chars, seq) =>
      logged - "cinfo".length + category.length + level.length + chars + digits(seq),
    nested: (seq) => nested + digits(seq),
    committed: (chars, seq) => committed + chars + digits(seq),
    started: (seq) => started + digits(seq),
    ended: (ms, seq) => ended - digits(durationMs) + digits(Math.round(ms)) + digits(seq)
  }
}
