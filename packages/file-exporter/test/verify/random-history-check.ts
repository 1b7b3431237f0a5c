// Lives random honest histories, and looks what verify says of each: without a key, with it, and with every anchor.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { expect } from "vitest"
import { describeReport, type Verdict, verify } from "../../src/index.ts"
import { app } from "../tools/file-bench.ts"
import { publicPem } from "../tools/seal-test-key.ts"
import { RandomHistory } from "./random-history.ts"

/** So many histories, from `DAYBOOK_SEED` or the clock on. A failure names its own seed, and tells the history. */
export const expectHonest = async (count: number): Promise<void> => {
  const first = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
  for (let seed = first; seed < first + count; seed++) {
    const dir = mkdtempSync(join(tmpdir(), "daybook-history-"))
    const history = new RandomHistory(dir, seed)
    await history.live()
    const { isSigned, folder, story, allowed } = history
    const keys = isSigned ? { publicKey: publicPem } : {}
    for (const options of [keys, { ...keys, anchors: folder.anchors }]) {
      const report = await verify({ app, dir, ...options })
      const told = `DAYBOOK_SEED=${seed}\n${story.join("; ")}\n${describeReport(report)}`
      expect(report.problems, told).toEqual([])
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
