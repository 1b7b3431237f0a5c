// Folders with the files of days that are over: written by honest sessions, with a clock that was right, and seen by sweeps.

import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { dayBefore } from "../../src/place/day.ts"
import { notePath, noteText } from "../../src/state/retention-note.node.ts"
import { app, freshDir, linesOf } from "./file-bench.ts"

export const today = "2026-03-05"

export const dayFile = (day: string): string => `${app}-${day}.jsonl`

/** Local noon of a day. */
export const noonOf = (day: string): number => new Date(`${day}T12:00:00`).getTime()

/** So many days before today, the oldest first. */
export const daysBefore = (count: number, day = today): readonly string[] =>
  Array.from({ length: count }, (_, index) => dayBefore(day, count - index))

/** Writes a day's file of one line, logged at noon; a day that is none has a line without a time. */
export const putDay = (path: string, day: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  const line = /^\d/.test(day) ? linesOf(1, 1, noonOf(day), "0dd1e5e0") : '{"ts":"","seq":1}\n'
  writeFileSync(path, line, { mode: 0o600 })
}

/** A directory with the daily files of these days. */
export const dirWithDays = (days: readonly string[]): string => {
  const dir = freshDir()
  for (const day of days) putDay(join(dir, dayFile(day)), day)
  return dir
}

/** What a sweep would have kept that saw these days' files, users' as well, in time. */
export const noteDays = (
  dir: string,
  days: readonly string[],
  asked: ReadonlyMap<number, string> = new Map()
): void => {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" })
  const bytesOf = (day: string): number =>
    names
      .filter((name) => name.endsWith(".jsonl") && name.includes(day))
      .reduce((sum, name) => sum + lstatSync(join(dir, name)).size, 0)
  const seen = days.map((day) => [day, { bytes: bytesOf(day), since: day }] as const)
  putNote(dir, noteText({ asked, days: new Map(seen), held: new Map(), places: new Map(), gone: [] }))
}

/** A directory with the daily files of these days, as sweeps know it. */
export const sweptDir = (days: readonly string[]): string => {
  const dir = dirWithDays(days)
  noteDays(dir, days)
  return dir
}

export const putNote = (dir: string, text: string): void => {
  mkdirSync(dirname(notePath(dir, app)), { recursive: true })
  writeFileSync(notePath(dir, app), text)
}

export const noteIn = (dir: string): string => readFileSync(notePath(dir, app), "utf8")
