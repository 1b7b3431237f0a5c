// Digests are handed in: where this runs, SHA-256 may be an answer or a promise of one. A digest is asked for at once and
// awaited when the chunk was read.

/**
 * SHA-256 of some bytes, which are valid during the call only, as bytes or in hex. In a page:
 * `(bytes) => crypto.subtle.digest("SHA-256", bytes)`, which copies them at the call.
 */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Later<ArrayBuffer | Uint8Array | string>

/** An answer, or a promise of one. */
export type Later<Value> = Value | Promise<Value>

/** SHA-256 in hex. */
export type HexDigest = (bytes: Uint8Array) => Later<string>

export const hexDigest =
  (digest: Digest): HexDigest =>
  (bytes) => {
    const answer = digest(bytes as Uint8Array<ArrayBuffer>)
    return answer instanceof Promise ? answer.then(toHex) : toHex(answer)
  }

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

const toHex = (digest: ArrayBuffer | Uint8Array | string): string => {
  if (typeof digest === "string") return digest
  let text = ""
  for (const byte of digest instanceof Uint8Array ? digest : new Uint8Array(digest)) text += pairs[byte]
  return text
}
