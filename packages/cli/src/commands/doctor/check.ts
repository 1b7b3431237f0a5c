// What a check of doctor says, and what it is told.
// The checks are the files beside this one; doctor.ts shows what they say.
import type { Env } from "../../terminal/colors.ts"

export interface Check {
  /** A problem is a finding; a note is worth knowing. */
  readonly is: "fine" | "note" | "problem"
  /** One word: what was looked at. */
  readonly about: string
  readonly says: string
  /** What to do. */
  readonly todo?: string
}

export interface About {
  readonly app: string
  readonly dir: string
  readonly env: Env
  /** Milliseconds since 1970. */
  readonly now: number
  readonly signal: AbortSignal
}

export const fine = (about: string, says: string): Check => ({ is: "fine", about, says })
export const note = (about: string, says: string): Check => ({ is: "note", about, says })
export const problem = (about: string, says: string, todo: string): Check => ({
  is: "problem",
  about,
  says,
  todo
})

export const bytesText = (bytes: number): string => {
  const units = ["bytes", "kB", "MB", "GB", "TB"]
  let size = bytes
  let unit = 0
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000
    unit += 1
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`
}

export const ageText = (ms: number): string => {
  const seconds = Math.round(Math.abs(ms) / 1_000)
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
