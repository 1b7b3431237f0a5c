// Real processes that share a file, are killed, or run into a limit of the system, and one that logs a million events.
// What is judged is the file that they leave behind, line by line.

import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { answerOf, type Ended, runChild, startChild } from "../tools/child-process.ts"
import { contentsOf, freshDir, type LineInFile, numbersTo } from "../tools/file-bench.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"

/** `seq` of the events of each session, in the order of the file. */
const bySession = (lines: readonly LineInFile[]): ReadonlyMap<string, readonly number[]> => {
  const sessions = new Map<string, number[]>()
  for (const { session, seq } of lines) {
    if (seq === undefined) continue
    const known = sessions.get(session) ?? []
    sessions.set(session, known)
    known.push(seq)
  }
  return sessions
}

/** F31: each fragment that another process left is told, with its length, by the one that came next. */
const expectRecoveries = (lines: readonly LineInFile[], damaged: readonly string[]): void => {
  const told = lines.filter(({ category, seq }) => category === "recovered" && seq === undefined)
  const lengths = damaged.map((fragment) => Buffer.byteLength(fragment))
  // A fragment that lacked just its newline became whole by the one that was given to it.
  expect(told.map(({ bytes }) => bytes)).toEqual(expect.arrayContaining(lengths))
}

describe("several processes, one file", () => {
  it("S0.13 F53 four processes write 5,000 events each, and every line is whole and in its session's order", async () => {
    const dir = freshDir()
    const children = await Promise.all(
      [1, 2, 3, 4].map(() => runChild("writes-thousands", [dir, "5000", "200"]))
    )
    for (const child of children) {
      expect(answerOf(child)).toMatchObject({ complete: true, written: 5_000, dropped: 0 })
      expect(child.told).toEqual([])
    }
    const { names, lines, damaged } = contentsOf(dir)
    expect(names.length).toBeLessThanOrEqual(2)
    expect(damaged).toEqual([])
    const sessions = [...bySession(lines).values()]
    expect(sessions).toEqual([1, 2, 3, 4].map(() => numbersTo(5_000)))
    // Full stretches of 1,000 lines at least, and none of another session's lines in any.
    expect(expectAllSealed(dir)).toBeGreaterThanOrEqual(4 * 5)
  })

  it.each([
    ["F32 small lines", 10, 3],
    ["F33 batches of 150 kB", 1_500, 3]
  ])(
    "%s: kill -9 loses nothing that a flush confirmed, and the next process writes on",
    async (_name, filler, cycles) => {
      const dir = freshDir()
      const confirmed = new Map<string, number>()
      for (let cycle = 1; cycle <= cycles; cycle++) {
        const child = startChild("confirms-for-ever", [dir, String(filler)])
        await child.line((line) => JSON.parse(line).written >= 300 * cycle)
        child.process.kill("SIGKILL")
        const { signal, stdout } = await child.ended
        expect(signal).toBe("SIGKILL")
        for (const line of stdout.split("\n").slice(0, -1)) {
          const { session, written } = JSON.parse(line)
          confirmed.set(session, written)
        }
      }
      expect(answerOf(await runChild("writes-thousands", [dir, "10"]))).toMatchObject({ written: 10 })
      const { lines, damaged } = contentsOf(dir)
      // At most one torn line a kill, and never one that was part of somebody else's.
      expect(damaged.length).toBeLessThanOrEqual(cycles)
      expectRecoveries(lines, damaged)
      expectSealsRight(dir)
      const sessions = bySession(lines)
      expect(confirmed.size).toBe(cycles)
      for (const [session, count] of confirmed) {
        const seqs = sessions.get(session) ?? []
        expect(seqs).toEqual(numbersTo(seqs.length))
        expect(seqs.length).toBeGreaterThanOrEqual(count)
      }
      expect([...sessions.values()].at(-1)).toEqual(numbersTo(10))
    }
  )
})

describe("a process that is paused", () => {
  it("F30 loses nothing, and goes on where it was", async (test) => {
    if (!existsSync("/proc/self/stat")) return test.skip("whether a process is stopped is read from /proc")
    const dir = freshDir()
    const child = startChild("confirms-for-ever", [dir, "10"])
    const { pid = 0 } = child.process
    const stateOf = (): string => readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.[0] ?? ""
    for (const round of [1, 2, 3]) {
      await child.line((line) => JSON.parse(line).written >= 300 * round)
      child.process.kill("SIGSTOP")
      while (stateOf() !== "T") await new Promise((resolve) => setImmediate(resolve))
      child.process.kill("SIGCONT")
    }
    await child.line((line) => JSON.parse(line).written >= 1_200)
    child.process.kill("SIGKILL")
    const { stdout, told } = await child.ended
    const { written } = JSON.parse(stdout.split("\n").at(-2) ?? "")
    const { seqs, repeated } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(seqs.length))
    expect(seqs.length).toBeGreaterThanOrEqual(written)
    expect({ repeated, told }).toEqual({ repeated: 0, told: [] })
    expectSealsRight(dir)
  })
})

describe("processes that are killed while they commit", () => {
  it("F34 F36 kill -9, also before a write and in a sync, loses nothing that has a receipt", async () => {
    const dir = freshDir()
    const receipts = new Map<string, number[]>()
    for (let cycle = 1; cycle <= 3; cycle++) {
      const child = startChild("commits-for-ever", [dir])
      await child.line((line) => JSON.parse(line).seq >= 40 * cycle)
      child.process.kill("SIGKILL")
      const { signal, stdout } = await child.ended
      expect(signal).toBe("SIGKILL")
      for (const line of stdout.split("\n").slice(0, -1)) {
        const { session, durability, seq } = JSON.parse(line)
        expect(durability).toBe("synced")
        receipts.set(session, [...(receipts.get(session) ?? []), seq])
      }
    }
    expect(receipts.size).toBe(3)
    const { lines, repeated } = contentsOf(dir)
    expect(repeated).toBe(0)
    for (const [session, seqs] of receipts) {
      const written = new Set(bySession(lines).get(session))
      expect(seqs.filter((seq) => !written.has(seq))).toEqual([])
    }
    expectSealsRight(dir)
  })
})

const hasPrlimit = spawnSync("prlimit", ["--version"]).error === undefined

describe("a limit of the system", () => {
  it.skipIf(!hasPrlimit)(
    "F2 F6 a real short write: half a line stays behind as damage, and nothing is lost when there is room again",
    async () => {
      const dir = freshDir()
      const child = startChild("meets-size-limit", [dir], { before: "ulimit -S -f 100" })
      const first = JSON.parse(await child.line((line) => line.includes("lastError")))
      expect(first).toMatchObject({ complete: false, dropped: 0 })
      expect(first.lastError).toMatch(/Cannot append to ".*": file size limit reached \(EFBIG\)/)
      spawnSync("prlimit", ["--pid", String(child.process.pid), "--fsize=unlimited"])
      child.process.stdin?.write("go\n")
      const ended: Ended = await child.ended
      expect(ended.code).toBe(0)
      const last = JSON.parse(ended.stdout.trimEnd().split("\n").at(-1) ?? "")
      expect(last).toMatchObject({ complete: true, written: 1_000, pending: 0, dropped: 0 })
      const { seqs, repeated, damaged } = contentsOf(dir)
      expect(seqs).toEqual(numbersTo(1_000))
      expect(repeated).toBe(0)
      expect(damaged).toHaveLength(1)
      expect(ended.told).toHaveLength(2)
      expect(ended.told[0]).toContain("EFBIG")
      expect(ended.told[1]).toContain("works again; 0 events were dropped meanwhile")
    }
  )
})

interface Million {
  readonly complete: boolean
  readonly written: number
  readonly dropped: number
  readonly pending: number
  readonly lines: number
  readonly seals: number
  readonly last: number
  readonly missing: number
  readonly told: number
  readonly wrong: readonly string[]
  readonly grownBytes: number
}

describe("a million events", () => {
  // The engine may not answer the garbage of a burst with a larger nursery: that growth would not be ours.
  const runtimeArgs = ["--max-semi-space-size=8"]
  const grownBytesMax = (8 + 64) * 1024 * 1024

  it("S0.19 from a producer that waits for room: all are written, none dropped, in bounded memory", async () => {
    const ended = await runChild("million-events", [freshDir(), "wait"], { runtimeArgs })
    const answer = answerOf<Million>(ended)
    expect(answer).toMatchObject({ complete: true, written: 1_000_000, dropped: 0, pending: 0 })
    expect(answer).toMatchObject({ lines: 1_000_000, last: 1_000_000, missing: 0, told: 0, wrong: [] })
    // One for every 1,000 lines, and where ten seconds or the day were over.
    expect(answer.seals).toBeGreaterThanOrEqual(1_000)
    expect(answer.grownBytes).toBeLessThan(grownBytesMax)
  })

  it("F45 F61 in one burst: gap marks tell every hole, the newest survive, in bounded memory", async () => {
    const ended = await runChild("million-events", [freshDir(), "burst"], { runtimeArgs })
    const answer = answerOf<Million>(ended)
    expect(answer.written + answer.dropped).toBe(1_000_000)
    expect(answer.dropped).toBeGreaterThan(0)
    expect(answer).toMatchObject({ complete: true, pending: 0, last: 1_000_000, wrong: [] })
    expect(answer).toMatchObject({ missing: answer.dropped, told: answer.dropped })
    expect(answer.grownBytes).toBeLessThan(grownBytesMax)
  })
})
