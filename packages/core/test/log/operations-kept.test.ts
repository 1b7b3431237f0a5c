// What is kept of operations: their lines, which hold lengths, counts and ids instead of the texts themselves, and the
// work in the background that carries the lines away, which nobody needs to hold on to.
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import type { Audit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { auditTool } from "../../src/api/audit-tool.ts"
import { makeUnrefClock } from "../../src/pipeline/unref-clock.ts"
import { type MemoryExporter, makeTestAudit, memoryExporter } from "../../src/testing/index.ts"

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** Lets everything run that can run now, with the garbage collector between. */
const collectBetweenTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 40; turn++) {
    // A full collection takes some 20 ms. The log starts within the first turns.
    if (turn < 4 || turn % 8 === 0) collectGarbage()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** Every wait is over at the next turn, and only the event loop knows who waits. */
const live = Clock.Clock.defaultValue()
const hastyClock: Clock.Clock = {
  ...live,
  currentTimeMillisUnsafe: () => live.currentTimeMillisUnsafe(),
  monotonicTimeNanosUnsafe: () => live.monotonicTimeNanosUnsafe(),
  sleep: () =>
    Effect.callback((resume) => {
      setImmediate(() => resume(Effect.void))
    })
}

const makeLog = (exporter: MemoryExporter, clock: Clock.Clock | undefined = hastyClock): Audit =>
  createAuditLog({
    app: "kept",
    exporters: [exporter],
    clock,
    exitHook: false,
    env: {},
    notice: () => undefined
  })

describe("S3.17 work in the background that nobody holds on to", () => {
  it("is not collected while it waits for company: the log is gone, and its events are written", async () => {
    const exporter = memoryExporter()
    const logAndForget = (): WeakRef<Audit> => {
      const audit = makeLog(exporter)
      for (let n = 0; n < 3; n++) audit.log("a", "b", { n })
      return new WeakRef(audit)
    }
    const audit = logAndForget()
    await collectBetweenTurns()
    expect(audit.deref()).toBeUndefined()
    expect(exporter.lines).toHaveLength(3)
  })

  it("is not collected between the attempts of an exporter that fails", async () => {
    const exporter = memoryExporter()
    exporter.break("fail")
    const logAndForget = (): void => makeLog(exporter).log("a", "b")
    logAndForget()
    await collectBetweenTurns()
    expect(exporter.attempts.length).toBeGreaterThan(2)
    exporter.heal()
    await collectBetweenTurns()
    expect(exporter.lines).toHaveLength(1)
  })

  it("is not collected while it has nothing to do: what comes later is written", async () => {
    const exporter = memoryExporter()
    const audit = makeLog(exporter)
    for (let n = 1; n <= 3; n++) {
      audit.log("a", "b", { n })
      await collectBetweenTurns()
      expect(exporter.lines).toHaveLength(n)
    }
  })

  it("is not collected while an export takes its time and others wait for that", async () => {
    const exporter = memoryExporter({ queue: { eventsMax: 4 } })
    exporter.break("hang")
    const audit = makeLog(
      exporter,
      makeUnrefClock(() => undefined)
    )
    for (let n = 0; n < 4; n++) audit.log("a", "b", { n })
    await collectBetweenTurns()
    expect(exporter.attempts).toEqual([4])
    for (let n = 0; n < 4; n++) audit.log("a", "b", { n })
    const answers = Promise.all([audit.room(), audit.flush({ timeoutMs: Number.POSITIVE_INFINITY })])
    await collectBetweenTurns()
    exporter.heal()
    const [, flushed] = await answers
    expect(flushed).toMatchObject({ complete: true, written: 8 })
  })
})

const book = "It was the best of times, it was the worst of times. ".repeat(1_000)

describe("S3.17 lengths, counts and ids instead of texts", () => {
  it("of a tool's result the line holds its length and its first 300 characters, of an argument the first 500", async () => {
    const audit = makeTestAudit()
    const summarise = auditTool(audit, "summarise", async (_args: { readonly text: string }) => book)
    expect(await summarise({ text: book })).toBe(book)
    expect(audit.events[0]?.fields).toMatchObject({
      args: { text: `${book.slice(0, 500)} …[${book.length} chars total]` },
      result_chars: book.length,
      result_snippet: book.slice(0, 300)
    })
    // Everything else of the line: the head, the names, a duration.
    expect(audit.lines[0]?.length).toBeLessThan(500 + 300 + 500)
  })

  it("of an operation's result the line holds what the operation itself says of it, and nothing else", async () => {
    const audit = makeTestAudit()
    const recalled = await audit.timed("recall", { bank_id: "b-1" }, async (operation) => {
      operation.response = { n_results: 18, chars: book.length }
      return book
    })
    expect(recalled).toBe(book)
    const [{ fields } = {}] = audit.events
    expect(fields).toMatchObject({ bank_id: "b-1", response: { n_results: 18, chars: book.length } })
    expect(audit.lines[0]).not.toContain(book.slice(0, 20))
  })

  it("of an operation that says nothing the line holds that it was", async () => {
    const audit = makeTestAudit()
    await audit.timed("recall", {}, async () => book)
    expect(Object.keys(audit.events[0]?.fields ?? {})).toEqual([
      "action",
      "outcome",
      "duration_ms",
      "started_at",
      "ended_at",
      "metadata"
    ])
  })
})
