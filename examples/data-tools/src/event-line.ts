// One line of a log for a person: local time, level, category, message, and then the fields as key=value, those that
// the message does not tell already first: the end of a line may be cut.
// Everything in it comes from a file, so all of it is made printable; cutting to the width is the terminal's business.

import type { AuditEvent, Level } from "@daybook/core"
import { type Colors, cut, fill, type Paint, type Piece, printable } from "./terminal.ts"

/** A value longer than this leaves no room for its neighbours. */
const valueColumnsMax = 48

export const eventLine = (
  { head, fields }: AuditEvent,
  colors: Colors,
  categoryWidth: number
): readonly Piece[] => {
  const { bold, cyan, dim } = colors
  const paint = levelPaint(head.level, colors)
  const isTold = ([, value]: readonly [string, unknown]): boolean => head.message.includes(String(value))
  const told = Object.entries(fields).filter(isTold)
  const news = Object.entries(fields).filter((entry) => !isTold(entry))
  const isLoud = head.level === "error" || head.level === "fatal"
  return [
    { text: `  ${localTime(head.ts)} `, paint: dim },
    { text: `${head.level.padEnd(5)} `, paint },
    { text: `${fill(printable(head.category), categoryWidth)} `, paint: cyan },
    { text: printable(head.message), paint: isLoud ? paint : bold },
    ...(news.length + told.length > 0 ? [{ text: " " }] : []),
    ...[...news, ...told].flatMap(([name, value]) => field(name, value, dim))
  ]
}

/** Nested fields are told apart by a dot: `findings.empty_cells=12`. */
const field = (name: string, value: unknown, dim: Paint): readonly Piece[] => {
  if (isFields(value)) {
    return Object.entries(value).flatMap(([inner, content]) => field(`${name}.${inner}`, content, dim))
  }
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return [{ text: ` ${printable(name)}=`, paint: dim }, { text: cut(printable(text), valueColumnsMax) }]
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const levelPaint = (level: Level, colors: Colors): Paint =>
  ({
    debug: colors.gray,
    info: colors.green,
    warn: colors.yellow,
    error: colors.red,
    fatal: colors.magenta
  })[level]

const localTime = (ts: string): string => {
  const at = new Date(ts)
  if (Number.isNaN(at.getTime())) return "--:--:--.---"
  const digits = (value: number, length: number): string => String(value).padStart(length, "0")
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((value) => digits(value, 2)).join(":")
  return `${time}.${digits(at.getMilliseconds(), 3)}`
}
