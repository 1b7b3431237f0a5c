// Errors that tests throw without catching them: vitest would end the run over any other uncaught error.

/** The beginning of every message; vitest.config.ts ignores such errors. */
export const onPurposeMark = "on purpose:"

export const onPurpose = (what: string): Error => new Error(`${onPurposeMark} ${what}`)
