// Daily JSONL files as an exporter: which file a log writes to, and what a log's session line says of it.
// How bytes get into a file is day-file-appender.node.ts's business.

import { isAbsolute } from "node:path"
import process from "node:process"
import type { ExportError, Exporter, LogIdentity, OpenExporter, QueuePolicy, RequiredAs } from "@daybook/core"
import * as Effect from "effect/Effect"
import { type AuditLogDir, auditLogDir, auditLogPath, dayFilePath } from "./audit-log-path.node.ts"
import { dayText } from "./day.ts"
import { DayFileAppender } from "./day-file-appender.node.ts"
import { diskRefusal, toDiskError } from "./disk-error.ts"
import { nodeFileLayer } from "./file-layer.node.ts"
import type { DirFacts, FileLayer } from "./file-layer.ts"

export interface FileExporterOptions {
  /** Absolute. Default: see `auditLogDir`. */
  readonly dir?: string | undefined
  /** Names it in health and gap marks. Default "file". */
  readonly name?: string | undefined
  /** Merged over `fileQueuePolicy`. */
  readonly queue?: Partial<QueuePolicy> | undefined
  /** `commit` waits for this exporter. */
  readonly required?: boolean | undefined
  /** Default 30 s. */
  readonly exportTimeoutMs?: number | undefined
}

/**
 * 65,536 events or 8 MiB, and the oldest give way: the last events before a crash are the ones that support needs.
 * Appends of up to 256 KiB: below 16 KiB they cost 3–20 times the CPU.
 */
export const fileQueuePolicy: QueuePolicy = {
  eventsMax: 65_536,
  bytesMax: 8 * 1024 * 1024,
  overflow: "drop-oldest",
  batchEventsMax: 8_192,
  batchBytesMax: 256 * 1024
}

/**
 * Writes each event to `<dir>/<app>-YYYY-MM-DD.jsonl` by its own local date, appending only.
 *
 * @throws TypeError when `dir` is relative: it would move with the working directory.
 */
export const fileExporter = <const Options extends FileExporterOptions = FileExporterOptions>(
  options?: Options
): Exporter & RequiredAs<Options> =>
  makeFileExporter(nodeFileLayer, options ?? {}) as Exporter & RequiredAs<Options>

/** The same on any file layer. */
export const makeFileExporter = (layer: FileLayer, options: FileExporterOptions): Exporter => {
  const { dir, name = "file", queue, required = false, exportTimeoutMs } = options
  if (dir !== undefined && !isAbsolute(dir)) {
    throw new TypeError(`fileExporter: option "dir" must be an absolute path, got ${JSON.stringify(dir)}`)
  }
  const places = new WeakMap<LogIdentity, Place>()
  const placeOf = (log: LogIdentity): Place => {
    const known = places.get(log)
    if (known !== undefined) return known
    const place = makePlace(layer, auditLogDir({ app: log.app, dir, env: log.env }), log.app)
    places.set(log, place)
    return place
  }
  return {
    name,
    queue: { ...fileQueuePolicy, ...queue },
    required,
    durability: "os",
    ...(exportTimeoutMs === undefined ? {} : { exportTimeoutMs }),
    facts: (log) => ({
      log_file: auditLogPath({ app: log.app, dir: placeOf(log).found.dir, at: log.now() })
    }),
    open: (log) => openPlace(layer, placeOf(log), log),
    lastWrite: (log, batch, { deadlineMs }) => {
      const { found, appender } = placeOf(log)
      if (found.source === "temp") {
        layer.now.makeDir(found.dir)
        refuseShared(found.dir, layer.now.dirFacts(found.dir))
      }
      return { written: appender.appendNow(batch, deadlineMs) }
    }
  }
}

/** Where one log writes. */
interface Place {
  readonly found: AuditLogDir
  readonly appender: DayFileAppender
  isNoticed: boolean
}

const ownUid = process.getuid?.()

const makePlace = (layer: FileLayer, found: AuditLogDir, app: string): Place => ({
  found,
  appender: new DayFileAppender(layer, (day) => dayFilePath(found.dir, app, dayText(day)), ownUid),
  isNoticed: false
})

const openPlace = (
  layer: FileLayer,
  place: Place,
  log: LogIdentity
): Effect.Effect<OpenExporter, ExportError> =>
  Effect.gen(function* () {
    const { found, appender } = place
    if (found.notice !== undefined && !place.isNoticed) log.notice(found.notice)
    place.isNoticed = true
    yield* uncut(() => layer.makeDir(found.dir), "make the directory", found.dir)
    if (found.source === "temp") {
      const check = async (): Promise<void> => refuseShared(found.dir, await layer.dirFacts(found.dir))
      yield* uncut(check, "use the directory", found.dir)
    }
    return { export: (batch) => uncut(() => appender.append(batch), "append to", found.dir) }
  })

// Everybody may write to the directory for temporary files: what stands there under our name may be somebody's trap.
const refuseShared = (dir: string, facts: DirFacts): void => {
  const isOurs =
    facts.isDirectory && (ownUid === undefined || facts.uid === ownUid) && (facts.mode & 0o077) === 0
  if (!isOurs)
    throw diskRefusal("use the directory", dir, "it is not ours alone (wanted: our own directory, mode 0700)")
}

// A file operation that was issued cannot be called back, so it is never interrupted: its time limit makes it stalled.
const uncut = (
  operation: () => Promise<void>,
  action: string,
  path: string
): Effect.Effect<void, ExportError> =>
  Effect.uninterruptible(
    Effect.tryPromise({ try: operation, catch: (error) => toDiskError(action, path, error) })
  )
