// What was found so far. Bounded: a file that was rewritten has a finding a stretch, and the first of them say enough.
// Also the few words that all findings share.

import { printable } from "@daybook/core/event-line"
import { verifyLimits } from "../limits.ts"
import type { Finding, Note, NoteKind, Problem, ProblemKind } from "./report.ts"

/** Where a line stands in its file. */
export interface Position {
  /** From 1. */
  readonly line: number
  /** Of its first byte. */
  readonly offset: number
}

/** The same, and in which file. */
export interface FilePosition extends Position {
  /** Path below the log's directory. */
  readonly file: string
}

/** Where something was found, as far as it is anywhere. */
export type FoundAt = Pick<Finding, "file" | "line" | "offset" | "session">

/** The session that something is found of. */
interface Found {
  readonly session: string
  problems: number
}

export class Findings {
  readonly problems: Problem[] = []
  readonly notes: Note[] = []
  leftOut = 0

  /** True when further findings are only counted: looking closer is of no use. */
  get isFull(): boolean {
    return this.problems.length >= verifyLimits.findingsMax
  }

  problem(kind: ProblemKind, text: string, at: FoundAt): void {
    // One line may be found bad by more than one look at it.
    const isKnown = this.problems.some(
      ({ file, offset, kind: known }) =>
        known === kind && file === at.file && offset === at.offset && offset !== undefined
    )
    if (!isKnown) this.add(this.problems, { kind, text, ...at })
  }

  note(kind: NoteKind, text: string, at: FoundAt): void {
    this.add(this.notes, { kind, text, ...at })
  }

  /** A problem of a session, which is broken by it. */
  problemOf(found: Found, kind: ProblemKind, text: string, at: FoundAt): void {
    found.problems += 1
    this.problem(kind, text, whereOf(found, at))
  }

  noteOf(found: Found, kind: NoteKind, text: string, at: FoundAt): void {
    this.note(kind, text, whereOf(found, at))
  }

  // What stands on seals, and in names of files, may have been made to be shown on a terminal.
  private add<One extends Finding>(list: One[], finding: One): void {
    if (list.length < verifyLimits.findingsMax) list.push({ ...finding, text: printable(finding.text) })
    else this.leftOut += 1
  }
}

const whereOf = ({ session }: Found, { file, line, offset }: FoundAt): FoundAt =>
  line === undefined ? { file, session } : { file, line, offset, session }

/** "event 5 is missing", "events 5 to 9 are missing". */
export const missingText = (from: number, to: number): string =>
  from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`

/** "seal 5", "seals 5 to 7". */
export const sealsText = (from: number, to: number): string =>
  from === to ? `seal ${from}` : `seals ${from} to ${to}`
