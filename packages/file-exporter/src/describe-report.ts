// A report as text that a person understands: first what holds, then what does not, what to know, and of each day and session
// what is proved, by whom, and what is not. Everything is made printable: names of files and folders, and what stands on seals,
// come from those who wrote them.

import { printable } from "@daybook/core/event-line"
import type {
  FileReport,
  Finding,
  RetiredReport,
  SessionReport,
  Verdict,
  VerifyReport
} from "./verify/report.ts"
import { counted } from "./words.ts"

/** Sessions and days listed one by one; further ones are only counted. */
const listedMax = 50
/** Digits of a key's fingerprint: enough to tell those that were given apart. */
const keyDigits = 16

const words: Readonly<Record<Verdict, string>> = {
  broken: "BROKEN. Something here is not as the log left it",
  unsigned:
    "UNSIGNED. Not everything here is signed with a key that was given: everyone who can write the files could have made what is not",
  incomplete: "INCOMPLETE. What is here is as it was sealed, and a part of it is not here, or was redacted",
  unsealed: "UNSEALED. Not everything here is under a seal",
  unknown: "UNKNOWN. A part was sealed by a newer version, and cannot be checked",
  intact:
    "INTACT. Every seal fits its lines and the seal before it. No key was given: everyone who can write the files could have made them anew",
  signed: "SIGNED. Every seal fits, and carries a good signature of a key that was given",
  anchored: "ANCHORED. Every seal fits, and a seal of each session is among the anchors"
}

/** Ends with a newline. */
export const describeReport = (report: VerifyReport): string => {
  const { verdict, sessions, problems, notes, findingsLeftOut, files, asked } = report
  if (verdict === undefined) return "There is nothing to verify: no file of this log holds a line.\n"
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const counts = [
    counted(files.length, "file"),
    counted(lines, "line"),
    counted(sessions.length, "session"),
    counted(problems.length, "problem")
  ]
  const given = `Given: ${counted(asked.keys, "key")}, ${counted(asked.anchors, "anchor")}.`
  const parts = [`${words[verdict]}.`, `${counts.join(", ")}. ${given}`]
  if (problems.length > 0) parts.push("", "Problems", ...problems.map(describeFinding))
  if (notes.length > 0) parts.push("", "To know", ...notes.map(describeFinding))
  if (findingsLeftOut > 0) parts.push(`  and ${findingsLeftOut} more`)
  parts.push("", "Days", ...listed(daysOf(report).map(describeDay)))
  parts.push("", "Sessions", ...listed(sessions.map(describeSession)))
  return `${parts.map(printable).join("\n")}\n`
}

const listed = (texts: readonly string[]): readonly string[] =>
  texts.length <= listedMax ? texts : [...texts.slice(0, listedMax), `  and ${texts.length - listedMax} more`]

const describeFinding = ({ kind, text, file, line, session }: Finding): string => {
  const place = file === undefined ? "" : line === undefined ? `${file}: ` : `${file}:${line}: `
  const whose = session === undefined ? "" : `session ${session}: `
  return `  ${place}${kind}: ${whose}${text}`
}

interface Day {
  readonly day: string
  readonly files: readonly FileReport[]
  readonly retired: readonly RetiredReport[]
}

const daysOf = ({ files, retired }: VerifyReport): readonly Day[] =>
  [...new Set([...files, ...retired].map(({ day }) => day))].sort().map((day) => ({
    day,
    files: files.filter((file) => file.day === day),
    retired: retired.filter((file) => file.day === day)
  }))

const describeDay = ({ day, files, retired }: Day): string => {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const proved = files.reduce((sum, file) => sum + file.proved, 0)
  const byWhom = [...new Set(retired.map(({ session }) => session))].join(", ")
  const here = files.length === 0 ? [] : [`${counted(lines, "line")} with seals, ${proved} proved`]
  const gone = retired.length === 0 ? [] : [`${counted(retired.length, "file")} deleted by session ${byWhom}`]
  return `  ${day}: ${[...here, ...gone].join(", ")}`
}

const describeSession = (report: SessionReport): string => {
  const { session, verdict, lines, lastSeal, unsealed, adopted, redacted, anchoredTo, firstFile, lastFile } =
    report
  const { proved, signedBy } = report
  const details = [
    `${proved} of ${counted(lines, "line")} proved`,
    lastSeal === 0 ? "never sealed" : `sealed up to seal ${lastSeal}`,
    ...(signedBy === undefined ? [] : [`signed with key ${signedBy.slice(0, keyDigits)}`]),
    ...(anchoredTo === 0 ? [] : [`anchored up to seal ${anchoredTo}`]),
    ...(unsealed === 0 ? [] : [`${counted(unsealed, "line")} not sealed yet`]),
    ...(adopted === 0 ? [] : [`${adopted} of them seen by a later session`]),
    ...(redacted === 0 ? [] : [`${counted(redacted, "line")} not provable after redactions`]),
    report.ended ? "closed" : "not closed",
    firstFile === lastFile ? firstFile : `${firstFile} to ${lastFile}`
  ]
  return `  ${session} ${verdict}: ${details.join(", ")}`
}
