// How long after a commit has returned its row is in the database. The delivery is woken: by the exporter that has written, where
// both are in one process; by a message, where another process commits.

import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { createAuditLog, defineEvent } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { deliver } from "@daybook/file-exporter/delivery"
import * as Schema from "effect/Schema"
import type { Job, Sample } from "../job.ts"
import { daybookApp } from "../libraries/daybook.ts"
import { sleep } from "../libraries/pace.ts"
import { quantile } from "../statistics.ts"
import { noting, sqlEnd } from "./far-ends.ts"

/** For what is loaded and compiled late. */
const warmUpEvents = 20
/** From a row to the next commit: what the delivery does behind it, such as saving its place, is over then. */
const pauseMs = 20

/** Of the wall, so that two processes have the same one. */
const wallMs = (): number => performance.timeOrigin + performance.now()

const Uploaded = defineEvent({
  category: "upload",
  fields: { turn: Schema.Finite },
  message: () => "Uploaded customers.csv"
})

const durable = (dir: string) => fileExporter({ dir, sync: "batch", required: true })

/** Commits one event after another, and says when each commit has returned. */
const committing = (exporter: ReturnType<typeof durable>) => {
  const audit = createAuditLog({ app: daybookApp, exporters: [exporter], env: {} })
  return {
    commit: async (turn: number): Promise<number> => {
      await audit.commit(Uploaded({ turn }))
      return wallMs()
    },
    close: () => audit.close()
  }
}

export const commitToRow = async (job: Job): Promise<Sample> => {
  const { dir, settings } = job
  const exporter = settings.from === "other" ? undefined : durable(dir)
  let onArrived = (_turn: unknown): void => undefined
  const to = noting(sqlEnd(String(settings.database)), (events) => {
    for (const { fields } of events) onArrived(fields.turn)
  })
  const delivery = deliver({ app: daybookApp, dir, to, source: exporter, env: {} })
  const writer =
    exporter === undefined ? await otherProcess(job, () => delivery.wake()) : committing(exporter)
  const tookMs: number[] = []
  for (let turn = 0; turn < warmUpEvents + job.events; turn++) {
    const arrival = new Promise<number>((resolve) => {
      onArrived = (arrived) => {
        if (arrived === turn) resolve(wallMs())
      }
    })
    const committedMs = await writer.commit(turn)
    const took = Math.max(0, (await arrival) - committedMs)
    if (turn >= warmUpEvents) tookMs.push(took)
    await sleep(pauseMs)
  }
  await writer.close()
  await delivery.close()
  return { p50Ms: quantile(tookMs, 0.5), p95Ms: quantile(tookMs, 0.95) }
}

/** A process that commits when it is asked, and wakes us when its commit has returned. */
const otherProcess = async (job: Job, wake: () => void) => {
  const file = fileURLToPath(new URL("../child.ts", import.meta.url))
  const answerFile = `${job.dir}-writer.json`
  const writer = fork(file, [JSON.stringify({ ...job, probe: "commit-when-asked" }), answerFile])
  await once(writer, "message")
  return {
    commit: async (turn: number): Promise<number> => {
      writer.send(turn)
      const [committedMs] = await once(writer, "message")
      wake()
      return committedMs as number
    },
    close: async (): Promise<void> => {
      writer.disconnect()
      await once(writer, "exit")
    }
  }
}

/** The other process. */
export const commitWhenAsked = async ({ dir }: Job): Promise<Sample> => {
  const { commit, close } = committing(durable(dir))
  process.on("message", (turn: number) => {
    void commit(turn).then((committedMs) => process.send?.(committedMs))
  })
  process.send?.("ready")
  await once(process, "disconnect")
  await close()
  return {}
}
