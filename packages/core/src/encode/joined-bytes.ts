// Pieces of bytes as one: a file for download, lines for an exporter.
// The hot path never comes here; it writes in place.

/** All of them end to end, in memory of their own. */
export const joinedBytes = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
