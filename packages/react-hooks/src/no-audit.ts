// The log of components that have none: outside a provider, in tests of single components, in a story book. Core has the
// same, but a value of core's would bring Effect into this package's graph.
import type { Audit, FlushResult, Health } from "@daybook/core"

const nothing: FlushResult = {
  complete: true,
  accepted: 0,
  written: 0,
  handedOver: 0,
  dropped: 0,
  pending: 0,
  exporters: []
}
const ignore = (): void => undefined

/** What is known of a log before anybody has looked. */
export const noHealth: Health = { app: "", session: "", exporters: [] }

/** Does nothing, at every method. */
export const noAudit: Audit = {
  log: ignore,
  sessionStart: ignore,
  pageOpen: ignore,
  lastPage: () => undefined,
  exception: ignore,
  relay: ignore,
  setRecording: ignore,
  timed: async (_action, _fields, run) => run({}),
  isEnabled: () => false,
  room: () => Promise.resolve(),
  hasRoom: () => true,
  flush: () => Promise.resolve(nothing),
  close: () => Promise.resolve(nothing),
  health: () => noHealth,
  onHealth: () => ignore
}
