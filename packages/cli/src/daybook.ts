#!/usr/bin/env node
// The program: hands the arguments to stricli, and ends with the code that scripts rely on.
// The commands are named in program.ts, and loaded when they are called.
import { run } from "@stricli/core"
import { application } from "./program.ts"
import { exitCodes } from "./terminal/exit.ts"
import { type Context, type IoProcess, makeIo } from "./terminal/io.ts"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`daybook: needs Node 22.18 or newer, and this is ${process.version}\n`)
  process.exit(exitCodes.usage)
}

const { io, code } = makeIo(process as unknown as IoProcess)
const help: string[] = []
const depthOf = (isColorful: boolean) => () => (isColorful ? 4 : 1)
const host = {
  // Help and versions come through here: data like any other.
  stdout: { write: (text: string) => void help.push(text), getColorDepth: depthOf(io.data.isColorful) },
  stderr: {
    write: (text: string) => void process.stderr.write(text),
    getColorDepth: depthOf(io.talkColors.isColorSupported)
  },
  env: process.env,
  exitCode: null as number | string | null
}
await run(application, process.argv.slice(2), { process: host, io } as Context & { process: typeof host })
await io.out.write(help.join(""))
await io.out.flush()
// Whatever stricli itself refuses is a mistake on the command line.
process.exitCode = Number(host.exitCode) === 0 ? code() : exitCodes.usage
