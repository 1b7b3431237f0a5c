// Which files verify looks at, in the order of their days: the log's own of all layouts, and those that a rotation by
// somebody else left beside them. What is in them is verify-file.node.ts's business.

import { join } from "node:path"
import { type FileName, readFileName, readUserFileName, userFolder, userFolderName } from "./layout.node.ts"
import type { ReadLayer } from "../disk/read-layer.ts"

/** A file of the trail. */
export interface TrailFile {
  readonly path: string
  /** Below the log's directory, with "/" between the parts. */
  readonly file: string
  /** The same as its seals name it: a file that was moved aside had another name when they were written. */
  readonly sealedAs: string
  /** "YYYY-MM-DD" or "unknown". */
  readonly day: string
}

export interface TrailScope {
  readonly app: string
  readonly dir: string
  /** Only this user's files. */
  readonly user?: string | undefined
  /** First and last day, "YYYY-MM-DD". */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The files in scope, oldest first, and whether others were left out. */
export const listTrail = async (
  layer: ReadLayer,
  scope: TrailScope
): Promise<{ readonly files: readonly TrailFile[]; readonly isPartial: boolean }> => {
  const { app, dir, user } = scope
  const found: Named[] = []
  const names = (await layer.list(dir)) ?? []
  if (user === undefined) found.push(...ownFiles(names, dir, "", (name) => readFileName(app, name)))
  const folders =
    user === undefined ? names.filter((entry) => entry.isDirectory) : [{ name: userFolder(user) }]
  for (const { name } of folders) {
    const below = join(dir, name, userFolderName)
    const entries = await ifDirectory(layer, below)
    found.push(...ownFiles(entries, below, `${name}/${userFolderName}/`, readUserFileName))
  }
  const files = found.filter(({ day }) => isInScope(scope, day)).sort(inOrder)
  return { files, isPartial: user !== undefined || files.length < found.length }
}

interface Named extends TrailFile {
  /** What a rotation put behind the name: "1", "20261122"; "" for the file itself. */
  readonly suffix: string
}

const ifDirectory = async (layer: ReadLayer, path: string): ReturnType<ReadLayer["list"]> => {
  const facts = await layer.facts(path)
  return facts?.kind === "directory" ? layer.list(path) : undefined
}

const ownFiles = (
  entries: Awaited<ReturnType<ReadLayer["list"]>> = [],
  dir: string,
  prefix: string,
  read: (name: string) => FileName | undefined
): readonly Named[] =>
  entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return []
    const [, base = name, suffix = ""] = /^(.+\.jsonl)[.-](\d[\d.-]*)$/.exec(name) ?? []
    const told = read(base)
    if (told === undefined) return []
    return [{ path: join(dir, name), file: prefix + name, sealedAs: prefix + base, day: told.day, suffix }]
  })

const isInScope = ({ from, to }: TrailScope, day: string): boolean =>
  day === "unknown" || ((from === undefined || day >= from) && (to === undefined || day <= to))

// "unknown" sorts behind every date. What was moved aside is older than what stands in its place: of numbers the higher
// is the older, of dates the lower.
const inOrder = (one: Named, other: Named): number =>
  compare(one.day, other.day) ||
  compare(one.sealedAs, other.sealedAs) ||
  compare(ageOf(one.suffix), ageOf(other.suffix))

const ageOf = (suffix: string): number => {
  if (suffix === "") return Number.POSITIVE_INFINITY
  const digits = Number(suffix.replaceAll(/\D/g, ""))
  return suffix.length < 4 ? -digits : digits
}

const compare = <Value extends string | number>(one: Value, other: Value): number =>
  one < other ? -1 : one > other ? 1 : 0
