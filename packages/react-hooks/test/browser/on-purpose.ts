// Errors that tests throw where nobody catches them: vitest would end the run over any other.

/** The beginning of every message. vitest.config.ts lets such errors be. */
export const onPurposeMark = "on purpose:"

export const onPurpose = (what: string): Error => new Error(`${onPurposeMark} ${what}`)
