// What children printed of their receipts, and whether each confirmed event is in the files exactly once, whole. What is
// there beside them, nobody was promised.

import { expect } from "vitest"
import type { DirContents } from "../test/tools/file-bench.ts"

/** Numbers that were confirmed, by session. */
export type Receipts = Map<string, number[]>

/** Adds every whole line of a child's stdout; the last one may be cut. */
export const addReceipts = (receipts: Receipts, stdout: string): void => {
  for (const line of stdout.split("\n").slice(0, -1)) {
    const { session, seq } = JSON.parse(line)
    const known = receipts.get(session) ?? []
    receipts.set(session, known)
    known.push(seq)
  }
}

/** Every receipt's event is there once. */
export const expectConfirmed = ({ lines }: DirContents, receipts: Receipts, where = ""): void => {
  const times = new Map<string, number>()
  for (const { session, seq } of lines) {
    if (seq === undefined) continue
    const key = `${session} ${seq}`
    times.set(key, (times.get(key) ?? 0) + 1)
  }
  const confirmed = [...receipts].flatMap(([session, seqs]) => seqs.map((seq) => `${session} ${seq}`))
  const wrong = confirmed.filter((key) => times.get(key) !== 1)
  expect(wrong, `${where}: confirmed, and not there exactly once`).toEqual([])
}

/** Each session's events stand in the order of their numbers, from 1 on, without a hole. */
export const expectNoHoles = ({ lines }: DirContents, where = ""): void => {
  const last = new Map<string, number>()
  const wrong: string[] = []
  for (const { session, seq } of lines) {
    if (seq === undefined) continue
    if (seq !== (last.get(session) ?? 0) + 1) wrong.push(`${session} ${seq}`)
    last.set(session, seq)
  }
  expect(wrong, `${where}: not next to the one before`).toEqual([])
}
