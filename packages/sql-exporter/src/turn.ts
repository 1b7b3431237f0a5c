// Waits of the host: a turn between two statements, because SQLite works on the thread of the log, and limits that keep no
// process alive.

export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Resolves when the time is over. For what hangs and cannot be stopped. */
export const timeLimit = (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms).unref?.())
