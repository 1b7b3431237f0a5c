// Daybook as an application gets it: the plain door, with every default on (seals, ids, seq, privacy, accounting). Beside it the
// untyped form, the log without seals, and the durable one. It is the built package, because no condition names the source.

import { type Audit, createAuditLog, defineEvent, type TypedEvent } from "@daybook/core"
import { type FileExporterOptions, fileExporter } from "@daybook/file-exporter"
import * as Schema from "effect/Schema"
import { type BenchEvent, type Kind, kinds } from "../events.ts"
import type { Counts, Library, Place, Running } from "./library.ts"

export const daybookApp = "bench"

/** Even on a slow disk, a full queue is written long before. */
const finishMs = 60_000

const schemaOf = (name: string): Schema.Codec<unknown> => {
  if (name === "bytes" || /^(count|duration_ms)_/.test(name)) return Schema.Finite
  if (name.startsWith("cached_")) return Schema.Boolean
  if (name.startsWith("tags_")) return Schema.Array(Schema.String)
  return Schema.String
}

type Construct = (fields: BenchEvent["fields"]) => TypedEvent

const define = ({ category, fields, message }: Kind): Construct =>
  defineEvent({ category, fields: Object.fromEntries(fields.map((name) => [name, schemaOf(name)])), message })

/** The five numbers of all exporters together. */
const countsOf = (audit: Audit): Counts => {
  const { exporters } = audit.health()
  const sum = (name: keyof Counts): number => exporters.reduce((total, exporter) => total + exporter[name], 0)
  return {
    accepted: sum("accepted"),
    written: sum("written"),
    dropped: sum("dropped"),
    pending: sum("pending")
  }
}

/** A log at work, logging by one of its forms. */
export const runningAudit = (audit: Audit, log: Running["log"]): Running => ({
  log,
  room: () => (audit.hasRoom() ? undefined : audit.room()),
  settled: async () => {
    await audit.flush({ timeoutMs: finishMs })
  },
  finish: async () => {
    await audit.close({ timeoutMs: finishMs })
  },
  counts: () => countsOf(audit)
})

/** The form that the README shows first: an event of a defined kind. */
export const logTyped = (audit: Audit): Running["log"] => {
  const constructors = kinds.map(define)
  return ({ kind, fields, error }) => {
    if (error !== undefined) return audit.exception("analyze", error, fields)
    const construct = constructors[kind.index]
    if (construct !== undefined) audit.log(construct(fields))
  }
}

const logUntyped =
  (audit: Audit): Running["log"] =>
  ({ kind, fields, error }) =>
    error === undefined
      ? audit.log(kind.category, kind.message(fields), fields)
      : audit.exception("analyze", error, fields)

const makeLibrary = (
  note: string,
  logOf: (audit: Audit) => Running["log"],
  options: FileExporterOptions = {}
): Library => ({
  note,
  start: ({ dir }: Place) => {
    const audit = createAuditLog({ app: daybookApp, exporters: [fileExporter({ dir, ...options })] })
    return runningAudit(audit, logOf(audit))
  }
})

export const daybook = makeLibrary(
  "typed events, every default on; the producer asks hasRoom() before each event",
  logTyped
)

export const daybookUntyped = makeLibrary(
  "log(category, message, fields): the deny-list looks at every key; every default on",
  logUntyped
)

export const daybookUnsealed = makeLibrary("seal: false, all else default", logTyped, {
  seal: false
})

/** Every commit is synced before it is confirmed. */
export const daybookDurable: Library = {
  note: 'sync: "batch" and required: true, await audit.commit(event)',
  start: ({ dir }) => {
    const exporters = [fileExporter({ dir, sync: "batch", required: true })] as const
    const audit = createAuditLog({ app: daybookApp, exporters })
    const constructors = kinds.map(define)
    const commit = async ({ kind, fields }: BenchEvent): Promise<void> => {
      const construct = constructors[kind.index]
      if (construct !== undefined) await audit.commit(construct(fields))
    }
    return { ...runningAudit(audit, logTyped(audit)), commit }
  }
}
