// Which file a line belongs to, and what a file's name says: the three layouts, and names that cannot leave their
// directory. Pure, but for a hash. Where the directory is, is computed in audit-log-path.node.ts.

//   daily    <dir>/<app>-YYYY-MM-DD.jsonl                   all sessions of a day
//   session  <dir>/<app>-YYYY-MM-DD-<session>.jsonl         one session of a day
//   user     <dir>/<user>/tool_audit/YYYY-MM-DD.jsonl       one user's day, of all sessions

import { createHash } from "node:crypto"
import { join } from "node:path"
import { toAppName } from "@daybook/core"

/** How lines are spread over files. */
export type Layout = "daily" | "session" | "user"

/** What a file's name says. */
export interface FileName {
  /** "YYYY-MM-DD", or "unknown" for events without a clock. */
  readonly day: string
  /** 8 hex digits; only in the layout "session". */
  readonly session?: string
}

/** The folder below a user's own, as the agent platforms have it. */
export const userFolderName = "tool_audit"

/** The folder with what we keep beside the lines. No user's folder is called so. */
export const stateFolderName = ".daybook"

/** What we keep of one app. Its folder has the app's name where a user's could have it. */
export const stateDir = (dir: string, app: string): string =>
  join(dir, stateFolderName, userFolder(toAppName(app)))

/** True for the name of the folder with what we keep, also where a file system ignores case. */
export const isStateFolder = (name: string): boolean => name.toLowerCase() === stateFolderName

/** The file of a day: of all sessions, or of one. */
export const dayFilePath = (dir: string, app: string, day: string, session?: string): string =>
  join(dir, `${fileStem(app)}-${day}${session === undefined ? "" : `-${session}`}.jsonl`)

/** The directory with the files of one user. */
export const userDir = (dir: string, user: string): string => join(dir, userFolder(user), userFolderName)

/** The file of one user's day. */
export const userFilePath = (dir: string, user: string, day: string): string =>
  join(userDir(dir, user), `${day}.jsonl`)

// Windows gives "aux.log-2026-11-22.jsonl" to a device, and "aux-2026-11-22.jsonl" not.
const fileStem = (app: string): string => {
  const name = toAppName(app)
  return name.includes(".") && isDevice(name) ? userFolder(name) : name
}

/** Reads the name of a file in a log directory. `undefined` for every name that this app's log does not give. */
export const readFileName = (app: string, name: string): FileName | undefined => {
  const prefix = `${fileStem(app)}-`
  if (!name.startsWith(prefix)) return undefined
  const [, day = "", session] =
    /^(\d{4}-\d\d-\d\d|unknown)(?:-([0-9a-f]{8}))?\.jsonl$/.exec(name.slice(prefix.length)) ?? []
  if (day === "") return undefined
  return session === undefined ? { day } : { day, session }
}

/** The same for a file in a user's directory. */
export const readUserFileName = (name: string): FileName | undefined => {
  const [, day] = /^(\d{4}-\d\d-\d\d|unknown)\.jsonl$/.exec(name) ?? []
  return day === undefined ? undefined : { day }
}

/** What other programs put behind the name of a file that they packed. */
const packedEnding = ".gz"

/** True for the name of a file that another program packed. */
export const isPackedName = (name: string): boolean => name.endsWith(packedEnding)

/** The name that a packer gives to a file. */
export const packedName = (name: string): string => name + packedEnding

/** The name that it had before. */
export const unpackedName = (name: string): string =>
  isPackedName(name) ? name.slice(0, -packedEnding.length) : name

/** The name of a file without what a rotation put behind it, and that: "1", "20261122"; "" where it has its own name. */
export const unmovedName = (name: string): { readonly base: string; readonly rotation: string } => {
  const [, base = name, rotation = ""] = /^(.+\.jsonl)[.-](\d[\d.-]*)$/.exec(name) ?? []
  return { base, rotation }
}

/**
 * The name of a user's directory: the user's own where it is `[A-Za-z0-9._@-]{1,64}` and safe on every file system,
 * else `~` and 32 hex digits of its SHA-256. No user can be called like another one's hash: `~` is not in the alphabet.
 */
export const userFolder = (user: string): string =>
  isSafeName(user) ? user : `~${createHash("sha256").update(user).digest("hex").slice(0, 32)}`

/** True for the name of a directory that some user's files are in. */
export const isUserFolder = (name: string): boolean => isSafeName(name) || /^~[0-9a-f]{32}$/.test(name)

// Our own folder is no user's. Dots alone climb; a day file, also one that a rotation moved aside, may want to have a name that looks like
// one; Windows drops a dot at the end, and gives these names to devices, whatever follows the first dot.
const isSafeName = (name: string): boolean =>
  /^[A-Za-z0-9._@-]{1,64}$/.test(name) &&
  !isStateFolder(name) &&
  !name.endsWith(".") &&
  !/\.jsonl(?![a-z0-9])/i.test(name) &&
  !isDevice(name)

const isDevice = (name: string): boolean => /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)
