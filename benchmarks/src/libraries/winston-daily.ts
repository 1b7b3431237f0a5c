// winston with winston-daily-rotate-file, the usual way to daily JSON files: timestamp and json formats, a child logger a
// category. The transport confirms each line before its stream has it, so there is nothing to wait for: turns stand in.

import winston from "winston"
import DailyRotateFile from "winston-daily-rotate-file"
import { kinds, sessionId } from "../events.ts"
import type { Library } from "./library.ts"
import { eachTurn, filesQuiet, turn } from "./pace.ts"

const { combine, errors, json, timestamp } = winston.format

export const winstonDaily: Library = {
  note: "winston-daily-rotate-file, timestamp() and json(), child loggers; a turn of the event loop each 1,000 events",
  start: ({ dir }) => {
    const files = new DailyRotateFile({ dirname: dir, filename: "winston-%DATE%", extension: ".jsonl" })
    const format = combine(errors({ stack: true }), timestamp(), json())
    const logger = winston.createLogger({ format, transports: [files] })
    const children = kinds.map(({ category }) => logger.child({ category, session: sessionId }))
    return {
      log: ({ kind, fields, error }) => {
        const child = children[kind.index]
        if (error === undefined) child?.info(kind.message(fields), fields)
        else child?.error(kind.message(fields), { ...fields, stack: error.stack, type: error.name })
      },
      room: eachTurn(turn),
      settled: () => filesQuiet(dir),
      finish: () =>
        new Promise((resolve) => {
          files.once("finish", () => resolve(filesQuiet(dir)))
          logger.end()
        })
    }
  }
}
