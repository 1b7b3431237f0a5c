// Who runs where: the fields of the session start line. The host gives its own, each exporter says where it writes.
// An exporter that throws gives no facts.
import { host } from "#host"
import { type Fields, readableFields } from "../encode/fields.ts"
import { isReservedName } from "../event/head.ts"
import type { Exporter, LogIdentity } from "../pipeline/exporter.ts"

/** `platform, runtime, runtime_version, user, cwd, tz_offset`, then the exporters' facts; the first to name a fact keeps it. */
export const sessionFacts = (
  exporters: readonly Exporter[],
  identity: LogIdentity,
  timeMs: number
): Fields => {
  const facts: Record<string, unknown> = { ...host.facts(), tz_offset: timezoneOffset(timeMs) }
  for (const exporter of exporters) {
    const given = factsOf(exporter, identity)
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(facts, name) && !isReservedName(name)) facts[name] = given[name]
    }
  }
  return facts
}

const factsOf = (exporter: Exporter, identity: LogIdentity): Fields => {
  try {
    return readableFields(exporter.facts?.(identity))
  } catch {
    return {}
  }
}

/** "+02:00" for a time zone two hours east of Greenwich. */
const timezoneOffset = (timeMs: number): string => {
  const minutes = -new Date(timeMs).getTimezoneOffset()
  if (Number.isNaN(minutes)) return "?"
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0")
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}
