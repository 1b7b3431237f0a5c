// Starts the programs under children/, or in a folder that is named, on the runtime of the test run, against TypeScript
// source like the tests themselves. Every child has a hard limit, so one that hangs is a failed test and not a stuck run.
import { type ChildProcess, spawn } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { vi } from "vitest"

const limitMs = 90_000
// On a busy machine a process takes its time; a child that hangs is ended before its test is.
vi.setConfig({ testTimeout: limitMs + 30_000 })

export interface ChildOptions {
  /** Over the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Arguments of the runtime itself. */
  readonly runtimeArgs?: readonly string[]
  /** A shell command that comes first and must succeed, such as `ulimit -f 100`. */
  readonly before?: string
  /** A command in front of the runtime's, such as a tracer that takes a command to run. */
  readonly under?: readonly string[]
  /** Where the program is. Default: children/ beside this file. */
  readonly folder?: string
  /** Ended by force after so long. Default 90 s. */
  readonly limitMs?: number
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** `stderr` line by line, without the empty ones. */
  readonly told: readonly string[]
}

export interface RunningChild {
  readonly process: ChildProcess
  /** Resolves with the first line of stdout that passes. */
  line(passes: (line: string) => boolean): Promise<string>
  readonly ended: Promise<Ended>
}

/** Starts `<name>.ts` of its folder. */
export const startChild = (
  name: string,
  args: readonly string[],
  options: ChildOptions = {}
): RunningChild => {
  const file = join(options.folder ?? join(import.meta.dirname, "children"), `${name}.ts`)
  const command = [
    ...(options.under ?? []),
    process.execPath,
    "--conditions=@daybook/source",
    ...(options.runtimeArgs ?? []),
    file,
    ...args
  ]
  const env = { ...cleanEnv(), ...options.env }
  const limits = { env, timeout: options.limitMs ?? limitMs, killSignal: "SIGKILL" } as const
  // `exec` keeps the process id: signals and limits meet the child itself.
  const child =
    options.before === undefined
      ? spawn(command[0] ?? "", command.slice(1), limits)
      : spawn("sh", ["-c", `${options.before} && exec "$@"`, "sh", ...command], limits)
  let stdout = ""
  let stderr = ""
  let look = (): void => undefined
  child.stdout.on("data", (text) => {
    stdout += text
    look()
  })
  child.stderr.on("data", (text) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => {
      const told = stderr.split("\n").filter((line) => line !== "")
      resolve({ code, signal, stdout, stderr, told })
    })
  })
  const line = (passes: (line: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      look = () => {
        const found = stdout.split("\n").slice(0, -1).find(passes)
        if (found !== undefined) resolve(found)
      }
      look()
      void ended.then(() => reject(new Error(`${name} ended without saying it:\n${stdout}${stderr}`)), reject)
    })
  return { process: child, line, ended }
}

/** Runs `<name>.ts` of its folder to its end. */
export const runChild = (name: string, args: readonly string[], options?: ChildOptions): Promise<Ended> =>
  startChild(name, args, options).ended

/** What a child prints last, as JSON. Throws with its stderr when it did not end well. */
export const answerOf = <Answer>({ code, signal, stdout, stderr }: Ended): Answer => {
  if (code !== 0) throw new Error(`ended with ${code ?? signal}:\n${stdout}${stderr}`)
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Answer
}

// A child is neither a test worker nor a user of somebody's log directory. What one compiled, the next one loads: that
// is half of the life of most of them.
const cleanEnv = (): Record<string, string | undefined> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|NODE_V8|.*_AUDIT_)/.test(name))
  ),
  NODE_COMPILE_CACHE: join(tmpdir(), "daybook-test-compile-cache")
})
