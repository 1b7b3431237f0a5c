// Times as OpenTelemetry counts them: nanoseconds since 1970 in 64 bits, as whole seconds and the rest. A number of
// nanoseconds does not fit a double, so nothing here multiplies: digits are taken from the text.
import type { HrTime } from "@opentelemetry/api"

const iso = /^([+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/
/** 2262-04-11: the last second whose nanoseconds fit a signed 64-bit number, which collectors use. */
const secondsMax = 9_223_372_035

/** OpenTelemetry's word for a time that is not known. */
export const unknownTime: HrTime = [0, 0]

/** An ISO-8601 time, or milliseconds since 1970. `undefined` for what is no time, or does not fit: before 1970, after 2262. */
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
