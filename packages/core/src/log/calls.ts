// What each call of an application records. Both doors open onto this: api/audit-log.ts for plain code, and
// api/audit-log-service.ts for Effect programs. A log's start, its waits and its end are in log.ts.
import type * as Effect from "effect/Effect"
import { textOf } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import { operationTimed, pageOpened, recordingChanged } from "../event/built-in.ts"
import { type LevelWord, readLevel } from "../event/level.ts"
import { optionOf, toBuiltIn, toException, toInput, toRelayed } from "./input.ts"
import { LastPages } from "./last-pages.ts"
import type { Log } from "./log.ts"
import { type Operation, type OperationReport, timeOperation } from "./operation.ts"
import type { Surroundings } from "./recorder.ts"
import type { RecordingChange } from "./recording.ts"
import { timeEffect } from "./timed-effect.ts"

/** What surrounds a call; undefined for plain code, whose own context and span the log looks up. */
type Around = Surroundings | undefined

/** The calls of one log. Arguments may be anything: an application without types calls them too. */
export class Calls {
  private readonly lastPages = new LastPages()
  private readonly log: Log

  constructor(log: Log) {
    this.log = log
  }

  /** `log(event, extras?, options?)` or `log(category, message, extras?, options?)`. */
  readonly record = (
    around: Around,
    first: unknown,
    second: unknown,
    third: unknown,
    fourth: unknown
  ): void => this.log.record(toInput(this.log.keys, first, second, third, fourth), around)

  readonly sessionStart = (around: Around, extras?: Fields): void => this.log.sessionStart(extras, around)

  /** The slug and the key may be anything; each counts by its text. */
  readonly pageOpen = (around: Around, slug: unknown, options?: unknown): void => {
    if (!this.log.lets("page-open")) return
    const page = textOf(slug)
    const place = around ?? this.log.surroundings()
    if (!this.lastPages.isNews(pageKey(options, place), page)) return
    this.log.write(toBuiltIn(pageOpened, { page }, { extras: optionOf(options, "fields") }), place)
  }

  readonly lastPage = (around: Around, options?: unknown): string | undefined =>
    this.lastPages.of(pageKey(options, around ?? this.log.surroundings()))

  readonly exception = (around: Around, where: string, error: unknown, extras?: Fields): void =>
    this.log.record(toException(where, error, extras), around)

  readonly relay = (around: Around, claims: unknown, facts?: unknown, options?: unknown): void =>
    this.log.record(toRelayed(claims, facts, options), around)

  /** True when operations of this name, or other events of this category, are recorded at this level. */
  readonly isEnabled = (_around: Around, name: string, level?: LevelWord): boolean =>
    this.log.recording.wantsName(textOf(name), readLevel(level) ?? "info")

  /** Changes what is recorded from now on, and records that. */
  readonly setRecording = (around: Around, rules: RecordingChange): void => {
    const { recording } = this.log
    const before = recording.rules
    recording.change(rules)
    const { allow, level } = recording.rules
    const fields = { allow, level_min: level, allow_before: before.allow, level_min_before: before.level }
    this.log.write(toBuiltIn(recordingChanged, fields, { isForAll: true }), around)
  }

  readonly timed = <A>(
    action: string,
    extras: Fields,
    run: (operation: Operation) => A | PromiseLike<A>
  ): Promise<A> => {
    const report = this.operationReport(this.log.surroundings())
    return timeOperation(textOf(action), extras, run, this.log.time, report)
  }

  readonly timedEffect = <A, E, R>(
    around: Around,
    action: string,
    extras: Fields,
    run: (operation: Operation) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> =>
    timeEffect(textOf(action), extras, run, this.log.time, this.operationReport(around))

  private operationReport(around: Around): OperationReport {
    return (fields, extras) => {
      const level = fields.outcome === "success" ? "info" : "error"
      this.log.record(toBuiltIn(operationTimed, fields, { level, extras }), around)
    }
  }
}

// Without a key, the context's user or UI session is it, else all openings of this log are one person's.
const pageKey = (options: unknown, { context }: Surroundings): string =>
  textOf(optionOf(options, "key") ?? context?.user ?? context?.ui_session ?? "")
