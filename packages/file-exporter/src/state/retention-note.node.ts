// `<dir>/.daybook/<app>/retention.json`: what sweeps of all processes keep for each other. How many days were asked for,
// and when; which days of lines were seen, how many bytes they had, and since when; and, where there are deliveries, what was
// asked for them, which of their places look left, and which days went before they were old.

//   {"v":1,"asked":{"30":"2026-11-22"},"days":{"2026-11-20":[48213,"2026-11-20"]},
//    "held":{"1073741824":"2026-11-22"},"places":{"sql":["2026-10-01T09:00:00.000Z","2026-11-22"]},"gone":["2026-11-19"]}

import { dirname, join } from "node:path"
import { codeOf, describeDiskError } from "../disk/errno.ts"
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
  /** The last day on which so many undelivered bytes were to be kept. */
  readonly held: ReadonlyMap<number, string>
  /** By the name of a delivery. */
  readonly places: ReadonlyMap<string, DoubtedPlace>
  /** The newest days whose files were deleted before they were old: that they were there still says what day it is. */
  readonly gone: readonly string[]
}

/** A place that seems to be saved no more, because it is from long ago, or from a day to come. */
export interface DoubtedPlace {
  /** When it says that it was saved. */
  readonly saved: string
  /** The day on which a sweep saw that first. */
  readonly since: string
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

const empty: RetentionNote = {
  asked: new Map(),
  days: undefined,
  held: new Map(),
  places: new Map(),
  gone: []
}

export const notePath = (dir: string, app: string): string => join(stateDir(dir, app), "retention.json")

/** Never throws. */
export function* readNote(path: string): DiskWork<FoundNote> {
  try {
    yield* refuseLinks(dirname(dirname(path)), dirname(path))
    const text = yield* readSmallFile(path, retentionLimits.noteBytesMax)
    const parsed = parse(text)
    return { ...parsed, text, isOurs: parsed.note.days !== undefined }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { note: empty, text: "", isOurs: yield* isClaimed(path) }
    return { note: empty, text: "", isOurs: false, trouble: describeDiskError(error) }
  }
}

// A folder of its own: a delivery makes the one around it, also where other sessions' files are.
const claimOf = (path: string): string => join(dirname(path), "claimed")

function* isClaimed(path: string): DiskWork<boolean> {
  try {
    return (yield* step((disk) => disk.nameFacts(claimOf(path)))).isDirectory
  } catch {
    return false
  }
}

/** What comes to the folder from now on is of sessions of ours: it is empty. */
export function* claim(path: string): DiskWork<void> {
  try {
    yield* step((disk) => disk.makeDir(claimOf(path)))
  } catch {
    // Then its files are announced before they are deleted.
  }
}

/** The note as text. */
export const noteText = ({ asked, days, held, places, gone }: RetentionNote): string => {
  const sorted = <Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> =>
    Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))
  const wishes = (byCount: ReadonlyMap<number, string>): Record<string, string> =>
    sorted([...byCount].map(([count, day]) => [String(count), day] as const))
  const seen = [...(days ?? [])].map(([day, { bytes, since }]) => [day, [bytes, since]] as const)
  const doubted = [...places].map(([name, { saved, since }]) => [name, [saved, since]] as const)
  return JSON.stringify({
    v: 1,
    asked: wishes(asked),
    ...(days === undefined ? {} : { days: sorted(seen) }),
    ...(held.size === 0 ? {} : { held: wishes(held) }),
    ...(places.size === 0 ? {} : { places: sorted(doubted) }),
    ...(gone.length === 0 ? {} : { gone })
  })
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
 * What counts of numbers that were asked for: the greatest of the last days before the reference, else the default. A default
 * never beats what somebody asked for.
 */
export const greatestAsked = (
  asked: ReadonlyMap<number, string>,
  reference: string,
  otherwise: number
): number => {
  const from = dayBefore(reference, retentionLimits.askedDays)
  const counting = [...asked].filter(([, day]) => day >= from).map(([count]) => count)
  return counting.length === 0 ? otherwise : Math.max(...counting)
}

const parse = (text: string): Pick<FoundNote, "note" | "trouble" | "isNewer"> => {
  try {
    const { v, asked, days, held = {}, places = {}, gone = [] } = JSON.parse(text)
    if (typeof v === "number" && v > 1) return { note: empty, isNewer: true }
    if (v === 1 && isRecord(asked) && (days === undefined || isRecord(days)))
      return {
        note: {
          asked: new Map(Object.entries(asked).map(toAsked)),
          days: days === undefined ? undefined : new Map(Object.entries(days).map(toSeen)),
          held: new Map(Object.entries(held).map(toAsked)),
          places: new Map(Object.entries(places).map(toDoubted)),
          gone: gone.filter(isDay)
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
  if (!(count.trim() !== "" && Number(count) >= 0 && isDay(day))) throw new Error("not a number")
  return [Number(count), day]
}

const toSeen = ([day, seen]: [string, unknown]): [string, SeenDay] => {
  const [bytes, since] = Array.isArray(seen) ? seen : []
  if (!(day === "unknown" || isCalendarDay(day)) || !(typeof bytes === "number" && isDay(since)))
    throw new Error("not a day that was seen")
  return [day, { bytes, since }]
}

const toDoubted = ([name, place]: [string, unknown]): [string, DoubtedPlace] => {
  const [saved, since] = Array.isArray(place) ? place : []
  if (typeof saved !== "string" || !isDay(since)) throw new Error("not a place")
  return [name, { saved, since }]
}

const isDay = (day: unknown): day is string => typeof day === "string" && isCalendarDay(day)
