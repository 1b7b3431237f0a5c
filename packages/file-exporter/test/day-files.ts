// What the tests of this package share: fresh directories, logs that are only an identity, batches with known lines, and
// a look at every file of a directory that accepts no line which is neither whole nor counted as damage.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Batch, batchFromLines, decodeLine, type LogIdentity, type OpenExporter } from "@daybook/core"
import * as Effect from "effect/Effect"
import { expect, onTestFinished } from "vitest"

export const app = "datatools"

/** A directory of the test's own, gone when the test is over. */
export const freshDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-files-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A log as an exporter sees it. What it would tell people is kept. */
export interface SilentLog extends LogIdentity {
  readonly notices: readonly string[]
}

export const silentLog = (env: LogIdentity["env"] = {}): SilentLog => {
  const notices: string[] = []
  return {
    app,
    session: "1a2c3d4e",
    streamKey: "1a2c3d4e5f60718",
    env,
    now: Date.now,
    notice: (text) => notices.push(text),
    notices
  }
}

/** Local noon of a day on which nothing happens to the clocks. */
export const noon = new Date(2026, 2, 5, 12).getTime()
/** The local midnight that follows. */
export const midnight = new Date(2026, 2, 6).getTime()

/** Lines of events `from` up to and including `to`, all made at one time. */
export const linesOf = (from: number, to: number, at: number = noon): string => {
  const head = `{"ts":"${new Date(at).toISOString()}","level":"info","category":"load","session":"1a2c3d4e"`
  let lines = ""
  for (let seq = from; seq <= to; seq++) {
    const id = `0193a000-0000-7000-81a2-c${String(seq).padStart(11, "0")}`
    lines += `${head},"message":"one of many","seq":${seq},"id":"${id}"}\n`
  }
  return lines
}

/** The same as a batch. */
export const batchOf = (from: number, to: number, at: number = noon): Batch =>
  batchFromLines(new TextEncoder().encode(linesOf(from, to, at)))

/** A line of a file, with what format 1 always gives it. */
export interface LineInFile {
  readonly session: string
  readonly id: string
  /** Absent on marks. */
  readonly seq?: number
  readonly [key: string]: unknown
}

/** What stands in the files of a directory. */
export interface DirContents {
  readonly names: readonly string[]
  /** Every whole line, file by file. */
  readonly lines: readonly LineInFile[]
  /** `seq` of every event, file by file; of one that is there more than once, the first. */
  readonly seqs: readonly number[]
  /** Events that are there more than once, which is right only if their ids are the same. */
  readonly repeated: number
  /** Lines that are no event; blank ones are none at all. */
  readonly damaged: readonly string[]
}

/** A directory that was never made has no files. */
export const contentsOf = (dir: string): DirContents => {
  const names = existsSync(dir) ? readdirSync(dir).sort() : []
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
  return { names, lines, seqs, repeated, damaged }
}

/** 1, 2, … `count`. */
export const numbersTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1)

/** Runs one attempt. An `ExportError` rejects. */
export const exportNow = (open: OpenExporter, batch: Batch): Promise<void> =>
  Effect.runPromise(open.export(batch))
