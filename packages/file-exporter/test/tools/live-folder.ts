// A folder in which real logs live: sessions of `createAuditLog` with the real exporter on the real disk, on clocks that the
// test moves. They are closed, or killed: then they are left as they are, and their clocks stand still.
import { type Audit, createAuditLog, type LevelWord } from "@daybook/core"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { type FileExporterOptions, makeFileExporter } from "../../src/file-exporter.node.ts"
import type { NewSeal, SealKey } from "../../src/seal/key.node.ts"
import { app, noon } from "./file-bench.ts"
import { type HeldClock, heldClockAt } from "./test-clock.ts"

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

export interface SessionOptions extends Omit<FileExporterOptions, "dir" | "seal"> {
  /** Signs its seals. Default: the folder's. */
  readonly key?: SealKey | undefined
  readonly isUnsealed?: boolean
  readonly layer?: FileLayer
  readonly level?: LevelWord
  /** How far its clock is off. */
  readonly offMs?: number
  /** Default: that of all tests. */
  readonly app?: string
  /** Stands on each of its events as `run`. */
  readonly name?: string
}

/** One run of a log. */
export class LiveSession {
  private readonly audit: Audit
  private readonly clock: HeldClock
  private readonly name: string
  /** What it logged so far. */
  private count = 0

  constructor(dir: string, nowMs: number, options: SessionOptions, anchor: (seal: NewSeal) => void) {
    const {
      key,
      isUnsealed = false,
      layer = nodeFileLayer,
      level,
      offMs = 0,
      name = "a run",
      app: ownApp = app,
      ...rest
    } = options
    this.clock = heldClockAt(nowMs + offMs)
    this.name = name
    this.audit = createAuditLog({
      app: ownApp,
      clock: this.clock,
      exitHook: false,
      notice: () => undefined,
      exporters: [makeFileExporter(layer, { ...rest, dir, seal: isUnsealed ? false : { key, anchor } })],
      ...(level === undefined ? {} : { level })
    })
    this.audit.sessionStart()
  }

  /** Logs so many events, those of users in turn, and waits until they are down. */
  async write(count: number, users: readonly string[] = []): Promise<void> {
    for (let step = 0; step < count; step++) {
      this.count += 1
      const number = this.count
      const user = users[number % Math.max(1, users.length)]
      const fields = {
        run: this.name,
        number,
        amount: 1_000 + number,
        ...(user === undefined ? {} : { user })
      }
      this.audit.log("payment", `Payment ${number} approved`, fields)
    }
    await this.flush()
  }

  /** A debug event, which a session with the level "info" leaves out. */
  debug(): void {
    this.audit.log("payment", "A detail", {}, { level: "debug" })
  }

  async flush(): Promise<boolean> {
    return (await this.audit.flush({ timeoutMs: 20_000 })).complete
  }

  async close(): Promise<boolean> {
    return (await this.audit.close({ timeoutMs: 20_000 })).complete
  }

  advance(ms: number): void {
    this.clock.advance(ms)
  }

  /** A step of its clock, which wakes nothing. */
  step(ms: number): void {
    this.clock.now += ms
  }
}

export class LiveFolder {
  readonly dir: string
  /** Every seal that was made here, in its order. */
  readonly anchors: NewSeal[] = []
  nowMs = noon
  private readonly defaults: SessionOptions
  private readonly running = new Set<LiveSession>()

  constructor(dir: string, defaults: SessionOptions) {
    this.dir = dir
    this.defaults = defaults
  }

  start(options: SessionOptions = {}): LiveSession {
    const session = new LiveSession(this.dir, this.nowMs, { ...this.defaults, ...options }, (seal) =>
      this.anchors.push(seal)
    )
    this.running.add(session)
    return session
  }

  get sessions(): readonly LiveSession[] {
    return [...this.running]
  }

  /** Time goes on for all that run. */
  pass(ms: number): void {
    this.nowMs += ms
    for (const session of this.running) session.advance(ms)
  }

  async close(session: LiveSession): Promise<boolean> {
    this.running.delete(session)
    return session.close()
  }

  /** What was confirmed is on the disk; nothing of the session happens any more. */
  kill(session: LiveSession): void {
    this.running.delete(session)
  }
}
