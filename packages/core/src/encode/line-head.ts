// The beginning of a line, from its first byte up to the message. For lines of one level and category it is the same but
// for the time, and the time is the same for a second but for three digits: it is copied, and those are written over.

//   {"ts":"2026-11-22T09:00:00.123Z","level":"info","category":"upload","session":"1a2c3d4e","message":
//          └── once a second ──┘└┘ once a line          the rest: once a level and category
import { levels } from "../event/level.ts"
import { encodeLimits } from "../limits.ts"
import type { LineBytes } from "./line-bytes.ts"
import { secondOf, type Timestamps } from "./timestamp.ts"

const opening = '{"ts":"'
const secondAt = opening.length
const msAt = secondAt + "2026-11-22T09:00:00.".length
const afterTime = msAt + "123Z".length
const zero = 0x30

interface LineHead {
  readonly bytes: Uint8Array
  /** What follows the time. */
  readonly rest: Uint8Array
  /** The second that its time shows. */
  second: number
}

/** The heads of one log's lines. */
export class LineHeads {
  private readonly byLevel = levels.map(() => new Map<string, LineHead>())
  private readonly session: string
  private readonly timestamps: Timestamps

  constructor(session: string, timestamps: Timestamps) {
    this.session = session
    this.timestamps = timestamps
  }

  /** Writes the head of a line. `level` is a number, `category` within its alphabet, `time` in ms since 1970 or NaN. */
  write(out: LineBytes, time: number, level: number, category: string): void {
    const head = this.byLevel[level]?.get(category) ?? this.make(level, category)
    const second = secondOf(time)
    if (Number.isNaN(second)) {
      out.ascii(opening)
      out.ascii(this.timestamps.iso(time))
      out.raw(head.rest)
      return
    }
    const { bytes } = head
    if (second !== head.second) this.setSecond(head, second, time)
    const ms = Math.floor(time) - second * 1_000
    const tens = (ms / 10) | 0
    const hundreds = (ms / 100) | 0
    bytes[msAt] = zero + hundreds
    bytes[msAt + 1] = zero + tens - hundreds * 10
    bytes[msAt + 2] = zero + ms - tens * 10
    out.raw(bytes)
  }

  private setSecond(head: LineHead, second: number, time: number): void {
    const text = this.timestamps.iso(time)
    for (let index = 0; secondAt + index < msAt; index++)
      head.bytes[secondAt + index] = text.charCodeAt(index)
    // Last: making the text may fail where the stack is full.
    head.second = second
  }

  private make(level: number, category: string): LineHead {
    const rest = `"level":"${levels[level] ?? "info"}","category":"${category}","session":"${this.session}","message":`
    const bytes = new TextEncoder().encode(`${opening}0000-00-00T00:00:00.000Z",${rest}`)
    const head = { bytes, rest: bytes.subarray(afterTime), second: Number.NaN }
    const heads = this.byLevel[level]
    if (heads !== undefined && heads.size >= encodeLimits.headsMax) heads.clear()
    heads?.set(category, head)
    return head
  }
}
