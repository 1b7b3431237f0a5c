// One batch after another into an exporter without a log: opened once, tried again as long as that helps, halved where a
// part is refused. The same duties as a log's writer has, without its queue.
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { joinedBytes } from "../encode/joined-bytes.ts"
import { writerLimits } from "../limits.ts"
import { backoffMs } from "../pipeline/backoff.ts"
import { batchFromLines } from "../pipeline/batch.ts"
import { ExportError, type Exporter, type LogIdentity, type OpenExporter } from "../pipeline/exporter.ts"
import { Trouble } from "../pipeline/trouble.ts"

/** What became of lines. */
export interface Delivered {
  readonly sent: number
  readonly refused: number
}

export interface DeliveryOptions {
  readonly identity: LogIdentity
  readonly clock: Clock.Clock
  readonly signal?: AbortSignal | undefined
}

export class Delivery {
  private refusedLines = 0
  private isRefusalTold = false
  private readonly trouble: Trouble
  private open: OpenExporter | undefined
  private failures = 0
  private readonly scope = Scope.makeUnsafe()
  private readonly exporter: Exporter
  private readonly options: DeliveryOptions

  constructor(exporter: Exporter, options: DeliveryOptions) {
    this.exporter = exporter
    this.options = options
    this.trouble = new Trouble(
      (text) => this.notice(text),
      () => this.refusedLines
    )
  }

  /** Why the last attempt failed, when it did. */
  get lastError(): string | undefined {
    return this.trouble.lastError
  }

  /** Sends lines, however often it takes. `undefined` when `signal` ended it before all were settled. */
  async send(lines: readonly Uint8Array[]): Promise<Delivered | undefined> {
    for (;;) {
      const error = await this.attempt(lines)
      if (error === undefined) {
        this.recover()
        return { sent: lines.length, refused: 0 }
      }
      if (!error.retryable) {
        // The far end has answered.
        this.recover()
        this.trouble.lastError = error.reason
        return this.refused(lines, error)
      }
      this.trouble.meet("degraded", error.reason, `${lines.length} lines waiting, trying again`)
      this.failures += 1
      if (!(await this.pause(Math.max(error.retryAfterMs ?? 0, backoffMs(this.failures, noJitter)))))
        return undefined
    }
  }

  /** Waits. False when `signal` ended it. */
  async pause(ms: number): Promise<boolean> {
    const { clock, signal } = this.options
    const aborted = Effect.callback<void>((resume) => {
      const end = (): void => resume(Effect.void)
      if (signal?.aborted === true) return end()
      signal?.addEventListener("abort", end)
      return Effect.sync(() => signal?.removeEventListener("abort", end))
    })
    await this.run(Effect.raceFirst(clock.sleep(Duration.millis(ms)), aborted))
    return signal?.aborted !== true
  }

  /** Releases what was opened. */
  async close(): Promise<void> {
    await this.run(Scope.close(this.scope, Exit.void))
  }

  private async refused(lines: readonly Uint8Array[], error: ExportError): Promise<Delivered | undefined> {
    const refused = Math.min(lines.length, error.refusedEvents ?? lines.length)
    if (error.divisible !== true || lines.length === 1) {
      this.refusedLines += refused
      if (!this.isRefusalTold)
        this.notice(`refused ${refused} ${refused === 1 ? "line" : "lines"} for good: ${error.reason}`)
      this.isRefusalTold = true
      return { sent: lines.length - refused, refused }
    }
    const half = Math.ceil(lines.length / 2)
    const first = await this.send(lines.slice(0, half))
    const second = first === undefined ? undefined : await this.send(lines.slice(half))
    if (first === undefined || second === undefined) return undefined
    return { sent: first.sent + second.sent, refused: first.refused + second.refused }
  }

  private recover(): void {
    this.failures = 0
    this.trouble.end()
  }

  private notice(text: string): void {
    this.options.identity.notice(`${this.exporter.name}: ${text}`)
  }

  /** `undefined` when it succeeded. An exporter that hangs is asked to stop; what it sent has the same ids again. */
  private async attempt(lines: readonly Uint8Array[]): Promise<ExportError | undefined> {
    const { exporter, options, open } = this
    const opening = Effect.suspend(() => Scope.provide(exporter.open(options.identity), this.scope))
    const keep = (opened: OpenExporter): Effect.Effect<void> =>
      Effect.sync(() => {
        this.open = opened
      })
    const ready = open === undefined ? Effect.tap(opening, keep) : Effect.succeed(open)
    const limitMs = exporter.exportTimeoutMs ?? writerLimits.exportTimeoutMs
    const exported = Effect.flatMap(ready, (opened) => opened.export(batchFromLines(joinedBytes(lines))))
    const inTime = Effect.timeoutOrElse(exported, {
      duration: limitMs,
      orElse: () => Effect.fail(failed(`no answer for ${limitMs} ms`))
    })
    const exit = await this.run(inTime)
    if (Exit.isSuccess(exit)) return undefined
    return Option.getOrElse(Cause.findErrorOption(exit.cause), () => failed("it died of a defect"))
  }

  private run<A, E>(effect: Effect.Effect<A, E>): Promise<Exit.Exit<A, E>> {
    return Effect.runPromiseExit(Effect.provideService(effect, Clock.Clock, this.options.clock))
  }
}

const failed = (reason: string): ExportError =>
  new ExportError({ reason, retryable: true, outcome: "unknown" })

/** One replay is no crowd: its waits need not differ from others'. */
const noJitter = 0.5
