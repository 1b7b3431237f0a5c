// Calls that an exception ends between two statements: a stack that is full, and a vm's time limit, which skips `finally`.
// Nothing may stay half done: each call is counted once, each missing `seq` has its mark, and the log goes on.
import vm from "node:vm"
import { describe, expect, it } from "vitest"
import type { CommittingAudit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { type MemoryExporter, memoryExporter } from "../../src/testing/index.ts"

interface Bench {
  readonly audit: CommittingAudit
  readonly exporters: readonly MemoryExporter[]
}

/** One exporter that holds everything, and two whose queues are always full. */
const makeBench = (): Bench => {
  const exporters = [
    memoryExporter({ name: "all", required: true }),
    memoryExporter({ name: "newest", queue: { eventsMax: 40, overflow: "drop-oldest" } }),
    memoryExporter({ name: "oldest", queue: { eventsMax: 40 }, route: (head) => head.category })
  ] as const
  const audit = createAuditLog({ app: "deep", exporters, exitHook: false, notice: () => undefined })
  return { audit, exporters }
}

/** Each exporter's counts add up, and its stream explains every `seq` up to the last. */
const expectWholeStory = async ({ audit, exporters }: Bench): Promise<void> => {
  await audit.flush({ timeoutMs: 10_000 })
  // Behind everything that was broken off, so that every hole has a line after it.
  audit.log("last", "the log goes on")
  const result = await audit.flush({ timeoutMs: 10_000 })
  const lastSeq = exporters[0]?.events.at(-1)?.head.seq ?? 0
  for (const { name, events } of exporters) {
    const counts = result.exporters.find((exporter) => exporter.name === name)
    expect(counts).toMatchObject({ pending: 0, handedOver: 0 })
    expect(counts?.accepted).toBe((counts?.written ?? 0) + (counts?.dropped ?? 0))
    const seqs = events.flatMap(({ head }) => head.seq ?? [])
    expect(seqs.length, name).toBe(counts?.written)
    expect(seqs, name).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
    const gaps = events.filter(({ kind }) => kind === "gap").map(({ fields }) => fields)
    const written = new Set(seqs)
    const missing = Array.from({ length: lastSeq }, (_, index) => index + 1).filter(
      (seq) => !written.has(seq)
    )
    const isTold = (seq: number): boolean =>
      gaps.some((gap) => Number(gap.first_seq) <= seq && seq <= Number(gap.last_seq))
    expect(
      missing.filter((seq) => !isTold(seq)),
      name
    ).toEqual([])
    expect(
      gaps.reduce((sum, gap) => sum + Number(gap.count), 0),
      name
    ).toBe(missing.length)
    for (const gap of gaps) {
      const byCategory = Object.values(gap.by_category as Record<string, number>)
      const reasons = Object.values(gap.reasons as Record<string, number>)
      expect(
        byCategory.reduce((sum, count) => sum + count, 0),
        JSON.stringify(gap)
      ).toBe(gap.count)
      expect(
        reasons.reduce((sum, count) => sum + count, 0),
        JSON.stringify(gap)
      ).toBe(gap.count)
    }
  }
  expect(exporters[0]?.events.at(-1)?.head.message).toBe("the log goes on")
}

/** Calls at every depth until the stack is full. `padding` shifts where in a call that happens. */
const fillStack = (call: () => void, padding: number): void => {
  const down = (): void => {
    call()
    down()
  }
  const pad = (left: number): void => (left === 0 ? down() : pad(left - 1))
  try {
    pad(padding)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

describe("a stack that is full", () => {
  it.each(["before the first event", "in a log at work"])("never throws out of a call, %s", async (when) => {
    for (let padding = 0; padding < 12; padding++) {
      const bench = makeBench()
      const { audit } = bench
      let returned = 0
      if (when === "in a log at work") {
        audit.log("first", "event")
        returned = 1
        await audit.flush()
      }
      fillStack(() => {
        // Only a call that has not even begun may throw: the application's own stack has no room for it.
        try {
          audit.log("deep", "an event", { returned, note: "naïve 日本" })
          returned += 1
        } catch {
          // The stack is full.
        }
      }, padding)
      expect(returned).toBeGreaterThan(100)
      await expectWholeStory(bench)
      expect(audit.health().exporters[0]?.accepted).toBe(returned + 1)
    }
  })

  it("leaves the writer alive that an exception's record was to wake", async () => {
    const bench = makeBench()
    const { audit } = bench
    audit.log("first", "event")
    await audit.flush()
    // One for all: a test runner maps each stack to its sources, which costs a millisecond.
    const error = new Error("full")
    expect(error.stack).toContain("full")
    for (let padding = 0; padding < 3; padding++) {
      fillStack(() => audit.exception("deep", error), padding)
      await expectWholeStory(bench)
    }
  })
})

describe("a vm's time limit", () => {
  it("that ends in a call stops no later one", async () => {
    const bench = makeBench()
    const { audit } = bench
    // Not the first event: Node's own modules are loaded by it, and do not survive an end half-way.
    audit.log("first", "event")
    await audit.flush()
    const place = { audit, n: 0 }
    const context = vm.createContext(place)
    const script = new vm.Script("for (;;) { n++; audit.log('limited', 'event', { n, list: [1, 2, 3] }) }")
    const rounds = 150
    for (let round = 0; round < rounds; round++) {
      expect(() => script.runInContext(context, { timeout: 1 })).toThrow("timed out")
      // A call that meets what was broken off may be counted instead of recorded; in the next turn all is well again.
      audit.log("meets", "an event of the application")
      await Promise.resolve()
      audit.log("between", "an event of the application")
      await audit.flush()
    }
    await expectWholeStory(bench)
    const accepted = (audit.health().exporters[0]?.accepted ?? 0) - 2 * rounds - 2
    expect(accepted).toBeGreaterThanOrEqual(place.n - rounds)
    expect(accepted).toBeLessThanOrEqual(place.n)
    const between = bench.exporters[0]?.events.filter(({ head }) => head.category === "between")
    expect(between?.length).toBe(rounds)
  })
})
