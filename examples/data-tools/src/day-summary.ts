// What the day files hold of one session: its last lines and its counts, read from the disk as any reader does. Only the last
// lines are in memory, however long the files are.

import { type AuditEvent, type Level, levels } from "@daybook/core"
import { readDay } from "@daybook/file-exporter"

export interface DaySummary {
  /** Lines of the session: its events, and the marks that the log wrote about itself. */
  readonly lines: number
  /** Lines of other sessions in the same files. */
  readonly otherLines: number
  readonly damagedLines: number
  /** By category in order of appearance, then by level. */
  readonly counts: ReadonlyMap<string, LevelCounts>
  readonly last: readonly AuditEvent[]
  /** Why reading stopped, if it did. */
  readonly trouble?: string
}

export type LevelCounts = Readonly<Record<Level, number>>

/** Never rejects: `trouble` says why a log cannot be read. */
export const summarizeDays = async (options: {
  readonly app: string
  readonly dir: string
  /** Each "YYYY-MM-DD"; two when the session saw midnight. */
  readonly days: Iterable<string>
  readonly session: string
  readonly lastMax: number
}): Promise<DaySummary> => {
  const { app, dir, session, lastMax } = options
  const counts = new Map<string, LevelCounts>()
  const last: AuditEvent[] = []
  const found = { lines: 0, otherLines: 0, damagedLines: 0 }
  try {
    for (const day of options.days) {
      for await (const row of readDay({ app, dir, day })) {
        if ("damage" in row) {
          found.damagedLines += 1
        } else if (row.head.session !== session) {
          found.otherLines += 1
        } else {
          found.lines += 1
          last.push(row)
          if (last.length > lastMax) last.shift()
          counts.set(row.head.category, countOne(counts.get(row.head.category) ?? none, row.head.level))
        }
      }
    }
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error)
    return { ...found, counts, last, trouble }
  }
  return { ...found, counts, last }
}

const none = Object.fromEntries(levels.map((level) => [level, 0])) as LevelCounts

const countOne = (counts: LevelCounts, level: Level): LevelCounts => ({
  ...counts,
  [level]: counts[level] + 1
})

/** The local date as it is written in file names. */
export const localDay = (at: Date): string => {
  const two = (value: number): string => String(value).padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
