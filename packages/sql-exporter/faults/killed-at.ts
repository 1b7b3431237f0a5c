// Kills a process at a chosen system call: a tracer is attached while the process waits, so that calls are counted from there.
// What the call was for is read from its arguments.

import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { freshDir } from "../../file-exporter/test/tools/file-bench.ts"

/** The `when`th call of one thread, before it is done. */
export interface Fatal {
  readonly call: string
  readonly when: number
}

export interface Attached {
  /** Call and object where the process ended. */
  diedAt(): string
}

export const killAt = async (pid: number | undefined, { call, when }: Fatal): Promise<Attached> => {
  const log = join(freshDir(), "trace")
  writeFileSync(log, "")
  const tracing = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${when}`]
  const tracer = spawn("strace", ["-f", "-y", "-o", log, ...tracing, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"]
  })
  await new Promise<void>((attached, failed) => {
    let said = ""
    tracer.stderr.on("data", (text) => {
      said += text
      if (said.includes(" attached")) attached()
    })
    tracer.once("exit", () => failed(new Error(`strace did not attach: ${said}`)))
  })
  return {
    diedAt: () => {
      const lines = readFileSync(log, "latin1").split("\n")
      const calls = lines.filter((line) => /^\d+ +\w+\(/.test(line))
      const last = calls.findLast((line) => /= \?|unfinished/.test(line)) ?? ""
      const [, name = "nothing", args = ""] = /^\d+ +(\w+)\((.*)$/.exec(last) ?? []
      return `${name} of ${objectOf(args)}`
    }
  }
}

/** By what strace shows of a path or a descriptor. */
const objects: readonly (readonly [RegExp, string])[] = [
  [/place(-[\w-]+\.tmp|\.json)/, "the place"],
  [/lock(-[\w-]+\.tmp|\.json)/, "the lock"],
  [/\.jsonl/, "a day file"],
  [/audit\.db/, "the database"],
  [/\/delivery\/far/, "the delivery's directory"],
  [/socket:|TCP/, "the far end's socket"],
  [/eventfd|pipe:/, "the process itself"]
]

const objectOf = (args: string): string =>
  objects.find(([pattern]) => pattern.test(args))?.[1] ?? "something else"
