// Where a reader's files are and whose lines are meant, from its options. Pure: nothing is looked at on the disk.
// Which files are there is list.node.ts.

//   no user                       <dir>/<app>-DAY.jsonl and <dir>/<app>-DAY-<session>.jsonl
//   user                          <dir>/<user>/tool_audit/DAY.jsonl
//   user, layout daily, session   the first again, and of their lines those whose field `user` says so

import { type Env, findLogDir } from "./audit-log-path.node.ts"
import type { Layout } from "./layout.node.ts"

/** A log's files, and whose lines of them. */
export interface Place {
  readonly app: string
  readonly dir: string
  /** Whose own files are read. */
  readonly userFiles: string | undefined
  /** Whom the field `user` must name. */
  readonly userField: string | undefined
}

/** For options that were checked. @throws TypeError naming `caller` for the layout `user` without a user. */
export const findPlace = (
  caller: string,
  options: {
    readonly app: string
    readonly dir?: string | undefined
    readonly env?: Env | undefined
    readonly user?: string | undefined
    readonly layout?: Layout | undefined
  }
): Place => {
  const { app, user, layout = user === undefined ? "daily" : "user", env } = options
  if (layout === "user" && user === undefined)
    throw new TypeError(
      `${caller}: the layout "user" needs the option "user"; readRecentAllUsers reads the files of all users`
    )
  const { dir } = findLogDir({ app, dir: options.dir, env })
  const isOwn = layout === "user"
  return { app, dir, userFiles: isOwn ? user : undefined, userField: isOwn ? undefined : user }
}
