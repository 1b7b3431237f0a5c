// A first look at a line's bytes, which spares decoding most of a gigabyte: it may let a line through that is not asked for,
// and never leaves one out that is. So it says no only to lines whose bytes leave no doubt.

//   {"ts":"2026-11-22T09:00:00.123Z","level":"info", … ,"id":"01a2027b-d6fb-7000-81a2-c3d4e5f60718"}
//          7                       31         42             the id is last: the line is ours, and no table maps its head
//
// JSON takes the last of several equal keys, and a key may be written with \u escapes: a line in which the key comes again, or
// which has such an escape, is decoded.

import { type Level, levelNumber, levels, lineTime, readLevel } from "@daybook/core/lines"
import type { TrailFilter } from "./trail-filter.ts"

const encoder = new TextEncoder()
const headBytes = encoder.encode('{"ts":"')
const levelKeyBytes = encoder.encode('","level":"')
const tsAt = headBytes.length
const tsEnd = tsAt + 24
const levelAt = tsEnd + levelKeyBytes.length
const idKeyBytes = encoder.encode(',"id":"')
const idLength = 36
const idEndBytes = encoder.encode('"}\n')
const ownLengthMin = levelAt + idKeyBytes.length + idLength + idEndBytes.length

const levelWords = levels.map((level) => ({ level, bytes: encoder.encode(`${level}"`) }))

/** Where a text stands next, searched once and not once a line. */
class NextPlace {
  private readonly needle: Uint8Array
  private at = -1

  constructor(text: string | Uint8Array) {
    this.needle = typeof text === "string" ? encoder.encode(text) : text
  }

  /** A new piece of memory is looked at. */
  forget(): void {
    this.at = -1
  }

  /** True when the text begins in `[from, to)`. */
  isIn(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.at < from) {
      const found = indexOfBytes(bytes, this.needle, from)
      this.at = found === -1 ? Number.POSITIVE_INFINITY : found
    }
    return this.at < to
  }
}

interface WithIndexOf {
  indexOf(this: Uint8Array, value: Uint8Array, from: number): number
}

// Node, Deno and Bun search in native code; a page goes from one first byte to the next.
const fast = (globalThis as { readonly Buffer?: { readonly prototype: WithIndexOf } }).Buffer?.prototype
  .indexOf

const indexOfBytes = (bytes: Uint8Array, needle: Uint8Array, from: number): number => {
  if (fast !== undefined) return fast.call(bytes, needle, from)
  const [first = 0] = needle
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1))
    if (needle.every((byte, index) => bytes[at + index] === byte)) return at
  return -1
}

/** Says of lines that they cannot pass, by their bytes. */
export class RawFilter {
  private readonly leastLevel: number
  private readonly from: Uint8Array | undefined
  private readonly to: Uint8Array | undefined
  private readonly text: RawText | undefined
  /** The end of the key: searching goes from one first byte to the next, and a "v" is much rarer than a quote. */
  private readonly secondLevel = new NextPlace('vel"')
  private readonly secondTs = new NextPlace('ts"')
  private readonly escape = new NextPlace("\\u")
  private bytes: Uint8Array | undefined

  constructor({ filters: { level, text }, fromMs, toMs }: TrailFilter) {
    this.leastLevel = levelNumber[readLevel(level) ?? "debug"]
    this.from = isoBytes(fromMs)
    this.to = isoBytes(toMs)
    this.text = RawText.of(text)
  }

  /** Whether the line from `start` to `end` may be asked for. Lines of one piece of memory come in their order. */
  mayPass(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.bytes) this.begin(bytes)
    if (this.isEarlierLevel(bytes, start, end) || this.isOutside(bytes, start, end)) return false
    return this.text === undefined || this.text.mayBeIn(bytes, start, end)
  }

  private begin(bytes: Uint8Array): void {
    this.bytes = bytes
    for (const place of [this.secondLevel, this.secondTs, this.escape]) place.forget()
    this.text?.begin()
  }

  private isEarlierLevel(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.leastLevel === 0 || !isOwn(bytes, start, end)) return false
    const level = levelIn(bytes, start + levelAt)
    if (level === undefined || levelNumber[level] >= this.leastLevel) return false
    return !this.secondLevel.isIn(bytes, start + levelAt, end) && !this.escape.isIn(bytes, start, end)
  }

  private isOutside(bytes: Uint8Array, start: number, end: number): boolean {
    const { from, to } = this
    if ((from ?? to) === undefined || !isOwn(bytes, start, end)) return false
    const at = start + tsAt
    if (!isIso(bytes, at)) return false
    const isBefore = from !== undefined && compareAt(bytes, at, from) < 0
    const isBehind = to !== undefined && compareAt(bytes, at, to) >= 0
    if (!isBefore && !isBehind) return false
    return !this.secondTs.isIn(bytes, at, end) && !this.escape.isIn(bytes, start, end)
  }
}

const hasAt = (bytes: Uint8Array, at: number, wanted: Uint8Array): boolean => {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false
  return true
}

const isOwn = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (end - start < ownLengthMin) return false
  if (!hasAt(bytes, start, headBytes) || !hasAt(bytes, start + tsEnd, levelKeyBytes)) return false
  const idEnd = end - idEndBytes.length
  const idFrom = idEnd - idLength
  if (!hasAt(bytes, idEnd, idEndBytes) || !hasAt(bytes, idFrom - idKeyBytes.length, idKeyBytes)) return false
  for (let at = idFrom; at < idEnd; at++) if (!isIdByte(bytes[at] ?? 0)) return false
  return true
}

/** Small hex digits, and dashes. */
const isIdByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || byte === 0x2d

const levelIn = (bytes: Uint8Array, at: number): Level | undefined =>
  levelWords.find((word) => hasAt(bytes, at, word.bytes))?.level

const digitAt = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) - 0x30

const isoForm = "dddd-dd-ddTdd:dd:dd.dddZ"

/**
 * True where texts of this form are in the order of their times: not on days that a month may not have, nor at 24:00, which
 * are read as moments of the next day.
 */
const isIso = (bytes: Uint8Array, at: number): boolean => {
  for (let index = 0; index < isoForm.length; index++) {
    const form = isoForm.charCodeAt(index)
    if (form !== 0x64) {
      if (bytes[at + index] !== form) return false
    } else if (!(digitAt(bytes, at + index) >= 0 && digitAt(bytes, at + index) <= 9)) return false
  }
  const day = 10 * digitAt(bytes, at + 8) + digitAt(bytes, at + 9)
  const hour = 10 * digitAt(bytes, at + 11) + digitAt(bytes, at + 12)
  return hour < 24 && (day < 29 || isCalendarTime(bytes, at))
}

// The three days at most months' ends come in rows of many lines: the last one is remembered.
let knownDay = ""
let isKnownDay = false
const isCalendarTime = (bytes: Uint8Array, at: number): boolean => {
  const day = String.fromCharCode(...bytes.subarray(at, at + 10))
  if (day !== knownDay) {
    knownDay = day
    const ms = lineTime(`${day}T00:00:00.000Z`)
    isKnownDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
  }
  return isKnownDay
}

const compareAt = (bytes: Uint8Array, at: number, iso: Uint8Array): number => {
  for (let index = 0; index < iso.length; index++) {
    const difference = (bytes[at + index] ?? 0) - (iso[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Of four-digit years only: others have another form. A part of a millisecond decides nothing: lines have whole ones. */
const isoBytes = (ms: number): Uint8Array | undefined => {
  const whole = Math.ceil(ms)
  return Math.abs(whole) < 2.5e14 && whole > -6e13 ? encoder.encode(new Date(whole).toISOString()) : undefined
}

/** A text in any letter case, in any string of a line. */
class RawText {
  private readonly text: string
  private readonly escape = new NextPlace("\\u")
  /** The two characters beyond ASCII whose small letters are, or begin with, ASCII ones: the Kelvin sign and İ. */
  private readonly others = ["\u212a", "\u0130"].map((char) => new NextPlace(char))
  private small: string | undefined
  private next = -1

  static of(text: string | undefined): RawText | undefined {
    const small = text?.toLowerCase() ?? ""
    // Each of these is one byte on a line, and stands there as it is.
    return /^[ !#-.0-[\]-~]+$/.test(small) ? new RawText(small) : undefined
  }

  private constructor(text: string) {
    this.text = text
  }

  begin(): void {
    this.small = undefined
    this.next = -1
    for (const place of [this.escape, ...this.others]) place.forget()
  }

  mayBeIn(bytes: Uint8Array, start: number, end: number): boolean {
    // A character for each byte, so that places are the same; small letters of Latin 1 are one character each.
    this.small ??= latin1.decode(bytes).toLowerCase()
    if (this.next < start) {
      const found = this.small.indexOf(this.text, start)
      this.next = found === -1 ? Number.POSITIVE_INFINITY : found
    }
    return (
      this.next + this.text.length <= end ||
      this.escape.isIn(bytes, start, end) ||
      this.others.some((place) => place.isIn(bytes, start, end))
    )
  }
}

const latin1 = new TextDecoder("latin1")
