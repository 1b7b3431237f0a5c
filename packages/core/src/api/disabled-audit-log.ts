// The log that records nothing, without Effect: for tests, for tools, for components outside a provider, and for an
// application whose user has said no. Unlike a log that is switched off, it has no name, no exporters and no session.

import type { FlushResult } from "../pipeline/health.ts"
import type { Audit } from "./audit.ts"

const nothing: FlushResult = {
  complete: true,
  accepted: 0,
  written: 0,
  handedOver: 0,
  dropped: 0,
  pending: 0,
  exporters: []
}
const ignore = (): undefined => undefined

/** Does nothing, at every method. */
export const disabledAuditLog: Audit = {
  log: ignore,
  sessionStart: ignore,
  pageOpen: ignore,
  lastPage: ignore,
  exception: ignore,
  relay: ignore,
  setRecording: ignore,
  timed: async (_action, _fields, run) => run({}),
  isEnabled: () => false,
  room: () => Promise.resolve(),
  hasRoom: () => true,
  flush: () => Promise.resolve(nothing),
  close: () => Promise.resolve(nothing),
  health: () => ({ app: "", session: "", exporters: [] }),
  onHealth: () => ignore
}
