// Files whose day is over, and to which a clock that steps back leads again: what the log knows of them, as long as it has
// room for it, and what a seal says when it no longer knows.
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import { ownUser } from "../../src/disk/own-user.node.ts"
import { verify } from "../../src/index.ts"
import { Sealer } from "../../src/seal/sealer.node.ts"
import { BatchAppender } from "../../src/write/batch-appender.node.ts"
import { modesFor, Ownership } from "../../src/write/ownership.ts"
import { lookAround } from "../../src/write/sight.node.ts"
import {
  app,
  batchOf,
  fileBench,
  freshDir,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { dayMs } from "../tools/sealed-files.ts"

const yesterday = "datatools-2026-03-05.jsonl"

/** What the seals of a directory prove, in short. */
const verdictIn = async (dir: string): Promise<readonly unknown[]> => {
  const { verdict, problems, notes } = await verify({ app, dir })
  return [verdict, problems.map(({ text }) => text), [...new Set(notes.map(({ kind }) => kind))]]
}

describe("F64 a file that was left, and is written again", () => {
  it("goes on behind its seals", async () => {
    const open = await fileBench().openHeld()
    for (const [index, at] of [noon, midnight, noon, midnight].entries())
      await open.write(index * 3 + 1, index * 3 + 3, at)
    await open.close()
    expect(await verdictIn(open.dir)).toEqual(["intact", [], []])
  })

  it("F51 F52 counts from the beginning when somebody has moved it away, or put another one there, meanwhile", async () => {
    for (const isReplaced of [false, true]) {
      const open = await fileBench().openHeld()
      await open.write(1, 3)
      await open.write(4, 6, midnight)
      renameSync(join(open.dir, yesterday), join(open.dir, `${yesterday}.1`))
      if (isReplaced) writeFileSync(join(open.dir, yesterday), "", { mode: 0o600 })
      await open.write(7, 9)
      await open.close()
      expect(await verdictIn(open.dir)).toEqual(["intact", [], ["replaced"]])
    }
  })
})

describe("files that were left", () => {
  /** A log that remembers two files whose day is over, and has written to one of each of these days. */
  const appenderOver = async (days: number) => {
    const dir = freshDir()
    const log = silentLog()
    const sealer = new Sealer(log)
    const appender = new BatchAppender(nodeFileLayer, {
      log,
      sealer,
      sync: "none",
      ownership: new Ownership({ ownUid: ownUser, modes: modesFor.owner, notice: log.notice }),
      lookAround: () => lookAround({ app, dir, layout: "daily" }, log.streamKey),
      leftMax: 2,
      pathOf: (day) => join(dir, `${app}-${String(day).replace(/(....)(..)(..)/, "$1-$2-$3")}.jsonl`),
      nameOf: (path) => path.slice(dir.length + 1)
    })
    let seq = 0
    const write = async (day: number): Promise<void> => {
      seq += 1
      await appender.append(batchOf(seq, seq, noon + day * dayMs))
    }
    for (const day of numbersTo(days)) await write(day)
    const finish = async (): Promise<readonly unknown[]> => {
      await appender.seal(appender.openStretches().map(({ path }) => path))
      return verdictIn(dir)
    }
    return { write, finish }
  }

  it("are remembered, a number of them: they go on as if nothing had happened", async () => {
    const { write, finish } = await appenderOver(6)
    await write(5)
    expect(await finish()).toEqual(["intact", [], []])
  })

  it("are forgotten beyond that: the next seal in one says so, and nobody is accused", async () => {
    const { write, finish } = await appenderOver(6)
    await write(2)
    expect(await finish()).toEqual(["intact", [], ["replaced"]])
  })

  it("F64 of a wrong day to come do not make the files of all days before it theirs", async () => {
    const { write, finish } = await appenderOver(3)
    await write(4_000)
    for (const day of [4, 5, 6, 7]) await write(day)
    expect(await finish()).toEqual(["intact", [], []])
  })

  it("do not make a new file one of them", async () => {
    const { write, finish } = await appenderOver(6)
    await write(7)
    expect(await finish()).toEqual(["intact", [], []])
  })
})
