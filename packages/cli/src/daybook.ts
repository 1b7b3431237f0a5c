#!/usr/bin/env node
// The program: hands the arguments to stricli, and ends with the code that scripts rely on.
// The commands are named in program.ts, and loaded when they are called.
import { writeSync } from "node:fs"
import { run } from "@stricli/core"
import { application } from "./program.ts"
import { exitCodes } from "./terminal/exit.ts"
import type { Context, IoProcess, MadeIo } from "./terminal/io.ts"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  writeSync(2, `daybook: needs Node 22.18 or newer, and this is ${process.version}\n`)
  process.exit(exitCodes.usage)
}

/** Help, versions and mistakes: a few lines, written at once, so that neither streams nor signals are set up for them. */
const words = (fd: 1 | 2) => ({
  write: (text: string): void => {
    try {
      writeSync(fd, text)
    } catch {
      // Its reader has gone.
    }
  }
})

let made: MadeIo | undefined
const host = { stdout: words(1), stderr: words(2), exitCode: null as number | string | null }
// What people type first.
const [first, ...more] = process.argv.slice(2)
const args = first === "help" ? [...more, "--help"] : process.argv.slice(2)
await run<Context>(application, args, {
  process: host,
  forCommand: async () => {
    const { makeIo } = await import("./terminal/io.ts")
    made = makeIo(process as unknown as IoProcess)
    return { process: host, io: made.io }
  }
})
// Whatever stricli itself refuses is a mistake on the command line.
process.exitCode = Number(host.exitCode) === 0 ? (made?.code() ?? exitCodes.ok) : exitCodes.usage
