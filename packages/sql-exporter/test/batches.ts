// Batches and logs of tests. Lines are those of a real log; where a test needs another form, it writes the line itself.
import {
  type Batch,
  batchFromLines,
  ExportError,
  type Exporter,
  type LogIdentity,
  type OpenExporter
} from "@daybook/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

/** A line as a log of session 1a2c3d4e writes it; `n` makes its id, time and seq. */
export const lineText = (n: number, fields: object = {}, head: object = {}): string =>
  JSON.stringify({
    ts: `2026-11-22T09:00:00.${String(n % 1_000).padStart(3, "0")}Z`,
    level: "info",
    category: "upload",
    session: "1a2c3d4e",
    message: `Uploaded ${n}`,
    ...fields,
    seq: n,
    id: idOf(n),
    ...head
  })

export const idOf = (n: number): string => `01a2027b-d6fb-7${hex(n >> 12)}-91a2-c3d4e5f6${hex(n, 4)}`

const hex = (n: number, digits = 3): string => (n % 16 ** digits).toString(16).padStart(digits, "0")

export const batchOf = (...lines: readonly string[]): Batch =>
  batchFromLines(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")))

export interface OpenedExporter {
  readonly notices: readonly string[]
  /** `undefined` when it went well. */
  export(batch: Batch): Promise<ExportError | undefined>
  close(): Promise<void>
}

/** Who a log is, to an exporter. */
export const identityWith = (
  notice: (text: string) => void,
  more: Partial<LogIdentity> = {}
): LogIdentity => ({
  app: "test",
  session: "1a2c3d4e",
  streamKey: "1a2c3d4e5f60718",
  env: {},
  now: Date.now,
  monotonicMs: () => performance.now(),
  notice,
  mark: () => new Uint8Array(),
  ...more
})

/** Opens an exporter as a log would, without a log: each export is one attempt. */
export const opened = async (
  exporter: Exporter,
  more: Partial<LogIdentity> = {}
): Promise<OpenedExporter> => {
  const notices: string[] = []
  const identity = identityWith((text) => void notices.push(text), more)
  let close: () => void = () => undefined
  const closing = new Promise<void>((resolve) => {
    close = resolve
  })
  let live: (open: OpenExporter) => void = () => undefined
  const life = new Promise<OpenExporter>((resolve) => {
    live = resolve
  })
  const ended = Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const open = yield* exporter.open(identity)
        live(open)
        yield* Effect.promise(() => closing)
      })
    )
  )
  const open = await life
  return {
    notices,
    export: async (batch) => errorOf(await Effect.runPromiseExit(open.export(batch))),
    close: async () => {
      close()
      await ended
    }
  }
}

const errorOf = (exit: Exit.Exit<void, ExportError>): ExportError | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (error instanceof ExportError) return error
  throw Cause.squash(exit.cause)
}
