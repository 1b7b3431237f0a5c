// Calendar days as they stand in file names and columns: yyyymmdd as a number, YYYY-MM-DD as text.
// Which day an event belongs to was decided when it was logged.
import { toLocalDay } from "@daybook/core"

/** "2026-11-22" for 20261122; "unknown" for 0, which is the day of an event without a clock. */
export const dayText = (day: number): string => {
  if (day === 0) return "unknown"
  const text = String(day).padStart(8, "0")
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
}

/** A moment as ISO 8601; "" where the clock has failed. */
export const isoOf = (ms: number): string => {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}

/** True for the "YYYY-MM-DD" of a day that a calendar has. */
export const isCalendarDay = (text: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/**
 * So many days of the calendar before a day. Not by hours: days of 23 and 25 hours are days. "" before the first year
 * that names can have, which is earlier than every day.
 */
export const dayBefore = (day: string, days: number): string => {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - days)
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 0 ? "" : date.toISOString().slice(0, 10)
}

/** "YYYY-MM-DD" of a day that a calendar has, a moment's local day, or "unknown". */
export const checkDay = (caller: string, day: string | Date | number): string => {
  const text = typeof day === "string" ? day : dayText(toLocalDay(Number(day)))
  if (text === "unknown" || isCalendarDay(text)) return text
  throw new TypeError(`${caller}: option "day" must be YYYY-MM-DD, got ${JSON.stringify(day)}`)
}

/**
 * The local day of a moment, `daysBack` days of the calendar before it.
 *
 * @throws TypeError for a moment that no calendar has.
 */
export const dayBack = (caller: string, at: Date | number, daysBack: number): string => {
  const today = dayText(toLocalDay(Number(at)))
  if (today === "unknown")
    throw new TypeError(`${caller}: option "at" must be a moment with a date, got ${JSON.stringify(at)}`)
  return dayBefore(today, daysBack)
}
