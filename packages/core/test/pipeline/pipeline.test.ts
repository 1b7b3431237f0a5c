// What holds between the parts: memory goes back, the caller's stack stays the caller's, resources end with the log,
// and the exit hook and a writer that lives on agree on what is down.
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { builtInKeys } from "../../src/encode/keys.ts"
import { makeStreamKey } from "../../src/event/stream-id.ts"
import { pageLimits } from "../../src/limits.ts"
import { EventRecorder } from "../../src/log/recorder.ts"
import type { Exporter, LogIdentity } from "../../src/pipeline/exporter.ts"
import { Pipeline } from "../../src/pipeline/pipeline.ts"
import { makeUnrefClock } from "../../src/pipeline/unref-clock.ts"
import type { Writer } from "../../src/pipeline/writer.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const nowhere = { context: undefined, trace: undefined }

/** A recorder on a pipeline whose writers never start: lines only wait. */
const makeRecorder = (exporters: readonly Exporter[]) => {
  const streamKey = makeStreamKey()
  const identity: LogIdentity = {
    app: "p",
    session: streamKey.slice(0, 8),
    streamKey,
    env: {},
    now: () => 0,
    monotonicMs: () => 0,
    notice: () => undefined,
    mark: () => new Uint8Array()
  }
  const pipeline: Pipeline = new Pipeline(
    exporters,
    {
      identity,
      names: builtInKeys,
      gapMark: (gap, exporter) => recorder.gapMark(gap, exporter),
      fork: () => undefined,
      nextTurn: setImmediate,
      settle: () => undefined,
      random: () => 0
    },
    () => undefined
  )
  const recorder = new EventRecorder(
    pipeline,
    streamKey,
    makeUnrefClock(() => undefined),
    builtInKeys,
    undefined
  )
  const record = (count: number): void => {
    for (let n = 0; n < count; n++) {
      recorder.record({ category: "c", level: "info", message: "x".repeat(100), extras: { n } }, nowhere)
    }
  }
  const takeAll = (writer: Writer | undefined): void => {
    for (;;) {
      const taken = writer?.queue.take((gap) => recorder.gapMark(gap, "memory"))
      if (taken === undefined) break
      writer?.queue.confirm(taken, false)
    }
  }
  const empty = (): void => {
    for (const writer of pipeline.writers) takeAll(writer)
  }
  return { pipeline, record, empty, takeAll }
}

describe("memory", () => {
  it("pages come back when no queue needs them, and are used again", () => {
    const { pipeline, record, empty } = makeRecorder([memoryExporter(), memoryExporter({ name: "second" })])
    for (let round = 0; round < 20; round++) {
      record(3_000)
      expect(pipeline.store.pagesInUse).toBeGreaterThan(3)
      empty()
      expect(pipeline.store.pagesInUse).toBe(1)
    }
    for (let n = 0; n < 50 * pageLimits.pageLinesMax; n++) {
      record(1)
      empty()
    }
    expect(pipeline.store.pagesInUse).toBe(1)
  })

  it("a line that every queue refuses takes no room", () => {
    const { pipeline, record } = makeRecorder([memoryExporter({ queue: { eventsMax: 10 } })])
    record(20_000)
    expect(pipeline.store.pagesInUse).toBe(1)
    expect(pipeline.writers[0]?.queue.counts).toMatchObject({
      accepted: 20_000,
      pending: 10,
      dropped: 19_990
    })
  })

  it("F45 a queue that drops its oldest holds no more pages than its bounds", () => {
    const bytesMax = 1024 * 1024
    const { pipeline, record } = makeRecorder([
      memoryExporter({ queue: { bytesMax, overflow: "drop-oldest" } })
    ])
    record(50_000)
    expect(pipeline.store.pagesInUse).toBeLessThanOrEqual(bytesMax / pageLimits.pageBytes + 2)
  })
})

describe("a filtering exporter that is slow", () => {
  it("holds its own lines in memory, and not everybody's", () => {
    const everyHundredth = memoryExporter({ name: "few", accepts: ({ seq }) => seq % 100 === 0 })
    const { pipeline, record, takeAll } = makeRecorder([memoryExporter(), everyHundredth])
    const [all, few] = pipeline.writers
    let most = 0
    for (let round = 0; round < 100; round++) {
      record(3_000)
      takeAll(all)
      most = Math.max(most, pipeline.store.pagesInUse)
    }
    // 3,000 lines of its own, about 300 bytes each, and one round of everybody's.
    expect(few?.queue.length).toBe(3_000)
    expect(few?.queue.bytes).toBeLessThan(8 * pageLimits.pageBytes)
    expect(most).toBeLessThan(8 + 10)
    const seqs: number[] = []
    for (;;) {
      const taken = few?.queue.take(() => {
        throw new Error("there is no hole")
      })
      if (taken === undefined) break
      const { seq, category, names } = taken.batch.columns
      seqs.push(...seq)
      expect(new Set([...category].map((index) => names.category[index]))).toEqual(new Set(["c"]))
      expect(new TextDecoder().decode(taken.batch.bytes()).split("\n")).toHaveLength(taken.batch.count + 1)
      few?.queue.confirm(taken, false)
    }
    expect(seqs).toEqual(Array.from({ length: 3_000 }, (_, n) => (n + 1) * 100))
    takeAll(all)
    expect(pipeline.store.pagesInUse).toBeLessThanOrEqual(2)
  })
})

describe("the caller's stack", () => {
  it("S0.1 never runs the writer, not even when the queue wakes it: a burst finds the queue as it left it", async () => {
    const memory = memoryExporter({ queue: { eventsMax: 100 } })
    const audit = createAuditLog({ app: "stack", exporters: [memory], exitHook: false })
    for (let round = 1; round <= 20; round++) {
      for (let n = 0; n < 150; n++) audit.log("a", "b")
      expect(audit.health().exporters[0]).toMatchObject({ pending: 100, dropped: 50 * round })
      await audit.flush()
    }
    expect(await audit.close()).toMatchObject({ accepted: 3_000, written: 2_000, dropped: 1_000 })
  })
})

describe("the end", () => {
  it("7. close answers when the exporter's resources are released", async () => {
    let isReleased = false
    const release = (): void => {
      isReleased = true
    }
    const memory = memoryExporter()
    const holding: Exporter = {
      ...memory,
      open: (log) =>
        Effect.andThen(
          Effect.acquireRelease(Effect.void, () => Effect.sync(release)),
          memory.open(log)
        )
    }
    const audit = createAuditLog({ app: "end", exporters: [holding], exitHook: false })
    audit.log("a", "b")
    await audit.flush()
    expect(isReleased).toBe(false)
    await audit.close()
    expect(isReleased).toBe(true)
  })

  it("F42 a batch that the exit hook wrote is counted once, though its export comes back later", async () => {
    const memory = memoryExporter()
    const audit = createAuditLog({ app: "end", exporters: [memory] })
    memory.break("hang")
    audit.log("a", "in flight")
    void audit.flush({ timeoutMs: 60_000 })
    while (memory.attempts.length === 0) await new Promise((resolve) => setImmediate(resolve))
    audit.log("a", "waiting")
    for (const listener of process.listeners("uncaughtExceptionMonitor").slice(-1)) {
      listener.call(process, new Error("somebody else catches it"), "uncaughtException")
    }
    const messages = memory.events.map(({ head }) => head.message)
    expect(messages).toEqual(["in flight", "waiting", "uncaught: Error: somebody else catches it"])
    memory.heal()
    audit.log("a", "life goes on")
    expect(await audit.close()).toMatchObject({ complete: true, accepted: 4, written: 4, pending: 0 })
  })

  it("F42 a batch that the exit hook wrote before its export began is not exported", async () => {
    const memory = memoryExporter()
    let exits = 0
    const exporter: Exporter = {
      ...memory,
      // Asked for before each operation.
      get exportTimeoutMs() {
        if (audit.health().exporters[0]?.state === "writing") {
          exits += 1
          lastListener("exit").call(process, 0)
        }
        return 30_000
      }
    }
    const audit = createAuditLog({ app: "end", exporters: [exporter] })
    audit.log("a", "first")
    expect(await audit.flush()).toMatchObject({ complete: true, accepted: 1, written: 1 })
    expect(memory.lines).toHaveLength(1)
    expect(memory.attempts).toEqual([])
    expect(exits).toBe(1)
    await audit.close()
  })

  it.each([
    ["nothing", {}],
    ["NaN", { written: Number.NaN }],
    ["a promise", Promise.resolve({ written: 3 })],
    ["a text", { written: "3" }]
  ])(
    "F42 a last write that answers %s has written nothing, and the events wait on",
    async (_what, answer) => {
      const memory = memoryExporter()
      const exporter: Exporter = { ...memory, lastWrite: () => answer as never }
      const audit = createAuditLog({ app: "end", exporters: [exporter], notice: () => undefined })
      for (let n = 0; n < 3; n++) audit.log("a", "b")
      lastListener("exit").call(process, 0)
      expect(audit.health().exporters[0]).toMatchObject({
        pending: 3,
        written: 0,
        lastError: "lastWrite must return { written: number }, at once"
      })
      expect(await audit.close()).toMatchObject({ complete: true, written: 3 })
      expect(memory.lines).toHaveLength(3)
    }
  )

  it("what an exporter hands over at the end counts as that, unless a commit waits for it", async () => {
    for (const required of [false, true]) {
      const memory = memoryExporter({ required })
      const handing: Exporter = {
        ...memory,
        lastWrite: (_log, { count }) => ({ written: count, isHandedOver: true })
      }
      const audit = createAuditLog({ app: "end", exporters: [handing] })
      memory.break("hang")
      for (let n = 0; n < 3; n++) audit.log("a", "b")
      lastListener("exit").call(process, 0)
      const [counts] = audit.health().exporters
      const expected = required ? { handedOver: 0, pending: 3 } : { handedOver: 3, pending: 0 }
      expect(counts).toMatchObject({ accepted: 3, written: 0, ...expected })
      memory.heal()
      await audit.close()
    }
  })
})

const lastListener = (event: "exit"): ((code: number) => void) => {
  const [listener] = process.listeners(event).slice(-1)
  if (listener === undefined) throw new Error("nobody listens")
  return listener
}
