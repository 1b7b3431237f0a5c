// A day of a gigabyte, written by a real log: verifying it takes the memory of a small one and says how far it is, also where
// every stretch was changed; and the newest events are as near as those of a small one.

import { closeSync, openSync, statfsSync, statSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import type { VerifyReport } from "../../src/index.ts"
import { answerOf, runChild } from "../tools/child-process.ts"
import { filesBelow, freshDir, numbersTo } from "../tools/file-bench.ts"

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
const options = { limitMs: 240_000 }

/** Overwrites a byte in every megabyte with one that may stand in a text. */
const editEverywhere = (path: string, size: number): void => {
  const file = openSync(path, "r+")
  for (let at = 500_000; at < size; at += 1_000_000) writeSync(file, "#", at)
  closeSync(file)
}

it(
  "F79 S0.19 F120 a day of 1 GB is verified in less than 300 MB, also when it was changed everywhere, with progress up to its end, and its newest 200 events cost less than 1 MB",
  async (test) => {
    const { bavail, bsize } = statfsSync(tmpdir())
    if (bavail * bsize < 3e9) test.skip("the temporary files have less than 3 GB of room")
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

    editEverywhere(join(dir, file), size)
    const changed = answerOf<Verified>(await runChild("reads-gigabyte", [dir, "verify"], options))
    expect(changed.verdict).toBe("broken")
    expect(changed.problems.length).toBeGreaterThan(200)
    expect(changed.peakBytes).toBeLessThan(memoryMax)
  },
  options.limitMs
)
