// Writes the pieces of one JSON line as UTF-8 bytes. Owns escaping, cutting and the line's size limit;
// line-encoder.ts says what stands on a line, and in which order.
import { eventLimits } from "../limits.ts"
import { isOtherNamed } from "./named-values.ts"
import type { SecretNames } from "./secret-names.ts"
import { hintPairs, hintUnits, mayBeSecret } from "./text-patterns.ts"

/** Units written between two looks at the room left; each takes at most six bytes (`\u0000`). */
const chunkChars = 512
const bytesPerCharMax = 6
const quote = 0x22
const backslash = 0x5c

/** For each ASCII unit: 0 = as it is, 1 = `\u00xx`, else the letter after the backslash. */
const asciiEscape = new Uint8Array(128)
asciiEscape.fill(1, 0, 0x20)
asciiEscape[0x7f] = 1
for (const [unit, letter] of [
  [0x08, "b"],
  [0x09, "t"],
  [0x0a, "n"],
  [0x0c, "f"],
  [0x0d, "r"],
  [quote, '"'],
  [backslash, "\\"]
] as const) {
  asciiEscape[unit] = letter.charCodeAt(0)
}

/** How a byte of UTF-8 is written. Other numbers are the letter behind a backslash. */
const Form = { plain: 0, control: 1, hint: 2, lead: 0x80 } as const
const plainForms = new Uint8Array(256)
plainForms.set(asciiEscape)
// The byte that leads a sequence of so many bytes.
plainForms.fill(Form.lead + 2, 0xc0, 0xe0)
plainForms.fill(Form.lead + 3, 0xe0, 0xf0)
plainForms.fill(Form.lead + 4, 0xf0)
const searchedForms = plainForms.slice()
for (let at = 0; at < hintUnits.length; at++) searchedForms[hintUnits.charCodeAt(at)] = Form.hint

/** Longer texts are cut, or take the long way. */
const quickCharsMax = eventLimits.stringCharsMax
/** Up to this length a text is cheaper to copy unit by unit than to hand to the host and back (measured: 40 to 60). */
const shortChars = 48
/** From this length on, neighbours are cheaper to copy at once. Measured. */
const runBytesMin = 32
const utf8 = new TextEncoder()
const scratch = new Uint8Array(quickCharsMax * 3)
const hex = new Uint8Array(16)
for (let digit = 0; digit < 16; digit++) hex[digit] = digit.toString(16).charCodeAt(0)

/**
 * Non-ASCII units that are written as `\uXXXX`: C1 controls, bidi controls and the line separators. A raw one could end
 * a line for a reader (`splitlines` in Python), colour a terminal or show text in another order than it is stored.
 */
const isUnsafe = (unit: number): boolean =>
  unit < 0xa0 ||
  unit === 0x061c ||
  (unit >= 0x200e && unit <= 0x202e && (unit <= 0x200f || unit >= 0x2028)) ||
  (unit >= 0x2066 && unit <= 0x2069)

/** Key of the member that says why an object, or the line itself, has no more keys. */
export const cutKey = "…"
const changedKeySign = "…#"

/** A growing line of bytes. `nextRoom` gives an empty array of at least the asked size when `room` is full. */
export class LineBytes {
  bytes: Uint8Array
  position = 0
  lineStart = 0
  /** A surrogate without its partner was replaced since this was last looked at. */
  private isReplaced = false

  private readonly nextRoom: (bytesMin: number) => Uint8Array

  constructor(room: Uint8Array, nextRoom: (bytesMin: number) => Uint8Array) {
    this.nextRoom = nextRoom
    this.bytes = room
  }

  /** Bytes of the current line so far. */
  get length(): number {
    return this.position - this.lineStart
  }

  /** True when an event's own values have used up their share of the line. */
  get isFull(): boolean {
    return this.length > eventLimits.lineBytesMax - eventLimits.tailBytes
  }

  /** Starts a line at `position` of `bytes`. */
  begin(bytes: Uint8Array, position: number): void {
    this.bytes = bytes
    this.position = position
    this.lineStart = position
  }

  /** Forgets what was written after the line had `length` bytes. */
  rewind(length: number): void {
    this.position = this.lineStart + length
  }

  /** Makes room for `count` bytes. The line begun so far moves along, so it is always in one piece. */
  ensure(count: number): void {
    if (this.position + count <= this.bytes.length) return
    const { length } = this
    const room = this.nextRoom(length + count)
    room.set(this.bytes.subarray(this.lineStart, this.position))
    this.begin(room, 0)
    this.position = length
  }

  byte(value: number): void {
    this.ensure(1)
    this.bytes[this.position++] = value
  }

  /** Copies bytes that are JSON already. */
  raw(source: Uint8Array): void {
    const count = source.length
    this.ensure(count)
    const { bytes, position } = this
    // A loop beats `set` for the few bytes of a key: 13 ns, whatever their number.
    if (count > 14) bytes.set(source, position)
    else for (let index = 0; index < count; index++) bytes[position + index] = source[index] as number
    this.position = position + count
  }

  /** Writes a whole number as decimal digits. */
  integer(value: number): void {
    if (!(value >= 0 && value < 1e9)) return this.ascii(String(value))
    // As a 32-bit integer, which divides in a nanosecond.
    let left = value | 0
    let digits = 1
    for (let limit = 10; left >= limit; limit *= 10) digits += 1
    this.ensure(digits)
    const { bytes, position } = this
    for (let at = position + digits - 1; at >= position; at--) {
      const tens = (left / 10) | 0
      bytes[at] = 0x30 + left - tens * 10
      left = tens
    }
    this.position = position + digits
  }

  /** Writes ASCII that needs no escaping, as it is. */
  ascii(text: string): void {
    const count = text.length
    this.ensure(count)
    const { bytes, position } = this
    for (let index = 0; index < count; index++) bytes[position + index] = text.charCodeAt(index)
    this.position = position + count
  }

  /**
   * Writes a text in quotes, the fast way. Returns false, and has written nothing, for one that may not fit the line
   * or, where `names` says what is secret, may hold a secret: those take the long way.
   */
  quick(text: string, names?: SecretNames): boolean {
    const count = text.length
    if (count > quickCharsMax) return false
    const room = eventLimits.lineBytesMax - eventLimits.tailBytes - this.length - 2
    if (count <= shortChars && count <= room && this.copyShort(text, names)) return true
    return count * bytesPerCharMax <= room && this.copyEncoded(text, names)
  }

  // Unit by unit, as long as all of them are written as they are.
  private copyShort(text: string, names: SecretNames | undefined): boolean {
    const count = text.length
    this.ensure(count + 2)
    const { bytes, position } = this
    const start = position + 1
    const forms = names === undefined ? plainForms : searchedForms
    // What stands before the first unit is a hint's neighbour too.
    bytes[position] = quote
    for (let index = 0; index < count; index++) {
      const unit = text.charCodeAt(index)
      const form = unit < 0x80 ? (forms[unit] as number) : Form.control
      if (form !== Form.plain) {
        if (form !== Form.hint) return false
        const last = bytes[start + index - 1] as number
        if (
          hintPairs[(last << 7) | unit] === 1 &&
          !(isSign(unit, text.charCodeAt(index + 1)) && isOther(bytes, start + index, names)) &&
          mayBeSecret(text, index, names)
        )
          return false
      }
      bytes[start + index] = unit
    }
    bytes[start + count] = quote
    this.position = start + count + 1
    return true
  }

  // The host makes the bytes, many at a time, and they are looked at on their way into the line.
  private copyEncoded(text: string, names: SecretNames | undefined): boolean {
    const size = utf8.encodeInto(text, scratch).written
    const forms = names === undefined ? plainForms : searchedForms
    const before = this.length
    let at = 0
    // Units that the bytes so far are fewer than.
    let shift = 0
    this.byte(quote)
    while (at < size) {
      const stop = Math.min(size, at + chunkChars)
      this.ensure((stop - at) * bytesPerCharMax)
      const { bytes } = this
      let { position } = this
      while (at < stop) {
        const byte = scratch[at] as number
        const form = forms[byte] as number
        if (form === Form.plain || form === Form.hint) {
          const from = at
          for (let next: number = form; next === Form.plain || next === Form.hint; ) {
            if (next === Form.hint) {
              const last = at === 0 ? 0 : (scratch[at - 1] as number)
              const unit = scratch[at] as number
              if (
                hintPairs[(last << 7) | unit] === 1 &&
                !(isSign(unit, scratch[at + 1] as number) && isOther(scratch, at, names)) &&
                mayBeSecret(text, at - shift, names)
              ) {
                this.rewind(before)
                return false
              }
            }
            do at += 1
            while (at < stop && forms[scratch[at] as number] === Form.plain)
            if (at >= stop) break
            next = forms[scratch[at] as number] as number
          }
          if (at - from > runBytesMin) bytes.set(scratch.subarray(from, at), position)
          else
            for (let index = from; index < at; index++)
              bytes[position + index - from] = scratch[index] as number
          position += at - from
        } else if (form >= Form.lead) {
          const length = form - Form.lead
          const unit = length === 4 ? 0x10000 : unitAt(scratch, at, length)
          if (isUnsafe(unit)) position = writeEscape(bytes, position, unit)
          else for (let index = 0; index < length; index++) bytes[position++] = scratch[at + index] as number
          at += length
          shift += length === 4 ? 2 : length - 1
        } else if (form === Form.control) {
          position = writeEscape(bytes, position, byte)
          at += 1
        } else {
          bytes[position++] = backslash
          bytes[position++] = form
          at += 1
        }
      }
      this.position = position
    }
    this.byte(quote)
    return true
  }

  /**
   * Writes a JSON string. Longer than `charsMax` UTF-16 units, it is cut on a code point and says how long it was;
   * when the line is full, the marker stands instead. `total` is for a text that was longer before it came here, `isCut` for one
   * whose length is not counted in units.
   */
  text(
    text: string,
    charsMax: number = eventLimits.stringCharsMax,
    total: number = text.length,
    isCut: boolean = total > charsMax
  ): void {
    if (!isCut && this.quick(text)) return
    const before = this.length
    // What cannot fit the line is not written to see that.
    this.quoted(text, Math.min(charsMax, eventLimits.lineBytesMax), total, isCut)
    if (!this.isFull) return
    this.rewind(before)
    const bytesLeft = eventLimits.lineBytesMax - eventLimits.tailBytes - before
    const fits = Math.floor(bytesLeft / bytesPerCharMax) - chunkSuffixChars
    if (fits > 0) this.quoted(text, Math.min(fits, charsMax), total, isCut || total > fits)
    else this.ascii('"[Truncated: size]"')
  }

  /**
   * Writes a key, whole or cut to its own limit: there is always room for one. `count` numbers those that had to be
   * changed, so that no two of them become the same; `isChanged` says that this one is. Returns whether it was.
   */
  key(name: string, count: number, isChanged = false): boolean {
    const before = this.length
    this.isReplaced = false
    // One that looks as if we had made it is changed too, so that nothing else looks like ours.
    const isOwn = isChanged || name === cutKey || name.includes(changedKeySign)
    if (name.length <= eventLimits.keyCharsMax && !isOwn) {
      this.quoted(name, eventLimits.keyCharsMax, name.length, false)
      if (!this.isReplaced) return false
      this.rewind(before)
    }
    this.byte(quote)
    this.units(name, cutPoint(name, eventLimits.keyCharsMax))
    this.units(` ${changedKeySign}${count}`, Number.POSITIVE_INFINITY)
    this.byte(quote)
    return true
  }

  private quoted(text: string, charsMax: number, total: number, isCut: boolean): void {
    this.byte(quote)
    this.units(text, cutPoint(text, charsMax))
    if (isCut) this.units(` …[${total} chars total]`, Number.POSITIVE_INFINITY)
    this.byte(quote)
  }

  private units(text: string, end: number): void {
    const stop = Math.min(end, text.length)
    let index = 0
    while (index < stop) {
      const chunkEnd = Math.min(stop, index + chunkChars)
      this.ensure((chunkEnd - index) * bytesPerCharMax)
      index = this.chunk(text, index, chunkEnd)
    }
  }

  // The inner loop: one look per unit, ASCII first. Returns where it stopped; a pair may reach one past `end`.
  private chunk(text: string, start: number, end: number): number {
    const { bytes } = this
    let { position } = this
    let index = start
    while (index < end) {
      const unit = text.charCodeAt(index++)
      if (unit < 0x80) {
        const form = asciiEscape[unit] as number
        if (form === 0) bytes[position++] = unit
        else if (form === 1) position = writeEscape(bytes, position, unit)
        else {
          bytes[position++] = backslash
          bytes[position++] = form
        }
      } else if (isUnsafe(unit)) {
        position = writeEscape(bytes, position, unit)
      } else if (unit < 0x800) {
        bytes[position++] = 0xc0 | (unit >> 6)
        bytes[position++] = 0x80 | (unit & 0x3f)
      } else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(index))) {
        const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(index++) & 0x3ff)
        bytes[position++] = 0xf0 | (point >> 18)
        bytes[position++] = 0x80 | ((point >> 12) & 0x3f)
        bytes[position++] = 0x80 | ((point >> 6) & 0x3f)
        bytes[position++] = 0x80 | (point & 0x3f)
      } else {
        // A surrogate without its partner has no UTF-8 form: U+FFFD stands for it.
        const isLone = unit >= 0xd800 && unit <= 0xdfff
        if (isLone) this.isReplaced = true
        const safe = isLone ? 0xfffd : unit
        bytes[position++] = 0xe0 | (safe >> 12)
        bytes[position++] = 0x80 | ((safe >> 6) & 0x3f)
        bytes[position++] = 0x80 | (safe & 0x3f)
      }
    }
    this.position = position
    return index
  }
}

/** Behind a name, and not before the path of a URL. */
const isSign = (unit: number, next: number): boolean => (unit === 0x3a && next !== 0x2f) || unit === 0x3d

const isOther = (bytes: Uint8Array, at: number, names: SecretNames | undefined): boolean =>
  names !== undefined && isOtherNamed(bytes, at, names.parts)

/** The code unit of two or three bytes of UTF-8. */
const unitAt = (bytes: Uint8Array, at: number, length: number): number => {
  const [first, second, third] = [bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number]
  if (length === 2) return ((first & 0x1f) << 6) | (second & 0x3f)
  return ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
}

/** Where to cut a text of at most `charsMax` units without splitting a code point. */
export const cutPoint = (text: string, charsMax: number): number => {
  if (text.length <= charsMax) return text.length
  return isHighSurrogate(text.charCodeAt(charsMax - 1)) ? charsMax - 1 : charsMax
}

/** Room for ` …[N chars total]` and the quotes. */
const chunkSuffixChars = 40

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

const writeEscape = (bytes: Uint8Array, position: number, unit: number): number => {
  bytes[position] = backslash
  bytes[position + 1] = 0x75
  bytes[position + 2] = hex[unit >> 12] as number
  bytes[position + 3] = hex[(unit >> 8) & 15] as number
  bytes[position + 4] = hex[(unit >> 4) & 15] as number
  bytes[position + 5] = hex[unit & 15] as number
  return position + 6
}
