// What a log's first seal remembers of the sessions whose lines it finds at the ends of files.
import { describe, expect, it } from "vitest"
import { type FileEnd, newestSeals, seenSeals } from "../../src/seal/seen.node.ts"
import { entriesOf, leafDigest } from "../tools/leaves.ts"
import { dayMs, MemoryFiles, SealedLog } from "../tools/sealed-files.ts"

const day1 = "datatools-2026-03-05.jsonl"
const day2 = "datatools-2026-03-06.jsonl"
const own = "1a2c3d4e5f60718"

const endsOf = (
  files: MemoryFiles,
  names: readonly string[],
  bytesMax = Number.POSITIVE_INFINITY
): FileEnd[] =>
  names.map((file) => {
    const bytes = files.read(file)
    return {
      file,
      bytes: bytes.subarray(Math.max(0, bytes.length - bytesMax)),
      isWhole: bytes.length <= bytesMax
    }
  })

describe("seals that a log sees", () => {
  it("are the newest of each other session, newest first, with the lines behind them", () => {
    const files = new MemoryFiles()
    const first = new SealedLog(files, { streamKey: "abcdef012345678" })
    first.write(2)
    first.seal()
    first.write(1)
    first.seal()
    first.nowMs += dayMs
    const second = new SealedLog(files, { streamKey: "c0ffee000000001", nowMs: first.nowMs })
    second.write(3)
    first.write(1)
    first.seal()
    first.write(2)
    const { saw, salts } = seenSeals(endsOf(files, [day1, day2]), own)
    expect(saw).toMatchObject([
      { session: "abcdef01", file: day2, k: 3, sha256: first.anchored[2]?.sha256, tail: { lines: 2 } },
      { session: "c0ffee00", file: day2, k: 0, sha256: "", tail: { lines: 3 } }
    ])
    const tail = files.lines(day2).slice(-2)
    expect(saw[0]?.tail?.sha256).toBe(leafDigest(tail, entriesOf(salts, 2)))
    expect(salts).toHaveLength(2)
    expect(seenSeals(endsOf(files, [day1]), first.streamKey)).toEqual({ saw: [], salts: [] })
    expect(seenSeals(endsOf(files, ["none.jsonl"]), own)).toEqual({ saw: [], salts: [] })
  })

  it("are those of each file in which a session left lines without a seal", () => {
    const files = new MemoryFiles()
    const killed = new SealedLog(files, { streamKey: "abcdef012345678" })
    const [ada, bob] = ["ada/tool_audit/2026-03-05.jsonl", "bob/tool_audit/2026-03-05.jsonl"]
    killed.write(2, ada)
    killed.seal()
    killed.write(1, ada)
    killed.write(3, bob)
    expect(seenSeals(endsOf(files, [ada, bob]), own).saw).toMatchObject([
      { file: bob, k: 0, tail: { lines: 3 } },
      { file: ada, k: 1, tail: { lines: 1 } }
    ])
  })

  it("are at most 32, and nothing of what is cut off at the beginning", () => {
    const files = new MemoryFiles()
    const early = new SealedLog(files, { streamKey: "abcdef012345678" })
    early.write(1)
    early.seal()
    files.append(day1, Buffer.from(`${"y".repeat(100_000)}\n`))
    for (let number = 0; number < 40; number++) {
      const log = new SealedLog(files, {
        streamKey: `${String(number).padStart(8, "0")}0000000`,
        isAlone: true
      })
      log.write(1)
      log.seal()
    }
    early.write(1)
    const { saw } = seenSeals(endsOf(files, [day1], 60_000), own)
    const newest = Array.from({ length: 32 }, (_, index) => 39 - index)
    expect(saw.map(({ session }) => Number(session))).toEqual(newest)
    const [end = expect.fail("no file")] = endsOf(files, [day1], 60_000)
    expect(newestSeals(end).map(({ session }) => Number(session))).toEqual(newest)
  })
})
