// A digest that can be taken apart: lines are hashed 16 at a time, and each hash with a salt of its own is a leaf. Where a line
// is redacted, the salt of its leaf is taken away and the leaf itself put in its place: the other leaves still prove their lines,
// and what the redacted one said cannot be guessed from its leaf. Pure; digests are made by those who call.

//   16 lines ── SHA-256 ─▶ hex ┐
//                         salt ┴ SHA-256 ─▶ leaf ┐
//                                      leaf, leaf ┴ SHA-256 ─▶ `sha256` of a seal, or of a tail that it saw

import { sealLimits } from "../limits.ts"

/** A salt is 108 bits: 18 characters of base64url. Behind it stand the first 4 digits of the leaf, so that an edit has a place. */
const saltChars = 18
const checkChars = 4
const digestChars = 64

/** How many leaves so many lines have. */
export const leavesOf = (lines: number): number => Math.ceil(lines / sealLimits.leafLines)

/** The text that a leaf is the SHA-256 of; `block` is that of its lines, in hex. */
export const leafText = (entry: string, block: string): string => entry.slice(0, saltChars) + block

/** The text that a digest over leaves is the SHA-256 of. */
export const leavesText = (leaves: readonly string[]): string => leaves.join("")

/** What stands in the member `salts` for a leaf that can be proved. */
export const saltEntry = (salt: string, leaf: string): string => salt + leaf.slice(0, checkChars)

/** True for the digits of this leaf behind the salt. */
export const isEntryOf = (entry: string, leaf: string): boolean =>
  entry.length === saltChars + checkChars && leaf.startsWith(entry.slice(saltChars))

/** True for an entry whose salt was taken away: it is the leaf. */
export const isBareLeaf = (entry: string): boolean => entry.length === digestChars

export const isSaltEntry = (value: unknown): value is string =>
  typeof value === "string" && /^(?:[\w-]{18}[0-9a-f]{4}|[0-9a-f]{64})$/.test(value)

/** Bytes of 36 characters of base64url, which are two salts. */
const pairBytes = 27

/** So many salts from random bytes. */
export const saltsOf = (count: number, randomText: (bytes: number) => string): readonly string[] => {
  const text = randomText(Math.ceil(count / 2) * pairBytes)
  return Array.from({ length: count }, (_, index) => text.slice(index * saltChars, (index + 1) * saltChars))
}
