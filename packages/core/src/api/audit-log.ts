// The plain door: a log as a value. Its methods are in plain-audit.ts.
// audit.ts says what they promise.
import { Log } from "../log/log.ts"
import type { AuditLogOptions } from "../log/options.ts"
import type { Exporter } from "../pipeline/exporter.ts"
import type { AuditOf } from "./audit.ts"
import { plainAudit } from "./plain-audit.ts"
import { rehearsed } from "./rehearsal.ts"

/**
 * Makes a log. Nothing is there before the first event: no file, no fiber, no session. Spare turns of the event loop
 * rehearse that event, so that it costs little.
 *
 * @throws TypeError when an option is unusable; after that, nothing throws.
 */
export const createAuditLog = <const Exporters extends readonly Exporter[]>(
  options: AuditLogOptions<Exporters>
): AuditOf<Exporters> => plainAudit(rehearsed(new Log(options), options)) as AuditOf<Exporters>
