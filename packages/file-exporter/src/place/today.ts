// Which days are today: a log may be written in another zone than its reader's, in several, and its folder may come from
// elsewhere. So the reader's own date is only one of the dates that there are now, and the days of the files decide.

/** A first and a last day. */
export interface DaySpan {
  readonly first: string
  readonly last: string
}

const hourMs = 60 * 60 * 1_000

/** The days that are today somewhere on Earth: zones go from UTC−12 to UTC+14. */
export const todayAnywhere = (at: number): DaySpan => ({
  first: utcDay(at - 12 * hourMs),
  last: utcDay(at + 14 * hourMs)
})

/** From the earlier to the later of the reader's own date and the newest day with a file that is today somewhere. */
export const todayOf = (at: number, ownDay: string, newest: string): DaySpan => {
  const logDay = newest < todayAnywhere(at).first ? ownDay : newest
  return logDay < ownDay ? { first: logDay, last: ownDay } : { first: ownDay, last: logDay }
}

/** The newest of the files' days that has begun somewhere; "" without one. A wrong clock names files of later ones. */
export const newestBegun = (at: number, files: readonly { readonly day: string }[]): string => {
  const { last } = todayAnywhere(at)
  let newest = ""
  for (const { day } of files) if (day > newest && day <= last) newest = day
  return newest
}

const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
