// No library: the least that a durable event costs. The line is written to an open file and the file synced, one event
// after the other, with the callbacks of node:fs.

import { closeSync, fdatasync, openSync, write } from "node:fs"
import { join } from "node:path"
import { type BenchEvent, sessionId } from "../events.ts"
import type { Library } from "./library.ts"
import { turn } from "./pace.ts"

const lineOf = ({ kind, fields }: BenchEvent): string => {
  const head = { ts: new Date().toISOString(), level: "info", category: kind.category, session: sessionId }
  return `${JSON.stringify({ ...head, message: kind.message(fields), ...fields })}\n`
}

export const rawSync: Library = {
  note: "fs.write and fs.fdatasync of one line, with callbacks; no batching, no queue",
  start: ({ dir }) => {
    const fd = openSync(join(dir, "raw.jsonl"), "a")
    const commit = (event: BenchEvent): Promise<void> =>
      new Promise((resolve, reject) => {
        write(fd, lineOf(event), (error) => {
          if (error !== null) reject(error)
          else fdatasync(fd, (syncError) => (syncError === null ? resolve() : reject(syncError)))
        })
      })
    return {
      log: (event) => void commit(event),
      room: () => undefined,
      settled: turn,
      finish: async () => closeSync(fd),
      commit
    }
  }
}
