// pino with its worker transport (W of the tables): lines cross to a thread of pino's own, whose destination writes them.
// The fastest peer from call to file. What the line says and how it is logged is pino-async.ts's.

import { join } from "node:path"
import pino from "pino"
import type { Library } from "./library.ts"
import { eachTurn, turn } from "./pace.ts"
import { flushed, logWithChildren, sameLine } from "./pino-async.ts"

export const pinoWorker: Library = {
  note: "pino.transport({ target: 'pino/file' }), child loggers, ISO time; waits when the stream needs it",
  start: ({ dir }) => {
    const worker = pino.transport({ target: "pino/file", options: { destination: join(dir, "pino.jsonl") } })
    const logger = pino(sameLine, worker)
    const emptied = (): Promise<void> => new Promise((resolve) => worker.once("drain", resolve))
    const turns = eachTurn(turn)
    // Documented, and missing in its types.
    const stream = worker as unknown as { readonly writableNeedDrain: boolean }
    return {
      log: logWithChildren(logger),
      room: () => (stream.writableNeedDrain ? emptied() : turns()),
      settled: () => flushed(logger),
      finish: () =>
        new Promise((resolve) => {
          worker.once("close", resolve)
          worker.end()
        })
    }
  }
}
