// Runs one job in a fresh process, in a directory of its own, and counts what arrived: in the files, or at the receiver. A process
// that fails or hangs is an error with its last lines. The caller decides whether events may be missing.

import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { countWritten } from "./count-written.ts"
import type { Job, Sample } from "./job.ts"
import type { LibraryName } from "./libraries/catalogue.ts"
import { type CommandOptions, inTempDir, type Receiver, runCommand, withReceiver } from "./processes.ts"

export const runtimes = ["node", "deno", "bun"] as const
export type Runtime = (typeof runtimes)[number]

/** How each runtime starts a TypeScript file, from built packages: no condition names our source. */
const starts: Readonly<Record<Runtime, readonly string[]>> = {
  node: [process.execPath],
  deno: ["deno", "run", "--allow-all", "--no-check"],
  bun: ["bun", "run"]
}

const childFile = fileURLToPath(new URL("./child.ts", import.meta.url))

/** A job without its directory, which is decided here. */
export type JobWithoutPlace = Omit<Job, "dir" | "receiverUrl">

export interface ChildOptions extends CommandOptions {
  readonly runtime?: Runtime
  readonly receiverArgs?: readonly string[]
}

/** The command of a job. Its answer will be in the file. */
export const childCommand = (
  job: Job,
  answerFile: string,
  { runtime = "node" }: ChildOptions = {}
): readonly string[] => [...starts[runtime], childFile, JSON.stringify(job), answerFile]

/** A directory, and a receiver for a library that exports to one. */
export const inPlaceOf = <A>(
  library: LibraryName,
  receiverArgs: readonly string[],
  use: (dir: string, receiver: Receiver | undefined) => Promise<A>
): Promise<A> =>
  inTempDir((dir) =>
    library === "otel" ? withReceiver(receiverArgs, (receiver) => use(dir, receiver)) : use(dir, undefined)
  )

/** The sample of a job in a directory of the caller's. The answer's file is beside it, so that the directory has only events. */
export const runChildIn = async (job: Job, options: ChildOptions = {}): Promise<Sample> => {
  const answerFile = `${job.dir}-${job.probe}.json`
  const { code, stderr } = await runCommand(childCommand(job, answerFile, options), options)
  if (code !== 0) throw new Error(`${job.probe} of ${job.library} ended with ${code}:\n${stderr}`)
  return JSON.parse(await readFile(answerFile, "utf8")) as Sample
}

/** The sample of a job, with `writtenEvents` and `writtenBytes` counted where the events arrived. */
export const runChild = (job: JobWithoutPlace, options: ChildOptions = {}): Promise<Sample> =>
  inPlaceOf(job.library, options.receiverArgs ?? [], async (dir, receiver) => {
    const eventsDir = join(dir, "events")
    await mkdir(eventsDir)
    const sample = await runChildIn({ ...job, dir: eventsDir, receiverUrl: receiver?.url }, options)
    if (receiver !== undefined) return { ...sample, writtenEvents: await receiver.count() }
    const { events, bytes } = await countWritten(eventsDir)
    return { ...sample, writtenEvents: events, writtenBytes: bytes }
  })
