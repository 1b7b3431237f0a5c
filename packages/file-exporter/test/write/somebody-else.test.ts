// What others do to the files of a log while it writes: moved, removed and truncated files, detached file systems, files
// that can only be appended to, other writers. What is lost by their hands is told, and nothing is lost by ours.

import { spawnSync } from "node:child_process"
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { auditLogPath, verify } from "../../src/index.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchOf,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  type LineInFile,
  linesOf,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"

const todayOf = (dir: string): string => auditLogPath({ app, dir, at: noon })

const readLines = (path: string): readonly string[] => readFileSync(path, "utf8").split("\n")

/** The exporter of one log without seals. */
const unsealedIn = async (dir: string) => {
  const log = silentLog()
  return { log, open: await fileBench({ dir, seal: false, log }).open() }
}

describe("what others move, remove and cut", () => {
  it("F51 a file that logrotate moved away is left there, and a new one begins without a word", async () => {
    const dir = freshDir()
    const path = todayOf(dir)
    const log = silentLog()
    const open = await fileBench({ dir, log }).openHeld()
    await open.write(1, 2)
    renameSync(path, `${path}.1`)
    await open.write(3, 4)
    await open.close()
    expect(readFileSync(`${path}.1`, "utf8")).toBe(linesOf(1, 2))
    const [three, four, seal = ""] = readLines(path)
    expect(`${three}\n${four}\n`).toBe(linesOf(3, 4))
    // An honest rotation does not look like lines that somebody took out.
    expect(JSON.parse(seal)).toMatchObject({ k: 1, skip: 0, lines: 2, replaced: true })
    expect(log.notices).toEqual([])
    expect(open.contents()).toMatchObject({ seqs: [3, 4, 1, 2], repeated: 0, damaged: [] })
  })

  it("F51 a file that was removed is made again, although the system gives the new one the old one's number", async () => {
    const dir = freshDir()
    const path = todayOf(dir)
    const log = silentLog()
    const open = await fileBench({ dir, seal: false, log }).open()
    await open.write(1, 200)
    rmSync(path)
    await open.write(201, 201)
    await open.write(202, 202)
    expect(readFileSync(path, "utf8")).toBe(linesOf(201, 202))
    expect(log.notices).toEqual([])
  })

  it("F49 a directory that was removed is made again and told once, and nothing more is lost", async () => {
    const dir = join(freshDir(), "logs")
    const log = silentLog()
    const open = await fileBench({ dir, log }).open()
    await open.write(1, 2)
    rmSync(dir, { recursive: true })
    await open.write(3, 4)
    await open.write(5, 6)
    expect(open.contents()).toMatchObject({ seqs: [3, 4, 5, 6], repeated: 0, damaged: [] })
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(log.notices).toEqual([`${JSON.stringify(open.path())}: its directory was removed, and made again`])
  })

  it("F50 a file system that was detached: the directory is made again in its place, and told once", async (test) => {
    const base = freshDir()
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", base])
    if (status !== 0) return test.skip("mounting a file system is not allowed here")
    onTestFinished(() => void spawnSync("umount", ["-l", base]))
    const dir = join(base, "logs")
    const log = silentLog()
    const open = await fileBench({ dir, log }).open()
    await open.write(1, 2)
    expect(spawnSync("umount", ["-l", base]).status).toBe(0)
    expect(readdirSync(base)).toEqual([])
    await open.write(3, 4)
    expect(open.contents()).toMatchObject({ seqs: [3, 4], damaged: [] })
    expect(log.notices).toEqual([`${JSON.stringify(open.path())}: its directory was removed, and made again`])
  })

  it("F52 a file that logrotate copied and truncated: the cut is told with its size, and the next seal begins anew", async () => {
    const dir = freshDir()
    const path = todayOf(dir)
    const log = silentLog()
    const open = await fileBench({ dir, log }).openHeld()
    await open.write(1, 1_000)
    await open.write(1_001, 1_010)
    const { size } = statSync(path)
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    await open.write(1_011, 1_012)
    await open.write(1_013, 1_013)
    await open.close()
    expect(log.notices).toEqual([
      `${JSON.stringify(path)}: another process truncated the file, by at least ${size} bytes`
    ])
    const seals = sealsIn(path)
    expect(seals).toMatchObject([{ k: 2, skip: 0, lines: 3, first_seq: 1_011, replaced: true }])
    expect(seals[0]?.prev).toMatch(/^[0-9a-f]{64}$/)
    // What the copy holds is whole, and its first stretch is still under its seal.
    expect(sealsIn(`${path}.1`)).toMatchObject([{ k: 1, skip: 0, lines: 1_000 }])
    expect(open.contents()).toMatchObject({ seqs: [1_011, 1_012, 1_013, ...numbersTo(1_010)], repeated: 0 })
  })

  it("F52 a file that somebody cut in the middle of a line: told, and the fragment gets its newline", async () => {
    const dir = freshDir()
    const path = todayOf(dir)
    const { log, open } = await unsealedIn(dir)
    await open.write(1, 3)
    truncateSync(path, linesOf(1, 2).length + 10)
    await open.write(4, 5)
    const { seqs, damaged, lines } = contentsOf(dir)
    expect(seqs).toEqual([1, 2, 4, 5])
    expect(damaged).toEqual([linesOf(3, 3).slice(0, 10)])
    expect(lines[2]).toMatchObject({ category: "recovered", bytes: 10 })
    expect(log.notices).toEqual([
      expect.stringMatching(/another process truncated the file, by at least \d+ bytes$/)
    ])
  })

  it("F53 what somebody else appended meanwhile stays in its place", async () => {
    const dir = freshDir()
    const { log, open } = await unsealedIn(dir)
    await open.write(1, 2)
    writeFileSync(todayOf(dir), "theirs\n", { flag: "a" })
    await open.write(3, 4)
    // From now on each write begins with a newline: theirs may end in a fragment when ours arrives.
    expect(readFileSync(todayOf(dir), "utf8")).toBe(`${linesOf(1, 2)}theirs\n\n${linesOf(3, 4)}`)
    expect(log.notices).toEqual([])
  })

  it.each([
    ["was seen before", true],
    ["was never seen before", false]
  ])(
    "F31 F53 what another process, which %s, tears between our look and our write takes none of our lines with it",
    async (_name, isKnown) => {
      const dir = freshDir()
      const fragment = '{"ts":"2026-03-05T11:00:00.000Z","level":"info","cate'
      let isTorn = false
      const layer: FileLayer = {
        ...nodeFileLayer,
        append: (fd, bytes) => {
          if (isTorn) appendFileSync(todayOf(dir), fragment)
          isTorn = false
          return nodeFileLayer.append(fd, bytes)
        }
      }
      const open = await fileBench({ dir, layer }).openHeld()
      await open.write(1, 3)
      if (isKnown) appendFileSync(open.path(), "theirs\n")
      isTorn = true
      await open.write(4, 6)
      await open.write(7, 9)
      await open.close()
      const { seqs, damaged } = open.contents()
      expect(seqs).toEqual(isKnown ? numbersTo(9) : [1, 2, 3, 5, 6, 4, 7, 8, 9])
      if (isKnown) expectSealsRight(dir)
      // Their fragment has damaged a line of ours that was to be sealed, and that is what is said of it.
      const { problems } = await verify({ app, dir })
      expect(problems.map(({ kind }) => kind)).toEqual(isKnown ? [] : ["damaged"])
      expect(damaged).toEqual(isKnown ? ["theirs", fragment] : [expect.stringContaining(fragment)])
    }
  )

  it.each([undefined, false] as const)(
    "F31 F53 and its second write fails: it is tried again until it is there (seal: %s)",
    async (seal) => {
      const dir = freshDir()
      let appends = 0
      const layer: FileLayer = {
        ...nodeFileLayer,
        append: (fd, bytes) => {
          appends += 1
          if (appends === 2) appendFileSync(todayOf(dir), '{"half')
          if (appends === 3 || appends === 4) throw diskError("ENOSPC", -28)
          return nodeFileLayer.append(fd, bytes)
        }
      }
      const open = await fileBench({ dir, seal, layer }).openHeld()
      await open.write(1, 3)
      const batch = batchOf(4, 6)
      for (let times = 1; times <= 2; times++)
        await expect(open.export(batch)).rejects.toThrow("disk is full")
      await open.export(batch)
      expect(open.contents().seqs.toSorted()).toEqual(numbersTo(6))
    }
  )

  it("F62 eight logs that start at the same moment, where not even the directory is there, lose nothing", async () => {
    const dir = join(freshDir(), "not", "there")
    const sessions = numbersTo(8).map((n) => `1a2c3d4${n}`)
    await Promise.all(
      sessions.map(async (session) => {
        const open = await fileBench({ dir, log: silentLog({}, session) }).openHeld()
        for (const from of [1, 101, 201]) await open.export(batchOf(from, from + 99, noon, session))
        await open.close()
      })
    )
    const { lines, damaged, repeated } = contentsOf(dir)
    expect({ damaged, repeated }).toEqual({ damaged: [], repeated: 0 })
    for (const session of sessions) {
      const own = lines.filter((line) => line.session === session)
      expect(own.map(({ seq }) => seq)).toEqual(numbersTo(300))
    }
    expect(expectAllSealed(dir)).toBe(8)
  })
})

describe("F56 a file that can only be appended to", () => {
  it("works, and a torn tail is closed with a newline, never truncated", async (test) => {
    const dir = freshDir()
    const path = todayOf(dir)
    writeFileSync(path, `${linesOf(1, 2)}torn`, { mode: 0o600 })
    if (spawnSync("chattr", ["+a", path]).status !== 0)
      return test.skip("chattr +a needs root and a file system that knows it")
    onTestFinished(() => void spawnSync("chattr", ["-a", path]))
    const { log, open } = await unsealedIn(dir)
    await open.write(3, 4)
    await open.write(5, 6)
    expect(() => truncateSync(path)).toThrow("EPERM")
    expect(contentsOf(dir)).toMatchObject({ seqs: numbersTo(6), repeated: 0, damaged: ["torn"] })
    expect(log.notices).toEqual([])
  })

  it("F57 of loose modes, which cannot be set there, is written to all the same, and told once", async (test) => {
    const dir = freshDir()
    const path = todayOf(dir)
    writeFileSync(path, linesOf(1, 2))
    chmodSync(path, 0o644)
    if (spawnSync("chattr", ["+a", path]).status !== 0)
      return test.skip("chattr +a needs root and a file system that knows it")
    onTestFinished(() => void spawnSync("chattr", ["-a", path]))
    const { log, open } = await unsealedIn(dir)
    await open.write(3, 4)
    await open.write(5, 6)
    expectEachOnce(dir, 6)
    expect(log.notices).toEqual([expect.stringContaining("(EPERM)")])
  })
})

const sealsIn = (path: string): readonly LineInFile[] =>
  readLines(path)
    .filter((line) => line.includes('"category":"seal"'))
    .map((line) => JSON.parse(line) as LineInFile)
