// Ids for lines that have none: those of older systems. A far end recognises repeats by the id, so a line gets the same one at
// each try: it is made of its bytes, and of how many equal lines stand before it in its file.
import { countedLinesMax } from "../limits.ts"
import type { DecodedLine } from "../pipeline/batch.ts"

const encoder = new TextEncoder()
const closing = 0x7d
const opening = 0x7b

/**
 * The ids of one file's lines. Every line without an id must pass here in its order, also one that is not sent. Memory is bounded:
 * lines beyond the first 16,384 different ones are counted with others, which gives other ids and still the same at each try.
 */
export class LineIds {
  /** By the first 48 bits of a line's digest. Two lines that share them only count further. */
  private readonly equalBefore = new Map<number, number>()
  /** By the first 16 bits. */
  private sharedBefore: Uint32Array | undefined

  /** The line, with an id as its last member where it had none. */
  async named(line: DecodedLine): Promise<DecodedLine> {
    const { event } = line
    if (event.head.id !== "") return line
    const bytes = line.bytes.slice(line.start, line.end)
    const digest = new DataView(await crypto.subtle.digest("SHA-256", bytes))
    const id = uuidOf(digest, this.countBefore(digest))
    const named = withId(bytes, id)
    return { bytes: named, start: 0, end: named.length, event: { ...event, head: { ...event.head, id } } }
  }

  private countBefore(digest: DataView): number {
    const { equalBefore } = this
    const key = digest.getUint32(0) * 2 ** 16 + digest.getUint16(4)
    const equal = equalBefore.get(key)
    if (equal !== undefined || equalBefore.size < countedLinesMax) {
      equalBefore.set(key, (equal ?? 0) + 1)
      return equal ?? 0
    }
    this.sharedBefore ??= new Uint32Array(2 ** 16)
    const shared = digest.getUint16(0)
    const before = this.sharedBefore[shared] as number
    this.sharedBefore[shared] = before + 1
    return before
  }
}

// Version 8 of RFC 9562: bits of one's own making.
const uuidOf = (digest: DataView, before: number): string => {
  const bytes = new Uint8Array(digest.buffer.slice(0, 16))
  const view = new DataView(bytes.buffer)
  view.setUint32(12, view.getUint32(12) ^ before)
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x80)
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80)
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const withId = (bytes: Uint8Array, id: string): Uint8Array => {
  const end = bytes.lastIndexOf(closing)
  const isEmpty = encodedText(bytes.subarray(bytes.indexOf(opening) + 1, end)).trim() === ""
  const member = encoder.encode(`${isEmpty ? "" : ","}"id":"${id}"}\n`)
  const named = new Uint8Array(end + member.length)
  named.set(bytes.subarray(0, end))
  named.set(member, end)
  return named
}

// Only to see whether there is anything: most objects have a key within the first bytes.
const encodedText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 64))
