// Ids of lines: UUIDv7 (RFC 9562) whose last 60 bits name the stream, so that a session's lines can be found with grep.
// Owns the stream key and the counter.

const hexDigits = "0123456789abcdef"
const hexDigit = Uint8Array.from(hexDigits, (digit) => digit.charCodeAt(0))
/** The last key of every line. */
const member = ',"id":"'
const idAt = member.length
const countersPerMs = 1 << 14
/** A clock beyond the year 6429 is broken; half of the 48 bits stay free for milliseconds that a counter borrows. */
const timeMsMax = 2 ** 47

/** Makes the 60-bit random number of one log as 15 hex digits. Its first 8 are the `session` that people see. */
export const makeStreamKey = (): string => {
  const random = randomBytes(8)
  let key = ""
  for (const byte of random) key += hexDigits[byte >> 4] ?? ""
  for (const byte of random) key += hexDigits[byte & 15] ?? ""
  return key.slice(0, 15)
}

// Where there is no Web Crypto (jest's jsdom, Node without the global), any randomness will do: ids must differ, not be secret.
const randomBytes = (count: number): Uint8Array => {
  const { crypto } = globalThis as { readonly crypto?: typeof globalThis.crypto }
  const bytes = new Uint8Array(count)
  return crypto === undefined ? bytes.map(() => Math.random() * 256) : crypto.getRandomValues(bytes)
}

/**
 * The rising ids of one stream: 48 bits of Unix milliseconds, a 14-bit counter within the millisecond (12 in `rand_a`,
 * 2 after the variant), 60 bits of stream key. A full counter borrows the next millisecond; a clock that steps back,
 * or is gone, keeps the last time: ids never fall.
 */
export class StreamIds {
  private ms = 0
  private counter = -1
  /** The end of the line before. Most of it is the same for the next one, so only the other digits are written. */
  private readonly bytes: Uint8Array

  readonly streamKey: string

  constructor(streamKey: string) {
    this.streamKey = streamKey
    const id = `00000000-0000-7000-8${streamKey.slice(0, 3)}-${streamKey.slice(3)}`
    this.bytes = new TextEncoder().encode(`${member}${id}"}\n`)
  }

  /**
   * The next id, `xxxxxxxx-xxxx-7xxx-yxxx-xxxxxxxxxxxx`, as the last member of a line with what closes it. The bytes are
   * there until the id after this one is made. `timeMs` may be NaN.
   */
  next(timeMs: number): Uint8Array {
    const now = Math.floor(timeMs)
    if (now > this.ms && now < timeMsMax) {
      this.setMs(now)
      this.counter = 0
    } else if (++this.counter >= countersPerMs) {
      this.setMs(this.ms + 1)
      this.counter = 0
    }
    const { bytes, counter } = this
    bytes[idAt + 15] = hexDigit[(counter >> 10) & 15] as number
    bytes[idAt + 16] = hexDigit[(counter >> 6) & 15] as number
    bytes[idAt + 17] = hexDigit[(counter >> 2) & 15] as number
    bytes[idAt + 19] = hexDigit[8 | (counter & 3)] as number
    return bytes
  }

  // 48 bits: too many for one bit operation.
  private setMs(ms: number): void {
    const high = Math.floor(ms / 2 ** 24)
    const low = ms % 2 ** 24
    for (let digit = 0; digit < 6; digit++) {
      const shift = 4 * (5 - digit)
      this.bytes[idAt + digit] = hexDigit[(high >> shift) & 15] as number
      // Behind the eighth digit stands a hyphen.
      this.bytes[idAt + (digit < 2 ? 6 + digit : 7 + digit)] = hexDigit[(low >> shift) & 15] as number
    }
    // Last: a vm's time limit may end the loop, and the next id then sets the digits again.
    this.ms = ms
  }
}
