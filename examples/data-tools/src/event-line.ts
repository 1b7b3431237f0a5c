// One line of a log for a person: local time, level, category, message, then the fields as key=value. Fields that the message
// shows already come last, because the end of a line may be cut. All of it comes from a file, so all of it is made printable.

import type { AuditEvent, Level } from "@daybook/core"
import { type Colors, cut, fill, type Paint, type Piece, printable } from "./terminal.ts"

/** A longer value is cut, to leave room for its neighbours. */
const valueColumnsMax = 48

export const eventLine = (
  { head, fields }: AuditEvent,
  colors: Colors,
  categoryWidth: number
): readonly Piece[] => {
  const { bold, cyan, dim } = colors
  const paint = levelPaint(head.level, colors)
  const isInMessage = ([, value]: readonly [string, unknown]): boolean => head.message.includes(String(value))
  const shown = Object.entries(fields).filter(isInMessage)
  const others = Object.entries(fields).filter((entry) => !isInMessage(entry))
  const isLoud = head.level === "error" || head.level === "fatal"
  return [
    { text: `  ${localTime(head.ts)} `, paint: dim },
    { text: `${head.level.padEnd(5)} `, paint },
    { text: `${fill(printable(head.category), categoryWidth)} `, paint: cyan },
    { text: printable(head.message), paint: isLoud ? paint : bold },
    ...(others.length + shown.length > 0 ? [{ text: " " }] : []),
    ...[...others, ...shown].flatMap(([name, value]) => field(name, value, dim))
  ]
}

/** A dot joins nested names: `findings.empty_cells=12`. */
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
