// Syncs that fail or are slow, under a real process that commits: what a receipt says is true when it is given, a sync that
// failed is not asked again, and many who wait share one.

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Receipt } from "@daybook/core"
import { expect, it } from "vitest"
import { answerOf } from "../test/tools/child-process.ts"
import { freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { needsRoot } from "./needs.ts"
import { type SystemCall, startTraced } from "./traced-child.ts"
import { dayFiles, expectReadable } from "./whole-days.ts"

interface Answer {
  readonly receipts: readonly Receipt[]
  readonly complete: boolean
  readonly written: number
  readonly dropped: number
}

const traced = ["openat", "write", "fdatasync", "close", "access"]

/** A log directory, and a file beside it that a child touches after each receipt. */
const place = () => {
  const dir = freshDir()
  const told = join(freshDir(), "receipts")
  writeFileSync(told, "")
  return { dir, told, paths: [...dayFiles(dir), told] }
}

const called = (calls: readonly SystemCall[], name: string): readonly SystemCall[] =>
  calls.filter((call) => call.name === name)

it("F8 F36 EIO from fdatasync: never asked again on that descriptor, the lines are written anew with the same ids, then confirmed", async (test) => {
  needsRoot(test, "strace")
  const { dir, told, paths } = place()
  const inject = ["fdatasync:error=EIO:when=3"]
  const child = startTraced("commits-at-once", [dir, "5", "4", told], { paths, calls: traced, inject })
  const ended = await child.ended
  const answer = answerOf<Answer>(ended)
  expect(answer).toMatchObject({ complete: true, written: 20, dropped: 0 })
  expect(answer.receipts.map(({ durability }) => durability)).toEqual(Array(20).fill("synced"))
  expect(ended.told).toEqual([
    expect.stringContaining("input/output error (EIO)"),
    expect.stringContaining("works again")
  ])
  const calls = child.calls()
  const failed = called(calls, "fdatasync").findIndex(({ result }) => result === "EIO")
  const after = calls.slice(calls.indexOf(called(calls, "fdatasync")[failed] as SystemCall) + 1)
  expect(after.slice(0, 5).map(({ name }) => name)).toEqual([
    "close",
    "openat",
    "write",
    "fdatasync",
    "close"
  ])
  // As many bytes as before, and the newline that keeps them apart from what may be lost.
  const writes = called(calls, "write")
  expect(Number(writes[failed + 1]?.result)).toBe(Number(writes[failed]?.result) + 1)
  // Each receipt behind a sync that succeeded, and behind the write before it.
  const good = called(calls, "fdatasync").filter(({ result }) => result === "0")
  const receipts = called(calls, "access")
  expect(receipts).toHaveLength(20)
  expect(good[0]?.endedAt).toBeLessThan(receipts[0]?.beganAt ?? 0)
  const between = receipts.filter(
    ({ beganAt }) => beganAt > (writes[failed]?.beganAt ?? 0) && beganAt < (after[3]?.endedAt ?? 0)
  )
  expect(between).toEqual([])
  const { seqs, repeated, damaged } = await expectReadable(dir)
  expect(seqs).toEqual(numbersTo(20))
  expect({ repeated, damaged }).toEqual({ repeated: 5, damaged: [] })
})

it("F8 EIO from every fdatasync for a while: nothing has a receipt before one succeeds, and all have one afterwards", async (test) => {
  needsRoot(test, "strace")
  const { dir, told, paths } = place()
  const inject = ["fdatasync:error=EIO:when=1..4"]
  const child = startTraced("commits-at-once", [dir, "3", "2", told], { paths, calls: traced, inject })
  const ended = await child.ended
  expect(answerOf<Answer>(ended)).toMatchObject({ complete: true, written: 6, dropped: 0 })
  expect(ended.told).toHaveLength(2)
  const calls = child.calls()
  const syncs = called(calls, "fdatasync").map(({ result }) => result)
  expect(syncs.slice(0, 5)).toEqual(["EIO", "EIO", "EIO", "EIO", "0"])
  expect(called(calls, "access")[0]?.beganAt).toBeGreaterThan(called(calls, "fdatasync")[4]?.endedAt ?? 0)
  const { seqs, repeated, damaged } = await expectReadable(dir)
  expect(seqs).toEqual(numbersTo(6))
  expect({ repeated, damaged }).toEqual({ repeated: 12, damaged: [] })
})

it("F27 a slow fdatasync: who waits meanwhile shares the next one", async (test) => {
  needsRoot(test, "strace")
  const { dir, told, paths } = place()
  const inject = ["fdatasync:delay_enter=100000"]
  const child = startTraced("commits-at-once", [dir, "50", "6", told], { paths, calls: traced, inject })
  const answer = answerOf<Answer>(await child.ended)
  expect(answer).toMatchObject({ complete: true, written: 300, dropped: 0 })
  const calls = child.calls()
  const syncs = called(calls, "fdatasync")
  // All fifty of one turn share a sync; the first events may have been alone, and the last seal has one.
  expect(syncs.length).toBeLessThanOrEqual(6 + 6)
  expect(called(calls, "access")).toHaveLength(300)
  // One at a time, however many wait.
  for (const [index, { beganAt }] of syncs.entries())
    if (index > 0) expect(beganAt).toBeGreaterThan(syncs[index - 1]?.endedAt ?? 0)
  const { seqs, repeated, damaged } = await expectReadable(dir)
  expect(seqs).toEqual(numbersTo(300))
  expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
})
