// What this process has cost so far: CPU of all its threads, and the most memory it ever had. Both are the system's own
// accounts, so worker threads count and the collector counts.

import { readFileSync } from "node:fs"

/** User and system time. */
export const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/**
 * Of the whole process, since it began. Linux keeps it by process; `getrusage` would begin with what the process that
 * started this one had at that moment.
 */
export const peakBytes = (): number => {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
    return Number(kibibytes) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}
