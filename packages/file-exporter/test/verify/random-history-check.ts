// Lives random honest histories, and looks what verify says of each: without a key, with it, and with every anchor.
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { expect } from "vitest"
import { describeReport, type Problem, type Verdict, verify } from "../../src/index.ts"
import { app } from "../tools/file-bench.ts"
import { publicPem } from "../tools/seal-test-key.ts"
import { RandomHistory } from "./random-history.ts"

/**
 * A process that dies in a write, while another one writes to this file for the first time, leaves a fragment and that one's line
 * without a newline between: an honest history that is accused, which seal.md says.
 */
const isTornUnder = (dir: string, { session }: Problem, problems: readonly Problem[]): boolean =>
  problems.some((problem) => {
    if (problem.session !== session || problem.kind !== "damaged" || problem.file === undefined) return false
    const line = readFileSync(join(dir, problem.file), "utf8").split("\n")[(problem.line ?? 1) - 1] ?? ""
    const start = line.lastIndexOf('{"ts":"')
    if (start <= 0) return false
    JSON.parse(line.slice(start))
    return true
  })

/** So many histories, from `DAYBOOK_SEED` on, which is 1 unless it is given. A failure names its own seed, and tells the history. */
export const expectHonest = async (count: number): Promise<void> => {
  const first = Number(process.env.DAYBOOK_SEED ?? 1)
  for (let seed = first; seed < first + count; seed++) {
    const dir = mkdtempSync(join(tmpdir(), "daybook-history-"))
    const history = new RandomHistory(dir, seed)
    await history.live()
    const { isSigned, folder, story, allowed } = history
    const keys = isSigned ? { publicKey: publicPem } : {}
    for (const options of [keys, { ...keys, anchors: folder.anchors }]) {
      const report = await verify({ app, dir, ...options })
      const told = `DAYBOOK_SEED=${seed}\n${story.join("; ")}\n${describeReport(report)}`
      const problems = report.problems.filter((problem) => !isTornUnder(dir, problem, report.problems))
      expect(problems, told).toEqual([])
      if (report.problems.length > 0) continue
      // A file of late lines outlives those of younger days, and the marks of older ones with them.
      const isOutlived = report.retired.some(({ day }) => report.files.some((file) => file.day < day))
      const verdicts: (Verdict | undefined)[] = [...allowed]
      if ("anchors" in options) verdicts.push("anchored")
      if (isOutlived) verdicts.push("incomplete")
      expect(verdicts, told).toContain(report.verdict)
    }
    rmSync(dir, { recursive: true })
  }
}
