// One large day of Daybook's: written until its file has the asked size and number of events, then read from its end, then verified, each in a process
// of its own. The files stay where the first process put them until all three are done.

import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { readRecent, verify } from "@daybook/file-exporter"
import { makeEvents } from "../events.ts"
import type { Job, Sample } from "../job.ts"
import { daybook, daybookApp } from "../libraries/daybook.ts"
import { median } from "../statistics.ts"
import { peakBytes } from "./process-cost.ts"
import { produceWithRoom } from "./produce.ts"

const stepEvents = 20_000
const repeats = 5

const fileBytes = async (dir: string): Promise<number> => {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".jsonl"))
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size))
  return Math.max(0, ...sizes)
}

export const makeDay = async ({ dir, shape, events, settings }: Job): Promise<Sample> => {
  const pool = makeEvents(shape)
  const running = await daybook.start({ dir, receiverUrl: undefined })
  let logged = 0
  do {
    const step = events > logged ? Math.min(stepEvents, events - logged) : stepEvents
    await produceWithRoom(running, pool, step)
    await running.settled()
    logged += step
  } while (logged < events || (await fileBytes(dir)) < Number(settings.dayBytes))
  await running.finish()
  return { logged, dayBytes: await fileBytes(dir) }
}

export const recent = async ({ dir }: Job): Promise<Sample> => {
  const tookMs: number[] = []
  let rows = 0
  for (let index = 0; index < repeats; index++) {
    const startMs = performance.now()
    rows = 0
    for await (const row of readRecent({ app: daybookApp, dir, limit: 200 }))
      if (!("damage" in row) && row.kind === "event") rows += 1
    tookMs.push(performance.now() - startMs)
  }
  return { recentMs: median(tookMs), recentFirstMs: tookMs[0] ?? Number.NaN, rows }
}

export const verified = async ({ dir }: Job): Promise<Sample> => {
  const startMs = performance.now()
  const report = await verify({ app: daybookApp, dir })
  const verifyMs = performance.now() - startMs
  return { verifyMs, verifyPeakBytes: peakBytes(), isIntact: report.verdict === "intact" ? 1 : 0 }
}
