// The Effect door: the same log as a service and a layer. The layer's error type is `never`: an exporter that cannot
// open is an ordinary retry, and closing the layer's scope flushes and closes the log.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { type Fields, readableFields } from "../encode/fields.ts"
import { readTrace } from "../event/trace-context.ts"
import type { TypedEvent } from "../event/typed-event.ts"
import { Calls } from "../log/calls.ts"
import type { CommitError, Receipt } from "../log/commit.ts"
import { AuditContext } from "../log/context.ts"
import { toInput } from "../log/input.ts"
import { Log } from "../log/log.ts"
import type { Operation } from "../log/operation.ts"
import type { AuditLogOptions } from "../log/options.ts"
import type { Surroundings } from "../log/recorder.ts"
import type { RelayedEvent } from "../log/relayed-event.ts"
import type { Exporter } from "../pipeline/exporter.ts"
import type { Health } from "../pipeline/health.ts"
import type { Audit, CommittingAudit, LogOptions, WaitOptions } from "./audit.ts"
import { plainAudit } from "./plain-audit.ts"
import { rehearsed } from "./rehearsal.ts"

/** The methods of `Audit` that need no form of their own as effects, under the same names and parameters. */
type Same = "sessionStart" | "pageOpen" | "lastPage" | "exception" | "relay" | "isEnabled" | "setRecording"
type AsEffects<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...given: infer Given) => infer Answer
    ? (...given: Given) => Effect.Effect<Awaited<Answer>>
    : never
}

/** A log as effects, without an error channel; see `Audit` for what each method does. */
export interface AuditLogService extends AsEffects<Pick<Audit, Same | "room" | "flush">> {
  log(event: TypedEvent, extras?: Fields, options?: LogOptions): Effect.Effect<void>
  log(category: string, message: string, extras?: Fields, options?: LogOptions): Effect.Effect<void>
  timed<A, E, R>(
    action: string,
    fields: Fields,
    run: (operation: Operation) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R>
  readonly health: Effect.Effect<Health>
  /** The same log for plain code, for example for React. */
  readonly plain: Audit
}

/** A log with at least one exporter marked `required`. */
export interface CommittingAuditLogService extends AuditLogService {
  commit(event: RelayedEvent, extras?: undefined, options?: WaitOptions): Effect.Effect<Receipt, CommitError>
  commit(
    event: TypedEvent,
    extras?: Fields,
    options?: LogOptions & WaitOptions
  ): Effect.Effect<Receipt, CommitError>
  readonly plain: CommittingAudit
}

/** Options of a layer whose log can commit: one exporter is known to be required. */
export type CommittingOptions<Exporters extends readonly Exporter[]> = AuditLogOptions<Exporters> &
  (Extract<Exporters[number], { readonly required: true }> extends never
    ? { readonly exporters: "one exporter must be marked required: true" }
    : unknown)

/** The log of an Effect program. */
export class AuditLog extends Context.Service<AuditLog, AuditLogService>()("@daybook/core/AuditLog") {
  /** One log for as long as the layer lives. */
  static readonly layer = (options: AuditLogOptions<readonly Exporter[]>): Layer.Layer<AuditLog> =>
    Layer.effect(AuditLog, acquire(options))

  /** Records nothing. */
  static readonly layerDisabled: Layer.Layer<AuditLog> = Layer.sync(AuditLog, () =>
    serve(new Log({ app: "disabled", exporters: [], enabled: false, env: {} }))
  )

  /** The running layer's log for plain code. */
  static readonly plain: Effect.Effect<Audit, never, AuditLog> = Effect.suspend(() =>
    AuditLog.useSync((service) => service.plain)
  )
}

/** The same for a program that commits. */
export class CommittingAuditLog extends Context.Service<CommittingAuditLog, CommittingAuditLogService>()(
  "@daybook/core/CommittingAuditLog"
) {
  /** One log under both keys: what only logs needs only `AuditLog`. */
  static readonly layer = <const Exporters extends readonly Exporter[]>(
    options: CommittingOptions<Exporters>
  ): Layer.Layer<CommittingAuditLog | AuditLog> =>
    Layer.effectContext(
      Effect.map(acquire(options), (service) =>
        Context.make(CommittingAuditLog, service).pipe(Context.add(AuditLog, service))
      )
    )
}

const acquire = (options: AuditLogOptions<readonly Exporter[]>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.map(Clock.clockWith(Effect.succeed), (clock) =>
        rehearsed(new Log(withClock(options, clock)), options)
      ),
      (log) => log.close()
    ),
    serve
  )

// A program's own clock (a test's) is the log's clock too; Effect's live one would keep the process alive.
const withClock = (
  options: AuditLogOptions<readonly Exporter[]>,
  clock: Clock.Clock
): AuditLogOptions<readonly Exporter[]> =>
  options.clock !== undefined || clock === Clock.Clock.defaultValue() ? options : { ...options, clock }

const serve = (log: Log): CommittingAuditLogService => serveAround(log, aroundOf(log))

// A fiber's own context and span, read when the effect runs. Without a span of Effect's, the log's own source may know one:
// a server may be traced by others, and its program not.
const aroundOf =
  (log: Log) =>
  <A>(use: (place: Surroundings) => A): Effect.Effect<A> =>
    Effect.withFiberSucceed((fiber) => {
      const given = fiber.getRef(AuditContext)
      const context = given === AuditContext.defaultValue() ? undefined : readableFields(given)
      const span = Option.getOrUndefined(Context.getOption(fiber.context, Tracer.ParentSpan))
      if (span === undefined) return use({ context, trace: log.trace() })
      const { traceId, spanId, sampled } = span
      return use({ context, trace: readTrace(() => ({ traceId, spanId, traceFlags: sampled ? 1 : 0 })) })
    })

const serveAround = (log: Log, around: ReturnType<typeof aroundOf>): CommittingAuditLogService => {
  const calls = new Calls(log)
  const effect =
    <Given extends readonly unknown[], Answer>(call: (place: Surroundings, ...given: Given) => Answer) =>
    (...given: Given): Effect.Effect<Answer> =>
      around((place) => call(place, ...given))
  return {
    log: (first: unknown, second?: unknown, third?: unknown, fourth?: unknown) =>
      around((place) => calls.record(place, first, second, third, fourth)),
    sessionStart: effect(calls.sessionStart),
    pageOpen: effect(calls.pageOpen),
    lastPage: effect(calls.lastPage),
    exception: effect(calls.exception),
    relay: effect(calls.relay),
    isEnabled: effect(calls.isEnabled),
    setRecording: effect(calls.setRecording),
    timed: (action, fields, run) =>
      Effect.flatten(around((place) => calls.timedEffect(place, action, fields, run))),
    commit: (event: unknown, extras?: unknown, options?: unknown) =>
      Effect.flatten(
        around((place) => log.commit(toInput(log.keys, event, extras, options), options, place))
      ),
    room: (exporter) => log.room(exporter),
    flush: (options) => log.flush(options),
    health: Effect.sync(() => log.health()),
    plain: plainAudit(log)
  }
}
