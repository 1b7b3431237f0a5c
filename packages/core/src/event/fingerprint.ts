// Telling a file again without keeping anything of it: contents are never logged, a short digest is enough.
// A seal's digests are another matter, and are computed elsewhere.

/** 48 bits: among a million files, the chance that any two share a fingerprint is below one in 500. */
const hexDigits = 12

/**
 * The first 12 hex characters of the SHA-1 of some bytes or of a file. Meant to recognise a file, not to prove that
 * it was not changed on purpose: SHA-1 and 48 bits are no defence.
 */
export const fingerprint = async (source: Uint8Array<ArrayBuffer> | ArrayBuffer | Blob): Promise<string> => {
  const bytes = source instanceof Blob ? await source.arrayBuffer() : source
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes))
  return [...digest]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, hexDigits)
}
