// The clock, by what it has left behind: no single reading of it can be trusted,
// least of all by itself.
import { lineTime } from "@daybook/core/lines"
import { openTrail } from "@daybook/support-bundle"
import { type About, ageText, type Check, fine, problem } from "./check.ts"

/** Two machines' clocks differ by less; lines of a page may be a little ahead. */
const aheadMaxMs = 5 * 60_000
/** Before this program was written. */
const earliestMs = Date.parse("2026-01-01T00:00:00Z")
const dayMs = 86_400_000

const setIt = "Set the clock, and let it be set (NTP): the days of files, and what is deleted, go by it"

export const clockChecks = async ({ app, dir, now, signal }: About): Promise<readonly Check[]> => {
  const at = new Date(now).toISOString()
  if (now < earliestMs) return [problem("clock", `it says ${at}, which cannot be`, setIt)]
  try {
    const trail = await openTrail(dir, { app })
    const future = trail.files.filter(({ day }) => Date.parse(day) > now + dayMs).map(({ name }) => name)
    if (future.length > 0)
      return [
        problem(
          "clock",
          `${future[0]} is of a day to come: the clock was wrong once, or is wrong now (${at})`,
          setIt
        )
      ]
    const [row] = (await trail.newest(1, {}, { signal })).filter((one) => !("damage" in one))
    const ahead = row === undefined || "damage" in row ? 0 : lineTime(row.event.head.ts) - now
    if (ahead > aheadMaxMs)
      return [
        problem(
          "clock",
          `the newest line is ${ageText(ahead)} in the future: the clock was wrong then, or is now (${at})`,
          setIt
        )
      ]
  } catch {
    // What cannot be read is said of the files.
  }
  return [fine("clock", at)]
}
