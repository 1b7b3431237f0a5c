// How long a fresh process takes to load a library's modules, and what they take of its memory. Nothing is logged; which
// modules those are comes with the job.

import type { Job, Sample } from "../job.ts"

export const importModules = async ({ settings }: Job): Promise<Sample> => {
  const restBytes = process.memoryUsage.rss()
  const startMs = performance.now()
  for (const name of String(settings.modules).split(" ")) await import(name)
  return {
    importMs: performance.now() - startMs,
    importBytes: process.memoryUsage.rss() - restBytes,
    logged: 0
  }
}
