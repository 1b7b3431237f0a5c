// What verify says: a verdict a session, never a bare "verified", and every finding with its place and its own name.
// What leads to them is in the other files of this folder; the text for people is made by describe-report.ts.

/**
 * How much can be said of a session, or of all.
 * - `broken`: something is here that no log leaves behind, see the problems.
 * - `unsigned`: keys were given, and it is not signed with one of them: everyone who can write the files could have made it.
 * - `incomplete`: what is here is as it was sealed, and a part is not here, or was redacted; a note says why.
 * - `unsealed`: nothing vouches for it: it was never sealed, nor seen by another session.
 * - `unknown`: sealed by a newer version, whose rules we do not know.
 * - `intact`: every seal fits its lines and the seal before it. Everyone who can write the files could have made them anew.
 * - `signed`: the same, and each seal carries a good signature of one key that was given.
 * - `anchored`: the same as `intact`, or as `signed` where keys were given, and a seal of it is known from elsewhere: up to there
 *   nothing was rewritten or rolled back.
 */
export type Verdict =
  | "broken"
  | "unsigned"
  | "incomplete"
  | "unsealed"
  | "unknown"
  | "intact"
  | "signed"
  | "anchored"

/** Weakest first: all together are worth as much as the weakest of them. */
export const verdicts: readonly Verdict[] = [
  "broken",
  "unsigned",
  "incomplete",
  "unsealed",
  "unknown",
  "intact",
  "signed",
  "anchored"
]

/** What no log leaves behind. */
export type ProblemKind =
  /** Bytes that are no line any more, or a line that contradicts itself. */
  | "damaged"
  /** As many lines as were sealed, in their order, and not the same bytes; or a seal that was changed. */
  | "edited"
  /** An editor saved the file with other line ends or a byte order mark; the lines say what they said. */
  | "rewritten"
  | "deleted"
  | "inserted"
  /** Lines of one session in another order. */
  | "reordered"
  /** Lines that stood in another file when they were sealed. */
  | "moved"
  /** Seals that are known from elsewhere, later than the last one here. */
  | "truncated"
  /** A day's file is gone although days before and after it are here. */
  | "missing-day"
  /** More lines, or for longer, without a seal than any log leaves. */
  | "seals-missing"
  /** Events that are missing, and no gap mark says why. */
  | "gap"
  /** A signature that is wrong, or missing beside signed ones. */
  | "signature"
  | "unreadable"

/** What honest operations leave behind, and a reader should know. */
export type NoteKind =
  /** Lines after the last seal: nothing vouches for them yet. */
  | "unsealed"
  /** Keys were given, and this session is not signed with one of them. */
  | "unsigned"
  /** Lines that nothing proves, because a line among them was redacted. */
  | "redacted"
  /** Deleted by the log itself, which a mark says that is believed. */
  | "retired"
  /** A mark of a deletion that is not believed: everyone could have made it, or less was kept than was asked for. */
  | "unbelieved"
  /** An anchor whose seal is not here, and whether it was deleted by right cannot be proved. */
  | "unproved"
  /** A session that no other has seen, and that has seen none: it may be of another folder. */
  | "unlinked"
  /** Older than what is here, or outside of what was asked for. */
  | "older"
  /** Another process moved or truncated the file while the log was writing. */
  | "replaced"
  /** Events are missing, and whether they were left out on purpose cannot be seen from what is here. */
  | "gap"
  /** Fragments that a crash or a full disk left behind. */
  | "torn"
  /** Lines without a session, which no seal can cover. */
  | "unowned"
  /** The last line has no newline yet: it is being written, or the process was killed while it wrote. */
  | "unterminated"
  | "newer-version"
  /** The file that was packed is here as well, and was looked at instead. */
  | "packed-copy"
  /** Signed by a key that was not given. */
  | "other-key"

/** One finding and its place. */
export interface Finding<Kind extends string = ProblemKind | NoteKind> {
  readonly kind: Kind
  /** What, for people, without its place. Never quotes a line: it may hold what should not be shown. */
  readonly text: string
  /** Path below the log's directory; absent where there is no place, as of what is missing altogether. */
  readonly file?: string | undefined
  /** First bad line, from 1. */
  readonly line?: number | undefined
  /** Byte offset of that line. */
  readonly offset?: number | undefined
  /** First 8 hex digits of the stream key. */
  readonly session?: string | undefined
}

export type Problem = Finding<ProblemKind>
export type Note = Finding<NoteKind>

export interface SessionReport {
  readonly session: string
  /** All 15 digits: with them `grep` finds the lines. */
  readonly streamKey: string
  readonly verdict: Verdict
  /** Lines of it that are here: events and marks, seals not counted. */
  readonly lines: number
  readonly seals: number
  /** Number of the newest seal that is here; 0 without one. */
  readonly lastSeal: number
  /** The key of its seals, of those that were given; absent where it is not signed with one of them. */
  readonly signedBy?: string | undefined
  /** Lines that its seals prove, and those of its unsealed lines that another session has seen. */
  readonly proved: number
  /** Lines under no seal of the session's own. */
  readonly unsealed: number
  /** Of those, the lines that the first seal of a later session remembers. */
  readonly adopted: number
  /** Lines that cannot be proved because of redactions: 16 for each. */
  readonly redacted: number
  /** Seals up to this one are known from elsewhere; 0 when none is. */
  readonly anchoredTo: number
  /** It was closed: its last event says so. */
  readonly ended: boolean
  /** The files it is in, as far as they are here. */
  readonly firstFile: string
  readonly lastFile: string
}

/** A file, as far as it is here. */
export interface FileReport {
  readonly file: string
  /** "YYYY-MM-DD" or "unknown". */
  readonly day: string
  readonly bytes: number
  readonly lines: number
  /** Lines that are proved. Seals are none of them. */
  readonly proved: number
}

/** A file that the log has deleted itself, by a mark that is believed. */
export interface RetiredReport {
  readonly file: string
  readonly day: string
  readonly size: number
  readonly reason: string
  /** How many days were kept; only of files that were too old. */
  readonly days?: number | undefined
  /** The session that says so. */
  readonly session: string
}

export interface VerifyReport {
  /** The weakest of all sessions and files. `undefined` when there was nothing to look at. */
  readonly verdict: Verdict | undefined
  /** In the order of their first lines. */
  readonly sessions: readonly SessionReport[]
  /** In the order of files and lines. */
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
  /** Findings beyond the thousand that are kept. */
  readonly findingsLeftOut: number
  readonly files: readonly FileReport[]
  /** Files that are gone, and are believed to have been deleted by the log. */
  readonly retired: readonly RetiredReport[]
  /** What was asked for: the report says less to those who asked for less. */
  readonly asked: { readonly keys: number; readonly anchors: number }
}
