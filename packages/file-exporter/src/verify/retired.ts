// Deletions that a log says it has made. A mark is believed only from those who may be believed: it is proved, and its session is
// as much worth as was asked for. What is gone counts as deleted only where such a mark names it.

import type { RetentionFields, RetiredFile } from "@daybook/core"
import { counted } from "../words.ts"
import type { Findings } from "./findings.ts"
import type { RetiredReport } from "./report.ts"
import type { RetentionMark } from "./stretch.ts"

/** What a mark's fields say, as far as it is a mark that names files. */
export const toRetention = (fields: Readonly<Record<string, unknown>>): RetentionFields | undefined => {
  const { files } = fields
  return Array.isArray(files) && files.every(isRetiredFile)
    ? (fields as unknown as RetentionFields)
    : undefined
}

const isRetiredFile = (value: unknown): value is RetiredFile => {
  const { file, size, seals } = (value ?? {}) as Readonly<Record<string, unknown>>
  return (
    typeof file === "string" && typeof size === "number" && Array.isArray(seals) && seals.every(isNamedSeal)
  )
}

const isNamedSeal = (value: unknown): boolean => {
  const { session, k, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>
  return typeof session === "string" && typeof k === "number" && typeof sha256 === "string"
}

/** What must be so for a mark to be believed. */
export interface Demand {
  readonly isSigned: boolean
  readonly isAnchored: boolean
  /** Files were to be kept for so many days. */
  readonly retentionDays: number | undefined
}

/** Files of which a mark is believed that the log has deleted them. */
export class RetiredFiles {
  /** Those that are gone, by their names: a file that is still here is no finding. */
  readonly gone: readonly RetiredReport[]
  /** The newest day of them; "" without one. */
  readonly upTo: string
  private readonly files = new Map<string, RetiredReport>()
  private readonly seals = new Map<
    string,
    { readonly k: number; readonly sha256: string; readonly file: string }[]
  >()

  /** `present` are the files that are here. */
  constructor(
    marks: readonly RetentionMark[],
    demand: Demand,
    { present, findings }: { readonly present: ReadonlySet<string>; readonly findings: Findings }
  ) {
    for (const mark of marks) {
      const why = unbelieved(mark, demand)
      if (why === undefined) this.believe(mark, demand, findings)
      else
        findings.noteOf(
          mark.trail,
          "unbelieved",
          `it says that it deleted ${filesText(mark.fields)}, and ${why}`,
          mark.at
        )
    }
    this.gone = [...this.files.values()]
      .filter(({ file }) => !present.has(file))
      .sort((one, other) => (one.file < other.file ? -1 : 1))
    this.upTo = this.gone.reduce((newest, { day }) => (day > newest ? day : newest), "")
  }

  private believe(
    { trail, fields, day, at }: RetentionMark,
    { retentionDays }: Demand,
    findings: Findings
  ): void {
    const { reason = "age", days, files = [] } = fields
    for (const { file, size, seals } of files) {
      const ofDay = dayIn(file)
      if (ofDay !== "" && retentionDays !== undefined && daysFrom(ofDay, day) < retentionDays) {
        const text = `it deleted a file of ${ofDay} on ${day}, and ${counted(retentionDays, "day")} were to be kept`
        findings.noteOf(trail, "unbelieved", text, at)
        continue
      }
      this.files.set(file, {
        file,
        size,
        day: ofDay,
        reason,
        ...(days === undefined ? {} : { days }),
        session: trail.session
      })
      for (const { session, k, sha256 } of seals) {
        const known = this.seals.get(session) ?? []
        this.seals.set(session, known)
        known.push({ k, sha256, file })
      }
    }
  }

  /** Exactly this seal was in one of them. */
  has(session: string, k: number, sha256: string): boolean {
    return this.seals.get(session)?.some((one) => one.k === k && one.sha256 === sha256) === true
  }

  /** This seal, or a later one of its session in the same file, where that is known: the chain holds the ones before it. */
  covers({
    session,
    k,
    sha256,
    file
  }: {
    session: string
    k: number
    sha256: string
    file: string | undefined
  }): boolean {
    const isIt = (one: { readonly k: number; readonly sha256: string; readonly file: string }): boolean =>
      one.k === k ? one.sha256 === sha256 : one.k > k && (file === undefined || one.file === file)
    return this.seals.get(session)?.some(isIt) === true
  }

  named(file: string): RetiredReport | undefined {
    return this.files.get(file)
  }
}

const unbelieved = ({ trail, k, fields }: RetentionMark, demand: Demand): string | undefined => {
  if (trail.problems > 0) return "the session is broken"
  if (demand.isSigned && !trail.isSigned) return "the session is not signed with a given key"
  if (demand.isAnchored && trail.anchoredTo < k) return "no anchor holds the seal over it"
  const { days } = fields
  const { retentionDays } = demand
  if (days !== undefined && retentionDays !== undefined && days < retentionDays)
    return `it kept ${counted(days, "day")}, where ${retentionDays} were to be kept`
  return undefined
}

const filesText = ({ files = [] }: RetentionFields): string => {
  const days = files
    .map(({ file }) => dayIn(file))
    .filter((day) => day !== "")
    .sort()
  const [first = "", last = ""] = [days[0], days.at(-1)]
  const named = first === "" ? "" : ` of ${first === last ? first : `${first} to ${last}`}`
  return `${counted(files.length, "file")}${named}`
}

const dayIn = (file: string): string => /(\d{4}-\d\d-\d\d)(?:-[0-9a-f]{8})?\.jsonl/.exec(file)?.[1] ?? ""

const dayMs = 86_400_000

const daysFrom = (one: string, other: string): number => (Date.parse(other) - Date.parse(one)) / dayMs
