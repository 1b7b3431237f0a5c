// Where a log's files are. Pure: computing a place does no I/O, so an application may print it before anything exists.
// Making directories and opening files is left to the exporter.

import { isAbsolute, join } from "node:path"
import { envName, toAppName, toLocalDay } from "@daybook/core"
import { dayText } from "./day.ts"
import { dayFilePath } from "./layout.node.ts"

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
 * `~/.<app>/logs`, else `<app>-logs` in the directory for temporary files.
 *
 * @throws TypeError when `dir` is relative: it would move with the working directory.
 */
export const auditLogDir = (options: {
  readonly app: string
  readonly dir?: string | undefined
  readonly env: Env
}): AuditLogDir => {
  const app = toAppName(options.app)
  const { dir, env } = options
  if (dir !== undefined) {
    if (!isAbsolute(dir))
      throw new TypeError(`auditLogDir: option "dir" must be an absolute path, got ${JSON.stringify(dir)}`)
    return { dir, source: "option" }
  }
  const variable = envName(app, "DIR")
  const fromEnv = env[variable]
  if (fromEnv !== undefined && isAbsolute(fromEnv)) return { dir: fromEnv, source: "env" }
  const ignored =
    fromEnv === undefined || fromEnv === "" ? "" : `${variable} is not an absolute path and was ignored. `
  const home = env.HOME || env.USERPROFILE || ""
  if (isAbsolute(home)) {
    const found = { dir: join(home, `.${app}`, "logs"), source: "home" } as const
    return ignored === "" ? found : { ...found, notice: `${ignored}Logging to ${found.dir}` }
  }
  const temp =
    [env.TMPDIR, env.TEMP, env.TMP].find((path) => path !== undefined && isAbsolute(path)) ?? "/tmp"
  const fallback = join(temp, `${app}-logs`)
  const notice = `${ignored}No home directory found; logging to ${fallback}. Set ${variable} or the option "dir"`
  return { dir: fallback, source: "temp", notice }
}

/** The day file for a moment: `<dir>/<app>-YYYY-MM-DD.jsonl` on the local date, `<app>-unknown.jsonl` for no valid time. */
export const auditLogPath = (options: {
  readonly app: string
  readonly dir: string
  readonly at: Date | number
}): string => dayFilePath(options.dir, options.app, dayText(toLocalDay(Number(options.at))))
