// Where a log's files are. Computing a place touches no file, so an application may print it before anything exists.
// Making directories and opening files is left to the exporter.

import { homedir, userInfo } from "node:os"
import { isAbsolute, join, parse } from "node:path"
import { envName, type OptionRules, toAppName, toLocalDay } from "@daybook/core"
import { dayText } from "./day.ts"
import { hostEnv } from "./host-env.node.ts"
import { dayFilePath } from "./layout.node.ts"
import { checkPlaceOptions, placeRules } from "./option-rules.node.ts"

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>

/** A directory, and how it was found. */
export interface AuditLogDir {
  readonly dir: string
  readonly source: "option" | "env" | "home" | "temp"
  /** What the people who run the application should know, and do. */
  readonly notice?: string
}

/**
 * The directory of an application's log files: the option `dir`, else the variable `<APP>_AUDIT_DIR`, else
 * `~/.<app>/logs`, else `<app>-logs` in the directory for temporary files. Where `HOME` is not set, or is `/`, the home
 * directory is the one that the system's user database has.
 *
 * @throws TypeError for an option that is missing, unknown or wrong. `dir` is absolute: it would move with the working
 * directory.
 */
export const auditLogDir = (options: {
  readonly app: string
  readonly dir?: string | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
}): AuditLogDir => {
  checkPlaceOptions("auditLogDir", options, placeRules)
  return findLogDir(options)
}

/** The same for options that were checked; `systemHome` asks the user database. */
export const findLogDir = (
  options: { readonly app: string; readonly dir?: string | undefined; readonly env?: Env | undefined },
  systemHome: () => string = homeInDatabase
): AuditLogDir => {
  const app = toAppName(options.app)
  const { dir, env = hostEnv } = options
  if (dir !== undefined) return { dir, source: "option" }
  const variable = envName(app, "DIR")
  const { path: fromEnv, isTrimmed } = pathIn(env, variable)
  const trimmed = isTrimmed
    ? `${variable} has spaces or control characters at its ends, which are left out. `
    : ""
  if (fromEnv !== undefined && isAbsolute(fromEnv)) {
    const found = { dir: fromEnv, source: "env" } as const
    return trimmed === "" ? found : { ...found, notice: `${trimmed}Logging to ${JSON.stringify(fromEnv)}` }
  }
  const ignored = fromEnv === undefined ? "" : `${variable} is not an absolute path and was ignored. `
  const home = homeOf(env, systemHome)
  if (home !== undefined) {
    const found = { dir: join(home, `.${app}`, "logs"), source: "home" } as const
    return ignored === "" ? found : { ...found, notice: `${ignored}Logging to ${found.dir}` }
  }
  const temp =
    ["TMPDIR", "TEMP", "TMP"]
      .map((name) => pathIn(env, name).path)
      .find((path) => path !== undefined && isAbsolute(path)) ?? "/tmp"
  const fallback = join(temp, `${app}-logs`)
  const notice = `${ignored}No home directory found; logging to ${fallback}. Set ${variable} or the option "dir"`
  return { dir: fallback, source: "temp", notice }
}

/**
 * The day file for a moment, by default now: `<dir>/<app>-YYYY-MM-DD.jsonl` on the local date, `<app>-unknown.jsonl` for
 * a moment without one. Default for `dir`: see `auditLogDir`.
 *
 * @throws TypeError for an option that is missing, unknown or wrong.
 */
export const auditLogPath = (options: {
  readonly app: string
  readonly dir?: string | undefined
  readonly at?: Date | number | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
}): string => {
  checkPlaceOptions("auditLogPath", options, pathRules)
  const { app, at = Date.now() } = options
  return dayFilePath(findLogDir(options).dir, app, dayText(toLocalDay(Number(at))))
}

const pathRules: OptionRules = {
  ...placeRules,
  at: {
    mustBe: "a Date, or milliseconds since 1970",
    isRight: (value) => typeof value === "number" || value instanceof Date || isDateOfElsewhere(value)
  }
}

const isDateOfElsewhere = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === "[object Date]"

// Files with variables often have Windows line ends, and shells keep what stands behind a path.
const pathIn = (
  env: Env,
  name: string
): { readonly path: string | undefined; readonly isTrimmed: boolean } => {
  const value = env[name]
  const path = value?.replace(/^[\s\p{Cc}]+|[\s\p{Cc}]+$/gu, "")
  return { path: path === "" ? undefined : path, isTrimmed: path !== value && path !== "" }
}

// An empty HOME means that there is none; without HOME the user database is asked, as shells do.
const homeOf = (env: Env, systemHome: () => string): string | undefined => {
  const set = pathIn(env, "HOME").path ?? pathIn(env, "USERPROFILE").path
  if (set !== undefined && !isRoot(set)) return isAbsolute(set) ? set : undefined
  if (set === undefined && env.HOME !== undefined) return undefined
  const found = systemHome()
  return isAbsolute(found) && !isRoot(found) && !noHomes.has(found) ? found : undefined
}

const isRoot = (path: string): boolean => parse(path).root === path

/** What systems write where an account has no home. */
const noHomes = new Set(["/nonexistent", "/dev/null", "/var/empty"])

// An account that is not in the database makes the first one throw; Deno permits each by itself.
const homeInDatabase = (): string => {
  for (const ask of [() => userInfo().homedir, homedir]) {
    try {
      const found = ask()
      if (found !== "" && !isRoot(found)) return found
    } catch {
      // The next one may answer.
    }
  }
  return ""
}
