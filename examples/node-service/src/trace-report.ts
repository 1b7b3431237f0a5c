// What a collector received, for a person: each trace with its spans as a tree, and below each span the audit events that were
// recorded in it. Their ids alone say which belong together.
import { styleText } from "node:util"
import type { Received } from "./local-collector.ts"
import type { ReceivedEvent, ReceivedSpan } from "./otlp-request.ts"

/** One line each. */
export const traceReport = ({ spans, events }: Received): readonly string[] => {
  const inSpan = ({ traceId, spanId }: ReceivedSpan, depth: number): readonly string[] => [
    ...events
      .filter((event) => event.traceId === traceId && event.spanId === spanId)
      .map((event) => eventLine(event, depth + 1)),
    ...spans
      .filter((span) => span.traceId === traceId && span.parentId === spanId)
      .toSorted(byStart)
      .flatMap((span) => [spanLine(span, depth + 1), ...inSpan(span, depth + 1)])
  ]
  const roots = spans.filter(({ parentId }) => parentId === "").toSorted(byStart)
  const outside = events.filter(({ traceId }) => traceId === "")
  return [
    ...roots.flatMap((span) => [
      "",
      styleText("dim", `  trace ${span.traceId}`),
      spanLine(span, 0),
      ...inSpan(span, 0)
    ]),
    "",
    styleText("dim", "  outside of any span"),
    ...outside.map((event) => eventLine(event, 0))
  ]
}

const byStart = (one: ReceivedSpan, other: ReceivedSpan): number => (one.startNs < other.startNs ? -1 : 1)

const indent = (depth: number): string => "    ".repeat(depth)

const spanLine = ({ name, startNs, endNs, isFailed }: ReceivedSpan, depth: number): string => {
  const ms = Number(endNs - startNs) / 1e6
  const title = styleText(isFailed ? "red" : "bold", name)
  return `  ${indent(depth)}${title} ${styleText("dim", `${ms.toFixed(1)} ms`)}`
}

/** Attributes that every record has, or that are too long to show. */
const hidden = new Set(["session.id", "log.record.uid", "exception.stacktrace"])

const eventLine = ({ level, name, message, attributes }: ReceivedEvent, depth: number): string => {
  const shown = Object.entries(attributes).filter(([key]) => !hidden.has(key))
  const paint = level === "error" ? "red" : level === "warn" ? "yellow" : "green"
  const fields = shown.map(([key, value]) => `${styleText("dim", `${key}=`)}${value}`).join(" ")
  return `  ${indent(depth)}${styleText(paint, level.padEnd(5))} ${styleText("cyan", name)}  ${message}  ${fields}`
}
