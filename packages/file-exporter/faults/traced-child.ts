// Starts a child under strace, which makes system calls on chosen files fail or hang, and reads what it saw: which call
// began and ended when, in one order for all threads of the child. What a call should have answered is said in the tests.

import { readFileSync, realpathSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { onTestFinished } from "vitest"
import { type ChildOptions, type RunningChild, startChild } from "../test/tools/child-process.ts"
import { freshDir } from "../test/tools/file-bench.ts"

export const children = join(import.meta.dirname, "children")

export interface Tracing {
  /** Only calls on these files are seen and broken. They need not exist yet. */
  readonly paths: readonly string[]
  /** Names of system calls; by default those that a file's bytes and name are changed with. */
  readonly calls?: readonly string[]
  /** As strace wants it: `write:error=ENOSPC:when=3`. `when` counts for each thread by itself. */
  readonly inject?: readonly string[]
}

/** One system call. */
export interface SystemCall {
  readonly name: string
  /** As strace prints them, with the path behind each descriptor. */
  readonly args: string
  /** The number or the errno's name; absent while the call has not come back. */
  readonly result?: string
  /** Made up by the tracer. */
  readonly isInjected: boolean
  /** Places in the one order of all beginnings and ends. */
  readonly beganAt: number
  readonly endedAt: number
}

export interface TracedChild extends RunningChild {
  /** What was seen so far, in the order in which the calls began. */
  readonly calls: () => readonly SystemCall[]
  /** Kills it, and the tracer too: that one would not end before the call that it holds. */
  readonly kill: () => void
}

const appendCalls = ["openat", "statx", "pread64", "write", "fdatasync", "fsync", "close"]

/** Starts `children/<name>.ts` of the faults. One thread of the pool by default, so that `when` counts all its calls. */
export const startTraced = (
  name: string,
  args: readonly string[],
  { paths, calls = appendCalls, inject = [] }: Tracing,
  options: ChildOptions = {}
): TracedChild => {
  const log = join(freshDir(), "trace")
  writeFileSync(log, "")
  // -D: the child stays ours, so that signals meet it and not the tracer.
  const strace = ["strace", "-D", "-f", "-qq", "-y", "-o", log]
  // Calls that are not traced cost nothing then; but a signal is only sent where every call is stopped at.
  if (!inject.some((fault) => fault.includes(":signal="))) strace.push("--seccomp-bpf")
  // The tracer knows files by the paths that the system knows them by.
  const narrowed = paths.flatMap((path) => ["-P", path.replace(tmpdir(), realpathSync(tmpdir()))])
  const faults = inject.flatMap((fault) => ["-e", `inject=${fault}`])
  const child = startChild(name, args, {
    folder: children,
    under: [...strace, ...narrowed, "-e", `trace=${calls.join(",")}`, ...faults],
    ...options,
    env: { UV_USE_IO_URING: "0", UV_THREADPOOL_SIZE: "1", ...options.env }
  })
  const kill = (): void => {
    const tracer = tracerOf(child.process.pid)
    child.process.kill("SIGKILL")
    if (tracer > 0) process.kill(tracer, "SIGKILL")
  }
  onTestFinished(kill)
  return { ...child, kill, calls: () => systemCalls(readFileSync(log, "latin1")) }
}

/** 0 when nobody traces it, or it has ended. */
const tracerOf = (pid: number | undefined): number => {
  try {
    return Number(/^TracerPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const whole = /^(\w+)\((.*)\)\s+= (.*)$/
const begun = /^(\w+)\((.*?)(?: <unfinished \.\.\.>)?$/
const resumed = /^<\.\.\. (\w+) resumed>(.*)\)\s+= (.*)$/

/** The lines of strace as calls. A call that other threads' lines come between is two of them. */
const systemCalls = (text: string): readonly SystemCall[] => {
  const calls: SystemCall[] = []
  const open = new Map<string, number>()
  for (const [at, line] of text.split("\n").slice(0, -1).entries()) {
    const [, pid = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    const end = resumed.exec(rest)
    if (end !== null) {
      const index = open.get(pid)
      open.delete(pid)
      const call = index === undefined ? undefined : calls[index]
      if (index === undefined || call === undefined) continue
      calls[index] = { ...call, args: call.args + (end[2] ?? ""), ...answer(end[3] ?? ""), endedAt: at }
      continue
    }
    const [, name = "", args = "", result] = whole.exec(rest) ?? begun.exec(rest) ?? []
    if (name === "") continue
    if (result === undefined) open.set(pid, calls.length)
    calls.push({
      ...{
        name,
        args,
        isInjected: false,
        beganAt: at,
        endedAt: result === undefined ? Number.POSITIVE_INFINITY : at
      },
      ...(result === undefined ? {} : answer(result))
    })
  }
  return calls
}

/** `-1 EIO (Input/output error) (INJECTED)` → EIO; `3</tmp/x>` → 3 */
const answer = (text: string): Pick<SystemCall, "result" | "isInjected"> => {
  const [, number = "", errno] = /^(-?\d+)\S*(?: (E\w+))?/.exec(text) ?? []
  return { result: errno ?? number, isInjected: text.includes("(INJECTED)") }
}
