// Clocks that are set, jump or fail: what stands on the line is what the wall clock says, lines are told apart and
// ordered without it, and nothing that waits looks at it. The file exporter's tests say which file an event goes to.
import { afterEach, describe, expect, it, vi } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { writerLimits } from "../../src/limits.ts"
import type { Exporter, LogIdentity } from "../../src/pipeline/exporter.ts"
import { makeUnrefClock } from "../../src/pipeline/unref-clock.ts"
import { replay } from "../../src/replay/replay.ts"
import { makeTestAudit, memoryExporter, type TestAudit } from "../../src/testing/index.ts"
import { eventually, settle } from "../tools/eventually.ts"
import { forSeeds } from "../tools/random.ts"

const hourMs = 3_600_000
/** The last time that a calendar has: 13 September 275760. */
const lastTimeMs = 8.64e15

interface WallClock extends Clock.Clock {
  /** Tells the time; may throw. */
  wallMs: () => number
}

/** A clock whose wall is in the test's hands, and whose timers are another clock's. */
const wallOn = (steady: Clock.Clock, wallMs: () => number): WallClock => {
  const nanos = (): bigint => BigInt(clock.wallMs()) * 1_000_000n
  const clock: WallClock = {
    wallMs,
    currentTimeMillisUnsafe: () => clock.wallMs(),
    currentTimeMillis: Effect.sync(() => clock.wallMs()),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => steady.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: steady.monotonicTimeNanos,
    sleep: (duration) => steady.sleep(duration)
  }
  return clock
}

const someTimeMs = Date.UTC(2026, 10, 22, 9)

/** A log on a wall clock that shows what it is told. */
const makeLog = () => {
  const clock = wallOn(Clock.Clock.defaultValue(), () => someTimeMs)
  const audit = makeTestAudit({ clock })
  const logAt = (wallMs: () => number): void => {
    clock.wallMs = wallMs
    audit.log("a", "b")
  }
  return { audit, logAt }
}

const failed = (): number => {
  throw new Error("no clock")
}

const expectRising = (audit: TestAudit, count: number): void => {
  const heads = audit.events.map(({ head }) => head)
  expect(heads.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, n) => n + 1))
  const ids = heads.map(({ id }) => id)
  expect(new Set(ids).size).toBe(count)
  expect(ids).toEqual([...ids].sort())
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
}

describe("F64 a clock that steps back", () => {
  it("is believed on the line, and seq and id go on rising", () => {
    const { audit, logAt } = makeLog()
    const times = [0, 5, -1, -hourMs, -hourMs + 1, 5, 6].map((offsetMs) => someTimeMs + offsetMs)
    for (const timeMs of times) logAt(() => timeMs)
    expect(audit.events.map(({ head }) => head.ts)).toEqual(
      times.map((timeMs) => new Date(timeMs).toISOString())
    )
    expectRising(audit, times.length)
  })

  it("for longer than one millisecond has ids for: they are unique and rising all the same", () => {
    const { audit, logAt } = makeLog()
    logAt(() => someTimeMs)
    for (let n = 0; n < 20_000; n++) logAt(() => someTimeMs - hourMs)
    // The ids have run ahead of the clock by now.
    for (let n = 0; n < 10; n++) logAt(() => someTimeMs + n)
    expectRising(audit, 20_011)
  })

  it("or forward, fails or shows years that nobody lives in, in any order: seq and id rise", () => {
    forSeeds(50, (random) => {
      const { audit, logAt } = makeLog()
      let timeMs = someTimeMs
      const count = 200
      for (let n = 0; n < count; n++) {
        const kind = Math.floor(random() * 8)
        timeMs +=
          [0, 0.25, 1, -1, hourMs, -hourMs, 40 * 365 * 24 * hourMs, -60 * 365 * 24 * hourMs][kind] ?? 0
        const shown = random()
        const now = shown < 0.7 ? timeMs : shown < 0.8 ? Number.NaN : shown < 0.9 ? lastTimeMs : undefined
        logAt(now === undefined ? failed : () => now)
      }
      expectRising(audit, count)
    })
  })
})

describe("F70 a time that hardly any calendar has", () => {
  it("among an event's values is a marked text, and the line's own time is unharmed", () => {
    const { audit } = makeLog()
    audit.log("a", "b", {
      none: new Date(Number.NaN),
      last: new Date(lastTimeMs),
      first: new Date(-lastTimeMs)
    })
    expect(audit.events[0]).toMatchObject({
      head: { ts: new Date(someTimeMs).toISOString(), seq: 1 },
      fields: {
        none: "Invalid Date",
        last: "+275760-09-13T00:00:00.000Z",
        first: "-271821-04-20T00:00:00.000Z"
      }
    })
  })

  it("on the clock itself leaves the id, by which lines are sorted, in its place", () => {
    const { audit, logAt } = makeLog()
    const times = [someTimeMs, lastTimeMs, -lastTimeMs, lastTimeMs + 1, someTimeMs + 1]
    for (const timeMs of times) logAt(() => timeMs)
    expect(audit.events.map(({ head }) => head.ts)).toEqual([
      "2026-11-22T09:00:00.000Z",
      "+275760-09-13T00:00:00.000Z",
      "-271821-04-20T00:00:00.000Z",
      "",
      "2026-11-22T09:00:00.001Z"
    ])
    expectRising(audit, times.length)
    // The first 48 bits of an id are milliseconds.
    const last = audit.events.at(-1)?.head.id.replaceAll("-", "").slice(0, 12) ?? ""
    expect(Number.parseInt(last, 16)).toBe(someTimeMs + 1)
  })
})

describe("S0.3 a clock that fails", () => {
  it("makes no method throw or wait: each line has an empty ts, and its own place", async () => {
    const { audit, logAt } = makeLog()
    logAt(failed)
    audit.sessionStart()
    audit.pageOpen("A")
    audit.exception("here", new Error("x"))
    audit.relay({ message: "from elsewhere" })
    audit.setRecording({ level: "debug" })
    expect(await audit.timed("recall", {}, () => "its result")).toBe("its result")
    expect(audit.health().exporters[0]).toMatchObject({ accepted: 7 })
    expect(await audit.flush()).toMatchObject({ complete: true, written: 7 })
    expect(await audit.close()).toMatchObject({ complete: true, pending: 0 })
    expect(new Set(audit.events.map(({ head }) => head.ts))).toEqual(new Set([""]))
    expect(audit.events.find(({ head }) => head.category === "operation")?.fields).toMatchObject({
      started_at: "",
      ended_at: "",
      duration_ms: expect.any(Number)
    })
    expectRising(audit, audit.events.length)
  })

  it("and works again: the lines between are in their place, without a time", () => {
    const { audit, logAt } = makeLog()
    for (const wallMs of [() => someTimeMs, failed, () => Number.NaN, () => Number.POSITIVE_INFINITY])
      logAt(wallMs)
    logAt(() => someTimeMs + 1)
    expect(audit.events.map(({ head }) => head.ts)).toEqual([
      "2026-11-22T09:00:00.000Z",
      "",
      "",
      "",
      "2026-11-22T09:00:00.001Z"
    ])
    expectRising(audit, 5)
  })
})

/** A log on virtual time, whose wall clock can be set without any time going by. */
const makeBench = Effect.map(Clock.clockWith(Effect.succeed), (steady) => {
  let aheadMs = 0
  const clock = wallOn(steady, () => steady.currentTimeMillisUnsafe() + aheadMs)
  const audit = makeTestAudit({ clock })
  const jump = (ms: number): void => {
    aheadMs += ms
  }
  return { audit, exporter: audit.exporter, jump }
})

type Bench = Effect.Success<typeof makeBench>

const someEvent = defineEvent({ category: "a", fields: {}, message: "b" })

const isAttempted =
  ({ exporter }: Bench, times: number) =>
  (): boolean =>
    exporter.attempts.length === times

const isSettled = (answer: Promise<unknown>): (() => boolean) => {
  let isOver = false
  const note = (): void => {
    isOver = true
  }
  answer.then(note, note)
  return () => isOver
}

/** Logs one event, whose export does not come back. */
const hang = (bench: Bench): Effect.Effect<void> =>
  Effect.gen(function* () {
    bench.exporter.break("hang")
    bench.audit.log("a", "b")
    yield* eventually(() => bench.exporter.opened === 1, "open")
    yield* settle
    yield* TestClock.adjust(writerLimits.lingerMs)
    yield* eventually(isAttempted(bench, 1), "in flight")
  })

/** Everything that waits for a time to pass: how long, how it begins, and by what one sees that it is over. */
const waits: readonly {
  readonly what: string
  readonly ms: number
  readonly begin: (bench: Bench) => Effect.Effect<() => boolean>
}[] = [
  {
    what: "the linger of a lone event",
    ms: writerLimits.lingerMs,
    begin: (bench) =>
      Effect.gen(function* () {
        bench.audit.log("a", "b")
        yield* eventually(() => bench.exporter.opened === 1, "open")
        return isAttempted(bench, 1)
      })
  },
  {
    what: "the backoff after a failure",
    ms: writerLimits.backoffMinMs,
    begin: (bench) =>
      Effect.gen(function* () {
        bench.exporter.break("fail")
        bench.audit.log("a", "b")
        yield* Effect.promise(() => bench.audit.flush())
        return isAttempted(bench, 2)
      })
  },
  {
    what: "the limit of an export",
    ms: writerLimits.exportTimeoutMs,
    begin: (bench) => Effect.as(hang(bench), () => bench.audit.notices.length > 0)
  },
  {
    what: "the limit of a flush",
    ms: 700,
    begin: (bench) => Effect.map(hang(bench), () => isSettled(bench.audit.flush({ timeoutMs: 700 })))
  },
  {
    what: "the limit of a close",
    ms: 700,
    begin: (bench) => Effect.map(hang(bench), () => isSettled(bench.audit.close({ timeoutMs: 700 })))
  },
  {
    what: "the limit of a commit",
    ms: 700,
    begin: (bench) =>
      Effect.map(hang(bench), () =>
        isSettled(bench.audit.commit(someEvent({}), undefined, { timeoutMs: 700 }))
      )
  }
]

describe("F68 a wall clock that jumps", () => {
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  for (const { what, ms, begin } of waits) {
    for (const hours of [5, -5]) {
      it.effect(`by ${hours} hours does not move the end of ${what}`, () =>
        Effect.gen(function* () {
          // In the middle of the jitter.
          vi.spyOn(Math, "random").mockReturnValue(0.5)
          const bench = yield* makeBench
          const isOver = yield* begin(bench)
          yield* settle
          bench.jump(hours * hourMs)
          yield* settle
          yield* TestClock.adjust(ms - 1)
          yield* settle
          expect(isOver()).toBe(false)
          yield* TestClock.adjust(1)
          yield* eventually(isOver, what)
        })
      )
    }
  }

  it.effect("is in no duration: an operation and a session take as long as they take", () =>
    Effect.gen(function* () {
      const { audit, jump } = yield* makeBench
      audit.sessionStart()
      let end = (): void => undefined
      const running = new Promise<void>((resolve) => {
        end = resolve
      })
      const timed = audit.timed("recall", {}, () => running)
      yield* TestClock.adjust(40)
      jump(-5 * hourMs)
      end()
      yield* Effect.promise(() => timed)
      jump(9 * hourMs)
      yield* TestClock.adjust(2)
      yield* Effect.promise(() => audit.close())
      const [, operation, session] = audit.events
      const wall = {
        started_at: new Date(0).toISOString(),
        ended_at: new Date(40 - 5 * hourMs).toISOString()
      }
      expect(operation?.fields).toMatchObject({ ...wall, duration_ms: 40 })
      expect(session).toMatchObject({ head: { message: "Session ended" }, fields: { duration_ms: 42 } })
    })
  )

  it("does not move the monotonic time that exporters get, of a log and of a replay", async () => {
    const seen: LogIdentity[] = []
    const memory = memoryExporter()
    const exporter: Exporter = {
      ...memory,
      open: (log) => {
        seen.push(log)
        return memory.open(log)
      }
    }
    let steadyMs = 40
    const steady = Clock.Clock.defaultValue()
    const clock = wallOn(steady, () => someTimeMs)
    clock.monotonicTimeNanosUnsafe = () => BigInt(steadyMs * 1e6)
    const audit = createAuditLog({ app: "steady", exporters: [exporter], clock, exitHook: false })
    audit.log("a", "b")
    await audit.close({ timeoutMs: 10_000 })
    const lines = memory.lines.map((text) => `${text}\n`)
    await replay(lines, exporter, { app: "steady", clock })
    clock.wallMs = () => 0
    steadyMs = 42
    expect(seen.map((log) => [log.now(), log.monotonicMs()])).toEqual([
      [0, 42],
      [0, 42]
    ])
    clock.monotonicTimeNanosUnsafe = failed as never
    expect(seen[0]?.monotonicMs()).toBeNaN()
  })

  it.each([5, -5])("by %s hours does not move the live clock's timers and durations", async (hours) => {
    vi.useFakeTimers({ toFake: ["Date"] })
    const clock = makeUnrefClock(() => undefined)
    const beganAt = clock.monotonicTimeNanosUnsafe()
    const isOver = Effect.runPromise(clock.sleep(Duration.millis(25)))
    vi.setSystemTime(Date.now() + hours * hourMs)
    // A timer that followed the date would end five hours later, or at once.
    await isOver
    const passedMs = Number(clock.monotonicTimeNanosUnsafe() - beganAt) / 1e6
    expect(passedMs).toBeGreaterThan(20)
    expect(passedMs).toBeLessThan(hourMs)
    expect(clock.currentTimeMillisUnsafe()).toBe(Date.now())
  })
})
