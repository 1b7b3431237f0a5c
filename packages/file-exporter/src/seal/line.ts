// What is known of a line by its bytes alone: whose it is, its `seq`, and, if it is one, what a seal says. What makes seals
// and what checks them share it, so that both mean the same lines. Nothing here hashes or reads files.

import { type AuditEvent, decodeLine, joinedBytes, type SealFields, type SeenSeal } from "@daybook/core"
import { isSaltEntry, leavesOf } from "./leaves.ts"

//   …,"seq":12,"id":"01a2027b-d6fb-7000-81a2-c3d4e5f60718"}\n
//                                       └── ending ─────┘      the stream key: a line that ends so is the session's
//   └─ seq ──┘└──────────── idMemberBytes ──────────────────┘

const newline = 0x0a
const dash = 0x2d
const quote = 0x22
const brace = 0x7d
const zero = 0x30
/** `1a2-c3d4e5f60718`: the 15 digits of a stream key as they stand at the end of an id. */
const keyChars = 16
/** `"}\n` */
const closeBytes = 3
/** `,"id":"` + 36 + `"}\n` */
const idMemberBytes = 7 + 36 + closeBytes

const ascii = new TextDecoder("latin1")
const encoder = new TextEncoder()

/** The stream key's digits as they stand at the end of each id of its lines, with the dash of the id. */
export const keyOnLine = (streamKey: string): string => `${streamKey.slice(0, 3)}-${streamKey.slice(3)}`

/** What every line of a session ends with, newline included: the pattern that `grep` finds it by. */
export const lineEnding = (streamKey: string): Uint8Array => encoder.encode(`${keyOnLine(streamKey)}"}\n`)

/** True when the line that ends at `end` has this ending. */
export const endsWith = (bytes: Uint8Array, end: number, ending: Uint8Array): boolean => {
  const start = end - ending.length
  if (start < 0) return false
  for (let at = ending.length - 1; at >= 0; at--) if (bytes[start + at] !== ending[at]) return false
  return true
}

/**
 * The digits by which a line, newline included, says whose it is, with their dash; `undefined` for a line that does not
 * end as lines with an id do. The line is all of the bytes, or those from `start` to `end`.
 */
export const keyOf = (line: Uint8Array, start = 0, end = line.length): string | undefined => {
  const from = end - closeBytes - keyChars
  if (from < start || line[end - 1] !== newline || line[end - 2] !== brace || line[end - 3] !== quote)
    return undefined
  for (let at = 0; at < keyChars; at++) {
    const byte = line[from + at] ?? 0
    if (at === 3 ? byte !== dash : !isHexDigit(byte)) return undefined
  }
  return ascii.decode(line.subarray(from, from + keyChars))
}

const isHexDigit = (byte: number): boolean =>
  (byte >= zero && byte <= zero + 9) || (byte >= 0x61 && byte <= 0x66)

const beforeSeq = encoder.encode(',"seq":')

/** The `seq` of a line, from its fixed place; 0 for marks, and for what has none there. */
export const seqOf = (line: Uint8Array, start = 0, end = line.length): number => {
  let at = end - idMemberBytes - 1
  let seq = 0
  for (let unit = 1; at > start; at--, unit *= 10) {
    const digit = (line[at] ?? 0) - zero
    if (digit < 0 || digit > 9) break
    seq += digit * unit
  }
  return endsWith(line, at + 1, beforeSeq) ? seq : 0
}

const tsStart = 7
const tsChars = 24

/** The time of the line that begins at `start`, from its fixed place, in ms since 1970; NaN without one. */
export const timeAt = (bytes: Uint8Array, start: number): number => {
  const text = ascii.decode(bytes.subarray(start + tsStart, start + tsStart + tsChars))
  return text[10] === "T" && text[23] === "Z" ? Date.parse(text) : Number.NaN
}

const withMember = (line: Uint8Array, member: string): Uint8Array => {
  const at = line.length - idMemberBytes
  return joinedBytes([line.subarray(0, at), encoder.encode(member), line.subarray(at)])
}

// Without one that stands before the id; `undefined` where these are not the bytes there.
const withoutMember = (line: Uint8Array, member: string): Uint8Array | undefined => {
  const end = line.length - idMemberBytes
  const bytes = encoder.encode(member)
  if (!endsWith(line, end, bytes)) return undefined
  return joinedBytes([line.subarray(0, end - bytes.length), line.subarray(end)])
}

const signatureMember = (signature: string): string => `,"sig":"${signature}"`
const saltsMember = (salts: readonly string[]): string => `,"salts":${JSON.stringify(salts)}`

/** Where a seal's signature stands: before the id. The signed bytes are the line without it, newline included. */
export const withSignature = (line: Uint8Array, signature: string): Uint8Array =>
  withMember(line, signatureMember(signature))

/** The bytes that a seal's signature is over, from its line without the salts. */
export const withoutSignature = (line: Uint8Array, signature: string): Uint8Array | undefined =>
  withoutMember(line, signatureMember(signature))

/** Where a seal's salts stand: before the id, behind a signature. No other seal, and no signature, is over them. */
export const withSalts = (line: Uint8Array, salts: readonly string[]): Uint8Array =>
  withMember(line, saltsMember(salts))

/** The line of a seal as other seals, signatures and anchors know it. `undefined` where its salts stand elsewhere. */
export const withoutSalts = (line: Uint8Array, salts: readonly string[]): Uint8Array | undefined =>
  withoutMember(line, saltsMember(salts))

/** A seal as it stands on its line. */
export interface SealLine extends SealFields {
  readonly salts: readonly string[]
  readonly session: string
  readonly id: string
  /** Format version. */
  readonly v: number
}

/** A file's last line with the newline that it lacks, if it is a whole line but for that; `undefined` for a fragment. */
export const asEnded = (bytes: Uint8Array): Uint8Array | undefined => {
  const line = joinedBytes([bytes, newlineBytes])
  return keyOf(line) === undefined || "damage" in decodeLine(line) ? undefined : line
}

const newlineBytes = Uint8Array.of(newline)

/** Decodes a mark; an event, and what is no line at all, is `undefined`. */
export const readMark = (line: Uint8Array): AuditEvent | undefined => {
  const decoded = decodeLine(line)
  return "damage" in decoded || decoded.kind === "event" ? undefined : decoded
}

/** What a mark says as a seal; `undefined` for other marks, and for a seal whose fields are not those of one. */
export const toSealLine = ({ kind, head, fields }: AuditEvent): SealLine | undefined => {
  if (kind !== "seal") return undefined
  const { file, k, skip, lines, first_seq: first, last_seq: last, sha256, prev, saw } = fields
  const { alg, key, sig, replaced, closed, salts } = fields
  if (typeof file !== "string" || !isDigest(sha256) || (prev !== "" && !isDigest(prev))) return undefined
  if (![k, skip, lines, first, last].every(isCount) || k === 0) return undefined
  if (replaced !== undefined && replaced !== true) return undefined
  if (closed !== undefined && closed !== true) return undefined
  if (saw !== undefined && !(Array.isArray(saw) && saw.every(isSeenSeal))) return undefined
  const tails = (saw as readonly SeenSeal[] | undefined)?.map(({ tail }) => leavesOf(tail?.lines ?? 0)) ?? []
  const entries = tails.reduce((sum, leaves) => sum + leaves, leavesOf(lines as number))
  if (!(Array.isArray(salts) && salts.length === entries && salts.every(isSaltEntry))) return undefined
  const isSigned = alg === "ed25519" && isDigest(key) && typeof sig === "string" && /^[\w-]+$/.test(sig)
  if (!isSigned && (alg !== undefined || key !== undefined || sig !== undefined)) return undefined
  return { ...(fields as unknown as SealLine), session: head.session, id: head.id, v: head.v ?? 1 }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isDigest = (value: unknown): value is string =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value)

const isSeenSeal = (value: unknown): value is SeenSeal => {
  if (typeof value !== "object" || value === null) return false
  const { session, file, k, sha256, tail } = value as Partial<Record<keyof SeenSeal, unknown>>
  if (file !== undefined && typeof file !== "string") return false
  if (
    typeof session !== "string" ||
    !/^[0-9a-f]{8}$/.test(session) ||
    !isCount(k) ||
    !(k === 0 ? sha256 === "" : isDigest(sha256))
  )
    return false
  if (tail === undefined) return true
  const { lines, sha256: tailDigest } = (tail ?? {}) as {
    readonly lines?: unknown
    readonly sha256?: unknown
  }
  return isCount(lines) && isDigest(tailDigest)
}
