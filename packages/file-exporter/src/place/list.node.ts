// Which files of a log are there, of all layouts, by their names alone: the log's own, those that a rotation moved aside under
// a longer name, and those of both kinds that another program packed. What is in them is read elsewhere, and which of them are wanted is decided there.

import { dirname, join } from "node:path"
import { describeDiskError } from "../disk/errno.ts"
import type { DirEntry, ReadLayer } from "../disk/read-layer.ts"
import {
  type FileName,
  isPackedName,
  isStateFolder,
  readFileName,
  readUserFileName,
  unmovedName,
  unpackedName,
  userDir,
  userFolder,
  userFolderName
} from "./layout.node.ts"
import type { Place } from "./place.node.ts"

/** A file of a log. */
export interface DayFile {
  readonly path: string
  /** Below the log's directory, with "/" between the parts. */
  readonly file: string
  /** The same as its seals name it: a file that was moved aside had another name when they were written. */
  readonly sealedAs: string
  /** "YYYY-MM-DD" or "unknown". */
  readonly day: string
  /** Only in the layout "session". */
  readonly session?: string
  /** What a rotation put behind the name: "1", "20261122"; "" for a file that has its own name. */
  readonly rotation: string
}

/** The one directory that `listDayFiles` lists. */
export const dayFilesDir = ({ dir, userFiles }: Place): string =>
  userFiles === undefined ? dir : userDir(dir, userFiles)

/** What else is listed. */
export interface Listed {
  /** Files that another program packed as well. */
  readonly withPacked?: boolean
  /** What stands for the files of a folder that cannot be listed. Without it, nothing is listed then. */
  readonly orElse?: ((folder: string, error: unknown) => readonly DayFile[]) | undefined
}

/** The files that readers read, by day, and of one day the daily one first. What was moved aside is not among them. */
export const listDayFiles = async (
  layer: ReadLayer,
  place: Place,
  listed: Listed = {}
): Promise<readonly DayFile[]> => {
  const { app, userFiles } = place
  const dir = dayFilesDir(place)
  return userFiles === undefined
    ? withoutRotated(await listFolder(layer, dir, "", (name) => readFileName(app, name), listed))
    : listUserFiles(layer, dir, userFolder(userFiles), listed)
}

/** The same of one user's directory; neither it nor its parent may be a link, which would lead out of the log's. */
export const listUserFiles = async (
  layer: ReadLayer,
  dir: string,
  folder: string,
  listed: Listed = {}
): Promise<readonly DayFile[]> => {
  for (const path of [dirname(dir), dir]) {
    const facts = await orExplain(path, layer.facts(path))
    if (facts === undefined) return []
    if (facts.kind === "link") throw new Error(`Cannot read ${JSON.stringify(path)}: it is a symbolic link`)
  }
  return withoutRotated(await listFolder(layer, dir, prefixOf(folder), readUserFileName, listed))
}

/** All files of all layouts, or all of one user, oldest first. */
export const listAllFiles = async (
  layer: ReadLayer,
  {
    app,
    dir,
    user,
    ...listed
  }: { readonly app: string; readonly dir: string; readonly user?: string | undefined } & Listed
): Promise<readonly DayFile[]> => {
  const isOwn = user === undefined
  const own = isOwn ? await listFolder(layer, dir, "", (name) => readFileName(app, name), listed) : []
  const folders = isOwn ? await listFolders(layer, dir) : [userFolder(user)]
  const found: Named[] = [...own]
  for (const folder of folders) {
    const below = join(dir, folder, userFolderName)
    try {
      // Who must not search the folder cannot know what is in it.
      if ((await orExplain(join(dir, folder), layer.facts(below)))?.kind !== "directory") continue
      found.push(...(await listFolder(layer, below, prefixOf(folder), readUserFileName, listed)))
    } catch (error) {
      if (listed.orElse === undefined) throw error
      found.push(...listed.orElse(folder, error).map((file) => ({ ...file, isDirectory: false })))
    }
  }
  // A directory with such a name is a reader's trouble, and holds no line to verify.
  return found.filter(({ isDirectory }) => !isDirectory).sort(inOrder)
}

/** The directories in which users' files may be. Links are none. */
export const listFolders = async (layer: ReadLayer, dir: string): Promise<readonly string[]> =>
  (await listDir(layer, dir))
    .filter(({ name, isDirectory }) => isDirectory && !isStateFolder(name))
    .map(({ name }) => name)

/** Files by the day in their names, the oldest day first; of one day in the order in which they are given. */
export const byDay = <File>(
  files: readonly File[],
  dayOf: (file: File) => string
): readonly (readonly File[])[] => {
  const days = new Map<string, File[]>()
  for (const file of files) {
    const sameDay = days.get(dayOf(file))
    if (sameDay === undefined) days.set(dayOf(file), [file])
    else sameDay.push(file)
  }
  return [...days].sort(([one], [other]) => compare(one, other)).map(([, sameDay]) => sameDay)
}

const prefixOf = (folder: string): string => `${folder}/${userFolderName}/`

interface Named extends DayFile {
  readonly isDirectory: boolean
}

const withoutRotated = (files: readonly DayFile[]): readonly DayFile[] =>
  files.filter(({ rotation }) => rotation === "")

const listFolder = async (
  layer: ReadLayer,
  dir: string,
  prefix: string,
  read: (name: string) => FileName | undefined,
  { withPacked = false }: Listed
): Promise<readonly Named[]> =>
  (await listDir(layer, dir))
    .flatMap(({ name, isDirectory }): readonly Named[] => {
      if (isPackedName(name) && !withPacked) return []
      const plain = unpackedName(name)
      const { base, rotation } = unmovedName(plain)
      const said = read(base)
      if (said === undefined) return []
      const path = join(dir, name)
      return [{ path, file: prefix + name, sealedAs: prefix + base, ...said, rotation, isDirectory }]
    })
    .sort(inOrder)

// What stands in a directory. One that is not there is empty; one that cannot be listed rejects, and says why.
const listDir = async (layer: ReadLayer, dir: string): Promise<readonly DirEntry[]> =>
  (await orExplain(dir, layer.list(dir))) ?? []

const orExplain = async <Found>(path: string, found: Promise<Found>): Promise<Found> => {
  try {
    return await found
  } catch (error) {
    throw new Error(`Cannot read ${JSON.stringify(path)}: ${describeDiskError(error)}`, { cause: error })
  }
}

// "unknown" sorts behind every date. What was moved aside is older than what stands in its place, and so is what was packed: of
// numbers the higher is the older, of dates the lower.
const inOrder = (one: DayFile, other: DayFile): number =>
  compare(one.day, other.day) ||
  compare(one.session ?? "", other.session ?? "") ||
  compare(one.sealedAs, other.sealedAs) ||
  compare(ageOf(one), ageOf(other)) ||
  compare(isPackedName(other.path) ? 1 : 0, isPackedName(one.path) ? 1 : 0)

const ageOf = ({ rotation }: DayFile): number => {
  if (rotation === "") return Number.POSITIVE_INFINITY
  const digits = Number(rotation.replaceAll(/\D/g, ""))
  return rotation.length < 4 ? -digits : digits
}

const compare = <Value extends string | number>(one: Value, other: Value): number =>
  one < other ? -1 : one > other ? 1 : 0
