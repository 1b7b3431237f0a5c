// Waits for the end of the current task, when held records have been made. It measures nothing and does not sleep: timers
// without a delay fire in their order.

/** Resolves in a later task, after all timers that are set now. */
export const afterTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
