// Kill -9 by the hundreds, of several processes that write one day's file at once: what had a receipt is there once, a
// kill leaves one torn line at most, and nobody is accused of what a crash did.

import { spawnSync } from "node:child_process"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { answerOf, type RunningChild, runChild, startChild } from "../test/tools/child-process.ts"
import { randomFrom } from "../test/tools/faulty-file-layer.ts"
import { type DirContents, filesBelow, freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { needsRoot } from "./needs.ts"
import { addReceipts, expectConfirmed, expectNoHoles, type Receipts } from "./receipts.ts"
import { children, startTraced } from "./traced-child.ts"
import { dayFiles, expectNobodyAccused, expectReadable, readDays } from "./whole-days.ts"

const writersAtOnce = 4
const limitMs = 240_000

interface Writing {
  /** Of each writer. */
  readonly kills: number
  /** Commits that wait at once, and the characters of each one's filler. */
  readonly places: number
  readonly filler: number
  /** This writer's every last write ends in the middle, wherever that is. */
  readonly isTorn: boolean
}

/** Lets the child's file grow by a part of a batch only, and waits until it tells that it met the limit. */
const tearLastWrite = async ({ process: { pid, stderr } }: RunningChild, dir: string): Promise<void> => {
  const told = new Promise((resolve) => stderr?.once("data", resolve))
  const bytes = filesBelow(dir).map((name) => statSync(join(dir, name)).size)
  const { status } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${Math.max(...bytes) + 60_000}:`])
  expect(status).toBe(0)
  await told
}

/** One writer after the other, each killed when it has printed so many receipts. */
const killOneByOne = async (dir: string, writing: Writing, random: () => number) => {
  const { kills, places, filler, isTorn } = writing
  const printed: string[] = []
  for (let kill = 1; kill <= kills; kill++) {
    const options = { folder: children }
    const child = startChild("commits-for-ever", [dir, String(places), String(filler)], options)
    const wanted = 1 + Math.floor(random() * 6 * places)
    await child.line((line) => JSON.parse(line).seq >= wanted)
    if (isTorn) await tearLastWrite(child, dir)
    child.process.kill("SIGKILL")
    const { signal, stdout } = await child.ended
    expect(signal).toBe("SIGKILL")
    printed.push(stdout)
  }
  return printed
}

/** A kill leaves a fragment at most; each is damage with its place, and told by the line that came next. */
const expectCrashes = async (dir: string, { lines, damaged }: DirContents, kills: number): Promise<void> => {
  expect(damaged.length).toBeLessThanOrEqual(kills)
  const { damage } = await readDays(dir)
  const places = damage.map(({ file, offset }) => {
    const bytes = readFileSync(file)
    const end = bytes.indexOf("\n", offset)
    return bytes.subarray(offset, end === -1 ? undefined : end).toString()
  })
  expect(places).toEqual(damaged)
  const told = lines.filter(({ category, seq }) => category === "recovered" && seq === undefined)
  const lengths = damaged.map((fragment) => Buffer.byteLength(fragment))
  expect(told.map(({ bytes }) => bytes)).toEqual(expect.arrayContaining(lengths))
  const { notes } = await expectNobodyAccused(dir)
  const honest = ["unsealed", "torn", "unterminated", "unlinked"]
  expect(notes.filter(({ kind }) => !honest.includes(kind))).toEqual([])
  expect(notes.some(({ kind }) => kind === "torn")).toBe(damaged.length > 0)
}

describe(`${writersAtOnce} processes at once on one day's file, killed again and again`, () => {
  it.for<readonly [string, Omit<Writing, "isTorn">, number]>([
    ["F32 F34 F62 80 kills, small lines", { kills: 20, places: 10, filler: 10 }, 0],
    ["F33 F34 F62 80 kills, batches of 150 kB", { kills: 20, places: 100, filler: 1_400 }, 0],
    [
      "F31 F33 F53 40 kills, half of them in the middle of a line",
      { kills: 10, places: 100, filler: 1_400 },
      2
    ]
  ])(
    "%s: what has a receipt is there once, a kill tears one line at most, and nobody is accused",
    { timeout: limitMs },
    async ([, writing, torn], test) => {
      needsRoot(test, "prlimit")
      // Not made yet: all of the first ones want to make it.
      const dir = join(freshDir(), "logs")
      const lanes = numbersTo(writersAtOnce).map((lane) =>
        killOneByOne(dir, { ...writing, isTorn: lane <= torn }, randomFrom(writing.places + lane))
      )
      const receipts: Receipts = new Map()
      for (const stdout of (await Promise.all(lanes)).flat()) addReceipts(receipts, stdout)
      const kills = writersAtOnce * writing.kills
      expect(receipts.size).toBe(kills)
      expect(answerOf(await runChild("writes-thousands", [dir, "10"]))).toMatchObject({ written: 10 })
      const contents = await expectReadable(dir)
      expectConfirmed(contents, receipts)
      expectNoHoles(contents)
      expect(contents.repeated).toBe(0)
      expect(contents.damaged.length).toBeGreaterThanOrEqual(torn)
      await expectCrashes(dir, contents, kills)
    }
  )
})

describe("a process that is killed at a chosen system call", () => {
  it.for([
    ["F34 before a write", "write:signal=SIGKILL:when=3"],
    ["F34 before the sync of what it wrote", "fdatasync:signal=SIGKILL:when=3"],
    ["F34 before it closes the file", "close:signal=SIGKILL:when=3"],
    ["F34 before it opens the file", "openat:signal=SIGKILL:when=4"]
  ] as const)(
    "%s: what has a receipt is there once, and the next process writes on",
    async ([, inject], test) => {
      needsRoot(test, "strace")
      const dir = freshDir()
      const child = startTraced("commits-for-ever", [dir, "10", "10"], {
        paths: dayFiles(dir),
        inject: [inject]
      })
      const { signal, stdout } = await child.ended
      expect(signal).toBe("SIGKILL")
      const receipts: Receipts = new Map()
      addReceipts(receipts, stdout)
      expect(receipts.size).toBe(1)
      expect(answerOf(await runChild("writes-thousands", [dir, "10"]))).toMatchObject({ written: 10 })
      const contents = await expectReadable(dir)
      expectConfirmed(contents, receipts)
      expectNoHoles(contents)
      expect(contents).toMatchObject({ repeated: 0, damaged: [] })
    }
  )

  it("F31 in the middle of a line: the next process closes the fragment and tells it, and every whole line stays", async () => {
    const dir = freshDir()
    const child = startChild("meets-size-limit", [dir], { before: "ulimit -f 100" })
    await child.line(() => true)
    child.process.kill("SIGKILL")
    expect((await child.ended).signal).toBe("SIGKILL")
    expect(answerOf(await runChild("writes-thousands", [dir, "10"]))).toMatchObject({ written: 10 })
    const contents = await expectReadable(dir)
    expect(contents.damaged).toHaveLength(1)
    expect(contents.repeated).toBe(0)
    expectNoHoles(contents)
    await expectCrashes(dir, contents, 1)
  })
})
