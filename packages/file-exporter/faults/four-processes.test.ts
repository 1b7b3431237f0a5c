// Four real processes that write 100,000 events each into one day's file, as fast as their logs have room.

import { expect, it } from "vitest"
import { answerOf, runChild } from "../test/tools/child-process.ts"
import { freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { expectNobodyAccused, expectReadable } from "./whole-days.ts"

const processes = 4
const events = 100_000
const limitMs = 240_000

it(
  "F53 S0.13 four processes of 100,000 events that wait for room: 400,000 whole lines, each session in its order, all intact",
  async () => {
    const dir = freshDir()
    const writers = numbersTo(processes).map(() =>
      runChild("writes-thousands", [dir, String(events), "20"], { limitMs })
    )
    for (const writer of await Promise.all(writers)) {
      expect(answerOf(writer)).toMatchObject({ complete: true, written: events, dropped: 0 })
      expect(writer.told).toEqual([])
    }
    const { lines, repeated, damaged } = await expectReadable(dir)
    expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
    const sessions = new Map<string, number[]>()
    for (const { session, seq } of lines) {
      if (seq === undefined) continue
      const known = sessions.get(session) ?? []
      sessions.set(session, known)
      known.push(seq)
    }
    const wanted = numbersTo(events)
    expect([...sessions.values()].map((seqs) => seqs.length)).toEqual(Array(processes).fill(events))
    for (const seqs of sessions.values()) expect(seqs.every((seq, index) => seq === wanted[index])).toBe(true)
    const { verdict, sessions: verified } = await expectNobodyAccused(dir)
    expect(verdict).toBe("intact")
    expect(verified).toHaveLength(processes)
    for (const one of verified) {
      expect(one).toMatchObject({ verdict: "intact", unsealed: 0 })
      expect(one.seals).toBeGreaterThanOrEqual(events / 1_000)
    }
  },
  limitMs
)
