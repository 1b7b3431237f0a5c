// The one guard between a page and its log: whatever the log does, the page goes on. Core's log never throws; one that a
// test made up, that another version wrote or that is a proxy of the host may.

/** What `run` returns; `undefined` when it throws. */
export const guarded = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch {
    // There is nobody to tell: telling is what the log was for.
    return undefined
  }
}
