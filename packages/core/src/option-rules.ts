// Options are checked when something is made of them, all of them, so that a misspelt name or a text in a number's place is an
// error at once and not a default in silence. This file has the rules' form and the errors; each maker has its own rules.

/** What an option must be, in words that follow "must be", and as a check. */
export interface OptionRule {
  readonly mustBe: string
  isRight(value: unknown): boolean
}

export type OptionRules = Readonly<Record<string, OptionRule>>

const rule = (mustBe: string, isRight: (value: unknown) => boolean): OptionRule => ({ mustBe, isRight })

const inWords = (values: readonly string[]): string => {
  const quoted = values.map((value) => `"${value}"`)
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`
}

/** The rules that options have. */
export const optionRule = {
  text: (example: string): OptionRule =>
    rule(`a text such as "${example}"`, (value) => typeof value === "string" && value !== ""),
  flag: rule("true or false", (value) => typeof value === "boolean"),
  callable: rule("a function", (value) => typeof value === "function"),
  object: (what: string): OptionRule =>
    rule(what, (value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  list: (what: string): OptionRule => rule(what, Array.isArray),
  oneOf: (...values: readonly string[]): OptionRule =>
    rule(inWords(values), (value) => typeof value === "string" && values.includes(value)),
  /** A number from `min` on; `Infinity` where `orInfinity`. */
  numberFrom: (min: number, unit: string, orInfinity = false): OptionRule =>
    rule(
      `a number of ${unit} from ${min} on${orInfinity ? ", or Infinity" : ""}`,
      (value) => typeof value === "number" && value >= min && (orInfinity || Number.isFinite(value))
    )
} as const

/** The bounds of a `QueuePolicy`, or some of them. */
export const queueRules: OptionRules = {
  eventsMax: optionRule.numberFrom(1, "events", true),
  bytesMax: optionRule.numberFrom(1, "bytes", true),
  overflow: optionRule.oneOf("drop-newest", "drop-oldest"),
  batchEventsMax: optionRule.numberFrom(1, "events", true),
  batchBytesMax: optionRule.numberFrom(1, "bytes", true)
}

/**
 * Checks options that are given; `undefined` is as good as absent. `inside` is the option that they are members of.
 *
 * @throws TypeError for a value that its rule refuses, and for a name that has no rule, with the nearest one that has.
 */
export const checkOptions = (caller: string, options: unknown, rules: OptionRules, inside = ""): void => {
  if (typeof options !== "object" || options === null) {
    const what = inside === "" ? "options" : `option "${inside}"`
    throw new TypeError(`${caller}: ${what} must be an object, not ${kindOf(options)}`)
  }
  const prefix = inside === "" ? "" : `${inside}.`
  for (const name of Object.keys(options)) {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    if (value === undefined) continue
    const found = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (found === undefined) throw new TypeError(unknownName(caller, prefix, name, Object.keys(rules)))
    if (found.isRight(value)) continue
    throw new TypeError(`${caller}: option "${prefix}${name}" must be ${found.mustBe}, not ${kindOf(value)}`)
  }
}

const unknownName = (caller: string, prefix: string, name: string, names: readonly string[]): string => {
  const near = nearestOf(name, names)
  const hint = near === undefined ? `the options are ${names.join(", ")}` : `did you mean "${prefix}${near}"?`
  return `${caller}: there is no option "${prefix}${name.slice(0, 64)}"; ${hint}`
}

// A value may be a secret, so only its kind is named; numbers, which were meant to be limits, stand as they are.
const kindOf = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "a list"
  if (typeof value === "number") return String(value)
  if (typeof value === "boolean") return String(value)
  return (
    { string: "a text", object: "an object", function: "a function" }[typeof value as string] ?? typeof value
  )
}

/** The name that differs least from a word; none where all differ in more than a third of its letters. */
export const nearestOf = (word: string, names: readonly string[]): string | undefined => {
  const wanted = word.toLowerCase().slice(0, 64)
  const distances = names.map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
  const [nearest] = distances.toSorted((a, b) => a.distance - b.distance)
  return nearest !== undefined && nearest.distance <= Math.max(1, wanted.length / 3)
    ? nearest.name
    : undefined
}

// Levenshtein's distance: letters put in, left out or replaced.
const distanceOf = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1]
    for (let index = 0; index < to.length; index++) {
      const replaced = (row[index] ?? 0) + (to[index] === letter ? 0 : 1)
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
