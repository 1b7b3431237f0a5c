// Moments as people write them on a command line: `-2h` and `2h` before now, `today`, `yesterday`, a date, a date and a time.
// Those without an offset are in the zone that was asked for.
import { lineTime } from "@daybook/core/lines"
import { usageError } from "./exit.ts"

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000
}

/** Milliseconds since 1970. @throws CommandError for what is no moment. */
export const momentOf = (text: string, zone: string | undefined, now: number): number => {
  const [, amount, unit] = /^-?(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) return now - Number(amount) * (unitMs[unit] ?? 0)
  if (text === "now") return now
  if (text === "today") return dayStart(now, 0, zone)
  if (text === "yesterday") return dayStart(now, 1, zone)
  const hasOffset = /(?:[zZ]|[+-]\d\d:?\d\d)$/.test(text) && text.includes(":")
  const time = hasOffset || zone === undefined ? lineTime(text) : inZone(lineTime(`${withTime(text)}Z`), zone)
  if (Number.isNaN(time))
    throw usageError(
      `${JSON.stringify(text)} is no moment: write -2h, 30m, 7d, today, yesterday, 2026-11-22 or 2026-11-22T09:00`
    )
  return time
}

const withTime = (text: string): string => (/[T ]\d/.test(text) ? text : `${text}T00:00`)

const dayStart = (now: number, daysBack: number, zone: string | undefined): number => {
  if (zone === undefined) {
    const at = new Date(now)
    return new Date(at.getFullYear(), at.getMonth(), at.getDate() - daysBack).getTime()
  }
  const day = wallMs(now, zone)
  return inZone(Math.floor(day / 86_400_000 - daysBack) * 86_400_000, zone)
}

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (zone: string): Intl.DateTimeFormat => {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3
    })
    formats.set(zone, format)
  }
  return format
}

/** What the clocks of a zone show at this moment, as if it were UTC. */
export const wallMs = (ms: number, zone: string | undefined): number => {
  if (zone === undefined) return ms - new Date(ms).getTimezoneOffset() * 60_000
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(ms)) parts[type] = Number(value)
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, fractionalSecond = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second, fractionalSecond)
}

// Twice, because the offset is that of the moment which is looked for.
const inZone = (wall: number, zone: string): number => {
  if (Number.isNaN(wall)) return wall
  const first = wall - (wallMs(wall, zone) - wall)
  return wall - (wallMs(first, zone) - first)
}

/** The zone under a name that Intl has; `undefined` for "local". @throws CommandError for a name that it has not. */
export const zoneOf = (name: string | undefined): string | undefined => {
  if (name === undefined || name === "local") return undefined
  const zone = name.toLowerCase() === "utc" ? "UTC" : name
  try {
    formatOf(zone)
    return zone
  } catch {
    throw usageError(
      `There is no time zone ${JSON.stringify(name)}: write utc, local, or a name such as Europe/Berlin`
    )
  }
}
