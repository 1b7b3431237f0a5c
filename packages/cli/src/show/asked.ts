// What the shared flags ask for: which trail, and which of its rows.
// The flags are flags.ts.
import { levels, nearestOf, readLevel } from "@daybook/core/lines"
import { type OpenTrail, openTrail, type TrailFilters } from "@daybook/support-bundle"
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { usageError } from "../terminal/exit.ts"
import type { Io } from "../terminal/io.ts"
import { momentOf, zoneOf } from "../terminal/moment.ts"

/** The trail that a source and `--app` name. */
export const trailOf = async (
  io: Io,
  source: string | undefined,
  app: string | undefined
): Promise<OpenTrail> => {
  if (source === "-") return openTrail(io.stdin, { app })
  if (source !== undefined) return openTrail(source, { app })
  if (app === undefined)
    throw usageError("Name a source: a folder, a file, a zip, or - for stdin; or an app with --app")
  const { auditLogDir } = await import("@daybook/file-exporter")
  const { dir, notice } = auditLogDir({ app, env: io.env })
  if (notice !== undefined) io.talk(notice)
  return openTrail(dir, { app })
}

/** @throws CommandError for a value that is not one. */
export const filtersOf = (flags: SourceFlags & Pick<CommonFlags, "zone">): TrailFilters => {
  const { since, until, level, category, session, user, grep, where } = flags
  const zone = zoneOf(flags.zone)
  const now = Date.now()
  if (level !== undefined && readLevel(level) === undefined) {
    const near = nearestOf(level, levels)
    const hint = near === undefined ? `the levels are ${levels.join(", ")}` : `did you mean ${near}?`
    throw usageError(`There is no level ${JSON.stringify(level)}; ${hint}`)
  }
  return {
    from: since === undefined ? undefined : momentOf(since, zone, now),
    to: until === undefined ? undefined : momentOf(until, zone, now),
    level,
    categories: category,
    session,
    user,
    text: grep,
    where: where?.map((condition) => {
      const at = condition.indexOf("=")
      if (at < 1)
        throw usageError(
          `--where takes field=value, such as status=denied, and not ${JSON.stringify(condition)}`
        )
      return [condition.slice(0, at), condition.slice(at + 1)] as const
    })
  }
}

/** A whole number from 0 on; `undefined` where the flag is not given. */
export const countOf = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!/^\d{1,12}$/.test(text))
    throw usageError(`--${name} takes a whole number, and not ${JSON.stringify(text)}`)
  return Number(text)
}
