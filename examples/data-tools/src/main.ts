// The program: reads its arguments, opens a log, processes the files and reports. A file that cannot be analyzed is an ordinary
// outcome, and so is a log that cannot be written; only wrong arguments give another exit code than 0.
// Usage: data-tools [--dir DIR] FILE.csv...   or   data-tools [--dir DIR] --demo

import { basename, resolve } from "node:path"
import { parseArgs } from "node:util"
import { createAuditLog } from "@daybook/core"
import { auditLogDir, auditLogPath, fileExporter, type SessionReport, verify } from "@daybook/file-exporter"
import { CallTimer } from "./call-timer.ts"
import { localDay, summarizeDays } from "./day-summary.ts"
import { demoInputs, demoLogDir } from "./demo-inputs.ts"
import { processFiles } from "./process-files.ts"
import { showProgress } from "./progress.ts"
import { printReport } from "./report.ts"
import { makeTerminal, type Terminal } from "./terminal.ts"

const app = "datatools"
const pages = { analyzer: "1_CSV_Analyzer", report: "2_Report" } as const
const lastMax = 12
const usage = `Usage: data-tools [--dir DIR] FILE.csv...
       data-tools [--dir DIR] --demo

  --dir DIR  where the log is written (default: DATATOOLS_AUDIT_DIR, else ~/.datatools/logs)
  --demo     analyzes sample files, good and broken, and logs into a new directory`

interface Task {
  readonly paths: readonly string[]
  /** Absent: the log's default directory. */
  readonly dir?: string
  readonly title: string
}

/** The task, or the mistake in the arguments. */
const readArguments = (args: readonly string[]): Task | { readonly mistake: string } => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { dir: { type: "string" }, demo: { type: "boolean" } },
      allowPositionals: true
    })
    const dir = values.dir === undefined ? {} : { dir: resolve(values.dir) }
    if (values.demo === true) {
      return positionals.length > 0 ? { mistake: "--demo brings its own files" } : demoTask(dir)
    }
    if (positionals.length === 0) return { mistake: "no files" }
    return { ...dir, paths: positionals, title: files(positionals.length) }
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) }
  }
}

const demoTask = (dir: { readonly dir?: string }): Task => {
  const { paths, realCount, brokenCount } = demoInputs()
  return {
    dir: demoLogDir(),
    ...dir,
    paths,
    title: `${realCount} files of vega-datasets, ${brokenCount} broken ones, 1 missing`
  }
}

const files = (count: number): string => `${count} ${count === 1 ? "file" : "files"}`

const run = async (terminal: Terminal, { paths, dir, title }: Task): Promise<void> => {
  const { bold, dim } = terminal.colors
  terminal.print(`\n  ${bold("Data tools")}  ${dim(title)}`)

  const startedAt = new Date()
  const place = dir === undefined ? {} : { dir }
  const audit = createAuditLog({ app, exporters: [fileExporter(place)] })
  const timer = new CallTimer()
  const log = timer.around(audit)
  log.sessionStart()
  log.pageOpen(pages.analyzer)
  const progress = showProgress(
    terminal,
    paths.map((path) => basename(path))
  )
  await processFiles(log, { page: pages.analyzer, paths, onResult: progress.done })
  progress.end()
  log.pageOpen(pages.report)
  const delivery = await audit.close()

  const endedAt = new Date()
  const { session } = audit.health()
  const found = auditLogDir({ app, dir, env: process.env })
  const days = new Set([localDay(startedAt), localDay(endedAt)])
  const day = await summarizeDays({ app, dir: found.dir, days, session, lastMax })
  const path = auditLogPath({ app, dir: found.dir, at: endedAt })
  const proof = await proofOf(found.dir, session, [...days])
  printReport(terminal, { path, session, day, delivery, proof, cost: timer.cost })
}

// A directory that cannot be read was reported already.
const proofOf = async (
  dir: string,
  session: string,
  days: readonly string[]
): Promise<SessionReport | undefined> => {
  try {
    const { sessions } = await verify({ app, dir, from: days[0], to: days.at(-1) })
    return sessions.find((report) => report.session === session)
  } catch {
    return undefined
  }
}

// A reader such as `head` may close the pipe early; then the output ends.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
  process.exit(0)
})

const task = readArguments(process.argv.slice(2))
if ("mistake" in task) {
  console.error(`data-tools: ${task.mistake}\n\n${usage}`)
  process.exitCode = 2
} else {
  await run(makeTerminal(process.stdout, process.env), task)
}
