// Who we are to the file system: the effective user, asked anew each time, because a process may become another one.
// Whether a file is ours is decided in write/ownership.ts.
import process from "node:process"

/**
 * The user that files are made as. NaN, which equals no user, when it may not be asked (Deno without `--allow-sys`);
 * `undefined` where there are no user ids (Windows).
 */
export const ownUser = (): number | undefined => {
  if (typeof process.geteuid !== "function") return undefined
  try {
    return process.geteuid()
  } catch {
    return Number.NaN
  }
}
