// Fresh processes and directories: started, waited for, and removed afterwards. A process that hangs is ended by its own id.
// run-child.ts decides what a process measures.

import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface CommandOptions {
  readonly timeoutMs?: number | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

export interface Ended {
  /** -1 when it could not start, or was ended by a signal. */
  readonly code: number
  readonly stderr: string
}

const commandTimeoutMs = 180_000
const stderrCharsMax = 64 * 1024

/** The last lines of a process, for an error message. */
const lastWords = (text: string): string => text.trim().split("\n").slice(-12).join("\n")

/** Starts a command and waits for its end. Never rejects: the code says how it ended. */
export const runCommand = (
  [command = "", ...args]: readonly string[],
  { timeoutMs = commandTimeoutMs, env = {} }: CommandOptions = {}
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env }
    })
    let stderr = ""
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.kill("SIGKILL")
    }, timeoutMs)
    child.stderr.on("data", (chunk) => {
      if (stderr.length < stderrCharsMax) stderr += String(chunk)
    })
    child.on("error", (error) => {
      clearTimeout(timer)
      resolve({ code: -1, stderr: error.message })
    })
    child.on("close", (code) => {
      clearTimeout(timer)
      const late = isLate ? `\nended after ${timeoutMs} ms` : ""
      resolve({ code: code ?? -1, stderr: `${lastWords(stderr)}${late}` })
    })
  })

/** The directory is gone when `use` is done. */
export const inTempDir = async <A>(use: (dir: string) => Promise<A>): Promise<A> => {
  const dir = await mkdtemp(join(tmpdir(), "daybook-bench-"))
  try {
    return await use(dir)
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A running receiver of OTLP. */
export interface Receiver {
  readonly url: string
  /** Records that have arrived so far. */
  count(): Promise<number>
}

/** A process of its own, because the receiver is not what is measured. It ends before this promise resolves. */
export const withReceiver = async <A>(
  args: readonly string[],
  use: (receiver: Receiver) => Promise<A>
): Promise<A> => {
  const file = fileURLToPath(new URL("./receiver.ts", import.meta.url))
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise((resolve) => child.once("close", resolve))
  try {
    const port = await firstLine(child.stdout)
    const url = `http://127.0.0.1:${port}`
    return await use({ url, count: async () => Number(await (await fetch(`${url}/count`)).text()) })
  } finally {
    child.kill()
    await ended
  }
}

const firstLine = async (output: NodeJS.ReadableStream): Promise<string> => {
  for await (const line of createInterface({ input: output })) return line
  throw new Error("the receiver did not start")
}
