// What the name of a file says, whatever program gave it: the layouts of a log, their rotated and packed forms, and names that
// say nothing. Which files are read is decided by trail.ts.

//   datatools-2026-11-22.jsonl             a day of the app datatools
//   datatools-2026-11-22-1a2c3d4e.jsonl    one session's day
//   ada/tool_audit/2026-11-22.jsonl        one user's day
//   ….jsonl.1, ….jsonl.gz                  moved aside by a rotation, packed by another program
//   queue.jsonl, service.log               lines of something else

/** What a name says. */
export interface SaidByName {
  /** "" where the name has no app: a user's day, or a file of another program. */
  readonly app: string
  /** "YYYY-MM-DD"; "" where the name has no day. */
  readonly day: string
  readonly session?: string
  readonly user?: string
}

const packed = /\.gz$/
const rotated = /^(.+\.(?:jsonl|ndjson|log|json))[.-]\d[\d.-]*$/
const ofApp = /^(.+)-(\d{4}-\d\d-\d\d|unknown)(?:-([0-9a-f]{8}))?\.jsonl$/
const ofUser = /^(?:.*\/)?([^/]+)\/tool_audit\/(\d{4}-\d\d-\d\d|unknown)\.jsonl$/
const hasLines = /\.(?:jsonl|ndjson|log)$/

export const isPacked = (name: string): boolean => packed.test(name)

/** What the name of a file says, with "/" between its parts; `undefined` where it names no file of lines. */
export const readName = (name: string): SaidByName | undefined => {
  const plain = name.replace(packed, "")
  const base = plain.replace(rotated, "$1")
  const [, user, userDay] = ofUser.exec(base) ?? []
  if (user !== undefined && userDay !== undefined) return { app: "", day: dayOf(userDay), user }
  const last = base.slice(base.lastIndexOf("/") + 1)
  const [, app, day, session] = ofApp.exec(last) ?? []
  if (app !== undefined && day !== undefined)
    return { app, day: dayOf(day), ...(session === undefined ? {} : { session }) }
  return hasLines.test(base) ? { app: "", day: "" } : undefined
}

/** Events without a clock have no day, and no place in time. */
const dayOf = (day: string): string => (day === "unknown" ? "" : day)
