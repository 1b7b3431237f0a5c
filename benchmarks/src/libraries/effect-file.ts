// Effect's own logger to a file: Logger.toFile with its JSON format, which writes once a second what has come. An event
// is an Effect with annotations, run from plain code; the session is annotated once, around all of them. The file system
// it asks for is node:fs behind the four lines that it calls.

import { closeSync, openSync, write } from "node:fs"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import { sessionId } from "../events.ts"
import type { Library } from "./library.ts"
import { eachTurn, filesQuiet, turn } from "./pace.ts"

const append = (fd: number, bytes: Uint8Array): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const go = (from: number): void =>
      write(fd, bytes, from, bytes.length - from, null, (error, count) => {
        if (error !== null) resume(Effect.die(error))
        else if (from + count < bytes.length) go(from + count)
        else resume(Effect.void)
      })
    go(0)
  })

const files = FileSystem.makeNoop({
  open: (path) =>
    Effect.acquireRelease(
      Effect.sync(() => openSync(path, "a")),
      (fd) => Effect.sync(() => closeSync(fd))
    ).pipe(
      Effect.map((fd) => {
        const file: Partial<FileSystem.File> = {
          [FileSystem.FileTypeId]: FileSystem.FileTypeId,
          writeAll: (bytes) => append(fd, bytes)
        }
        return file as FileSystem.File
      })
    )
})

export const effectFile: Library = {
  note: "Logger.formatJson, annotated logs run by runSync; nothing to wait for: a turn of the event loop each 1,000 events",
  start: async ({ dir }) => {
    const scope = Scope.makeUnsafe()
    const opened = Logger.toFile(Logger.formatJson, join(dir, "effect.jsonl")).pipe(
      Scope.provide(scope),
      Effect.provideService(FileSystem.FileSystem, files)
    )
    const logger = await Effect.runPromise(opened)
    const services = Context.make(Logger.CurrentLoggers, new Set([logger])).pipe(
      Context.add(References.CurrentLogAnnotations, { session: sessionId })
    )
    const run = Effect.runSyncWith(services)
    return {
      log: ({ kind, fields, error }) => {
        const logged = error === undefined ? Effect.logInfo(kind.message(fields)) : Effect.logError(error)
        run(Effect.annotateLogs(logged, { category: kind.category, ...fields }))
      },
      room: eachTurn(turn),
      settled: async () => {
        await new Promise((resolve) => setTimeout(resolve, batchWindowMs))
        await filesQuiet(dir)
      },
      finish: () => Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

/** Its default. */
const batchWindowMs = 1_000
