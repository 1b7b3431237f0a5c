// pino with its asynchronous destination (A in the tables), as pino's page on asynchronous logging describes it: lines are buffered in
// the process and written 16 KiB at a time. A child logger for each category, with category and session bound, is pino's fast way
// to write them on every line; ISO time and the level's name make its line hold the same as the others.

import { join } from "node:path"
import pino from "pino"
import { kinds, sessionId } from "../events.ts"
import type { Library, Running } from "./library.ts"
import { eachTurn, filesQuiet, turn } from "./pace.ts"

/** The line that every library writes: `ts` in ISO, `level` as a word, `message`. */
export const sameLine: pino.LoggerOptions = {
  base: null,
  messageKey: "message",
  timestamp: () => `,"ts":"${new Date().toISOString()}"`,
  formatters: { level: (label) => ({ level: label }) }
}

export const logWithChildren = (logger: pino.Logger): Running["log"] => {
  const children = kinds.map(({ category }) => logger.child({ category, session: sessionId }))
  return ({ kind, fields, error }) => {
    const child = children[kind.index]
    if (error === undefined) child?.info(fields, kind.message(fields))
    else child?.error({ err: error, ...fields }, kind.message(fields))
  }
}

/** Writes what is buffered, and syncs the file; a destination without `minLength` calls back at once and does nothing. */
export const flushed = (logger: pino.Logger): Promise<void> =>
  new Promise((resolve, reject) => {
    logger.flush((error) => (error ? reject(error) : resolve()))
  })

interface Variant {
  readonly line: pino.LoggerOptions
  readonly isPaced: boolean
  /** Bytes to collect before a write, as in pino's own example. */
  readonly minLength?: number
}

const startAs =
  ({ line, isPaced, minLength = 0 }: Variant): Library["start"] =>
  ({ dir }) => {
    const destination = pino.destination({ dest: join(dir, "pino.jsonl"), sync: false, minLength })
    const logger = pino(line, destination)
    const written = (): Promise<void> => new Promise((resolve) => destination.once("drain", resolve))
    const log = logWithChildren(logger)
    return {
      log,
      room: eachTurn(isPaced ? written : turn),
      settled: () => (minLength > 0 ? flushed(logger) : filesQuiet(dir)),
      finish: () =>
        new Promise((resolve) => {
          destination.once("close", resolve)
          destination.end()
        }),
      commit: (event) => {
        log(event)
        return flushed(logger)
      }
    }
  }

export const pinoAsync: Library = {
  note: 'pino.destination({ sync: false }), child loggers, ISO time; the producer waits for "drain" each 1,000 events',
  start: startAs({ line: sameLine, isPaced: true })
}

export const pinoUnpaced: Library = {
  note: "as A, and as applications use it: without waiting, only a turn of the event loop each 1,000 events",
  start: startAs({ line: sameLine, isPaced: false })
}

export const pinoOwnLine: Library = {
  note: "as A, with pino's own cheaper line: epoch time and a number for the level",
  start: startAs({ line: { base: null }, isPaced: true })
}

export const pinoBuffered: Library = {
  note: "as A, with minLength: 4096; its flush() writes and syncs",
  start: startAs({ line: sameLine, isPaced: true, minLength: 4_096 })
}
