// Times as OpenTelemetry counts them: nanoseconds since 1970, as whole seconds and a rest. A double cannot hold that many
// nanoseconds, so nothing here multiplies: the digits are taken from the text.
import type { HrTime } from "@opentelemetry/api"

const iso = /^([+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/
/** 2262-04-11: the last second whose nanoseconds fit a signed 64-bit number, which collectors use. */
const secondsMax = 9_223_372_035

/** OpenTelemetry's value for an unknown time. */
export const unknownTime: HrTime = [0, 0]

/** From an ISO-8601 time or milliseconds since 1970. `undefined` for anything else, before 1970 and after 2262. */
export const exactTime = (value: unknown): HrTime | undefined => {
  if (typeof value === "number") return fromMs(value)
  if (typeof value !== "string") return undefined
  const [, date = "", fraction = "", zone = ""] = iso.exec(value) ?? []
  const seconds = Date.parse(`${date}${zone}`) / 1000
  return fitting(seconds, Number(fraction.padEnd(9, "0")))
}

const fromMs = (value: number): HrTime | undefined => {
  const ms = Math.trunc(value)
  return fitting(Math.floor(ms / 1000), (ms % 1000) * 1_000_000)
}

const fitting = (seconds: number, nanos: number): HrTime | undefined =>
  seconds >= 0 && seconds <= secondsMax ? [seconds, nanos] : undefined
