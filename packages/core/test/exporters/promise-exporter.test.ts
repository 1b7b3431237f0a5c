// An exporter made of a promise: the shared cases, and what a promise adds to them — rejections of any kind, a signal at
// the time limit, and a success that comes late.
import { afterEach, describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { promiseExporter } from "../../src/exporters/promise-exporter.ts"
import { writerLimits } from "../../src/limits.ts"
import type { Batch } from "../../src/pipeline/batch.ts"
import { ExportError } from "../../src/pipeline/exporter.ts"
import { type ExporterSubject, exporterCases, type FarSideBreakage } from "../../src/testing/index.ts"
import { eventually, settle } from "../tools/eventually.ts"

const Paid = defineEvent({ category: "paid", fields: {}, message: () => "Paid" })

const textsOf = (batch: Batch): readonly string[] => batch.events().map(({ head }) => head.message)

/** A far side behind a promise. */
class FarSide implements ExporterSubject {
  readonly skip = {
    "a last write needs no opening, keeps the order, and says how many lines are down":
      "a promise has no synchronous last write"
  }
  private lines: Uint8Array[] = []
  private breakage: FarSideBreakage | undefined

  make() {
    this.lines = []
    this.breakage = undefined
    return promiseExporter({
      name: "far",
      send: (batch, signal) => this.take(batch, signal),
      exportTimeoutMs: 100
    })
  }

  async readBack() {
    return this.lines
  }

  break(how: FarSideBreakage) {
    this.breakage = how
  }

  heal() {
    this.breakage = undefined
  }

  private async take(batch: Batch, signal: AbortSignal): Promise<void> {
    if (this.breakage === "fail") throw new Error("no connection")
    if (this.breakage === "refuse")
      throw new ExportError({ reason: "refused", retryable: false, outcome: "failed" })
    if (this.breakage === "hang")
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
    const { end } = batch.columns
    for (let line = 0; line < batch.count; line++) {
      const begin = line === 0 ? 0 : (end[line - 1] as number)
      this.lines.push(batch.bytes().slice(begin, (end[line] as number) - 1))
    }
  }
}

describe("an exporter made of a promise passes the exporter cases", () => {
  const farSide = new FarSide()
  afterEach(() => farSide.heal())
  for (const { name, run } of exporterCases) {
    const reason = (farSide.skip as Readonly<Record<string, string>>)[name]
    it.skipIf(reason !== undefined)(reason === undefined ? name : `${name} (${reason})`, () => run(farSide))
  }
})

/** A log on the test clock whose one exporter sends by `send`. */
const logWith = (send: (batch: Batch, signal: AbortSignal) => PromiseLike<unknown>) =>
  Effect.map(Clock.clockWith(Effect.succeed), (clock) => {
    const notices: string[] = []
    const audit = createAuditLog({
      app: "bench",
      exporters: [promiseExporter({ name: "far", send, required: true })],
      clock,
      exitHook: false,
      notice: (line) => void notices.push(line)
    })
    return { audit, notices }
  })

describe("what a promise answers", () => {
  it.effect("a send that throws, or rejects with anything, is tried again with the same lines", () =>
    Effect.gen(function* () {
      const sent: (readonly string[])[] = []
      const troubles: (() => PromiseLike<unknown>)[] = [
        () => {
          throw new TypeError("not even a promise")
        },
        () => Promise.reject(undefined),
        () => Promise.reject("a text")
      ]
      const { audit, notices } = yield* logWith((batch) => {
        sent.push(textsOf(batch))
        return troubles.shift()?.() ?? Promise.resolve()
      })
      audit.log("import", "one")
      yield* settle
      yield* TestClock.adjust(writerLimits.lingerMs)
      for (let seconds = 0; seconds < 4; seconds++) {
        yield* settle
        yield* TestClock.adjust("1 second")
      }
      yield* settle
      expect(sent).toEqual([["one"], ["one"], ["one"], ["one"]])
      expect(audit.health().exporters[0]).toMatchObject({ written: 1, dropped: 0, pending: 0 })
      expect(notices[0]).toContain('Cannot send to "far": TypeError: not even a promise')
    })
  )

  it.effect("the signal fires at the time limit, and a success that comes later is not sent again", () =>
    Effect.gen(function* () {
      let succeed = (): void => undefined
      const signals: AbortSignal[] = []
      const { audit } = yield* logWith((_batch, signal) => {
        signals.push(signal)
        return new Promise<void>((resolve) => {
          succeed = resolve
        })
      })
      audit.log("import", "slow")
      yield* settle
      yield* TestClock.adjust(writerLimits.lingerMs)
      yield* eventually(() => signals.length === 1, "the batch is sent")
      yield* settle
      expect(signals[0]?.aborted).toBe(false)
      yield* TestClock.adjust("30 seconds")
      yield* settle
      expect(signals[0]?.aborted).toBe(true)
      expect(audit.health().exporters[0]?.state).toBe("stalled")
      succeed()
      yield* settle
      yield* TestClock.adjust("10 minutes")
      yield* settle
      expect(signals).toHaveLength(1)
      expect(audit.health().exporters[0]).toMatchObject({ state: "idle", written: 1, pending: 0 })
    })
  )

  it.effect("a commit succeeds as remote when the promise has resolved", () =>
    Effect.gen(function* () {
      const { audit } = yield* logWith(() => Promise.resolve())
      const receipt = yield* Effect.promise(() => audit.commit(Paid({})))
      expect(receipt).toMatchObject({ durability: "remote", seq: 1 })
    })
  )
})
