// `<dir>/.daybook/<app>/retention.json`: what sweeps of all processes keep for each other. How many days were asked for,
// and when; and which days of lines were seen, how many bytes they had, and since when.

//   {"v":1,"asked":{"30":"2026-11-22"},"days":{"2026-11-20":[48213,"2026-11-20"]}}

import { dirname, join } from "node:path"
import { codeOf, describeDiskError } from "../disk/error.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { retentionLimits } from "../limits.ts"
import { dayBefore, isCalendarDay } from "../place/day.ts"
import { stateDir } from "../place/layout.node.ts"
import { readSmallFile, refuseLinks, removeIfThere, replaceFile } from "./replace-file.node.ts"

/** The files of a day as a sweep saw them. */
export interface SeenDay {
  readonly bytes: number
  /** No line in them is younger. */
  readonly since: string
}

export interface RetentionNote {
  /** The last day on which so many days were asked for. */
  readonly asked: ReadonlyMap<number, string>
  /** By day, or "unknown". Absent as long as nothing was swept here. */
  readonly days: ReadonlyMap<string, SeenDay> | undefined
}

/** What was found: a note, none, or one that says nothing to us. */
export interface FoundNote {
  readonly note: RetentionNote
  /** As it stands in the file. */
  readonly text: string
  /** What is in the folder came by sessions of ours: it was empty when the first of them was here, or a sweep knows it. */
  readonly isOurs: boolean
  /** Why it cannot be used. It counts as absent. */
  readonly trouble?: string
  /** Of a version that we do not know: it is left alone, and nothing is swept. */
  readonly isNewer?: boolean
}

const empty: RetentionNote = { asked: new Map(), days: undefined }

export const notePath = (dir: string, app: string): string => join(stateDir(dir, app), "retention.json")

/** Never throws. */
export function* readNote(path: string): DiskWork<FoundNote> {
  let isPlaced = false
  try {
    yield* refuseLinks(dirname(dirname(path)), dirname(path))
    isPlaced = true
    const text = yield* readSmallFile(path, retentionLimits.noteBytesMax)
    const parsed = parse(text)
    return { ...parsed, text, isOurs: parsed.note.days !== undefined }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { note: empty, text: "", isOurs: isPlaced }
    return { note: empty, text: "", isOurs: false, trouble: describeDiskError(error) }
  }
}

/** The note as text. */
export const noteText = ({ asked, days }: RetentionNote): string => {
  const sorted = <Value>(entries: Iterable<[string, Value]>): Record<string, Value> =>
    Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))
  const askedOf = sorted([...asked].map(([count, day]): [string, string] => [String(count), day]))
  const seen = [...(days ?? [])].map(([day, { bytes, since }]): [string, unknown] => [day, [bytes, since]])
  return JSON.stringify({ v: 1, asked: askedOf, ...(days === undefined ? {} : { days: sorted(seen) }) })
}

/** Puts the note in the place of the old one, at once. Throws where it cannot. */
export function* writeNote(path: string, session: string, text: string): DiskWork<void> {
  const dir = dirname(path)
  yield* step((disk) => disk.makeDir(dir))
  yield* refuseLinks(dirname(dir), dir)
  // What a process that was killed has left. Another one may lose its own by it, and writes it again.
  for (const name of yield* step((disk) => disk.list(dir)))
    if (/^retention-[0-9a-f]+\.tmp$/.test(name)) yield* removeIfThere(join(dir, name))
  const part = `retention-${session}.tmp`
  try {
    yield* replaceFile(path, part, text)
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    yield* replaceFile(path, part, text)
  }
}

/**
 * How many days count: the most that were asked for in the last days before the reference, else the default; Infinity
 * keeps all. A default never beats what somebody asked for.
 */
export const daysThatCount = ({ asked }: RetentionNote, reference: string, otherwise: number): number => {
  const from = dayBefore(reference, retentionLimits.askedDays)
  const counting = [...asked].filter(([, day]) => day >= from).map(([count]) => count)
  return counting.length === 0 ? otherwise : Math.max(...counting)
}

const parse = (text: string): Pick<FoundNote, "note" | "trouble" | "isNewer"> => {
  try {
    const { v, asked, days } = JSON.parse(text)
    if (typeof v === "number" && v > 1) return { note: empty, isNewer: true }
    if (v === 1 && isRecord(asked) && (days === undefined || isRecord(days)))
      return {
        note: {
          asked: new Map(Object.entries(asked).map(toAsked)),
          days: days === undefined ? undefined : new Map(Object.entries(days).map(toSeen))
        }
      }
  } catch {
    // Said below.
  }
  return { note: empty, trouble: "it does not have the form of one" }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const toAsked = ([count, day]: [string, unknown]): [number, string] => {
  if (!(count.trim() !== "" && Number(count) >= 0 && isDay(day))) throw new Error("not a number of days")
  return [Number(count), day]
}

const toSeen = ([day, seen]: [string, unknown]): [string, SeenDay] => {
  const [bytes, since] = Array.isArray(seen) ? seen : []
  if (!(day === "unknown" || isCalendarDay(day)) || !(typeof bytes === "number" && isDay(since)))
    throw new Error("not a day that was seen")
  return [day, { bytes, since }]
}

const isDay = (day: unknown): day is string => typeof day === "string" && isCalendarDay(day)
