// evlog with its file adapter behind its batching pipeline, console output off. Queue and batches are larger than its
// defaults (1,000 and 50), which lose most of a burst; redaction is off, as in its development mode. A producer that can
// wait asks how many events are pending.

import { type DrainContext, initLogger, log } from "evlog"
import { createFsDrain } from "evlog/fs"
import { createDrainPipeline } from "evlog/pipeline"
import { sessionId } from "../events.ts"
import type { Library } from "./library.ts"
import { turn } from "./pace.ts"

const queueEvents = 65_536
const batchEvents = 4_096

export const evlog: Library = {
  note: `createFsDrain in a pipeline of ${queueEvents} events, batches of ${batchEvents}; waits at half the queue`,
  start: ({ dir }) => {
    const batching = createDrainPipeline<DrainContext>({
      batch: { size: batchEvents, intervalMs: 1_000 },
      maxBufferSize: queueEvents
    })
    const queue = batching(createFsDrain({ dir }))
    // As its documentation says; `process.exit` does not come by here.
    process.once("beforeExit", () => void queue.flush())
    initLogger({ env: { service: "bench" }, pretty: false, silent: true, redact: false, drain: queue })
    const belowHalf = async (): Promise<void> => {
      while (queue.pending > queueEvents / 4) await turn()
    }
    return {
      log: ({ kind, fields, error }) => {
        const event = {
          category: kind.category,
          session: sessionId,
          message: kind.message(fields),
          ...fields
        }
        if (error === undefined) log.info(event)
        else log.error({ ...event, type: error.name, stack: error.stack })
      },
      room: () => (queue.pending < queueEvents / 2 ? undefined : belowHalf()),
      settled: () => queue.flush(),
      finish: () => queue.flush()
    }
  }
}
