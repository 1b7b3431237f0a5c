// The batches of a delivery while they are with the far end. What became of their lines is settled in order, and what is set aside
// is kept before the place moves over it. How often a batch is tried is the sender's; where lines come from is backlog.node.ts.

//   read ──▶ with the far end ──it has them, or refuses them──▶ letters ──▶ settled
//     │          │ fails: tried again, 1 s … 300 s
//     └ the next batch meanwhile

import type { LogIdentity } from "@daybook/core"
import { batchOf, Sender } from "@daybook/core/replay"
import type * as Clock from "effect/Clock"
import { deliveryLimits } from "../limits.ts"
import type { Backlog } from "./backlog.node.ts"
import { type Keeper, reasonOf } from "./keeper.node.ts"
import type { DeliverOptions, DeliveryState } from "./options.ts"
import { type Pause, quietly, waitMs } from "./pause.ts"
import type { ReadBatch } from "./read-line.ts"
import { lettersOf, SentBatch, type Stretch } from "./sent-batch.ts"

/** The delivery that sends. */
export interface SendingHost {
  readonly setting: Pick<DeliverOptions, "to" | "backoff" | "onDead"> & { readonly stateDir: string }
  readonly log: LogIdentity
  readonly clock: Clock.Clock
  readonly pause: Pause
  readonly keeper: Keeper
  readonly isAtWork: boolean
  become(state: DeliveryState): void
  /** Why an attempt failed, or lines were refused. */
  failed(reason: string): void
  /** A batch was given to the far end: who waits for an attempt has one. */
  attempt(): void
  /** Again and again while a batch is with the far end. */
  whileSending(): Promise<void>
  /** Waits out what is wrong with our own files. */
  rest(text: string, ms: number): Promise<void>
}

export class Sending {
  readonly sender: Sender
  private readonly backlog: Backlog
  private readonly host: SendingHost
  private sent: SentBatch | undefined
  /** What is refused is taken for an outage, and not for poison. */
  private isOutage = false
  private isOver = false

  constructor(backlog: Backlog, host: SendingHost) {
    const { setting, log, clock, keeper } = host
    const { backoffMinMs: minMs, backoffMaxMs: maxMs } = deliveryLimits
    const { refusedInRowMax, letterBytesMax, probeMs } = deliveryLimits
    this.backlog = backlog
    this.host = host
    this.sender = new Sender(setting.to, {
      identity: log,
      clock,
      backoff: setting.backoff ?? { minMs, maxMs },
      // What is refused alone is looked for in the whole batch; an outage ends that.
      refusalsMax: Number.POSITIVE_INFINITY,
      pauseFor: (refusedInRow) => {
        this.isOutage = refusedInRow > refusedInRowMax || keeper.letterBytes > letterBytesMax
        return this.isOutage ? probeMs : undefined
      },
      waiting: () => `${backlog.places.pendingBytes} bytes wait in the files`,
      refusedTo: `, and kept in ${JSON.stringify(setting.stateDir)}`,
      onChange: () => this.changed()
    })
  }

  /** Sends what a round reads. Reads ahead while the far end works, so that neither waits for the other. */
  async round(): Promise<void> {
    let batch = await this.backlog.next()
    while (batch !== undefined && this.host.isAtWork) {
      const sending = this.send(batch)
      const ahead = await this.backlog.next()
      await this.until(sending)
      batch = ahead
    }
  }

  /** Leaves everything as it is: the place is right, and what is with the far end is sent again. */
  async close(): Promise<void> {
    await this.sender.close(deliveryLimits.flushTimeoutMs)
    try {
      await this.settle(false)
    } catch {
      // Letters that cannot be kept: their lines are not settled, and come again.
    }
    this.sent = undefined
    this.isOver = true
  }

  private send(batch: ReadBatch): Promise<boolean> {
    const sent = new SentBatch(batch)
    this.sent = sent
    if (batch.sent.length === 0) return Promise.resolve(true)
    this.host.become("sending")
    const sending = this.sender.send(batchOf(batch.sent), sent.settle)
    this.host.attempt()
    return sending
  }

  private async until(sending: Promise<boolean>): Promise<void> {
    const { host } = this
    let isOver = false
    const over = sending.then((isSettled) => {
      isOver = isSettled
      host.pause.poke()
    })
    while (!isOver && host.isAtWork) {
      await host.pause.for(deliveryLimits.pollMs)
      await this.settle(false)
      if (!isOver) await host.whileSending()
      await host.keeper.beat()
    }
    if (!isOver) return
    await over
    await this.settle(true)
    this.sent = undefined
    await host.keeper.saveIfDue(this.backlog.places)
  }

  private async settle(isOver: boolean): Promise<void> {
    const { sent } = this
    for (let next = sent?.first(isOver); next !== undefined; next = sent?.first(isOver)) {
      const { lines, outcome } = next
      await this.keepLetters(next)
      this.backlog.places.settle(lines, outcome.refused)
      sent?.shift(next)
      if (outcome.reason !== undefined) this.host.failed(outcome.reason)
      this.isOutage = false
    }
  }

  // The place moves on only when they are kept.
  private async keepLetters(stretch: Stretch): Promise<void> {
    const { host } = this
    const letters = lettersOf(stretch, host.log.now())
    for (let failures = 1; letters.length > 0; failures++) {
      try {
        await host.keeper.keep(letters)
        break
      } catch (error) {
        if (!host.isAtWork) throw error
        const where = JSON.stringify(host.setting.stateDir)
        const text = `Cannot keep dead letters in ${where}: ${reasonOf(error)}; trying again`
        await host.rest(text, waitMs(failures))
      }
    }
    for (const letter of letters) quietly(() => host.setting.onDead?.(letter))
  }

  private changed(): void {
    const { state, lastError } = this.sender
    if (this.isOver) return
    if (state === "degraded" || state === "stalled") {
      if (lastError !== undefined) this.host.failed(lastError)
      this.host.become(this.isOutage ? "paused" : "backing off")
    } else if (this.sent !== undefined && state === "writing") this.host.become("sending")
  }
}
