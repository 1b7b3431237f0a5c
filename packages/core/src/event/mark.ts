// Marks: lines that the log writes about itself. They have an `id` but no `seq`, and are never counted as accepted,
// written or dropped. This file fixes what each kind carries; pipeline/gap.ts and the exporters write them.

import type { Level } from "./level.ts"

/** The kinds of lines in the order of the numbers in the `kind` column: 0 is an event, the others are marks. */
export const lineKinds = ["event", "gap", "seal", "recovered", "retention"] as const
export type LineKind = (typeof lineKinds)[number]
export type MarkKind = Exclude<LineKind, "event">

/** A kind's number in the `kind` column. */
export const lineKindNumber: Readonly<Record<LineKind, number>> = {
  event: 0,
  gap: 1,
  seal: 2,
  recovered: 3,
  retention: 4
}

/** What is amiss is a warning; the rest is housekeeping. */
export const markLevel: Readonly<Record<MarkKind, Level>> = {
  gap: "warn",
  seal: "info",
  recovered: "warn",
  retention: "info"
}

/** Why an event was dropped: the closed list of format 1. */
export const dropReasons = ["overflow", "closed", "too_large", "refused", "gave_up", "defect"] as const
export type DropReason = (typeof dropReasons)[number]

/** `category:"gap"`, level warn: events that were accepted and are not in this stream. */
export interface GapFields {
  readonly count: number
  /** First and last `seq` of the hole; every event between them is missing here. */
  readonly first_seq: number
  readonly last_seq: number
  readonly by_category: Readonly<Record<string, number>>
  readonly reasons: Readonly<Partial<Record<DropReason, number>>>
  readonly exporter: string
}

/** `category:"seal"`: a digest over a stretch of one session's lines in one file. */
export interface SealFields {
  /** The file's path below the log directory. */
  readonly file: string
  /** Counts the session's seals over all files, from 1. */
  readonly k: number
  /** The session's lines in this file before the stretch. */
  readonly skip: number
  /** Another file stood in this file's place, or a shorter one, since the seal before: `skip` counts from there. */
  readonly replaced?: true
  /** Lines of the stretch. */
  readonly lines: number
  readonly first_seq: number
  readonly last_seq: number
  /** SHA-256 over the leaves of the stretch's lines, in hex: a leaf is that of 16 lines and a salt. */
  readonly sha256: string
  /** SHA-256 of the session's previous seal line without its salts; "" for the first. */
  readonly prev: string
  /** The log was closed: this is the session's last seal, and no line follows it. */
  readonly closed?: true
  /** Newest seals of other sessions and adopted tails of crashed ones, in the first seal only. */
  readonly saw?: readonly SeenSeal[]
  readonly alg?: "ed25519"
  /** Fingerprint of the public key, hex. */
  readonly key?: string
  /** Over the line without this member and the salts, base64url. */
  readonly sig?: string
  /** One a leaf, of the stretch and then of the tails in `saw`: a salt and 4 digits of the leaf, or the leaf without its salt. */
  readonly salts?: readonly string[]
}

/** What a session's first seal remembers of another session in the same files. */
export interface SeenSeal {
  readonly session: string
  /** The file that the seal, or the tail, is in: if that is gone, it has a name. */
  readonly file?: string | undefined
  readonly k: number
  readonly sha256: string
  /** Lines after that seal which no seal of their own will ever cover, because their session crashed. */
  readonly tail?: { readonly lines: number; readonly sha256: string }
}

/** `category:"recovered"`: a torn tail that a crash or a full disk left behind. */
export interface RecoveredFields {
  readonly file: string
  /** Bytes of the fragment, which stays where it is as one damaged line. */
  readonly bytes: number
}

/** Why files were deleted: they were too old, the folder had too many bytes, or every delivery had all of them. */
export type RetentionReason = "age" | "budget" | "delivered"

/** A file that is deleted, and what tells it from another one of that name. */
export interface RetiredFile {
  /** Its path below the log directory. */
  readonly file: string
  readonly size: number
  /** The newest seals in it of at most 32 sessions. */
  readonly seals: readonly { readonly session: string; readonly k: number; readonly sha256: string }[]
}

/** `category:"retention"`: day files that are deleted next. */
export interface RetentionFields {
  readonly count: number
  readonly oldest: string
  readonly newest: string
  /** How many days are kept; only of files that were too old. */
  readonly days?: number
  /** Absent in older marks, which are all of files that were too old. */
  readonly reason?: RetentionReason
  /** Bytes of them that a delivery had yet to deliver. */
  readonly undelivered_bytes?: number
  /** Absent in older marks, which no verifier believes. */
  readonly files?: readonly RetiredFile[]
}

/** The fields of each kind of mark. */
export interface MarkFields {
  readonly gap: GapFields
  readonly seal: SealFields
  readonly recovered: RecoveredFields
  readonly retention: RetentionFields
}
