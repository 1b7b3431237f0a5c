// The line in which people read an event: local time, level, category, message, then the fields in short. All of it comes from
// events, so all of it is made printable. How wide a line may be is its caller's choice.
import type { AuditEvent } from "./decode-line.ts"
import type { Level } from "./level.ts"
import { markLevel } from "./mark.ts"
import { cutText, fillText, printable, textColumns } from "./printable-text.ts"

export { cutText, fillText, printable, textColumns } from "./printable-text.ts"

/** What a part of a line is, for its colour. */
export type LineStyle = Level | "quiet" | "category" | "message" | "value"

/** A stretch of a line. */
export interface LinePart {
  /** Printable. */
  readonly text: string
  readonly style: LineStyle
}

/** Columns of one value; a longer one is cut, to leave room for its neighbours. */
const valueColumnsMax = 48
/** Columns of a category; events of one log have few and short ones. */
const categoryColumnsMax = 32
/** Fields of one event, with those of nested objects. */
const fieldsMax = 24
/** Columns of a message. */
const messageColumnsMax = 1_000

/**
 * The parts of an event's line. Categories are filled up to `categoryColumns`, so that the messages of several lines stand below
 * each other. Fields that the message shows already come last, because the end of a line may be cut. `time` is for another zone
 * than this process's.
 */
export const eventLine = (
  event: AuditEvent,
  categoryColumns = 0,
  time: string = localTime(event.head.ts)
): readonly LinePart[] => {
  const { kind, head, fields } = event
  const isMark = kind !== "event"
  const isLoud = head.level === "error" || head.level === "fatal"
  const category = cutText(printable(head.category), categoryColumnsMax)
  // A mark is no event: a rule stands in its level's place, and its text has its level's colour.
  const markStyle: LineStyle = isMark && markLevel[kind] === "warn" ? "warn" : "quiet"
  const messageStyle: LineStyle = isMark ? markStyle : isLoud ? head.level : "message"
  const entries = Object.entries(fields)
  const others = entries.filter(([, value]) => !isShownIn(head.message, value))
  const shown = entries.filter(([, value]) => isShownIn(head.message, value))
  const pairs = fieldParts([...schemaError(head.schema_error), ...others, ...shown])
  return [
    { text: `${time} `, style: "quiet" },
    { text: isMark ? "───── " : `${head.level.padEnd(5)} `, style: isMark ? markStyle : head.level },
    {
      text: `${fillText(category, Math.max(categoryColumns, textColumns(category)))} `,
      style: isMark ? markStyle : "category"
    },
    { text: cutText(printable(head.message), messageColumnsMax), style: messageStyle },
    ...(pairs.length > 0 ? [{ text: " ", style: "quiet" } as const, ...pairs] : [])
  ]
}

type Entry = readonly [name: string, value: unknown]

const schemaError = (paths: string | undefined): readonly Entry[] =>
  paths === undefined ? [] : [["schema_error", paths]]

const isShownIn = (message: string, value: unknown): boolean =>
  (typeof value === "number" || (typeof value === "string" && value !== "")) &&
  message.includes(String(value))

const fieldParts = (entries: readonly Entry[]): readonly LinePart[] => {
  const parts: LinePart[] = []
  let count = 0
  for (const [name, value] of flat(entries)) {
    count += 1
    if (count > fieldsMax) return [...parts, { text: " …", style: "quiet" }]
    parts.push({ text: ` ${inShort(name)}=`, style: "quiet" }, { text: inShort(value), style: "value" })
  }
  return parts
}

/** A dot joins nested names: `metadata.size=12`. */
function* flat(entries: readonly Entry[], prefix = ""): Generator<Entry> {
  for (const [name, value] of entries) {
    const inner = isFields(value) ? Object.entries(value) : []
    if (inner.length > 0) yield* flat(inner, `${prefix}${name}.`)
    else yield [prefix + name, value]
  }
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

// A text that could be taken for several fields, or for none, stands in quotes.
const inShort = (value: unknown): string => {
  const isPlain = typeof value === "string" && /^[^\s"=]+$/u.test(value)
  return cutText(printable(isPlain ? value : JSON.stringify(value)), valueColumnsMax)
}

const localTime = (ts: string): string => {
  const at = new Date(ts)
  if (Number.isNaN(at.getTime())) return "--:--:--.---"
  const digits = (value: number, length: number): string => String(value).padStart(length, "0")
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((value) => digits(value, 2)).join(":")
  return `${time}.${digits(at.getMilliseconds(), 3)}`
}

/** From the sixteen colours that each terminal's theme sets, so that they are readable on light and on dark. */
const codes: Readonly<Record<LineStyle, readonly [on: number, off: number]>> = {
  debug: [90, 39],
  info: [32, 39],
  warn: [33, 39],
  error: [31, 39],
  fatal: [35, 39],
  quiet: [2, 22],
  category: [36, 39],
  message: [1, 22],
  value: [0, 0]
}

export interface LineLook {
  /** ANSI colours. Default false. */
  readonly isColorful?: boolean | undefined
  /** Cuts the line there, with "…". Default: no limit. */
  readonly columnsMax?: number | undefined
}

/** The parts as one line of text. */
export const lineText = (parts: readonly LinePart[], look: LineLook = {}): string => {
  const { isColorful = false, columnsMax = Number.POSITIVE_INFINITY } = look
  let line = ""
  let left = columnsMax
  for (const [index, { text, style }] of parts.entries()) {
    if (left <= 0) break
    // The last column stays free for "…" unless nothing follows.
    const isCutBehind = index < parts.length - 1 && textColumns(text) === left
    const fitting = cutText(isCutBehind ? `${text} ` : text, left)
    const [on, off] = codes[style]
    line += isColorful && on > 0 ? `\u001b[${on}m${fitting}\u001b[${off}m` : fitting
    left -= textColumns(fitting)
  }
  return line
}
