// Deleting files whose date is too old, by the date in their name: a file's time of change can be touched, and its name
// cannot. Only names of our own making, never a link, and never the file of today.

import { join } from "node:path"
import type { LogIdentity, RetentionFields } from "@daybook/core"
import { toLocalDay } from "@daybook/core"
import { type DiskWork, step } from "../disk/work.ts"
import { dayBefore, dayText } from "../place/day.ts"
import {
  type FileName,
  isUserFolder,
  type Layout,
  readFileName,
  readUserFileName,
  userFolderName
} from "../place/layout.node.ts"

/** What a sweep looks at. */
export interface Swept {
  readonly app: string
  readonly dir: string
  readonly layout: Layout
  /** The file of a day that gets the mark of what was deleted beside it. */
  markFileOf(day: string): string
  /** Files whose date lies more than so many days before today go. */
  readonly days: number
}

/** Files that were deleted from one stream of files, and the file that gets the mark of it. */
export interface SweptFiles {
  readonly markFile: string
  readonly fields: RetentionFields
}

/** Deletes what is too old. A file or folder that cannot be read or deleted is left where it is. */
export function* sweep(swept: Swept, log: Pick<LogIdentity, "now">): DiskWork<readonly SweptFiles[]> {
  const { app, dir, layout, days, markFileOf } = swept
  const now = log.now()
  // Without a clock it is not known what is old.
  if (!Number.isFinite(now) || !Number.isFinite(days) || days < 0) return []
  const today = dayText(toLocalDay(now))
  const oldest = dayBefore(today, days)
  const isOld = (name: FileName | undefined): name is FileName =>
    name !== undefined && name.day !== "unknown" && name.day < oldest
  const found: SweptFiles[] = []
  const own = yield* sweepDir(dir, (name) => readFileName(app, name), isOld)
  const fields = retentionFields(own.gone, days)
  if (fields !== undefined) found.push({ markFile: markFileOf(today), fields })
  if (layout !== "user") return found
  for (const user of (yield* namesIn(dir)).filter(isUserFolder)) {
    const userDir = join(dir, user, userFolderName)
    if (!((yield* isDirectory(join(dir, user))) && (yield* isDirectory(userDir)))) continue
    const { gone, left } = yield* sweepDir(userDir, readUserFileName, isOld)
    const fields = retentionFields(gone, days)
    // A user of whom nothing is left has no file for a mark.
    const newest = left
      .filter(({ day }) => day <= today)
      .map(({ day }) => day)
      .sort()
      .at(-1)
    if (fields !== undefined && newest !== undefined)
      found.push({ markFile: join(userDir, `${newest}.jsonl`), fields })
  }
  return found
}

interface SweptDir {
  readonly gone: readonly FileName[]
  readonly left: readonly FileName[]
}

function* sweepDir(
  dir: string,
  read: (name: string) => FileName | undefined,
  isOld: (name: FileName | undefined) => name is FileName
): DiskWork<SweptDir> {
  const gone: FileName[] = []
  const left: FileName[] = []
  for (const name of yield* namesIn(dir)) {
    const said = read(name)
    if (said === undefined) continue
    const path = join(dir, name)
    if (isOld(said) && (yield* isRemoved(path))) gone.push(said)
    else left.push(said)
  }
  return { gone, left }
}

const retentionFields = (gone: readonly FileName[], days: number): RetentionFields | undefined => {
  const names = gone.map(({ day }) => day).sort()
  const [oldest, newest] = [names[0], names.at(-1)]
  if (oldest === undefined || newest === undefined) return undefined
  return { count: gone.length, oldest, newest, days }
}

function* namesIn(dir: string): DiskWork<readonly string[]> {
  try {
    return yield* step((disk) => disk.list(dir))
  } catch {
    return []
  }
}

function* isRemoved(path: string): DiskWork<boolean> {
  try {
    yield* step((disk) => disk.remove(path))
    return true
  } catch {
    return false
  }
}

function* isDirectory(path: string): DiskWork<boolean> {
  try {
    return (yield* step((disk) => disk.dirFacts(path))).isDirectory
  } catch {
    return false
  }
}
