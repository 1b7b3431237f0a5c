// No library: what JSON.stringify of the same event costs, with nothing written. The floor under every logger that makes
// its lines of strings.

import { sessionId } from "../events.ts"
import type { Library } from "./library.ts"
import { eachTurn, turn } from "./pace.ts"

/** What was made, so that the making cannot be left out. */
let chars = 0

export const stringify: Library = {
  note: "new Date().toISOString() and JSON.stringify of the whole event; nothing is written",
  start: () => ({
    log: ({ kind, fields, error }) => {
      const event = {
        ts: new Date().toISOString(),
        level: error === undefined ? "info" : "error",
        category: kind.category,
        session: sessionId,
        message: kind.message(fields),
        ...fields,
        ...(error === undefined ? {} : { stack: error.stack })
      }
      chars += JSON.stringify(event).length
    },
    room: eachTurn(turn),
    settled: turn,
    finish: () => (chars === 0 ? Promise.reject(new Error("nothing was logged")) : Promise.resolve())
  })
}
