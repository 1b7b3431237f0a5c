// What a delivery costs while nothing happens: many users' folders, a file a day in each, all of them delivered and quiet. The
// start is not measured, nor the first minute, when every file is still asked about for the first time.

import { mkdir, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { toLocalDay } from "@daybook/core"
import { deliver } from "@daybook/file-exporter/delivery"
import type { Job, Sample } from "../job.ts"
import { daybookApp } from "../libraries/daybook.ts"
import { sleep } from "../libraries/pace.ts"
import { nowhere } from "./far-ends.ts"
import { cpuMicros } from "./process-cost.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const dayText = (ms: number): string => String(toLocalDay(ms)).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3")

const line = (user: number, ms: number): string => {
  const ts = new Date(ms).toISOString()
  return `${JSON.stringify({ ts, level: "info", category: "upload", session: "1a2c3d4e", message: "m", id: `${user} ${ts}` })}\n`
}

/** As a log with a route by user leaves them. */
const makeFiles = async (dir: string, users: number, days: number): Promise<void> => {
  const now = Date.now()
  for (let user = 0; user < users; user++) {
    const folder = join(dir, `user-${user}`, "tool_audit")
    await mkdir(folder, { recursive: true })
    for (let day = 0; day < days; day++) {
      const ms = now - day * dayMs - hourMs
      const path = join(folder, `${dayText(now - day * dayMs)}.jsonl`)
      await writeFile(path, line(user, ms))
      await utimes(path, ms / 1_000, ms / 1_000)
    }
  }
}

export const deliveryLooks = async ({ dir, settings }: Job): Promise<Sample> => {
  const [users, days] = [Number(settings.users), Number(settings.days)]
  await makeFiles(dir, users, days)
  const startMs = performance.now()
  const delivery = deliver({ app: daybookApp, dir, to: nowhere, env: {} })
  const { complete, delivered } = await delivery.flush({ timeoutMs: hourMs })
  if (!complete || delivered !== users * days)
    throw new Error(`${delivered} lines of ${users * days} were delivered`)
  const firstMs = performance.now() - startMs
  await sleep(Number(settings.settleMs))
  const cpuAtStart = cpuMicros()
  const quietMs = performance.now()
  await sleep(Number(settings.measureMs))
  const cpuPercent = (cpuMicros() - cpuAtStart) / (performance.now() - quietMs) / 10
  const restBytes = process.memoryUsage.rss()
  await delivery.close()
  return { cpuPercent, firstMs, restBytes, files: users * days }
}
