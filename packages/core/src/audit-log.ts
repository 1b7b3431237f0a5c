// The plain door: a log as a value with methods and promises, for applications that know nothing of Effect.
// What the methods do is in log.ts; audit.ts says what they promise.
import type { AuditOf, CommittingAudit } from "./audit.ts"
import { toInput } from "./call.ts"
import { Log } from "./log.ts"
import type { AuditLogOptions } from "./log-options.ts"
import type { Exporter } from "./pipeline/exporter.ts"

export type { AuditLogOptions } from "./log-options.ts"

/**
 * Makes a log. Nothing happens before the first event: no file, no timer, no fiber, no session.
 *
 * @throws TypeError when an option is unusable; after that, nothing throws.
 */
export const createAuditLog = <const Exporters extends readonly Exporter[]>(
  options: AuditLogOptions<Exporters>
): AuditOf<Exporters> => plainAudit(new Log(options)) as AuditOf<Exporters>

/** The plain methods of a log. `commit` is always there; the type says whether it may be called. */
export const plainAudit = (log: Log): CommittingAudit => ({
  log: (first: unknown, second?: unknown, third?: unknown, fourth?: unknown) =>
    log.record(toInput(first, second, third, fourth)),
  commit: (event, extras, options) => log.commitNow(toInput(event, extras, options, undefined), options),
  sessionStart: (extras) => log.sessionStart(extras),
  pageOpen: (slug, options) => log.pageOpen(slug, options),
  lastPage: (options) => log.lastPage(options),
  exception: (where, error, extras) => log.exception(where, error, extras),
  relay: (claims, facts) => log.relay(claims, facts),
  timed: (action, fields, run) => log.timed(action, fields, run),
  isEnabled: (category, level) => log.isEnabled(category, level),
  setRecording: (rules) => log.setRecording(rules),
  room: (exporter) => (log.hasRoom(exporter) ? Promise.resolve() : log.run(log.room(exporter))),
  hasRoom: (exporter) => log.hasRoom(exporter),
  flush: (options) => log.run(log.flush(options)),
  close: (options) => log.run(log.close(options)),
  health: () => log.health(),
  onHealth: (listener) => log.onHealth(listener)
})
