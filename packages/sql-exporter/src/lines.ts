// The lines of a batch as texts and events. The bytes are decoded once for the whole batch; what is no event stays in its place,
// so that it can be refused alone.
import { type AuditEvent, type Batch, decodeLine } from "@daybook/core"

export interface TextLine {
  /** Without its newline. */
  readonly text: string
  /** `undefined` for a damaged line. */
  readonly event: AuditEvent | undefined
}

const decoder = new TextDecoder()

export const textLines = (batch: Batch): readonly TextLine[] => {
  const texts = decoder.decode(batch.bytes()).split("\n")
  const events = batch.events()
  const isWhole = events.length === batch.count
  const lines: TextLine[] = []
  for (let at = 0; at < batch.count; at++) {
    const line = texts[at] ?? ""
    const text = line.endsWith("\r") ? line.slice(0, -1) : line
    lines.push({ text, event: isWhole ? events[at] : eventIn(batch, at) })
  }
  return lines
}

// From its bytes: a text decoded leniently would hide that a line is not UTF-8.
const eventIn = (batch: Batch, at: number): AuditEvent | undefined => {
  const decoded = decodeLine(batch.bytes(at, at + 1))
  return "damage" in decoded ? undefined : decoded
}
