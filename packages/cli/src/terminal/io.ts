// What a command has of the world: where data and talk go, how they look there, and the signal that ends the work. Data goes to
// stdout and talk to stderr, so that data can be piped on.
import type { CommandContext } from "@stricli/core"
import picocolors from "picocolors"
import { type Env, hasColors } from "./colors.ts"
import { type ExitCode, exitCodes } from "./exit.ts"
import { Out, type OutStream } from "./out.ts"

export type Colors = ReturnType<typeof picocolors.createColors>

/** Where data goes, and how it looks there. */
export interface DataEnd {
  readonly isTerminal: boolean
  readonly isColorful: boolean
  /** Of a terminal; people read files in wide windows. */
  readonly columns: number
  readonly colors: Colors
}

export interface Io {
  readonly env: Env
  readonly stdin: AsyncIterable<Uint8Array>
  readonly out: Out
  readonly data: DataEnd
  readonly isTalkTerminal: boolean
  readonly talkColors: Colors
  /** Aborts on Ctrl-C, when a service manager ends us, and when the reader of our data has gone. */
  readonly signal: AbortSignal
  /** A line for people. */
  talk(line: string): void
  /** The code to end with, unless something worse happens. */
  end(code: ExitCode): void
}

/** What stricli hands to a command. */
export interface Context extends CommandContext {
  readonly io: Io
}

export interface IoProcess {
  readonly env: Env
  readonly stdin: AsyncIterable<Uint8Array> & { destroy(): unknown }
  readonly stdout: OutStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: {
    write(text: string): unknown
    readonly isTTY?: boolean
    on(event: "error", listener: () => void): unknown
  }
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown
  exit(code: number): never
}

export interface MadeIo {
  readonly io: Io
  /** How it has ended so far. */
  readonly code: () => ExitCode
}

export const makeIo = (host: IoProcess): MadeIo => {
  const ending = new AbortController()
  let code: ExitCode = exitCodes.ok
  let signalCode: ExitCode | undefined
  const interrupt = (by: ExitCode) => () => {
    // Whoever presses it twice wants out.
    if (signalCode !== undefined) host.exit(signalCode)
    signalCode = by
    ending.abort()
  }
  host.on("SIGINT", interrupt(exitCodes.interrupted))
  host.on("SIGTERM", interrupt(exitCodes.terminated))
  // Nobody listens to what we say: that is no reason to end.
  host.stderr.on("error", () => undefined)
  let isStdinUsed = false
  // Whoever waits for more of it would not notice the signal.
  ending.signal.addEventListener("abort", () => {
    if (isStdinUsed) host.stdin.destroy()
  })
  const { env, stdout, stderr } = host
  const isTerminal = stdout.isTTY === true
  const isColorful = hasColors(env, isTerminal)
  return {
    code: () => signalCode ?? code,
    io: {
      env,
      get stdin() {
        isStdinUsed = true
        return host.stdin
      },
      out: new Out(stdout, () => ending.abort()),
      data: {
        isTerminal,
        isColorful,
        columns: isTerminal ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
        colors: picocolors.createColors(isColorful)
      },
      isTalkTerminal: stderr.isTTY === true,
      talkColors: picocolors.createColors(hasColors(env, stderr.isTTY === true)),
      signal: ending.signal,
      talk: (line) => void stderr.write(`${line}\n`),
      end: (ended) => {
        code = ended
      }
    }
  }
}
