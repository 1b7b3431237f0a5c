// The host of Node, Deno and Bun: stderr, timers that let the process go, and the last moments of a process.
// What is written in those moments is in log/exit-hook.ts.
import { AsyncLocalStorage } from "node:async_hooks"
import { createHmac } from "node:crypto"
import { readFileSync, writeSync } from "node:fs"
import { constants, release, type as systemName, userInfo } from "node:os"
import process from "node:process"
import timers from "node:timers"
import type { Fields } from "../encode/fields.ts"
import type { ExitHook, Host, HostFacts } from "./host.ts"

const stderr = 2
// Taken now: a test with fake timers replaces them, and our fibers must go on.
const { setImmediate, clearImmediate } = timers
const contexts = new AsyncLocalStorage<Fields>()

// A process ends once, and Node warns above ten listeners, so the open logs of a process share one set of listeners.
// `exit` runs on process.exit, throw, rejection and natural end; Deno fires only `uncaughtExceptionMonitor` on the
// second and third, and only `unload` on Deno.exit. They go when the last log does.
const hooks = new Set<ExitHook>()

const onExit = (): void => {
  for (const hook of hooks) hook.lastWrite(true)
}

const onUncaught = (error: unknown): void => {
  for (const hook of hooks) {
    hook.uncaught(error)
    hook.lastWrite(runtime().runtime === "deno")
  }
}

// An exporter without a synchronous last write has only this. A process that finds work again comes here again, so each
// log is asked once.
const idled = new WeakSet<ExitHook>()
const onIdle = (): void => {
  for (const hook of hooks) {
    if (idled.has(hook)) continue
    idled.add(hook)
    void hook.idle()
  }
}

// Without a listener these end the process at once. With ours alone they still do, a last write later, by the same
// signal; where the application listens, it decides.
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const
const onSignal = (signal: NodeJS.Signals): void => {
  if (process.listenerCount(signal) > 1) return
  for (const hook of hooks) hook.lastWrite(true)
  process.off(signal, onSignal)
  process.kill(process.pid, signal)
}

// A process that was started to outlive its terminal (nohup) ignores SIGHUP, and a listener would undo that.
const isIgnored = (signal: NodeJS.Signals): boolean => {
  try {
    const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? []
    return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
  } catch {
    return false
  }
}

// Deno's first listener for any signal takes hold of all three, so there it is all of them or none.
const signalsToHear = (): readonly NodeJS.Signals[] => {
  const heard = signals.filter((signal) => !isIgnored(signal))
  return runtime().runtime === "deno" && heard.length < signals.length ? [] : heard
}

const listen = (change: "on" | "off"): void => {
  process[change]("exit", onExit)
  process[change]("uncaughtExceptionMonitor", onUncaught)
  process[change]("beforeExit", onIdle)
  // `Deno.exit` fires this alone.
  if (runtime().runtime === "deno")
    denoEvents[change === "on" ? "addEventListener" : "removeEventListener"]("unload", onExit)
  for (const signal of change === "on" ? signalsToHear() : signals) process[change](signal, onSignal)
}

const denoEvents = globalThis as unknown as Record<
  "addEventListener" | "removeEventListener",
  (type: string, listener: () => void) => void
>

const attempt = (read: () => string): string => {
  try {
    return read() || "?"
  } catch {
    return "?"
  }
}

// Bun's word for not knowing.
const knownUser = (name: string): string => (name === "unknown" ? "" : name)

const runtime = (): Pick<HostFacts, "runtime" | "runtime_version"> => {
  const { versions } = process
  const name = versions.bun === undefined ? (versions.deno === undefined ? "node" : "deno") : "bun"
  return { runtime: name, runtime_version: versions[name] ?? "?" }
}

export const host: Host = {
  env: process.env,
  facts: () => ({
    platform: attempt(() => `${systemName()} ${release()}`),
    ...runtime(),
    user: attempt(() => knownUser(userInfo().username)),
    cwd: attempt(() => process.cwd())
  }),
  notice: (line) => {
    try {
      // Not process.stderr: a reader that has gone would raise an `error` event there, and end the application.
      writeSync(stderr, `${line}\n`)
    } catch {
      // stderr is closed: there is nowhere to report it.
    }
  },
  unref: (timer) => {
    if (
      typeof timer === "object" &&
      timer !== null &&
      "unref" in timer &&
      typeof timer.unref === "function"
    ) {
      timer.unref()
    } else if (typeof timer === "number") {
      ;(globalThis as { Deno?: { unrefTimer(id: number): void } }).Deno?.unrefTimer(timer)
    }
  },
  nextTurn: (run) => {
    const turn = setImmediate(run)
    return () => clearImmediate(turn)
  },
  hold: () => {
    const timer = setInterval(() => undefined, 2 ** 30)
    return () => clearInterval(timer)
  },
  context: {
    get: () => contexts.getStore(),
    run: (values, run) => contexts.run(values, run)
  },
  hmacSha256: (key, text) => createHmac("sha256", key).update(text).digest("hex"),
  onExit: (hook) => {
    if (hooks.size === 0) listen("on")
    hooks.add(hook)
    return () => {
      hooks.delete(hook)
      if (hooks.size === 0) listen("off")
    }
  }
}
