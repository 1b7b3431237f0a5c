// What a fresh process runs: reads its job from the command line, lets the probe do it, and leaves the numbers in a file, because
// libraries may print on stdout. Any error ends the process with a code.

import { writeFileSync } from "node:fs"
import type { Job, Probe } from "./job.ts"

const probes: Readonly<Record<string, () => Promise<Probe>>> = {
  "bare-insert": async () => (await import("./probes/deliver-all.ts")).bareInsert,
  bundle: async () => (await import("./probes/bundle.ts")).bundle,
  burst: async () => (await import("./probes/burst.ts")).burst,
  "command-line": async () => (await import("./probes/command-line.ts")).commandLine,
  commit: async () => (await import("./probes/commit.ts")).commit,
  "commit-to-row": async () => (await import("./probes/commit-to-row.ts")).commitToRow,
  "commit-when-asked": async () => (await import("./probes/commit-to-row.ts")).commitWhenAsked,
  "deliver-all": async () => (await import("./probes/deliver-all.ts")).deliverAll,
  "delivery-looks": async () => (await import("./probes/delivery-looks.ts")).deliveryLooks,
  exit: async () => (await import("./probes/exit.ts")).exit,
  exporters: async () => (await import("./probes/exporters.ts")).exporters,
  "first-call": async () => (await import("./probes/first-call.ts")).firstCall,
  flow: async () => (await import("./probes/flow.ts")).flow,
  import: async () => (await import("./probes/import.ts")).importModules,
  "longest-call": async () => (await import("./probes/longest-call.ts")).longestCall,
  "make-day": async () => (await import("./probes/day.ts")).makeDay,
  overload: async () => (await import("./probes/overload.ts")).overload,
  recent: async () => (await import("./probes/day.ts")).recent,
  steady: async () => (await import("./probes/steady.ts")).steady,
  "tool-calls": async () => (await import("./probes/tool-calls.ts")).toolCalls,
  verify: async () => (await import("./probes/day.ts")).verified
}

const [jobText = "", answerFile = ""] = process.argv.slice(2)
const job = JSON.parse(jobText) as Job
const load = probes[job.probe]
if (load === undefined) throw new Error(`child: no probe ${JSON.stringify(job.probe)}`)
const probe = await load()
// A library may let the process end while a caller still awaits it.
const held = setInterval(() => {}, 1_000)
writeFileSync(answerFile, JSON.stringify(await probe(job)))
clearInterval(held)
