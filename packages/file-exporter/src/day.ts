// Calendar days as they stand in file names and columns: yyyymmdd as a number, YYYY-MM-DD as text.
// Which day an event belongs to was decided when it was logged.

/** "2026-11-22" for 20261122; "unknown" for 0, which is the day of an event without a clock. */
export const dayText = (day: number): string => {
  if (day === 0) return "unknown"
  const text = String(day).padStart(8, "0")
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
}

/** True for "YYYY-MM-DD" and "unknown": what may stand in a file name. */
export const isDayText = (text: string): boolean => text === "unknown" || /^\d{4}-\d{2}-\d{2}$/.test(text)
