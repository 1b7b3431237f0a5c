// A fragment at the end of a file, left by a process that was killed in the middle of a line: it gets its newline and is
// told by a mark before the first line, and is never merged with a line of ours.

import { Buffer } from "node:buffer"
import { readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { auditLogPath } from "../../src/index.ts"
import {
  app,
  contentsOf,
  fileBench,
  freshDir,
  linesOf,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"

const todayOf = (dir: string): string => auditLogPath({ app, dir, at: noon })

/** The exporter of one log without seals. */
const unsealedIn = async (dir: string) => {
  const log = silentLog()
  return { log, open: await fileBench({ dir, seal: false, log }).open() }
}

describe("F31 a fragment that a dead process left", () => {
  it.each([
    ["a part of a line", '{"ts":"2026-03-05T11:00:00.000Z","level":"in'],
    ["F38 a run of NUL", "\0".repeat(4096)],
    ["a line without its newline", linesOf(3, 3).trimEnd()],
    ["text beyond ASCII", '{"message":"größer – 日本'],
    ["more than is read at a time", `{"x":"${"y".repeat(200_000)}`]
  ])("%s: gets a newline and a mark with its length, before the first line", async (_name, tail) => {
    const dir = freshDir()
    const path = todayOf(dir)
    writeFileSync(path, linesOf(1, 2) + tail, { mode: 0o600 })
    const { log, open } = await unsealedIn(dir)
    await open.write(4, 5)
    await open.write(6, 7)
    const text = readFileSync(path, "utf8")
    const before = `${linesOf(1, 2)}${tail}\n`
    expect(text.startsWith(before)).toBe(true)
    const [mark = "", ...rest] = text.slice(before.length).split(/(?<=\n)/)
    expect(rest.join("")).toBe(linesOf(4, 7))
    const { session, streamKey } = log
    expect(JSON.parse(mark)).toMatchObject({
      level: "warn",
      category: "recovered",
      session,
      file: "datatools-2026-03-05.jsonl",
      bytes: Buffer.byteLength(tail)
    })
    expect(JSON.parse(mark)).not.toHaveProperty("seq")
    expect(mark).toContain(`${streamKey.slice(3)}"}`)
  })

  it("is told by a mark that is under a seal, in the append that closes it", async () => {
    const dir = freshDir()
    writeFileSync(todayOf(dir), '{"ts":"', { mode: 0o600 })
    const open = await fileBench({ dir }).openHeld()
    await open.write(1, 2)
    await open.close()
    const { lines, seals, damaged } = open.contents()
    expect(damaged).toEqual(['{"ts":"'])
    expect(lines.map(({ category }) => category)).toEqual(["recovered", "load", "load"])
    expect(seals).toMatchObject([{ skip: 0, lines: 3, first_seq: 1, last_seq: 2 }])
    expect(expectAllSealed(dir)).toBe(1)
  })

  it("while we write, from another process: is told by our next append, and never merged with it", async () => {
    const dir = freshDir()
    const { open } = await unsealedIn(dir)
    await open.write(1, 2)
    writeFileSync(todayOf(dir), "theirs, torn", { flag: "a" })
    await open.write(3, 4)
    const { seqs, lines, damaged } = contentsOf(dir)
    expect(seqs).toEqual(numbersTo(4))
    expect(damaged).toEqual(["theirs, torn"])
    expect(lines[2]).toMatchObject({ category: "recovered", bytes: 12 })
  })

  it("a file that ends well gets no mark; and a blank line only where another session begins", async () => {
    const dir = freshDir()
    for (const from of [1, 5, 9]) {
      const { open } = await unsealedIn(dir)
      await open.write(from, from + 1)
      await open.write(from + 2, from + 3)
    }
    // Whoever wrote there before may be alive, and tear a line at this moment.
    expect(readFileSync(todayOf(dir), "utf8")).toBe(`${linesOf(1, 4)}\n${linesOf(5, 8)}\n${linesOf(9, 12)}`)
  })
})
