// The arithmetic of the benchmark: medians, ratios per round, and their range. Pure functions of numbers; the callers choose which
// numbers to compare.

/** A median with the least and the greatest value of its rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

/** NaN of nothing. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  if (sorted.length % 2 === 1) return upper
  return ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: values.length === 0 ? Number.NaN : Math.min(...values),
  max: values.length === 0 ? Number.NaN : Math.max(...values),
  rounds: values.length
})

/**
 * One ratio a round, so that what slowed the machine during a round slowed both sides. A round in which either side has
 * no number counts for nothing.
 */
export const ratiosByRound = (
  ours: readonly (number | undefined)[],
  theirs: readonly (number | undefined)[]
): readonly number[] =>
  ours.flatMap((value, round) => {
    const other = theirs[round]
    return value === undefined || other === undefined || other === 0 ? [] : [value / other]
  })

/** Turns: every second round goes through the libraries backwards, so that none is always behind the same one. */
export const inRoundOrder = <Item>(items: readonly Item[], round: number): readonly Item[] =>
  round % 2 === 0 ? items : [...items].reverse()

/** The value below which the given share of the values lies: 0.5 is the median of many. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
