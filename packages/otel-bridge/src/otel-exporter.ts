// Sends events to an OpenTelemetry collector: a batch becomes records, one request, and an acknowledgement that was read.
// otel-mapping.ts knows what a line becomes, otlp-answer.ts what an answer means; core's writer retries, halves and counts.
import {
  type Batch,
  checkOptions,
  defaultQueuePolicy,
  ExportError,
  type Exporter,
  type LastMoment,
  type LastWrite,
  type LogIdentity,
  type OpenExporter,
  type OptionRules,
  optionRule,
  type QueuePolicy,
  queueRules,
  type RequiredAs
} from "@daybook/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { otelLimits } from "./limits.ts"
import { makeRecordMaker, type RecordMaker, type Send } from "./log-records.ts"
import { judgeAnswer, type OtlpAnswer, retryAfterMs } from "./otlp-answer.ts"
import { type Fetch, post, postLast } from "./otlp-post.ts"
import { canCompress, makePlainRequest, makeRequest, type OtlpRequest } from "./otlp-request.ts"
import {
  checkOtlpOptions,
  type OtlpOptions,
  type OtlpSettings,
  otlpRules,
  otlpSettings,
  tellUnsupported
} from "./otlp-settings.ts"
import { isOffline, isPage, keepaliveBudget } from "./page.ts"
import { proxyNotice } from "./proxy.ts"

export interface OtelExporterOptions extends OtlpOptions {
  /** Names it in health and gap marks. Default "otel". */
  readonly name?: string | undefined
  /**
   * "acknowledged" (the default): an event counts as written when the collector has acknowledged it. "sdk": OpenTelemetry's
   * own OTLPLogExporter sends, in JSON; any 2xx is a success to it and it retries by itself, so events count as handed over.
   */
  readonly delivery?: "acknowledged" | "sdk" | undefined
  /** Replaces the runtime's fetch, for client certificates or a proxy. It must honour `redirect: "manual"`. Not for "sdk". */
  readonly fetch?: Fetch | undefined
  /** Merged over core's default: 65,536 events or 8 MiB, the newest refused, batches up to 256 KiB. */
  readonly queue?: Partial<QueuePolicy> | undefined
  /** `commit` waits for this exporter. Not for "sdk", which gives no acknowledgement. */
  readonly required?: boolean | undefined
  /** Default 30 s, or 5 s more than `timeoutMs`. */
  readonly exportTimeoutMs?: number | undefined
  /** Which events it gets; all, when absent. */
  readonly accepts?: Exporter["accepts"]
  /**
   * Arguments and results of tool calls, as far as they were recorded, are sent as `gen_ai.tool.call.arguments` and
   * `gen_ai.tool.call.result` as well. Default false.
   */
  readonly toolContent?: boolean | undefined
}

/**
 * Sends events to a collector over OTLP/HTTP. Options win over the OTEL_* variables of the log's environment.
 *
 * @throws TypeError for an option that is unknown or can never work, and for `required` with `delivery: "sdk"`.
 */
export const otelExporter = <const Options extends OtelExporterOptions = OtelExporterOptions>(
  options?: Options
): Exporter & RequiredAs<Options> => makeOtelExporter(options ?? {}) as Exporter & RequiredAs<Options>

const rules: OptionRules = {
  ...otlpRules,
  name: optionRule.text("otel"),
  delivery: optionRule.oneOf("acknowledged", "sdk"),
  fetch: optionRule.callable,
  queue: optionRule.object("an object of bounds"),
  required: optionRule.flag,
  exportTimeoutMs: optionRule.numberFrom(1, "milliseconds"),
  accepts: optionRule.callable,
  toolContent: optionRule.flag
}

const makeOtelExporter = (options: OtelExporterOptions): Exporter => {
  const { name = "otel", delivery = "acknowledged", queue, required = false, accepts, timeoutMs } = options
  checkOptions("otelExporter", options, rules)
  if (queue !== undefined) checkOptions("otelExporter", queue, queueRules, "queue")
  checkOtlpOptions(options)
  if (required && delivery === "sdk") {
    throw new TypeError(
      'otelExporter: option "required" needs acknowledgements, and delivery "sdk" gives none; leave out one of them'
    )
  }
  const exportTimeoutMs =
    options.exportTimeoutMs ?? Math.max(30_000, (timeoutMs ?? 0) + otelLimits.timeoutSlackMs)
  const channels = new WeakMap<LogIdentity, Channel>()
  const channelOf = (log: LogIdentity): Channel => {
    const known = channels.get(log)
    if (known !== undefined) return known
    const made = new Channel(log, options, exportTimeoutMs)
    channels.set(log, made)
    return made
  }
  return {
    name,
    queue: { ...defaultQueuePolicy, ...queue },
    required,
    ...(delivery === "sdk" ? { handsOver: true } : { durability: "remote" }),
    exportTimeoutMs,
    ...(accepts === undefined ? {} : { accepts }),
    isOn: (log) => !channelOf(log).isDisabled,
    open: (log) => channelOf(log).open(),
    // Outside of a page there is no way to send synchronously.
    ...(isPage && delivery !== "sdk"
      ? { lastWrite: (log, batch, at) => channelOf(log).leave(batch, at) }
      : {})
  }
}

/** The way of one log to its collector. It outlives each opening, so notices come once and a wait is kept. */
class Channel {
  private readonly settings: OtlpSettings
  private readonly makeRecords: RecordMaker
  /** Whether the last exchange failed. */
  private isFailing = false
  /** The batch whose keepalive request is under way. */
  private carried: Batch | undefined
  /** Batches that were sent when the page was left; their export may still be about to begin. */
  private readonly left = new WeakSet<Batch>()
  /** The wait that the collector asked for, by the log's time. */
  private wait: Wait | undefined

  private readonly log: LogIdentity
  private readonly options: OtelExporterOptions
  private readonly requestTimeoutMs: number

  constructor(log: LogIdentity, options: OtelExporterOptions, exportTimeoutMs: number) {
    const tell = (text: string): void => log.notice(`${options.name ?? "otel"}: ${text}`)
    this.log = log
    this.options = options
    this.settings = otlpSettings(options, log, tell)
    this.tellIgnored(tell)
    if (this.settings.compression === "gzip" && !canCompress())
      tell("this runtime has no CompressionStream; requests are sent uncompressed")
    const isJson = this.settings.protocol === "http/json" || options.delivery === "sdk"
    this.makeRecords = makeRecordMaker(log.app, this.settings, {
      empty: isJson ? "null" : null,
      toolContent: options.toolContent
    })
    // Fires before the writer's limit, which could only call the exporter stalled.
    this.requestTimeoutMs = Math.min(this.settings.timeoutMs, 0.9 * exportTimeoutMs)
  }

  // A fetch of the application's takes its certificates and its way from there.
  private tellIgnored(tell: (text: string) => void): void {
    const { delivery = "acknowledged", fetch } = this.options
    if (delivery !== "sdk" && fetch !== undefined) return
    if (delivery !== "sdk") tellUnsupported(this.log.env, tell)
    const proxy = isPage ? undefined : proxyNotice(new URL(this.settings.url), this.log.env, delivery)
    if (proxy !== undefined) tell(proxy)
  }

  get isDisabled(): boolean {
    return this.settings.isDisabled
  }

  open(): Effect.Effect<OpenExporter, ExportError, Scope.Scope> {
    const { settings, options } = this
    const ready = Effect.promise(async () => settings.resource.waitForAsyncAttributes?.())
    const way = options.delivery === "sdk" ? this.openSdk() : Effect.succeed(this.send)
    return Effect.map(Effect.andThen(ready, way), (send) => ({
      export: (batch) => Effect.suspend(() => this.exportBatch(batch, send))
    }))
  }

  private exportBatch(batch: Batch, send: Send): Effect.Effect<void, ExportError> {
    const waiting = this.isWaiting()
    if (waiting !== undefined) return Effect.fail(waiting)
    return send(this.makeRecords(batch.events()), batch)
  }

  private readonly send: Send = (records, batch) => {
    const { settings, log } = this
    const request = Effect.tryPromise({
      try: () => makeRequest(records, settings),
      catch: () => unencodable(settings.shownUrl)
    })
    const exchange = Effect.flatMap(request, (made) =>
      this.left.has(batch) ? Effect.void : Effect.flatMap(this.post(made, batch), (answer) => judge(answer))
    )
    const judge = (answer: OtlpAnswer): Effect.Effect<void, ExportError> => {
      const error = judgeAnswer(answer, settings.shownUrl, log.now())
      if (error === undefined) return Effect.void
      const askedMs = retryAfterMs(answer.headers, log.now())
      if (askedMs !== undefined && askedMs === error.retryAfterMs) this.keepWait(error.reason, askedMs)
      return Effect.fail(error)
    }
    return Effect.onExit(exchange, (exit) =>
      Effect.sync(() => {
        this.isFailing = Exit.isFailure(exit)
      })
    )
  }

  // A browser that refuses keepalive lets the request fail: the next attempt does not ask for it.
  private post(made: OtlpRequest, batch: Batch): Effect.Effect<OtlpAnswer, ExportError> {
    const { settings, fetch, requestTimeoutMs: timeoutMs } = this
    const { url, shownUrl } = settings
    const { length } = made.body
    const isCarried = !this.isFailing && keepaliveBudget.hasRoomFor(length, otelLimits.lightBytesMax)
    const answer = post(made, { isCarried, url, shownUrl, timeoutMs, fetch })
    if (!isCarried) return answer
    const take = Effect.sync(() => {
      this.carried = batch
      return keepaliveBudget.take(length)
    })
    return Effect.acquireUseRelease(
      take,
      () => answer,
      (over) =>
        Effect.sync(() => {
          this.carried = undefined
          over()
        })
    )
  }

  /**
   * The page is being left. A keepalive request is on its way, but its answer cannot be read. Part of a batch, a batch that
   * a commit waits for, and a batch for a collector that failed last are sent too, but stay pending: they are sent again if
   * the page comes back.
   */
  leave(batch: Batch, { inFlight }: LastMoment): LastWrite {
    const whole = { written: batch.count, isHandedOver: true }
    if (inFlight && this.carried === batch) return whole
    if (this.isWaiting() !== undefined) return nothingWritten
    const lines = batch.events()
    for (let { length: count } = lines; count > 0; count >>= 1) {
      const request = makePlainRequest(this.makeRecords(lines.slice(0, count)), this.settings)
      if (!keepaliveBudget.hasRoomFor(request.body.length)) continue
      const over = keepaliveBudget.take(request.body.length)
      postLast(request, { url: this.settings.url, fetch: this.fetch }).then(over, over)
      const isSure = this.options.required !== true && !this.isFailing && !isOffline()
      if (count < lines.length || !isSure) return nothingWritten
      this.left.add(batch)
      return whole
    }
    return nothingWritten
  }

  private get fetch(): Fetch {
    return this.options.fetch ?? ((to, init) => globalThis.fetch(to, init))
  }

  private openSdk(): Effect.Effect<Send, ExportError, Scope.Scope> {
    return Effect.flatMap(
      Effect.promise(() => import("./sdk-delivery.ts")),
      ({ openSdkDelivery }) => openSdkDelivery(this.settings)
    )
  }

  private keepWait(reason: string, waitMs: number): void {
    this.wait = { untilMs: this.log.now() + waitMs, reason }
  }

  // A flush tries during the writer's wait, so the wait that the collector asked for is kept here. The upper bound keeps a
  // clock that was set back from making it longer.
  private isWaiting(): ExportError | undefined {
    const { untilMs, reason } = this.wait ?? noWait
    const leftMs = untilMs - this.log.now()
    if (leftMs > 0 && leftMs <= otelLimits.retryAfterMaxMs) {
      return new ExportError({ reason, retryable: true, outcome: "failed", retryAfterMs: leftMs })
    }
    this.wait = undefined
    return undefined
  }
}

interface Wait {
  readonly untilMs: number
  readonly reason: string
}

const nothingWritten: LastWrite = { written: 0 }
const noWait: Wait = { untilMs: 0, reason: "" }

const unencodable = (shownUrl: string): ExportError =>
  new ExportError({
    reason: `Cannot export to "${shownUrl}": an event cannot be encoded`,
    retryable: false,
    outcome: "failed",
    divisible: true
  })
