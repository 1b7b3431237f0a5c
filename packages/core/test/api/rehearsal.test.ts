// What the first call of a process does on its caller's thread, what comes later, and what was rehearsed in spare turns before
// it: that they are spare, that nothing can be seen of them, and that they end when the event comes.
import process from "node:process"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it, vi } from "vitest"
import type { Exporter } from "../../src/pipeline/exporter.ts"

/** Core as a process finds it that has just begun, with its spare turns in the hands of the test. */
const freshCore = async () => {
  vi.resetModules()
  const { host } = await import("#host")
  const { createAuditLog } = await import("../../src/api/audit-log.ts")
  const { memoryExporter } = await import("../../src/testing/memory-exporter.ts")
  const turns: (() => void)[] = []
  vi.spyOn(host, "spareTurn").mockImplementation((run) => void turns.push(run))
  const calls: string[] = []
  for (const name of ["facts", "onExit", "nextTurn", "hold", "notice"] as const) {
    const real = host[name] as (...given: unknown[]) => unknown
    vi.spyOn(host, name).mockImplementation((...given: unknown[]) => {
      calls.push(name)
      return real(...given) as never
    })
  }
  const exporter = memoryExporter()
  const watched: Exporter = {
    ...exporter,
    facts: () => {
      calls.push("exporter.facts")
      return {}
    },
    open: (log) => {
      calls.push("exporter.open")
      return exporter.open(log)
    }
  }
  const makeLog = (more: Partial<Exporter> = {}, options: { readonly enabled?: boolean } = {}) =>
    createAuditLog({ app: "first", exporters: [{ ...watched, ...more }], env: {}, ...options })
  /** Gives all spare turns that are asked for. Returns how many. */
  const giveTurns = (): number => {
    let given = 0
    for (let run = turns.shift(); run !== undefined; run = turns.shift()) {
      run()
      given += 1
    }
    return given
  }
  return { makeLog, turns, giveTurns, calls, exporter, spareTurn: vi.mocked(host).spareTurn }
}

const listeners = (): readonly number[] =>
  ["exit", "beforeExit", "uncaughtExceptionMonitor", "removeListener", "SIGTERM", "SIGINT", "SIGHUP"].map(
    (event) => process.listenerCount(event)
  )

afterEach(() => {
  vi.restoreAllMocks()
})

describe("the first call", () => {
  it("S0.32 encodes, queues and hears of the end of the process; fibers, facts and openings come in later turns", async () => {
    const { makeLog, calls, exporter } = await freshCore()
    const before = listeners()
    const audit = makeLog()
    expect(calls).toEqual([])
    audit.log("load", "one")
    expect(audit.health().exporters).toMatchObject([{ accepted: 1, pending: 1, state: "opening" }])
    expect(calls).toEqual(["onExit", "nextTurn"])
    expect(listeners()).not.toEqual(before)
    await audit.flush()
    expect(calls).toContain("exporter.open")
    expect(calls).not.toContain("facts")
    expect(exporter.events).toHaveLength(1)
    await audit.close()
    expect(listeners()).toEqual(before)
  })

  it("S0.32 the turns in which it is rehearsed are spare: they keep no process alive", async () => {
    vi.resetModules()
    const { host } = await import("#host")
    const alive = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
    const before = alive()
    let isRun = false
    await new Promise<void>((resolve) => {
      host.spareTurn?.(() => {
        isRun = true
        resolve()
      })
      expect(alive()).toBe(before)
    })
    expect(isRun).toBe(true)
  })
})

describe("the rehearsal", () => {
  it("S0.32 loads and compiles, and leaves nothing: no fiber, no listener, no opening, no notice, no event", async () => {
    const { makeLog, giveTurns, calls, exporter } = await freshCore()
    const before = listeners()
    const audit = makeLog()
    expect(giveTurns()).toBeGreaterThan(3)
    // The host's facts and an exporter's are pure; a turn was asked for and taken back.
    expect(new Set(calls)).toEqual(new Set(["nextTurn", "facts", "exporter.facts"]))
    expect(listeners()).toEqual(before)
    expect(audit.health()).toMatchObject({ exporters: [{ accepted: 0, pending: 0 }] })
    audit.log("load", "one")
    await audit.close()
    expect(exporter.opened).toBe(1)
    expect(exporter.events.map(({ head }) => [head.seq, head.message])).toEqual([[1, "one"]])
  })

  it("S0.32 reads no facts where that may ask a person for a permission", async () => {
    const { makeLog, giveTurns, calls } = await freshCore()
    const { host } = await import("#host")
    Object.assign(host, { mayPrompt: true })
    makeLog()
    expect(giveTurns()).toBeGreaterThan(3)
    expect(new Set(calls)).toEqual(new Set(["nextTurn"]))
  })

  it("S0.32 asks no switch and no filter of an application", async () => {
    const { makeLog, giveTurns } = await freshCore()
    const asked: string[] = []
    const accept = (name: string) => () => {
      asked.push(name)
      return true
    }
    makeLog({ isOn: accept("isOn"), accepts: accept("accepts") })
    giveTurns()
    expect(asked).toEqual([])
  })

  it("S0.32 ends when the first event comes", async () => {
    const { makeLog, giveTurns, turns, calls } = await freshCore()
    const audit = makeLog()
    audit.log("load", "one")
    expect(turns).toHaveLength(1)
    calls.length = 0
    expect(giveTurns()).toBe(1)
    expect(calls).toEqual([])
    await audit.close()
  })

  it("S0.32 is held once a process, and not for a log that is off", async () => {
    const { makeLog, giveTurns, turns } = await freshCore()
    makeLog({}, { enabled: false })
    expect(turns).toHaveLength(0)
    makeLog()
    expect(giveTurns()).toBeGreaterThan(3)
    makeLog()
    expect(turns).toHaveLength(0)
  })

  it("S0.32 breaks off without a word where it meets what cannot work", async () => {
    const { makeLog, giveTurns, turns, calls } = await freshCore()
    makeLog()
    vi.spyOn(Date, "now").mockImplementation(() => {
      throw new Error("no time")
    })
    expect(giveTurns()).toBe(2)
    expect(turns).toHaveLength(0)
    expect(calls).not.toContain("notice")
  })

  it("S0.32 an Effect program's log has it as well", async () => {
    const { spareTurn } = await freshCore()
    const { AuditLog } = await import("../../src/api/audit-log-service.ts")
    const { memoryExporter } = await import("../../src/testing/memory-exporter.ts")
    const program = Effect.provide(
      AuditLog.use(() => Effect.void),
      AuditLog.layer({ app: "first", exporters: [memoryExporter()], env: {} })
    )
    await Effect.runPromise(program)
    expect(spareTurn).toHaveBeenCalledTimes(1)
  })
})
