// The host of Node, Deno and Bun, of the modules that it is given: stderr, timers that let the process go, context across
// `await`. The last moments of a process are in process-end.ts.
import type { Fields } from "../encode/fields.ts"
import type { Host, HostFacts } from "./host.ts"
import type { NodeModules, NodeProcess } from "./node-modules.ts"
import { processEnd, rehearseEnd } from "./process-end.ts"

const stderr = 2

export const makeNodeHost = (modules: NodeModules): Host => {
  const { process, fs, os, asyncHooks, crypto } = modules
  // Taken now: a test with fake timers replaces them, and our fibers must go on.
  const { setImmediate, clearImmediate, setTimeout } = modules.timers
  const contexts = new asyncHooks.AsyncLocalStorage<Fields>()
  return {
    // Asked anew each time: an application may put another object there.
    get env() {
      return process.versions.deno === undefined ? process.env : permittedEnv(process)
    },
    facts: () => ({
      platform: attempt(() => `${os.type()} ${os.release()}`),
      ...runtimeOf(process),
      user: attempt(() => knownUser(os.userInfo().username)),
      cwd: attempt(() => process.cwd())
    }),
    notice: (line) => {
      try {
        // Not process.stderr: a reader that has gone would raise an `error` event there, and end the application.
        fs.writeSync(stderr, `${line}\n`)
      } catch {
        // stderr is closed: there is nowhere to report it.
      }
    },
    unref: (timer) => {
      if (isUnrefable(timer)) timer.unref()
      else if (typeof timer === "number")
        (globalThis as { Deno?: { unrefTimer(id: number): void } }).Deno?.unrefTimer(timer)
    },
    nextTurn: (run) => {
      const turn = setImmediate(run)
      return () => clearImmediate(turn as never)
    },
    // Not an immediate: Deno never runs one that lets the process go.
    spareTurn: (run) => {
      const timer = setTimeout(run, 0)
      if (isUnrefable(timer)) timer.unref()
    },
    hold: () => {
      const timer = setInterval(() => undefined, 2 ** 30)
      return () => clearInterval(timer)
    },
    context: {
      get: () => contexts.getStore(),
      run: (values, run) => contexts.run(values, run),
      enter: (values) => {
        contexts.enterWith(values)
        return true
      }
    },
    hmacSha256: (key, text) => crypto.createHmac("sha256", key).update(text).digest("hex"),
    onExit: (hook) => processEnd(modules).add(hook),
    mayPrompt: process.versions.deno !== undefined,
    rehearseExit: (hook) => rehearseEnd(modules, hook),
    // On all three runtimes, from the moment that `exit` listeners are called.
    isEnding: () => (process as { readonly _exiting?: unknown })._exiting === true
  }
}

const isUnrefable = (timer: unknown): timer is { unref(): void } =>
  typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function"

/** Deno throws for a variable that it was not permitted to read: that is not set for us. */
const permittedEnv = (process: NodeProcess): Host["env"] =>
  new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => {
        try {
          return process.env[String(name)]
        } catch {
          return undefined
        }
      }
    }
  )

const attempt = (read: () => string): string => {
  try {
    return read() || "?"
  } catch {
    return "?"
  }
}

// Bun's word for not knowing.
const knownUser = (name: string): string => (name === "unknown" ? "" : name)

const runtimeOf = ({ versions }: NodeProcess): Pick<HostFacts, "runtime" | "runtime_version"> => {
  const name = versions.bun === undefined ? (versions.deno === undefined ? "node" : "deno") : "bun"
  return { runtime: name, runtime_version: versions[name] ?? "?" }
}
