// Who we are to the file system: the effective user, asked anew each time, because a process may become another one.
// Whether a file is ours is decided in write/ownership.ts.
import process from "node:process"

/**
 * The user that files are made as. NaN, which equals no user, when it may not be asked (Deno without `--allow-sys`);
 * `undefined` where there are no user ids, and modes mean nothing (Windows; some answer -1 there).
 */
export const ownUser = (): number | undefined => {
  if (typeof process.geteuid !== "function") return undefined
  try {
    const uid = process.geteuid()
    return uid < 0 ? undefined : uid
  } catch {
    return Number.NaN
  }
}
