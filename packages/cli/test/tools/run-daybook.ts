// Runs the program as a person or a script does: as a process of its own, with pipes, or in a real pseudo-terminal.
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"

export const program = join(import.meta.dirname, "../../src/daybook.ts")
export const nodeArgs = ["--conditions=@daybook/source", "--disable-warning=ExperimentalWarning", program]

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

const envWith = (env: RunOptions["env"] = {}): NodeJS.ProcessEnv => {
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env
  return { ...rest, TZ: "UTC", TERM: "xterm-256color", ...env }
}

/** Runs to its end. */
export const daybook = (args: readonly string[], { cwd, env, input = "" }: RunOptions = {}): Ran => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeArgs, ...args], {
    encoding: "utf8",
    env: envWith(env),
    input,
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd })
  })
  return { code: status, stdout, stderr }
}

/** Goes on beside the test. With an `input`, its stdin is a pipe that stays open. */
export const startDaybook = (args: readonly string[], { cwd, env, input }: RunOptions = {}): ChildProcess => {
  const child = spawn(process.execPath, [...nodeArgs, ...args], {
    env: envWith(env),
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd })
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  // It may end before it has taken everything.
  child.stdin?.on("error", () => undefined)
  return child
}

/** Resolves with what it has written, as soon as this is in it. */
export const untilSaid = (child: ChildProcess, stream: "stdout" | "stderr", text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ""
    child[stream]?.on("data", (data: Buffer) => {
      said += data
      if (said.includes(text)) resolve(said)
    })
    child.on("exit", (code) => reject(new Error(`it ended with ${code} and said ${JSON.stringify(said)}`)))
  })

/** Resolves when it has taken what was written to its stdin, which is more than a pipe holds. */
export const untilRead = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => child.stdin?.once("drain", resolve))

export const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on("exit", (code) => resolve(code)))

/** `script`, of util-linux, gives a program a real pseudo-terminal. */
export const hasTerminal: boolean = spawnSync("script", ["--version"]).status === 0

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** The same in a pseudo-terminal of so many columns: what a person sees, stdout and stderr in one. */
export const inTerminal = (args: readonly string[], columns: number, { cwd, env }: RunOptions = {}): Ran => {
  const command = [process.execPath, ...nodeArgs, ...args].map(quoted).join(" ")
  const { status, stdout, stderr } = spawnSync(
    "script",
    ["-qec", `stty cols ${columns} rows 24; ${command}`, "/dev/null"],
    {
      encoding: "utf8",
      env: envWith(env),
      ...(cwd === undefined ? {} : { cwd })
    }
  )
  return { code: status, stdout: stdout.replaceAll("\r\n", "\n"), stderr }
}

/** Files with these texts in a folder that goes with the test. */
export const folderWith = (files: Readonly<Record<string, string>> = {}): string => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-cli-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return dir
}

/** One line as a log writes it, `seconds` after nine o'clock. */
export const lineAt = (
  seconds: number,
  message: string,
  fields: Readonly<Record<string, unknown>> = {}
): string => {
  const ts = new Date(Date.parse("2026-11-22T09:00:00Z") + 1_000 * seconds).toISOString()
  const head = { ts, level: "info", category: "upload", session: "1a2c3d4e", message }
  const id = `01a2027b-d6fb-7000-81a2-${seconds.toString(16).padStart(12, "0")}`
  return `${JSON.stringify({ ...head, ...fields, seq: seconds + 1, id })}\n`
}
