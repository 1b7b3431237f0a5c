// The five levels and their order, as numbers for columns and as names for people.
// What a level filters or how it looks is left to those who read it.

/** How much an event matters, least first. */
export const levels = ["debug", "info", "warn", "error", "fatal"] as const

/** One of `"debug" | "info" | "warn" | "error" | "fatal"`. */
export type Level = (typeof levels)[number]

/** A level's place in `levels`: 0 is debug, 4 is fatal. What the `level` column holds. */
export const levelNumber: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 }

/** True for one of the five level names. */
export const isLevel = (value: unknown): value is Level =>
  typeof value === "string" && Object.hasOwn(levelNumber, value)

/** What older systems call them, in small letters: Python's logging has the last two. */
const olderNames: Readonly<Record<string, Level>> = {
  ...Object.fromEntries(levels.map((level) => [level, level])),
  warning: "warn",
  critical: "fatal"
}

/** The level that a line of any age means; `undefined` for a word that is none. */
export const readLevel = (value: unknown): Level | undefined => {
  if (isLevel(value)) return value
  const name = typeof value === "string" ? value.toLowerCase() : ""
  return Object.hasOwn(olderNames, name) ? olderNames[name] : undefined
}
