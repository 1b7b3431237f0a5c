// The time on the line and the local date beside it. A full `toISOString` cost 455 ns, so both are kept for the
// second they belong to; asking again each second also follows a change of the time zone.

const secondMs = 1_000
/** Outside these years ISO text has another length: such times are written without the cache. */
const cacheableFromMs = 0
const cacheableToMs = Date.UTC(9999, 11, 31)

/** The whole second of a time; NaN for one that is written without the cache. */
export const secondOf = (timeMs: number): number =>
  timeMs >= cacheableFromMs && timeMs < cacheableToMs ? Math.floor(timeMs / secondMs) : Number.NaN

/** Second-long memory of one log's UTC text and local day. */
export class Timestamps {
  private second = Number.NaN
  private secondText = ""
  private daySecond = Number.NaN
  private dayNumber = 0

  /** UTC, ISO-8601 with milliseconds; "" for a time that no calendar has. */
  iso(timeMs: number): string {
    const second = secondOf(timeMs)
    if (Number.isNaN(second)) return isoOrEmpty(timeMs)
    if (second !== this.second) {
      this.secondText = isoOrEmpty(second * secondMs).slice(0, 20)
      this.second = second
    }
    const ms = Math.floor(timeMs) - second * secondMs
    return `${this.secondText}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`
  }

  /** The local date as the number yyyymmdd, 0 when unknown. */
  localDay(timeMs: number): number {
    const second = Math.floor(timeMs / secondMs)
    if (second !== this.daySecond) {
      this.dayNumber = toLocalDay(timeMs)
      this.daySecond = second
    }
    return this.dayNumber
  }
}

/** The local calendar date of a time as yyyymmdd; 0 for an invalid time or a year beyond 9999. */
export const toLocalDay = (timeMs: number): number => {
  const date = new Date(timeMs)
  const year = date.getFullYear()
  return year >= 0 && year <= 9999 ? year * 10_000 + (date.getMonth() + 1) * 100 + date.getDate() : 0
}

const isoOrEmpty = (timeMs: number): string => {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}
