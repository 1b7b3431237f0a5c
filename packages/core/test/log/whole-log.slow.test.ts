// Whole logs against a model: random programs of calls, troubles, time and new sessions over one to three exporters.
// Every number the log says of itself, every answer it gives and every line its exporters have must be what simple
// arithmetic says. The program is log-program.ts, the arithmetic share-model.ts.
import { describe, expect, it } from "vitest"
import { LogProgram, measureLines, type ProgramForm, type StepName } from "../tools/log-program.ts"
import { makeRandom } from "../tools/random.ts"
import { VirtualTime } from "../tools/virtual-time.ts"

const everyStep = {
  log: 20,
  burst: 12,
  nested: 2,
  commit: 10,
  flush: 10,
  room: 4,
  break: 9,
  heal: 7,
  advance: 14,
  settle: 5,
  start: 3,
  close: 1,
  restart: 3
} satisfies Record<StepName, number>

const exact: ProgramForm = {
  isExact: true,
  exportersMax: 3,
  steps: 34,
  pausesMs: [2, 30, 300, 3_000, 50_000],
  weights: everyStep
}

/** A starved machine is no reason to fail. */
const timeoutMs = 120_000

/** Runs programs of one form, one after the other, and says how often they met what. */
const runPrograms = async (runs: number, form: ProgramForm): Promise<(what: string) => number> => {
  const sizes = await measureLines()
  const seen = new Map<string, number>()
  const first = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
  for (let seed = first; seed < first + runs; seed++) {
    const time = new VirtualTime()
    time.hold(makeRandom(~seed))
    try {
      await new LogProgram(form, sizes, makeRandom(seed), time, seen).run()
    } catch (error) {
      throw new Error(`DAYBOOK_SEED=${seed}: ${(error as Error).message}`, { cause: error })
    } finally {
      time.release()
    }
  }
  return (what) => seen.get(what) ?? 0
}

describe("random programs over a whole log", () => {
  it("F61 a full queue drops what its policy says and nothing else; a gap with count, first and last stands in its place", {
    timeout: timeoutMs
  }, async () => {
    const times = await runPrograms(350, { ...exact, exportersMax: 1 })
    expect(times("gap told")).toBeGreaterThan(100)
    expect(times("burst")).toBeGreaterThan(100)
  })

  it("S0.29 flush, close and commit tell the truth, over several exporters and sessions", {
    timeout: timeoutMs
  }, async () => {
    const times = await runPrograms(250, exact)
    const answers = [
      "flush complete",
      "flush incomplete",
      "close complete",
      "close incomplete",
      "commit acknowledged",
      "commit unknown",
      "commit QueueFull",
      "commit Refused"
    ]
    expect(answers.filter((answer) => times(answer) < 10)).toEqual([])
  })

  it("S0.30 a failed batch is tried again as it was, and what is given up is counted and told, in any row of troubles", {
    timeout: timeoutMs
  }, async () => {
    const weights = { ...everyStep, break: 25, flush: 25, restart: 1, start: 1 }
    const times = await runPrograms(200, { ...exact, exportersMax: 2, pausesMs: [2, 60, 200], weights })
    const endings = ["confirmed", "failed", "refused", "died"].map((ending) => `export ${ending}`)
    expect([...endings, "kept, and not confirmed"].filter((ending) => times(ending) < 10)).toEqual([])
  })

  it("S0.29 S0.30 F61 calls that fall between any two turns of a fiber lose nothing, and every hole is told", {
    timeout: timeoutMs
  }, async () => {
    const times = await runPrograms(200, { ...exact, isExact: false })
    expect(times("gap told")).toBeGreaterThan(100)
  })
})
