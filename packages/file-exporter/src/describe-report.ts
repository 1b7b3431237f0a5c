// A report as text that a person understands: first what holds, then what does not, then what to know. Texts come from
// the files' names and from our own words only, never from what stands on a line.

import type { Finding, SessionReport, Verdict, VerifyReport } from "./verify/report.ts"
import { counted } from "./words.ts"

/** Sessions listed one by one; further ones are only counted. */
const sessionsMax = 50

const words: Readonly<Record<Verdict, string>> = {
  broken: "BROKEN. Something here is not as the log left it",
  incomplete: "INCOMPLETE. What is here is as it was sealed, and a part of it is not here",
  unsealed: "UNSEALED. Not everything here is under a seal",
  unknown: "UNKNOWN. A part was sealed by a newer version, and cannot be checked",
  intact:
    "INTACT. Every seal fits its lines and the seal before it. Seals are not signed with a given key: everyone who can write the files could have made them anew",
  signed: "SIGNED. Every seal fits, and carries a good signature",
  anchored: "ANCHORED. Every seal fits, and a seal of each session is among the anchors"
}

/** Ends with a newline. */
export const describeReport = (report: VerifyReport): string => {
  const { verdict, sessions, problems, notes, findingsLeftOut, files } = report
  if (verdict === undefined) return "There is nothing to verify: no file of this log holds a line.\n"
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const counts = [
    counted(files.length, "file"),
    counted(lines, "line"),
    counted(sessions.length, "session"),
    counted(problems.length, "problem")
  ]
  const parts = [`${words[verdict]}.`, `${counts.join(", ")}.`]
  if (problems.length > 0) parts.push("", "Problems", ...problems.map(describeFinding))
  if (notes.length > 0) parts.push("", "To know", ...notes.map(describeFinding))
  if (findingsLeftOut > 0) parts.push(`  and ${findingsLeftOut} more`)
  parts.push("", "Sessions", ...sessions.slice(0, sessionsMax).map(describeSession))
  if (sessions.length > sessionsMax) parts.push(`  and ${sessions.length - sessionsMax} more`)
  return `${parts.join("\n")}\n`
}

const describeFinding = ({ kind, text, file, line, session }: Finding): string => {
  const place = file === undefined ? "" : line === undefined ? `${file}: ` : `${file}:${line}: `
  const whose = session === undefined ? "" : `session ${session}: `
  return `  ${place}${kind}: ${whose}${text}`
}

const describeSession = (report: SessionReport): string => {
  const { session, verdict, lines, lastSeal, unsealed, adopted, redacted, anchoredTo, firstFile, lastFile } =
    report
  const details = [
    counted(lines, "line"),
    lastSeal === 0 ? "never sealed" : `sealed up to seal ${lastSeal}`,
    ...(unsealed === 0 ? [] : [`${counted(unsealed, "line")} not sealed yet`]),
    ...(adopted === 0 ? [] : [`${adopted} of them seen by a later session`]),
    ...(redacted === 0 ? [] : [`${counted(redacted, "line")} not provable`]),
    ...(anchoredTo === 0 ? [] : [`anchored up to seal ${anchoredTo}`]),
    report.ended ? "closed" : "not closed",
    firstFile === lastFile ? firstFile : `${firstFile} to ${lastFile}`
  ]
  return `  ${session} ${verdict}: ${details.join(", ")}`
}
