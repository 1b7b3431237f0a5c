// The last moments of a process, for all logs and all copies of core in it: one set of listeners, one limit of time.
// What a log writes then is in log/exit-hook.ts. The process ends as it would without us:
//
//   signal ──▶ do others listen too?      ──yes─▶ last write; they decide     the same signal again ──▶ our listener goes,
//                      └─no─▶ last write, our listener goes, the same signal again        and the signal again if it is alone
import { writerLimits } from "../limits.ts"
import type { ExitHook } from "./host.ts"
import type { NodeModules, NodeProcess } from "./node-modules.ts"

/** What the copies of core in a process share, under `Symbol.for`. The first copy makes it, and listens for all. */
interface Registry {
  add(hook: ExitHook): () => void
}

const registryKey = Symbol.for("@daybook/core/process-end/1")
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const
type Signal = (typeof signals)[number]

/** A listener that went less than this long ago counts as there: Deno runs `once` wrappers before ours, and takes them away. */
const justGoneMs = 50

/** The process's own registry, made when it is first asked for. */
export const processEnd = (modules: NodeModules): Registry => {
  const shared = globalThis as { [registryKey]?: Registry }
  shared[registryKey] ??= new ProcessEnd(modules)
  return shared[registryKey]
}

/** Adds a hook to a process that never hears of it, and takes it back: what the first hook loads and compiles is there then. */
export const rehearseEnd = (modules: NodeModules, hook: ExitHook): void => {
  const { env, pid, versions } = modules.process
  const nothing = (): undefined => undefined
  const deaf: NodeProcess = {
    ...{ env, pid, versions },
    ...{ on: nothing, off: nothing, prependListener: nothing },
    ...{ cwd: () => "", kill: nothing, listenerCount: () => 0 }
  }
  // Deno may ask the person at the terminal whether the file may be read.
  const isDeno = versions.deno !== undefined
  const fs = isDeno ? { ...modules.fs, readFileSync: () => "" } : modules.fs
  new ProcessEnd({ ...modules, process: deaf, fs }).add(hook)()
  if (isDeno) ignored = undefined
  processEnd(modules)
}

class ProcessEnd implements Registry {
  private readonly hooks = new Set<ExitHook>()
  private readonly idled = new WeakSet<ExitHook>()
  /** The signals that we listen for. */
  private readonly heard = new Set<Signal>()
  /** When a signal came before: the second of a kind always gets through. */
  private readonly metAt = new Map<Signal, number>()
  /** When another listener was taken away, by its signal. */
  private readonly goneAt = new Map<string, number>()
  private spentMs = 0
  private lastAt = Number.NEGATIVE_INFINITY

  private readonly modules: NodeModules
  private readonly process: NodeProcess
  private readonly isDeno: boolean

  constructor(modules: NodeModules) {
    this.modules = modules
    this.process = modules.process
    this.isDeno = modules.process.versions.deno !== undefined
  }

  add(hook: ExitHook): () => void {
    if (this.hooks.size === 0) this.listen()
    this.hooks.add(hook)
    return () => {
      this.hooks.delete(hook)
      if (this.hooks.size === 0) this.stopListening()
    }
  }

  // A process ends once, and Node warns above ten listeners. `exit` runs on process.exit, throw, rejection and natural end;
  // Deno fires only `uncaughtExceptionMonitor` on the second and third, and only `unload` on Deno.exit.
  private listen(): void {
    const { process } = this
    process.on("exit", this.onExit)
    process.on("uncaughtExceptionMonitor", this.onUncaught)
    process.on("beforeExit", this.onIdle)
    process.on("removeListener", this.onGone)
    if (this.isDeno) denoEvents.addEventListener("unload", this.onExit)
    for (const signal of this.signalsToHear()) {
      // First, so that we see who else listens before a `once` has gone.
      process.prependListener(signal, this.onSignal)
      this.heard.add(signal)
    }
  }

  private stopListening(): void {
    const { process } = this
    process.off("removeListener", this.onGone)
    process.off("exit", this.onExit)
    process.off("uncaughtExceptionMonitor", this.onUncaught)
    process.off("beforeExit", this.onIdle)
    if (this.isDeno) denoEvents.removeEventListener("unload", this.onExit)
    for (const signal of this.heard) this.leave(signal)
    this.metAt.clear()
    this.goneAt.clear()
  }

  private leave(signal: Signal): void {
    this.heard.delete(signal)
    this.process.off(signal, this.onSignal)
  }

  // Deno's first listener for any signal takes hold of all three, so there it is all of them or none.
  private signalsToHear(): readonly Signal[] {
    const heard = signals.filter((signal) => !this.isIgnored(signal))
    return this.isDeno && heard.length < signals.length ? [] : heard
  }

  // A process that was started to outlive its terminal (nohup) ignores SIGHUP, and a listener would undo that.
  private isIgnored(signal: Signal): boolean {
    ignored ??= ignoredSignals(this.modules)
    return ((ignored >> BigInt((this.modules.os.constants.signals[signal] ?? 1) - 1)) & 1n) === 1n
  }

  private readonly onExit = (): void => this.lastWrites(true)

  private readonly onUncaught = (error: unknown): void => {
    for (const hook of this.hooks) hook.uncaught(error)
    this.lastWrites(this.isDeno)
  }

  // An exporter without a synchronous last write has only this. A process that finds work again comes here again, so each
  // log is asked once.
  private readonly onIdle = (): void => {
    for (const hook of this.hooks) {
      if (this.idled.has(hook)) continue
      this.idled.add(hook)
      void hook.idle()
    }
  }

  private readonly onGone = (event: string, listener: unknown): void => {
    if (listener !== this.onSignal) this.goneAt.set(event, performance.now())
  }

  private readonly onSignal = (signal: Signal): void => {
    const isAlone = !this.hasOthers(signal)
    const isSecond = this.metAt.has(signal)
    this.lastWrites(isAlone)
    // Behind the last write, which may take its time: a listener that goes now went with this signal.
    this.metAt.set(signal, performance.now())
    if (isAlone || isSecond) this.leave(signal)
    // Where signal-exit listens too, its listener comes next, and ends the process or not as its users say. In Deno it came
    // before, and left the end to us.
    const isOurs = this.isDeno || signalExitCount(this.process) === 0
    if (isAlone && isOurs) this.process.kill(this.process.pid, signal)
  }

  // The listeners of the npm package signal-exit end the process only where no other listener is: they wait for us, so they do
  // not count.
  private hasOthers(signal: Signal): boolean {
    const { process } = this
    const others = process.listenerCount(signal) - 1 - signalExitCount(process)
    const goneAt = this.goneAt.get(signal) ?? Number.NEGATIVE_INFINITY
    const metAt = this.metAt.get(signal) ?? Number.NEGATIVE_INFINITY
    // One that went with the signal before is gone.
    const isJustGone = performance.now() - goneAt < justGoneMs && goneAt - metAt > justGoneMs
    return others > 0 || isJustGone
  }

  /**
   * All logs together have one limit, of work and not of what the application does in between; a process that throws comes
   * here twice, and one that lives on has a new limit. Each log has an equal share of what is left, so that one that hangs
   * does not take that of the others; then those that have events left have what is left over.
   */
  private lastWrites(isFinal: boolean): void {
    const { flushTimeoutMs } = writerLimits
    const beganAt = performance.now()
    if (beganAt - this.lastAt > flushTimeoutMs) this.spentMs = 0
    const endsAt = beganAt + flushTimeoutMs - this.spentMs
    const write = (hooks: readonly ExitHook[]): readonly ExitHook[] =>
      hooks.filter((hook, index) => {
        const leftMs = Math.max(0, endsAt - performance.now())
        return hook.lastWrite(leftMs / (hooks.length - index), isFinal) > 0
      })
    let behind = write([...this.hooks])
    if (behind.length > 0 && behind.length < this.hooks.size) behind = write(behind)
    this.lastAt = performance.now()
    this.spentMs += this.lastAt - beganAt
    if (isFinal) for (const hook of this.hooks) hook.over()
  }
}

/** Bits of the signals that the process was started to ignore. */
let ignored: bigint | undefined

const ignoredSignals = ({ fs }: NodeModules): bigint => {
  try {
    const status = fs.readFileSync("/proc/self/status", "utf8")
    return BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`)
  } catch {
    return 0n
  }
}

/** Version 4 of signal-exit has its emitter on globalThis, version 3 on process. Each counts one listener a signal. */
const signalExitCount = (process: NodeProcess): number => {
  const holders: readonly object[] = [globalThis, process]
  const emitters = holders.flatMap((holder) => [
    (holder as Record<symbol, unknown>)[Symbol.for("signal-exit emitter")],
    (holder as Record<string, unknown>).__signal_exit_emitter__
  ])
  const counts = [...new Set(emitters)].map((emitter) => (emitter as { count?: unknown } | undefined)?.count)
  return counts.reduce<number>((sum, count) => sum + (typeof count === "number" ? count : 0), 0)
}

const denoEvents = globalThis as unknown as Record<
  "addEventListener" | "removeEventListener",
  (type: string, listener: () => void) => void
>
