// Rows as people, programs and spreadsheets read them. People get core's event line, with the day where it changes; programs get
// each line as it stands in its file; on a terminal, no character of an event can do anything but be read.
import { cutText, eventLine, fillText, lineText, printable } from "@daybook/core/event-line"
import { type AuditEvent, lineTime } from "@daybook/core/lines"
import { type TrailRow, userOf } from "@daybook/support-bundle"
import type { CommonFlags } from "../flags.ts"
import { usageError } from "../terminal/exit.ts"
import type { Io } from "../terminal/io.ts"
import { wallMs, zoneOf } from "../terminal/moment.ts"
import { csvCell, safeJson } from "./safe.ts"

/** Prints rows in one of three forms. */
export interface RowLines {
  print(rows: readonly TrailRow[]): Promise<void>
  /** Says on stderr what stdout has no place for. */
  end(): void
}

export const rowLines = (io: Io, flags: CommonFlags): RowLines => {
  if (flags.json === true && flags.csv === true) throw usageError("--json and --csv exclude each other")
  const zone = zoneOf(flags.zone)
  return flags.json === true ? jsonLines(io) : flags.csv === true ? csvLines(io) : eventLines(io, zone)
}

/** Categories are mostly shorter; messages then stand below each other. */
const categoryColumns = 10
/** Of the line that says which day begins. */
const dayLineColumns = 60

const eventLines = ({ out, data }: Io, zone: string | undefined): RowLines => {
  const { isColorful, columns, colors } = data
  let day = ""
  return {
    print: async (rows) => {
      for (const row of rows) {
        if ("damage" in row) {
          await out.line(colors.yellow(cutText(damageText(row), columns)))
          continue
        }
        const wall = wallTime(row.event, zone)
        if (wall.day !== day && wall.day !== "") {
          day = wall.day
          await out.line(colors.dim(cutText(`── ${dayName(day)} `.padEnd(dayLineColumns, "─"), columns)))
        }
        await out.line(
          lineText(eventLine(row.event, categoryColumns, wall.time), { isColorful, columnsMax: columns })
        )
      }
    },
    end: () => undefined
  }
}

const damageText = ({ damage, file, offset, reason }: Extract<TrailRow, { damage: unknown }>): string =>
  printable(
    `             ─────  ${fillText("damaged", categoryColumns)} ${damage}${reason === undefined ? "" : `: ${reason}`}, ${file} at byte ${offset}`
  )

/** The day and the time that the clocks of a zone showed. */
export const wallTime = (
  { head: { ts } }: AuditEvent,
  zone: string | undefined
): { readonly day: string; readonly time: string } => {
  const ms = lineTime(ts)
  if (Number.isNaN(ms)) return { day: "", time: "--:--:--.---" }
  const wall = new Date(wallMs(ms, zone)).toISOString()
  return { day: wall.slice(0, -14), time: wall.slice(-13, -1) }
}

const dayName = (day: string): string =>
  new Date(`${day}T00:00Z`).toLocaleDateString("en-GB", {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric"
  })

const decoder = new TextDecoder()

// In a file a line is what it was, byte for byte, so that it can be proved. Damage is no data.
const jsonLines = ({ out, data, talk }: Io): RowLines => {
  const damage = new DamageCount()
  return {
    print: async (rows) => {
      for (const row of rows) {
        if (damage.counts(row)) continue
        const line = decoder.decode(row.bytes).replace(/\r?\n$/, "")
        await out.line(data.isTerminal ? safeJson(line) : line)
      }
    },
    end: () => damage.say(talk)
  }
}

const csvColumns = ["ts", "level", "category", "session", "user", "message", "fields"] as const

const csvLines = ({ out, data, talk }: Io): RowLines => {
  const damage = new DamageCount()
  let isBegun = false
  return {
    print: async (rows) => {
      if (!isBegun) await out.line(csvColumns.map(csvCell).join(","))
      isBegun = true
      for (const row of rows) {
        if (damage.counts(row)) continue
        const { head, fields } = row.event
        const { ts, level, category, session, message } = head
        const cells = [ts, level, category, session, userOf(row.event), message, JSON.stringify(fields)].map(
          csvCell
        )
        await out.line(data.isTerminal ? cells.map(printable).join(",") : cells.join(","))
      }
    },
    end: () => damage.say(talk)
  }
}

class DamageCount {
  private count = 0

  counts(row: TrailRow): row is Extract<TrailRow, { damage: unknown }> {
    if (!("damage" in row)) return false
    this.count += 1
    return true
  }

  say(talk: Io["talk"]): void {
    if (this.count > 0)
      talk(`${this.count === 1 ? "1 line is" : `${this.count} lines are`} damaged and left out`)
  }
}
