// The plain door: a log as a value with methods and promises, for applications that know nothing of Effect.
// audit.ts says what the methods promise.
import { Calls } from "../log/calls.ts"
import { toInput } from "../log/input.ts"
import { Log } from "../log/log.ts"
import type { AuditLogOptions } from "../log/options.ts"
import type { Surroundings } from "../log/recorder.ts"
import type { Exporter } from "../pipeline/exporter.ts"
import type { AuditOf, CommittingAudit } from "./audit.ts"

/**
 * Makes a log. Nothing happens before the first event: no file, no timer, no fiber, no session.
 *
 * @throws TypeError when an option is unusable; after that, nothing throws.
 */
export const createAuditLog = <const Exporters extends readonly Exporter[]>(
  options: AuditLogOptions<Exporters>
): AuditOf<Exporters> => plainAudit(new Log(options)) as AuditOf<Exporters>

/** The plain methods of a log. `commit` is always there; the type says whether it may be called. */
export const plainAudit = (log: Log): CommittingAudit => {
  const calls = new Calls(log)
  return {
    log: (first: unknown, second?: unknown, third?: unknown, fourth?: unknown) =>
      calls.record(undefined, first, second, third, fourth),
    sessionStart: plain(calls.sessionStart),
    pageOpen: plain(calls.pageOpen),
    lastPage: plain(calls.lastPage),
    exception: plain(calls.exception),
    relay: plain(calls.relay),
    isEnabled: plain(calls.isEnabled),
    setRecording: plain(calls.setRecording),
    timed: calls.timed,
    commit: (event, extras, options) => log.commitNow(toInput(event, extras, options, undefined), options),
    room: (exporter) => (log.hasRoom(exporter) ? Promise.resolve() : log.run(log.room(exporter))),
    hasRoom: (exporter) => log.hasRoom(exporter),
    flush: (options) => log.run(log.flush(options)),
    close: (options) => log.run(log.close(options)),
    health: () => log.health(),
    onHealth: (listener) => log.onHealth(listener)
  }
}

/** A call in plain code's own surroundings, which the log looks up. */
const plain =
  <Given extends readonly unknown[], Answer>(
    call: (around: Surroundings | undefined, ...given: Given) => Answer
  ): ((...given: Given) => Answer) =>
  (...given) =>
    call(undefined, ...given)
