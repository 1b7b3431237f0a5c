// Random numbers that can be had again: a failing property names its seed.

/** mulberry32: small, and good enough to choose operations. 0 ≤ x < 1. */
export const makeRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Runs a property for `runs` seeds from `DAYBOOK_SEED`, or from the clock; a failure names its own. */
export const forSeeds = (runs: number, property: (random: () => number, seed: number) => void): void => {
  const first = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
  for (let seed = first; seed < first + runs; seed++) {
    try {
      property(makeRandom(seed), seed)
    } catch (error) {
      throw new Error(`DAYBOOK_SEED=${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
}
