// What the tests of this package share: `fileBench`, a log with a file exporter in a fresh directory; batches with known
// lines; and a look at every file of a directory that accepts no line which is neither whole nor counted as damage. Seals
// stand apart there; right-seals.ts judges them.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import {
  type Batch,
  batchFromLines,
  decodeLine,
  type Exporter,
  type LogIdentity,
  type OpenExporter
} from "@daybook/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { expect, onTestFinished } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { type FileExporterOptions, makeFileExporter } from "../../src/file-exporter.node.ts"
import { auditLogPath } from "../../src/index.ts"

export const app = "datatools"

/** A directory of the test's own, gone when the test is over. */
export const freshDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-files-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Local noon of a day on which nothing happens to the clocks. */
export const noon = new Date(2026, 2, 5, 12).getTime()
/** The local midnight that follows. */
export const midnight = new Date(2026, 2, 6).getTime()

/** A log as an exporter sees it. What it would tell people is kept. */
export interface SilentLog extends LogIdentity {
  readonly notices: readonly string[]
  /** What its clock shows. */
  atMs: number
  /** What its monotonic clock shows: true time, whatever is done to the other one. */
  steadyMs: number
}

/** Marks have ids like a real log's: the lines of one stream key are one session's. */
export const silentLog = (env: LogIdentity["env"] = {}, session = "1a2c3d4e"): SilentLog => {
  const notices: string[] = []
  let marks = 0
  const streamKey = `${session}5f60718`
  const log: SilentLog = {
    app,
    session,
    streamKey,
    env,
    now: () => log.atMs,
    monotonicMs: () => log.steadyMs,
    notice: (text) => notices.push(text),
    mark: (category, message, fields) => {
      const ts = Number.isNaN(log.atMs) ? "" : new Date(log.atMs).toISOString()
      const level = category === "seal" || category === "retention" ? "info" : "warn"
      const count = (++marks).toString(16).padStart(11, "0")
      const id = `0193${count.slice(0, 4)}-${count.slice(4, 8)}-7${count.slice(8)}-8${keyOnId(streamKey)}`
      const line = { ts, level, category, session, message, ...fields, id }
      return new TextEncoder().encode(`${JSON.stringify(line)}\n`)
    },
    notices,
    atMs: noon,
    steadyMs: 0
  }
  return log
}

const keyOnId = (streamKey: string): string => `${streamKey.slice(0, 3)}-${streamKey.slice(3)}`

/** Lines of events `from` up to and including `to`, all made at one time. */
export const linesOf = (from: number, to: number, at: number = noon, session = "1a2c3d4e"): string => {
  const ts = new Date(at).toISOString()
  const head = `{"ts":"${ts}","level":"info","category":"load","session":"${session}"`
  let lines = ""
  for (let seq = from; seq <= to; seq++) {
    const count = seq.toString(16).padStart(8, "0")
    const id = `0193${count.slice(0, 4)}-${count.slice(4)}-7000-8${keyOnId(`${session}5f60718`)}`
    lines += `${head},"message":"one of many","seq":${seq},"id":"${id}"}\n`
  }
  return lines
}

/** The same as a batch. */
export const batchOf = (from: number, to: number, at: number = noon, session?: string): Batch =>
  batchFrom(linesOf(from, to, at, session))

/** A batch of these lines. */
export const batchFrom = (lines: string): Batch => batchFromLines(new TextEncoder().encode(lines))

/** A line of a file, with what format 1 always gives it. */
export interface LineInFile {
  readonly session: string
  readonly category: string
  readonly message: string
  readonly id: string
  /** Absent on marks. */
  readonly seq?: number
  readonly [key: string]: unknown
}

/** What stands in the files of a directory. */
export interface DirContents {
  /** Paths below it. */
  readonly names: readonly string[]
  /** Every whole line but the seals, file by file. */
  readonly lines: readonly LineInFile[]
  readonly seals: readonly LineInFile[]
  /** `seq` of every event, file by file; of one that is there more than once, the first. */
  readonly seqs: readonly number[]
  /** Events that are there more than once, which is right only if their ids are the same. */
  readonly repeated: number
  /** Lines that are no event; blank ones are none at all. */
  readonly damaged: readonly string[]
}

/** A directory that was never made has no files. */
export const contentsOf = (dir: string): DirContents => {
  const names = filesBelow(dir)
  const lines: LineInFile[] = []
  const damaged: string[] = []
  for (const name of names) {
    const texts = readFileSync(join(dir, name), "utf8").split("\n")
    for (const [index, text] of texts.entries()) {
      if (text === "") continue
      // A last line without its newline may be going to be continued: nobody may take it for an event.
      if (index === texts.length - 1 || "damage" in decodeLine(text)) damaged.push(text)
      else lines.push(JSON.parse(text) as LineInFile)
    }
  }
  const known = new Map<string, string>()
  const seqs: number[] = []
  let repeated = 0
  for (const { session, seq, id } of lines) {
    if (seq === undefined) continue
    const key = `${session} ${seq}`
    const knownId = known.get(key)
    if (knownId === undefined) seqs.push(seq)
    else {
      expect(id).toBe(knownId)
      repeated += 1
    }
    known.set(key, id)
  }
  const isSeal = ({ category, seq }: LineInFile): boolean => category === "seal" && seq === undefined
  return {
    names,
    lines: lines.filter((line) => !isSeal(line)),
    seals: lines.filter(isSeal),
    seqs,
    repeated,
    damaged
  }
}

/** Paths of the log's files below a directory, in order, without what sweeps keep; none where it is missing. */
export const filesBelow = (dir: string): readonly string[] => {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith(".daybook/"))
    .sort()
}

/** 1, 2, … `count`. */
export const numbersTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1)

/** Each of the events 1 to `count` is there once, and nothing is damaged. */
export const expectEachOnce = (dir: string, count: number): void => {
  const { seqs, repeated, damaged } = contentsOf(dir)
  expect(seqs).toEqual(numbersTo(count))
  expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
}

/** What a bench is made of: the exporter's options, and what surrounds it. */
export interface BenchOptions extends FileExporterOptions {
  /** Default: the disk. */
  readonly layer?: FileLayer
  /** Default: a log of its own. */
  readonly log?: SilentLog
  /** Default: one with these options. */
  readonly exporter?: Exporter
  /** Times the background work of `openHeld`. Default: the host's. */
  readonly clock?: Clock.Clock
}

/** One log and its files. */
export interface FileBench {
  readonly dir: string
  readonly log: SilentLog
  readonly exporter: Exporter
  /** The daily file of a moment. */
  path(at?: number): string
  text(at?: number): string
  contents(): DirContents
  /** Opens the exporter; what it does in the background never begins. */
  open(): Promise<OpenBench>
  /** Opens it as a writer has it, with all that it does in the background, until `close` or the end of the test. */
  openHeld(): Promise<HeldBench>
}

export interface OpenBench extends FileBench {
  /** Exports the events `from` up to and including `to`. An `ExportError` rejects. */
  write(from: number, to: number, at?: number): Promise<void>
  export(batch: Batch): Promise<void>
}

export interface HeldBench extends OpenBench {
  close(): Promise<void>
}

/** A log with a file exporter, in a directory of its own by default. */
export const fileBench = ({
  dir = freshDir(),
  layer = nodeFileLayer,
  log = silentLog(),
  clock,
  exporter: given,
  ...options
}: BenchOptions = {}): FileBench => {
  const exporter = given ?? makeFileExporter(layer, { ...options, dir })
  const onClock = <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(clock === undefined ? effect : Effect.provideService(effect, Clock.Clock, clock))
  const path = (at: number = noon): string => auditLogPath({ app, dir, at })
  const bench: FileBench = {
    dir,
    log,
    exporter,
    path,
    text: (at) => readFileSync(path(at), "utf8"),
    contents: () => contentsOf(dir),
    open: async () => opened(await Effect.runPromise(Effect.scoped(exporter.open(log)))),
    openHeld: async () => {
      const scope = Scope.makeUnsafe()
      const close = (): Promise<void> => onClock(Scope.close(scope, Exit.void))
      onTestFinished(close)
      return { ...opened(await onClock(Scope.provide(exporter.open(log), scope))), close }
    }
  }
  const opened = (open: OpenExporter): OpenBench => ({
    ...bench,
    write: (from, to, at) => Effect.runPromise(open.export(batchOf(from, to, at, log.session))),
    export: (batch) => Effect.runPromise(open.export(batch))
  })
  return bench
}
