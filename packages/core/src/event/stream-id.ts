// Ids of lines: UUIDv7 (RFC 9562) whose last 60 bits name the stream, so that a session's lines can be found with grep.
// Owns the stream key and the counter; where the id stands on the line is encode/line-encoder.ts's business.

const hexDigits = "0123456789abcdef"
const countersPerMs = 1 << 14
/** A clock beyond the year 6429 is broken; half of the 48 bits stay free for milliseconds that a counter borrows. */
const timeMsMax = 2 ** 47

/** Makes the 60-bit random number of one log as 15 hex digits. Its first 8 are the `session` that people see. */
export const makeStreamKey = (): string => {
  const random = crypto.getRandomValues(new Uint8Array(8))
  let key = ""
  for (const byte of random) key += hexDigits[byte >> 4] ?? ""
  for (const byte of random) key += hexDigits[byte & 15] ?? ""
  return key.slice(0, 15)
}

/**
 * The rising ids of one stream: 48 bits of Unix milliseconds, a 14-bit counter within the millisecond (12 in `rand_a`,
 * 2 after the variant), 60 bits of stream key. A full counter borrows the next millisecond; a clock that steps back,
 * or is gone, keeps the last time: ids never fall.
 */
export class StreamIds {
  private ms = 0
  private counter = -1

  readonly streamKey: string

  constructor(streamKey: string) {
    this.streamKey = streamKey
  }

  /** The next id as text, `xxxxxxxx-xxxx-7xxx-yxxx-xxxxxxxxxxxx`. `timeMs` may be NaN. */
  next(timeMs: number): string {
    const now = Math.floor(timeMs)
    if (now > this.ms && now < timeMsMax) {
      this.ms = now
      this.counter = 0
    } else if (++this.counter >= countersPerMs) {
      this.ms += 1
      this.counter = 0
    }
    const time = this.ms.toString(16).padStart(12, "0")
    const high = (this.counter >> 2).toString(16).padStart(3, "0")
    const variant = hexDigits[8 | (this.counter & 3)] ?? "8"
    const key = this.streamKey
    return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${variant}${key.slice(0, 3)}-${key.slice(3)}`
  }
}
