// A page's lines: core's encoder, and a session's `seq` and ids around it. The bytes are core's because the code is, and so is
// what is redacted.
import {
  type EventInput,
  eventLimits,
  type GapFields,
  gapMessage,
  Keys,
  LineBytes,
  LineEncoder,
  levelNumber,
  makeStreamKey,
  markLevel,
  type RedactRules,
  StreamIds,
  Timestamps,
  toFields
} from "@daybook/core/client"

export class LineMaker {
  readonly keys: Keys
  readonly session: string
  readonly streamKey: string
  /** `seq` of the last event. */
  seq = 0
  private readonly encoder: LineEncoder
  private readonly out = new LineBytes(
    new Uint8Array(eventLimits.tailBytes),
    (bytesMin) => new Uint8Array(2 * bytesMin)
  )

  constructor(redact: RedactRules | undefined, streamKey = makeStreamKey()) {
    this.streamKey = streamKey
    this.keys = new Keys(redact)
    this.session = streamKey.slice(0, 8)
    this.encoder = new LineEncoder(this.out, new StreamIds(streamKey), new Timestamps(), this.keys)
  }

  /** The event's line, with its newline. Throws only where the stack is full: then its `seq` is a hole. */
  event(input: EventInput, time: number): string {
    this.seq += 1
    const extras = toFields(input.extras)
    return this.write({ ...input, extras, time, level: levelNumber[input.level], seq: this.seq })
  }

  /** The line that says which events are missing. */
  gap(fields: GapFields, time: number): string {
    const level = levelNumber[markLevel.gap]
    return this.write({
      time,
      level,
      category: "gap",
      message: gapMessage(fields),
      fields: { ...fields },
      seq: 0
    })
  }

  private write(draft: Parameters<LineEncoder["encode"]>[0]): string {
    const { out } = this
    out.begin(out.bytes, 0)
    this.encoder.encode(draft)
    return decoder.decode(out.bytes.subarray(out.lineStart, out.position))
  }
}

const decoder = new TextDecoder()

const tsAt = '{"ts":"'.length
const tsEnd = tsAt + "2026-11-22T09:00:00.123Z".length

/** The same line at another time: what was logged before a page was shown happened when it was. */
export const atTime = (line: string, time: number): string =>
  line.slice(0, tsAt) + new Date(time).toISOString() + line.slice(tsEnd)
