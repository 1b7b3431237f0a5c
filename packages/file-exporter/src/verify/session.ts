// What verify remembers of one session over all files: its seals as runs of the chain, the numbers of its events, and
// counts. Small, because there may be very many sessions; what is wrong in one stretch is said when it is read.

//   S1 ◀── S2 ◀── S3 ◀── S4      ?      S7 ◀── S8 ◀── S9      runs are sorted by k, whatever the order of the files;
//   └── run from 1 to 4 ───┘            └ run from 7 to 9 ┘    between two of them seals are missing

import type { FilePosition } from "./findings.ts"
import { NumberRanges } from "./ranges.ts"

/** One seal in the chain, and where it stands. */
export interface ChainedSeal extends FilePosition {
  readonly k: number
  readonly prev: string
  /** SHA-256 of its line without the salts. */
  readonly digest: string
  readonly day: string
  /** `skip` less the lines that do stand before its stretch: more than 0 when some are missing. */
  readonly shift: number
  readonly isReplaced: boolean
  /** It lacks its newline, in a file that was moved aside. */
  readonly isUnended: boolean
  /** That lines are missing before it was said when its stretch was read. */
  isTold: boolean
}

/** Seals that follow each other. */
export interface ChainRun {
  first: ChainedSeal
  last: ChainedSeal
}

/** Lines of a session behind its last seal in a file. */
export interface OpenEnd extends FilePosition {
  /** The file as seals name it. */
  readonly sealedAs: string
  /** Of the file. */
  readonly day: string
  /** A rotation has moved the file aside. */
  readonly isMoved: boolean
  /** The seal behind which they stand; 0 for a file's beginning. */
  readonly after: number
  readonly lines: number
}

export class SessionTrail {
  readonly streamKey: string
  readonly session: string
  /** The files that its lines are in: the first, and the last so far. */
  readonly firstFile: string
  readonly firstDay: string
  lastFile: string
  lines = 0
  seals = 0
  /** Lines that seals of its own prove. */
  proved = 0
  unsealed = 0
  adopted = 0
  /** Of the sessions that have seen its unsealed lines, the one that has seen the most of them. */
  adoptedBy: string | undefined
  /** Lines that cannot be proved because of redactions. */
  redacted = 0
  /** How many seals have a good signature of each key that was given, and how many have none. */
  readonly signedBy: Map<string, number> = new Map()
  notSigned = 0
  /** The key of other seals. */
  otherKey: string | undefined
  /** What stands under no seal of its own. */
  readonly opens: OpenEnd[] = []
  /** The seal that closes it; 0 without one. */
  closedBy = 0
  /** Files, as seals name them, that were replaced while it wrote: what was in them may never have been sealed. */
  readonly replaced: Set<string> = new Set()
  /** Problems that name it. */
  problems = 0
  isIncomplete = false
  /** Its first line is of a newer version. */
  isNewer = false
  ended = false
  /** Whether its first line says that some events are left out; `undefined` as long as that line was not seen. */
  isFiltered: boolean | undefined
  /** Its first line says that nothing of it is sealed. */
  isUnsealed = false
  anchoredTo = 0
  readonly events: NumberRanges = new NumberRanges()
  private readonly runs: ChainRun[] = []

  constructor(streamKey: string, { file, day }: { readonly file: string; readonly day: string }) {
    this.streamKey = streamKey
    this.session = streamKey.slice(0, 8)
    this.firstFile = file
    this.firstDay = day
    this.lastFile = file
  }

  /** The newest seal that is here, by its number. */
  get lastSeal(): number {
    return this.runs.reduce((most, { last }) => Math.max(most, last.k), 0)
  }

  /** All of its seals have a good signature of one given key. */
  get isSigned(): boolean {
    return this.signedBy.size === 1 && this.notSigned === 0
  }

  addSeal(seal: ChainedSeal): void {
    this.seals += 1
    const run = this.runs.at(-1)
    const follows =
      run !== undefined && !seal.isUnended && run.last.k + 1 === seal.k && run.last.digest === seal.prev
    if (follows && seal.shift === 0) run.last = seal
    else this.runs.push({ first: seal, last: seal })
  }

  /** The runs by their first seals. What follows without a break is still apart where its stretch begins wrongly. */
  sortedRuns(): readonly ChainRun[] {
    return this.runs.toSorted((one, other) => one.first.k - other.first.k)
  }
}
