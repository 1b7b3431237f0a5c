// The end of the current task, which what is held until then waits for. Nothing is measured and nobody sleeps: timers of
// no length come in their order.

/** Resolves in a task after this one, and after the timers that are set by now. */
export const afterTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
