// The one guard between a page and its log: the page goes on, whatever the log does. Core's log never throws; a test
// double, another version's log or a host's proxy may.

/** What `run` returns; `undefined` when it throws. */
export const guarded = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch {
    // There is no place to report it: the log itself has failed.
    return undefined
  }
}
