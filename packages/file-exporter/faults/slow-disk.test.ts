// Disks that take their time, under a real process: the producer goes on, one operation at most is under way, and an
// opening that hangs makes the exporter stalled. Order is read from the trace; nothing here measures time.

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { answerOf } from "../test/tools/child-process.ts"
import { freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { needsRoot } from "./needs.ts"
import { type SystemCall, startTraced } from "./traced-child.ts"
import { dayFiles, expectReadable } from "./whole-days.ts"

interface Answer {
  readonly accepted: number
  readonly written: number
  readonly state: string
  readonly complete: boolean
  readonly writtenAtLast: number
  readonly dropped: number
  readonly pending: number
}

/** A child that logs on while it is held, and everything that was seen of it. */
const logWhileHeld = async (held: string, inject: string, options: object = {}) => {
  const dir = freshDir()
  const told = join(freshDir(), "told")
  writeFileSync(told, "")
  const files = dayFiles(dir)
  const args = [dir, files[0] ?? "", held, told, JSON.stringify(options)]
  const calls = ["openat", "write", "access", "close"]
  const child = startTraced("logs-while-held", args, { paths: [...files, told], calls, inject: [inject] })
  const ended = await child.ended
  const seen = child.calls()
  const touched = seen.find(({ name }) => name === "access")
  expect(touched).toBeDefined()
  return { dir, answer: answerOf<Answer>(ended), told: ended.told, seen, toldAt: touched?.beganAt ?? 0 }
}

/** Opened for appending: who looks at the file only reads it. */
const isAppending = ({ name, args }: SystemCall): boolean => name === "openat" && args.includes("O_APPEND")

it("F24 a write that hangs for 1.2 s: the producer's next 1,000 events are accepted before it comes back", async (test) => {
  needsRoot(test, "strace")
  const { dir, answer, told, seen, toldAt } = await logWhileHeld("written", "write:delay_exit=1200000:when=1")
  const held = seen.findIndex(({ name }) => name === "write")
  expect(toldAt).toBeGreaterThan(seen[held]?.beganAt ?? Number.POSITIVE_INFINITY)
  // The tracer shows what the system answered, and holds it back: what the exporter does next tells when it has it.
  const next = seen.slice(held + 1).find(({ name }) => name === "close")
  expect(toldAt).toBeLessThan(next?.beganAt ?? 0)
  expect(answer).toMatchObject({ accepted: 1_010, written: 0, state: "writing" })
  expect(answer).toMatchObject({ complete: true, writtenAtLast: 1_010, dropped: 0, pending: 0 })
  expect(told).toEqual([])
  const { seqs, repeated, damaged } = await expectReadable(dir)
  expect(seqs).toEqual(numbersTo(1_010))
  expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
})

it("F28 an opening that hangs: stalled and told once, the producer goes on, and there is no second opening before it came back", async (test) => {
  needsRoot(test, "strace")
  const { dir, answer, told, seen, toldAt } = await logWhileHeld(
    "stalled",
    "openat:delay_enter=2500000:when=1",
    { exportTimeoutMs: 300 }
  )
  const openings = seen.filter(isAppending)
  const held = openings[0]
  expect(toldAt).toBeGreaterThan(held?.beganAt ?? Number.POSITIVE_INFINITY)
  expect(toldAt).toBeLessThan(held?.endedAt ?? 0)
  for (const { beganAt } of openings.slice(1)) expect(beganAt).toBeGreaterThan(held?.endedAt ?? 0)
  expect(answer).toMatchObject({ accepted: 1_010, written: 0, state: "stalled" })
  expect(answer).toMatchObject({ complete: true, writtenAtLast: 1_010, dropped: 0, pending: 0 })
  expect(told).toHaveLength(2)
  expect(told[0]).toContain("no answer for 300 ms")
  expect(told[1]).toContain("works again")
  const { seqs, repeated, damaged } = await expectReadable(dir)
  expect(seqs).toEqual(numbersTo(1_010))
  expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
})

it("F26 however slow each operation is and whatever is due beside the batches, one file operation at most is under way", async (test) => {
  needsRoot(test, "strace")
  const dir = freshDir()
  const slow = ["openat", "statx", "write", "fdatasync", "close"]
  const child = startTraced(
    "logs-until-told",
    [dir, JSON.stringify({ sync: "interval" })],
    { paths: [dir, ...dayFiles(dir)], calls: slow, inject: slow.map((name) => `${name}:delay_enter=5000`) },
    // As many as there are by default: nothing but the exporter itself keeps its operations apart.
    { env: { UV_THREADPOOL_SIZE: "4" } }
  )
  await child.line((line) => line === "ready")
  const count = (name: string): number => child.calls().filter((call) => call.name === name).length
  await vi.waitUntil(() => count("fdatasync") >= 2 && count("write") >= 20, { timeout: 60_000 })
  child.process.stdin?.write("end\n")
  expect(answerOf(await child.ended)).toMatchObject({ complete: true, dropped: 0 })
  const calls = child.calls()
  expect(new Set(calls.map(({ name }) => name))).toEqual(new Set(slow))
  const overlapping = calls.filter(
    ({ beganAt }, index) => index > 0 && beganAt < (calls[index - 1]?.endedAt ?? 0)
  )
  expect(overlapping).toEqual([])
  await expectReadable(dir)
})
