// One run over files: reads, analyzes, and logs what happened to each. Nothing waits for the log. The caller shows the results.
// A file that fails never stops the run.

import { readFile } from "node:fs/promises"
import { basename } from "node:path"
import { fingerprint } from "@daybook/core"
import { type Analysis, analyzeCsv } from "./analyze-csv.ts"
import type { AppLog } from "./call-timer.ts"
import { isProblem, type Problem } from "./csv-table.ts"
import { Analyzed, FileFailed, RunStarted, ToolRun, Uploaded } from "./events.ts"

export interface FileResult {
  readonly filename: string
  readonly result: Analysis | Problem
}

/** Processes the files one after the other, so memory holds one at a time. Never rejects because of a file. */
export const processFiles = async (
  log: AppLog,
  run: {
    readonly page: string
    readonly paths: readonly string[]
    readonly onResult: (result: FileResult) => void
  }
): Promise<readonly FileResult[]> => {
  log.log(RunStarted({ files: run.paths.length }))
  const results: FileResult[] = []
  for (const path of run.paths) {
    const done = { filename: basename(path), result: await processFile(log, path) }
    results.push(done)
    run.onResult(done)
  }
  const isAnythingDone = results.some(({ result }) => !isProblem(result))
  if (isAnythingDone) log.log(ToolRun({ page: run.page }))
  return results
}

const processFile = async (log: AppLog, path: string): Promise<Analysis | Problem> => {
  const filename = basename(path)
  try {
    const result = await uploadAndAnalyze(log, path, filename)
    if (isProblem(result)) log.log(FileFailed({ filename, ...result }))
    else log.log(Analyzed({ filename, ...result }))
    return result
  } catch (error) {
    // An unforeseen error: the log keeps its stack too.
    log.exception(`analyze(${filename})`, error, { filename, outcome: "failed" })
    return { outcome: "failed", reason: error instanceof Error ? error.message : String(error) }
  }
}

const uploadAndAnalyze = async (log: AppLog, path: string, filename: string): Promise<Analysis | Problem> => {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return { outcome: "missing", reason: "there is no such file" }
  log.log(Uploaded({ filename, bytes: bytes.length, sha1: await fingerprint(bytes) }))
  return analyzeCsv(bytes)
}

const readIfThere = async (path: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw error
  }
}
