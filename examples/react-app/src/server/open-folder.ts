// Opens a folder on the desktop of the person at this machine, with what the system opens folders with. Which that is, the
// package knows; here is only whether it did.
import { once } from "node:events"
import { setTimeout } from "node:timers/promises"
import open from "open"

/** An opener returns at once, or lives as long as the window that it opened. */
const openerMs = 3_000

/** @throws Error when there is no desktop, or nothing on it that opens folders. */
export const openFolder = async (path: string): Promise<void> => {
  const opener = await open(path)
  const ended = opener.exitCode === null ? once(opener, "exit") : [opener.exitCode]
  const [code] = await Promise.race([ended, setTimeout(openerMs, [0], { ref: false })])
  if (code !== 0) throw new Error(`Cannot open "${path}": the system's opener ended with ${code}`)
}
