// A day of a gigabyte, written by a real log: verifying it takes the memory of a small one and says how far it is, and the
// newest events are as near as those of a small one.

import { statSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import type { VerifyReport } from "../src/index.ts"
import { answerOf, runChild } from "../test/tools/child-process.ts"
import { filesBelow, freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { needsRoom } from "./needs.ts"
import { children } from "./traced-child.ts"

interface Verified extends Pick<VerifyReport, "verdict" | "problems" | "files"> {
  readonly lines: number
  readonly told: number
  readonly falls: number
  readonly last: { readonly bytesRead: number; readonly bytesTotal: number }
  readonly peakBytes: number
}

interface Recent {
  readonly seqs: readonly number[]
  readonly askedBytes: number
}

const events = 262_000
const gigabyte = 1e9
const memoryMax = 300e6
const options = { folder: children, limitMs: 240_000 }

it(
  "F79 S0.19 a day of 1 GB is verified in less than 300 MB, with progress up to its end, and its newest 200 events cost less than 1 MB",
  async (test) => {
    needsRoom(test, 3)
    const dir = freshDir()
    const written = await runChild("writes-gigabyte", [dir, String(events)], options)
    expect(answerOf(written)).toMatchObject({ complete: true, written: events, dropped: 0 })
    const [file = "", ...others] = filesBelow(dir)
    expect(others).toEqual([])
    const { size } = statSync(join(dir, file))
    expect(size).toBeGreaterThan(gigabyte)

    const verified = answerOf<Verified>(await runChild("reads-gigabyte", [dir, "verify"], options))
    expect(verified).toMatchObject({ verdict: "intact", problems: [], files: [{ file, bytes: size }] })
    expect(verified.lines).toBeGreaterThanOrEqual(events)
    expect(verified.peakBytes).toBeLessThan(memoryMax)
    expect(verified.told).toBeGreaterThan(100)
    expect(verified).toMatchObject({ falls: 0, last: { bytesRead: 2 * size, bytesTotal: 2 * size } })

    const { seqs, askedBytes } = answerOf<Recent>(await runChild("reads-gigabyte", [dir, "recent"], options))
    expect(seqs).toEqual(numbersTo(events).slice(-200).toReversed())
    // The lines alone are 800 kB of it.
    expect(askedBytes).toBeLessThan(1e6)
  },
  options.limitMs
)
