// What must hold of a directory after any fault, seen by everybody who reads it: the bytes, the seals, the readers and
// `verify`. What a fault may take is said by the tests themselves.

import { basename } from "node:path"
import { expect } from "vitest"
import { auditLogPath, type DamagedLine, readDay, type VerifyReport, verify } from "../src/index.ts"
import { app, contentsOf, type DirContents } from "../test/tools/file-bench.ts"
import { expectSealsRight } from "../test/tools/right-seals.ts"

const dayMs = 24 * 60 * 60 * 1_000

/** The day's file, and the next one's: a test may run at midnight. */
export const dayFiles = (dir: string): readonly string[] =>
  [0, dayMs].map((later) => auditLogPath({ app, dir, at: Date.now() + later }))

/** Every day of a directory through `readDay`. */
export const readDays = async (
  dir: string
): Promise<{ readonly ids: readonly string[]; readonly damage: readonly DamagedLine[] }> => {
  const ids: string[] = []
  const damage: DamagedLine[] = []
  const days = contentsOf(dir).names.map((name) => /\d{4}-\d\d-\d\d/.exec(basename(name))?.[0] ?? "unknown")
  for (const day of new Set(days)) {
    for await (const row of readDay({ app, dir, day })) {
      if ("damage" in row) damage.push(row)
      else if (row.kind === "event") ids.push(row.head.id)
    }
  }
  return { ids, damage }
}

/** What `verify` says of a directory, where it may accuse nobody. */
export const expectNobodyAccused = async (dir: string, where = dir): Promise<VerifyReport> => {
  const report = await verify({ app, dir })
  expect(report.problems, `${where}: problems`).toEqual([])
  return report
}

/**
 * Seals are right, `verify` accuses nobody, and `readDay` gives every event that is whole, and each fragment as damage
 * with its place.
 */
export const expectReadable = async (dir: string, where = dir): Promise<DirContents> => {
  const contents = contentsOf(dir)
  expectSealsRight(dir, where)
  await expectNobodyAccused(dir, where)
  const { ids, damage } = await readDays(dir)
  const events = contents.lines.filter(({ seq }) => seq !== undefined)
  expect(ids, `${where}: events read`).toEqual(events.map(({ id }) => id))
  expect(damage.length, `${where}: damage read`).toBe(contents.damaged.length)
  return contents
}
