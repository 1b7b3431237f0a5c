// The plain methods of a log, with promises, for applications that know nothing of Effect.
// audit.ts says what the methods promise.
import { Calls } from "../log/calls.ts"
import { toInput } from "../log/input.ts"
import type { Log } from "../log/log.ts"
import type { Surroundings } from "../log/recorder.ts"
import type { CommittingAudit } from "./audit.ts"
import { rememberKeys } from "./keys-of-audit.ts"

/** The plain methods of a log. `commit` is always there; the type says whether it may be called. */
export const plainAudit = (log: Log): CommittingAudit => {
  const calls = new Calls(log)
  const audit: CommittingAudit = {
    log: (first: unknown, second?: unknown, third?: unknown, fourth?: unknown) => {
      try {
        calls.record(undefined, first, second, third, fourth)
      } catch {
        log.missed += 1
      }
    },
    sessionStart: recording(log, calls.sessionStart),
    pageOpen: recording(log, calls.pageOpen),
    exception: recording(log, calls.exception),
    relay: recording(log, calls.relay),
    setRecording: recording(log, calls.setRecording),
    lastPage: (options) => calls.lastPage(undefined, options),
    isEnabled: (category, level) => calls.isEnabled(undefined, category, level),
    timed: calls.timed,
    commit: (event: unknown, extras?: unknown, options?: unknown) =>
      log.commitNow(toInput(log.keys, event, extras, options), options),
    room: (exporter) => (log.hasRoom(exporter) ? Promise.resolve() : log.run(log.room(exporter))),
    hasRoom: (exporter) => log.hasRoom(exporter),
    flush: (options) => log.run(log.flush(options)),
    close: (options) => log.run(log.close(options)),
    health: () => log.health(),
    onHealth: (listener) => log.onHealth(listener)
  }
  return rememberKeys(audit, log.keys)
}

/** A call in plain code's own surroundings, which the log looks up. What a full stack throws is counted, without a call. */
const recording =
  <Given extends readonly unknown[]>(
    log: Log,
    call: (around: Surroundings | undefined, ...given: Given) => void
  ): ((...given: Given) => void) =>
  (...given) => {
    try {
      call(undefined, ...given)
    } catch {
      log.missed += 1
    }
  }
