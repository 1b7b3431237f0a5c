// Which files hold a log's days: the options that say where, and the listing of directories. Names are only those that
// our log gives, and no link leads out of the directory. What is in the files is read elsewhere.

//   no user                       <dir>/<app>-DAY.jsonl and <dir>/<app>-DAY-<session>.jsonl
//   user                          <dir>/<user>/tool_audit/DAY.jsonl
//   user, layout daily, session   the first again, and of their lines those whose field `user` says so

import { dirname, join } from "node:path"
import process from "node:process"
import { toLocalDay } from "@daybook/core"
import { auditLogDir, type Env } from "./audit-log-path.node.ts"
import { dayBefore, dayText, isCalendarDay } from "./day.ts"
import { describeDiskError } from "../disk/error.ts"
import { type Layout, readFileName, readUserFileName, userDir } from "./layout.node.ts"
import type { DirEntry, ReadLayer } from "../disk/read-layer.ts"

/** Where to read, and whose lines. */
export interface ReadPlace {
  readonly app: string
  /** Absolute. Default: where `fileExporter()` writes, by `env`. */
  readonly dir?: string | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
  /** Only this user's lines. */
  readonly user?: string | undefined
  /**
   * Where a user's lines are: in files of the user's own (`user`, the default when `user` is given), or in everybody's,
   * where the field `user` tells (`daily`, `session`).
   */
  readonly layout?: Layout | undefined
}

/** A place, checked. */
export interface FoundPlace {
  readonly app: string
  readonly dir: string
  /** Whose own files are read. */
  readonly userFiles: string | undefined
  /** Whom the field `user` must name. */
  readonly userField: string | undefined
}

/** A file of a day. */
export interface DayFile {
  readonly path: string
  /** "YYYY-MM-DD", or "unknown". */
  readonly day: string
  readonly session?: string
}

/** @throws TypeError naming `caller`, for a relative `dir`, and for the layout `user` without a user. */
export const findPlace = (caller: string, options: ReadPlace): FoundPlace => {
  const { app, user, layout = user === undefined ? "daily" : "user", env = process.env } = options
  if (layout === "user" && user === undefined)
    throw new TypeError(
      `${caller}: the layout "user" needs the option "user"; readRecentAllUsers reads everybody's`
    )
  const { dir } = auditLogDir({ app, dir: options.dir, env })
  const isOwn = layout === "user"
  return { app, dir, userFiles: isOwn ? user : undefined, userField: isOwn ? undefined : user }
}

/** The files of a place by day, and of one day in the order of their names: the daily one first. */
export const listDayFiles = async (layer: ReadLayer, place: FoundPlace): Promise<readonly DayFile[]> => {
  const { app, dir, userFiles } = place
  if (userFiles === undefined) return listFiles(layer, dir, (name) => readFileName(app, name))
  return listUserFiles(layer, userDir(dir, userFiles))
}

/** The same in the directory of one user, which neither it nor its parent may be a link. */
export const listUserFiles = async (layer: ReadLayer, dir: string): Promise<readonly DayFile[]> => {
  for (const path of [dirname(dir), dir]) {
    const facts = await orExplain(path, layer.facts(path))
    if (facts === undefined) return []
    if (facts.kind === "link") throw new Error(`Cannot read ${JSON.stringify(path)}: it is a symbolic link`)
  }
  return listFiles(layer, dir, readUserFileName)
}

const listFiles = async (
  layer: ReadLayer,
  dir: string,
  readName: (name: string) => { readonly day: string; readonly session?: string } | undefined
): Promise<readonly DayFile[]> => {
  const names = (await listDir(layer, dir)).map(({ name }) => name).sort()
  const files = names.flatMap((name): readonly DayFile[] => {
    const found = readName(name)
    return found === undefined ? [] : [{ path: join(dir, name), ...found }]
  })
  // "app-DAY-session.jsonl" sorts before "app-DAY.jsonl".
  const key = ({ day, session = "" }: DayFile): string => `${day} ${session}`
  return files.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** What stands in a directory. One that is not there is empty; one that cannot be listed rejects, and says why. */
export const listDir = async (layer: ReadLayer, dir: string): Promise<readonly DirEntry[]> =>
  (await orExplain(dir, layer.list(dir))) ?? []

const orExplain = async <Found>(path: string, found: Promise<Found>): Promise<Found> => {
  try {
    return await found
  } catch (error) {
    throw new Error(`Cannot read ${JSON.stringify(path)}: ${describeDiskError(error)}`, { cause: error })
  }
}

/** "YYYY-MM-DD" of a day that a calendar has, a moment's local day, or "unknown". */
export const checkDay = (caller: string, day: string | Date | number): string => {
  const text = typeof day === "string" ? day : dayText(toLocalDay(Number(day)))
  if (text === "unknown" || isCalendarDay(text)) return text
  throw new TypeError(`${caller}: option "day" must be YYYY-MM-DD, got ${JSON.stringify(day)}`)
}

/**
 * The local day of a moment, `daysBack` days of the calendar before it.
 *
 * @throws TypeError for a moment that no calendar has.
 */
export const dayBack = (caller: string, at: Date | number, daysBack: number): string => {
  const today = dayText(toLocalDay(Number(at)))
  if (today === "unknown")
    throw new TypeError(`${caller}: option "at" must be a moment with a date, got ${JSON.stringify(at)}`)
  return dayBefore(today, daysBack)
}

/** @throws TypeError when an option is no whole number from 0 on; Infinity is one. */
export const checkCount = (caller: string, option: string, count: number): number => {
  if (count === Number.POSITIVE_INFINITY || (Number.isInteger(count) && count >= 0)) return count
  throw new TypeError(`${caller}: option "${option}" must be a whole number from 0 on, got ${count}`)
}
