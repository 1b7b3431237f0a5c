// Encodes single lines for tests with the real encoder, on a clock that stands still.
// Tests of a whole log use `createAuditLog` instead.
import { LineBytes } from "../../src/encode/line-bytes.ts"
import { type Draft, LineEncoder } from "../../src/encode/line-encoder.ts"
import { Timestamps } from "../../src/encode/timestamp.ts"
import { StreamIds } from "../../src/event/stream-id.ts"

/** 2026-11-22T09:00:00.123Z */
export const someTime = Date.UTC(2026, 10, 22, 9, 0, 0, 123)
export const someKey = "1a2c3d4e5f60718"

/** The line, without its newline. `pageBytes` makes the room that a line begins in small. */
export const encodeLine = (draft: Partial<Draft>, pageBytes = 256): string => {
  const out = new LineBytes(new Uint8Array(pageBytes), (bytesMin) => new Uint8Array(2 * bytesMin))
  const encoder = new LineEncoder(out, new StreamIds(someKey), new Timestamps())
  encoder.encode({ time: someTime, level: 1, category: "upload", message: "m", seq: 1, ...draft })
  const text = new TextDecoder("utf-8", { fatal: true }).decode(
    out.bytes.subarray(out.lineStart, out.position)
  )
  if (!text.endsWith("\n")) throw new Error("a line must end with a newline")
  return text.slice(0, -1)
}

/** The same, parsed. */
export const encodeParsed = (draft: Partial<Draft>): Record<string, unknown> => JSON.parse(encodeLine(draft))
