// The five levels and their order, as numbers for columns and as names for people, and the words that other systems have for
// them: one table for what is logged and for what is read. What a level filters or how it looks is left to those who read it.

/** How much an event matters, least first. */
export const levels = ["debug", "info", "warn", "error", "fatal"] as const

/** One of `"debug" | "info" | "warn" | "error" | "fatal"`. */
export type Level = (typeof levels)[number]

/** A level, or another system's word for one, in any letter case: `"WARNING"`, `"critical"`, `"notice"`, … */
export type LevelWord = Level | (string & Record<never, never>)

/** A level's place in `levels`: 0 is debug, 4 is fatal. What the `level` column holds. */
export const levelNumber: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 }

/** True for one of the five level names. */
export const isLevel = (value: unknown): value is Level =>
  typeof value === "string" && Object.hasOwn(levelNumber, value)

/** Other names of our levels, in small letters: of Python's logging, syslog, Java and .NET. */
const sameWords: ReadonlyMap<string, Level> = new Map([
  ["information", "info"],
  ["informational", "info"],
  ["warning", "warn"],
  ["err", "error"],
  ["severe", "error"],
  ["critical", "fatal"],
  ["crit", "fatal"]
])

/** What others tell apart within one of our levels. */
const finerWords: ReadonlyMap<string, Level> = new Map([
  ...["trace", "verbose", "silly", "fine", "finer", "finest"].map((word) => [word, "debug"] as const),
  ...["notice", "success"].map((word) => [word, "info"] as const),
  ...["alert", "emergency", "emerg", "panic"].map((word) => [word, "fatal"] as const)
])

/** The level that a word means, on a call or on a line of any age; `undefined` for a word that is none. */
export const readLevel = (value: unknown): Level | undefined => {
  if (typeof value !== "string") return undefined
  if (isLevel(value)) return value
  const word = value.toLowerCase()
  return isLevel(word) ? word : (sameWords.get(word) ?? finerWords.get(word))
}

/** True when a level that was read says all that its word says: `warn` of "WARNING" does, `debug` of "trace" does not. */
export const isWholeLevel = (value: unknown): boolean => {
  if (typeof value !== "string") return false
  const word = value.toLowerCase()
  return isLevel(word) || sameWords.has(word)
}
