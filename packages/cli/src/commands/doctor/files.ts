// The newest lines: who writes, what is missing and damaged there, and the rights of the files.
// Whether somebody changed them is for verify to say.
import { lstat } from "node:fs/promises"
import { join } from "node:path"
import { lineTime } from "@daybook/core/lines"
import { openTrail, type TrailRow } from "@daybook/support-bundle"
import { type About, ageText, type Check, fine, note, problem } from "./check.ts"

/** Lines that are looked at: those of the last minutes of a busy service, of the last days of a quiet one. */
const newestMax = 2_000
/** Sessions with lines in so much time before the newest write at the same time. */
const togetherMs = 10 * 60_000

export const fileChecks = async (about: About): Promise<readonly Check[]> => {
  const { app, dir, signal } = about
  try {
    const trail = await openTrail(dir, { app })
    const rows = await trail.newest(newestMax, {}, { signal })
    const names = trail.files.map(({ name }) => name)
    return [...(await modeChecks(dir, names)), ...lineChecks(rows, about)]
  } catch (error) {
    const { name, kind, code, message } = error as Partial<Error> & { kind?: unknown; code?: unknown }
    if ((name === "TrailError" && kind === "missing") || code === "ENOENT")
      return [note("files", "there is no file of the app yet")]
    return [problem("files", message ?? String(error), "Give the user who asks the right to read them")]
  }
}

const modeChecks = async (dir: string, names: readonly string[]): Promise<readonly Check[]> => {
  const open: string[] = []
  for (const name of names) {
    const facts = await lstat(join(dir, ...name.split("/")))
    if (process.getuid !== undefined && (facts.mode & 0o077) !== 0) open.push(name)
  }
  if (open.length === 0)
    return [
      fine(
        "files",
        `${names.length === 1 ? "1 file" : `${names.length} files`}; only their owner may read them`
      )
    ]
  return [
    problem(
      "files",
      `others on this machine may read ${open.length} of ${names.length} files, such as ${open[0]}`,
      "chmod 600 them, unless readableBy was asked for"
    )
  ]
}

const lineChecks = (rows: readonly TrailRow[], { now }: About): readonly Check[] => {
  const sessions = new Map<string, number>()
  const reasons = new Map<string, number>()
  let damaged = 0
  let missing = 0
  let newest = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    if ("damage" in row) {
      damaged += 1
      continue
    }
    const { kind, head, fields } = row.event
    const ms = lineTime(head.ts)
    if (ms > newest) newest = ms
    if (head.session !== "" && !Number.isNaN(ms))
      sessions.set(head.session, Math.max(ms, sessions.get(head.session) ?? ms))
    if (kind !== "gap") continue
    missing += typeof fields.count === "number" ? fields.count : 0
    for (const [reason, count] of Object.entries((fields.reasons ?? {}) as Readonly<Record<string, number>>))
      reasons.set(reason, (reasons.get(reason) ?? 0) + Number(count))
  }
  const together = [...sessions.values()].filter((ms) => ms > newest - togetherMs).length
  const among = `among the newest ${rows.length} lines`
  const checks: Check[] = []
  if (Number.isFinite(newest)) checks.push(note("files", `the newest line is ${ageText(now - newest)} old`))
  if (together > 1)
    checks.push(
      note("writers", `${together} sessions wrote within ten minutes: that is all right on a local disk`)
    )
  else if (together === 1) checks.push(fine("writers", "one session writes"))
  if (missing > 0) {
    const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(", ")
    checks.push(
      problem(
        "events",
        `${missing} events are missing ${among}, and gap lines say why: ${why}`,
        "overflow: the disk was too slow or full; refused: see the reason on the gap line"
      )
    )
  } else if (rows.length > 0) checks.push(fine("events", `none is missing ${among}`))
  if (damaged > 0)
    checks.push(
      problem(
        "lines",
        `${damaged} damaged ${among}`,
        "daybook verify says where; a crash leaves one, an editor or a full disk more"
      )
    )
  return checks
}
