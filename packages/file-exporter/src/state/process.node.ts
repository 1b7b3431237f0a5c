// Whether a process that wrote down who it is still lives. A pid is given again, and means another process in another
// container, so more than the pid is compared.

import { readFile, readlink } from "node:fs/promises"
import { type DiskWork, step } from "../disk/work.ts"

/** Who a process is, on its machine. "" for what its system does not tell. */
export interface ProcessFacts {
  readonly pid: number
  /** The pid namespace. */
  readonly ns: string
  /** The boot that it lives in. */
  readonly boot: string
  /** When it began, in the system's own units. */
  readonly start: string
}

export function* ownProcess(): DiskWork<ProcessFacts> {
  const ns = yield* step(() => readlink("/proc/self/ns/pid").catch(() => ""))
  const boot = yield* step(() => readText("/proc/sys/kernel/random/boot_id"))
  const start = yield* step(() => startOf(process.pid))
  return { pid: process.pid, ns, boot, start }
}

/** "unknown" for a process of another pid namespace. */
export function* processState(
  known: ProcessFacts,
  self: ProcessFacts
): DiskWork<"lives" | "gone" | "unknown"> {
  if (known.boot !== self.boot) return known.boot === "" || self.boot === "" ? "unknown" : "gone"
  if (known.ns !== self.ns) return "unknown"
  if (!isThere(known.pid)) return "gone"
  const start = yield* step(() => startOf(known.pid))
  // Without a time of start the pid may be another process's: its beat decides.
  if (start === "" || known.start === "") return known.pid === self.pid ? "lives" : "unknown"
  return start === known.start ? "lives" : "gone"
}

const readText = (path: string): Promise<string> =>
  readFile(path, "utf8").then(
    (text) => text.trim(),
    () => ""
  )

// The 22nd field; the second one, a name in parentheses, may hold blanks.
const startOf = async (pid: number): Promise<string> => {
  const stat = await readText(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { readonly code?: unknown }).code === "EPERM"
  }
}
