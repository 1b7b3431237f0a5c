// The log that records nothing, for tests, for tools, and for an application whose user has said no.
import { Log } from "../log/log.ts"
import type { Audit } from "./audit.ts"
import { plainAudit } from "./audit-log.ts"

/** A log that is switched off for good, whatever the environment says. */
export const disabledLog = (): Log => new Log({ app: "disabled", exporters: [], enabled: false, env: {} })

/** Does nothing, at every method. */
export const disabledAuditLog: Audit = /* @__PURE__ */ plainAudit(/* @__PURE__ */ disabledLog())
