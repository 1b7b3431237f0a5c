// Honest trails for attacks: real logs have written them to real files, signed, in each layout, over more days than are kept.
// Beside them what somebody may have who wants to forge one: another folder of the same app and key, another app's, and
// sessions of an exporter without the key.

//   days            1 … 4   deleted by the log   5   6   7   8   9      "today" is 9
//   long            ───────────────────────────────────────────┤closed
//   daily           ──┤ ──┤ ──┤ ──┤              ──┤ ──┤ ──┤ ──┤        one a day, closed
//   hasty                                                ✕              killed before its first seal
//   killed                                                   ──✕        killed behind a seal, with lines that none covers
//   brief                                                      ┤        sees lines of the long one before they are sealed
//   last                                                             ─┤ nobody has seen it

import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Layout } from "../../src/place/layout.node.ts"
import { type NewSeal, readSealKey, type SealKey } from "../../src/seal/key.node.ts"
import { app, filesBelow, noon } from "./file-bench.ts"
import { dayMs, hourMs, LiveFolder, type LiveSession, minuteMs, type SessionOptions } from "./live-folder.ts"
import { privatePem } from "./seal-test-key.ts"
import { MemoryFiles } from "./sealed-files.ts"

export const ownKey: SealKey = readSealKey({ pem: privatePem })

/** What is written where users have files. */
export const users = ["ada", "bob"]

export interface Trail {
  readonly layout: Layout
  readonly files: MemoryFiles
  /** Every seal that was ever made in the folder, in its order, also of files that the log has deleted since. */
  readonly anchors: readonly NewSeal[]
  /** Days that have files, the oldest first. */
  readonly days: readonly string[]
  /** The folder as it was a day before its end. */
  readonly dayBefore: MemoryFiles
}

export interface TrailOptions {
  readonly layout: Layout
  readonly dir: string
  readonly days?: number
  /** Default: the own one. */
  readonly key?: SealKey
  readonly isUnsigned?: boolean
  readonly retentionDays?: number
  readonly app?: string
}

const daysKept = 3

/** The files of a folder, as they are on the disk. */
export const filesIn = (dir: string): MemoryFiles => {
  const files = new MemoryFiles()
  for (const name of filesBelow(dir)) files.write(name, new Uint8Array(readFileSync(join(dir, name))))
  return files
}

/** Puts files into an empty folder. */
export const putFiles = (dir: string, files: MemoryFiles): void => {
  for (const [name, bytes] of files.files) {
    const path = join(dir, name)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, bytes, { mode: 0o600 })
  }
}

export const dayOf = (file: string): string => /\d{4}-\d\d-\d\d/.exec(file)?.[0] ?? ""

/** The days of files, the oldest first. */
export const daysOf = (files: MemoryFiles): readonly string[] =>
  [...new Set([...files.files.keys()].map(dayOf))].sort()

/** An honest trail. With `days: 4` the log has not deleted anything yet. */
export const makeTrail = async (options: TrailOptions): Promise<Trail> => {
  const { layout, dir, days = 9, retentionDays = daysKept, app: ownApp = app } = options
  const key = options.isUnsigned === true ? undefined : (options.key ?? ownKey)
  const folder = new LiveFolder(dir, { layout, key, retentionDays, app: ownApp })
  let dayBefore = new MemoryFiles()
  const long = folder.start({ name: "long" })
  for (let day = 1; day <= days; day++) {
    const daily = folder.start({ name: `daily ${day}` })
    await daily.write(20, users)
    await long.write(10, users)
    await daily.write(20, users)
    folder.pass(minuteMs)
    await long.write(100, users)
    folder.pass(hourMs)
    await long.write(50, users)
    if (day === days - 2) await runHasty(folder)
    if (day === days - 1) await runKilled(folder)
    if (day === days - 1) await runBrief(folder, long)
    if (day === days) await folder.close(long)
    await daily.write(10, users)
    await folder.close(daily)
    if (day === days - 1) dayBefore = filesIn(dir)
    if (day < days) folder.pass(dayMs - hourMs - minuteMs)
  }
  folder.pass(hourMs)
  const last = folder.start({ name: "last" })
  await last.write(40, users)
  folder.pass(minuteMs)
  await last.write(40, users)
  folder.pass(1_000)
  await folder.close(last)
  const files = filesIn(dir)
  return { layout, files, anchors: folder.anchors, days: daysOf(files), dayBefore }
}

/** A folder of one session only, on the last day of a trail. */
export const makeLonely = async (layout: Layout, dir: string, daysLater = 8): Promise<MemoryFiles> => {
  const folder = new LiveFolder(dir, { layout, key: ownKey, retentionDays: daysKept })
  folder.nowMs += daysLater * dayMs
  const session = folder.start({ name: "lonely" })
  await session.write(20, users)
  await folder.close(session)
  return filesIn(dir)
}

const runHasty = async (folder: LiveFolder): Promise<void> => {
  const hasty = folder.start({ name: "hasty" })
  await hasty.write(5, users)
  folder.kill(hasty)
}

const runKilled = async (folder: LiveFolder): Promise<void> => {
  const killed = folder.start({ name: "killed" })
  await killed.write(30, users)
  folder.pass(minuteMs)
  await killed.write(1, users)
  folder.pass(1_000)
  await killed.write(20, users)
  folder.kill(killed)
}

/** A session whose first seal sees lines of the long one that no seal covers yet. */
const runBrief = async (folder: LiveFolder, long: LiveSession): Promise<void> => {
  await long.write(40, users)
  const brief = folder.start({ name: "brief" })
  await brief.write(3, users)
  await folder.close(brief)
  await long.write(10, users)
}

/** A session that runs in a folder that has these files, at the end of their last day; and what is there afterwards. */
export const runIn = async (
  { files, days, layout }: Pick<Trail, "files" | "days" | "layout">,
  dir: string,
  options: SessionOptions,
  at: { readonly daysLater?: number } = {}
): Promise<{ readonly files: MemoryFiles; readonly anchors: readonly NewSeal[] }> => {
  putFiles(dir, files)
  const folder = new LiveFolder(dir, { layout, ...options })
  const { daysLater = 0 } = at
  folder.nowMs = noon + (Date.parse(days.at(-1) ?? "") - Date.parse(dayText(noon))) + 6 * hourMs
  for (let later = 0; later <= daysLater; later++) {
    const session = folder.start({ name: "intruder" })
    await session.write(20, users)
    await folder.close(session)
    folder.pass(dayMs)
  }
  return { files: filesIn(dir), anchors: folder.anchors }
}

const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
