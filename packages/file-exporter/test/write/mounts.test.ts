// File systems that show something else than an ordinary disk: another owner or other modes for all files, no times of
// birth, directories that cannot be synced. A twin of the file layer shows them, because few machines have such mounts. And
// next to each, that a file which somebody else planted on an ordinary disk is still refused.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { verify } from "../../src/index.ts"
import { answerOf, runChild } from "../tools/child-process.ts"
import { diskError, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchOf,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  linesOf,
  noon,
  silentLog
} from "../tools/file-bench.ts"
import { powerCutLayer } from "../tools/power-cut-layer.ts"
import { expectAllSealed } from "../tools/right-seals.ts"

interface Shown {
  readonly uid: number
  readonly mode: number
}

/** A mount that shows one owner and one mode for each file and directory; setting a mode is accepted and does nothing. */
const mountThatShows = (shown: Shown): FileLayer => ({
  ...nodeFileLayer,
  facts: async (fd) => ({ ...(await nodeFileLayer.facts(fd)), ...shown }),
  nameFacts: async (path) => ({ ...(await nodeFileLayer.nameFacts(path)), ...shown }),
  probe: async (dir) => ({ ...(await nodeFileLayer.probe(dir)), ...shown }),
  setMode: async () => undefined,
  now: {
    ...nodeFileLayer.now,
    facts: (fd) => ({ ...nodeFileLayer.now.facts(fd), ...shown }),
    nameFacts: (path) => ({ ...nodeFileLayer.now.nameFacts(path), ...shown }),
    probe: (dir) => ({ ...nodeFileLayer.now.probe(dir), ...shown }),
    setMode: () => undefined
  }
})

const isRoot = process.getuid?.() === 0
const onlyRoot = "only root can give a file to another user"
const other = { uid: 4_711, gid: 4_711 }

describe("F57 a mount that shows another owner, or a loose mode, for all files", () => {
  it.each<[string, Shown]>([
    ["CIFS, Azure Files, vfat", { uid: 1_000_777, mode: 0o755 }],
    ["vfat with umask=0", { uid: 1_000_777, mode: 0o777 }],
    ["CIFS whose owner we are", { uid: process.getuid?.() ?? 0, mode: 0o777 }]
  ])("is written to, and one notice says who decides who may read: %s", async (_name, shown) => {
    const log = silentLog()
    const open = await fileBench({ layer: mountThatShows(shown), log }).openHeld()
    for (const from of [1, 4, 7]) await open.write(from, from + 2)
    await open.close()
    expectEachOnce(open.dir, 9)
    expect(expectAllSealed(open.dir)).toBe(1)
    expect(log.notices).toEqual([
      expect.stringMatching(
        /its file system keeps no modes, and shows 0\d+ for a file that we made for its owner only/
      )
    ])
    expect(readdirSync(open.dir).filter((name) => name !== ".daybook")).toHaveLength(1)
  })

  it("is written to without a word where it shows modes and only the owner is another: NFS with all_squash", async () => {
    const log = silentLog()
    const open = await fileBench({ layer: mountThatShows({ uid: 65_534, mode: 0o600 }), log }).open()
    await open.write(1, 3)
    await open.write(4, 6)
    expectEachOnce(open.dir, 6)
    expect(log.notices).toEqual([])
  })

  it("is written to by the exit hook as well", async () => {
    const bench = fileBench({ layer: mountThatShows({ uid: 1_000_777, mode: 0o755 }) })
    const moment = { inFlight: false, deadlineMs: 10_000 }
    expect(bench.exporter.lastWrite?.(bench.log, batchOf(1, 3), moment)).toEqual({ written: 3 })
    expectEachOnce(bench.dir, 3)
  })

  it("a probe that cannot be made proves nothing: the file is refused", async () => {
    const layer: FileLayer = {
      ...mountThatShows({ uid: 1_000_777, mode: 0o755 }),
      probe: () => Promise.reject(diskError("EACCES", -13))
    }
    const open = await fileBench({ layer }).open()
    await expect(open.write(1, 1)).rejects.toThrow("it belongs to user 1000777")
  })
})

describe("F55 what another user planted on an ordinary disk", () => {
  it("is refused: a file of another user, whatever its mode", async (test) => {
    if (!isRoot) return test.skip(onlyRoot)
    const { open, path } = await plantedFile()
    await expect(open.write(1, 2)).rejects.toThrow("it belongs to user 4711, and we are user 0")
    chmodSync(path, 0o666)
    await expect(open.write(1, 2)).rejects.toThrow("it belongs to user 4711")
    expect(statSync(path).size).toBe(0)
    expect(readdirSync(open.dir).filter((name) => name !== ".daybook")).toHaveLength(1)
  })

  it("is refused also in the place of a file that we have written to", async (test) => {
    if (!isRoot) return test.skip(onlyRoot)
    const open = await fileBench().open()
    await open.write(1, 2)
    renameSync(open.path(), `${open.path()}.1`)
    writeFileSync(open.path(), "")
    chownSync(open.path(), other.uid, other.gid)
    await expect(open.write(3, 4)).rejects.toThrow("it belongs to user 4711")
  })

  const plantedFile = async () => {
    const open = await fileBench().open()
    const path = open.path()
    writeFileSync(path, "")
    chownSync(path, other.uid, other.gid)
    return { open, path }
  }
})

describe("S0.11 a directory that is not ours alone", () => {
  const noticesOf = async (prepare: (dir: string) => void): Promise<readonly string[]> => {
    const dir = join(freshDir(), "logs")
    mkdirSync(dir, { mode: 0o700 })
    prepare(dir)
    const log = silentLog()
    const bench = fileBench({ dir, log })
    await (await bench.open()).write(1, 2)
    await (await bench.open()).write(3, 4)
    expectEachOnce(dir, 4)
    return log.notices
  }

  it("is told once when every user may write to it, with what to do", async () => {
    expect(await noticesOf((dir) => chmodSync(dir, 0o1777))).toEqual([
      expect.stringMatching(
        /the directory of the log can be written by every user \(mode 0777\).*with mode 0700/
      )
    ])
  })

  it("is told once when it is another user's", async (test) => {
    if (!isRoot) return test.skip(onlyRoot)
    expect(await noticesOf((dir) => chownSync(dir, other.uid, other.gid))).toEqual([
      expect.stringMatching(
        /the directory of the log belongs to user 4711: others can remove.*Give it to user 0/
      )
    ])
  })

  it("is no news when it is ours, and others may only look", async () => {
    expect(await noticesOf((dir) => chmodSync(dir, 0o755))).toEqual([])
  })

  it("is refused below the directory for temporary files when it is a sticky one of another user's", async (test) => {
    if (!isRoot) return test.skip(onlyRoot)
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, 0o1777)
    chownSync(logs, other.uid, other.gid)
    const { code, told } = await runChild("logs-and-ends", ["10"], { env: { HOME: "", TMPDIR: dir } })
    expect(code).toBe(0)
    expect(told.join("\n")).toContain("it is not ours alone")
    expect(readdirSync(logs)).toEqual([])
  })
})

describe("F16 a process that becomes another user after it has loaded the log", () => {
  it("writes as that user, and finds its own file again", async (test) => {
    if (!isRoot) return test.skip("only root can become another user")
    const dir = freshDir()
    chownSync(dir, other.uid, other.gid)
    const ended = await runChild("becomes-another-user", [dir, String(other.uid)])
    expect(answerOf(ended)).toMatchObject({ complete: true, written: 4 })
    expect(ended.told).toEqual([])
    expect(statSync(join(dir, readdirSync(dir)[0] ?? "")).uid).toBe(other.uid)
    expect(contentsOf(dir).lines).toHaveLength(4)
  })
})

describe("a system that does not know when a file was born", () => {
  /** As Node answers without `statx`: the time of the last change, or 0. */
  const without = (bornMs: "changed" | 0): FileLayer => ({
    ...nodeFileLayer,
    facts: async (fd) => {
      const facts = await nodeFileLayer.facts(fd)
      changes += 1
      // Files change faster here than the system's clock ticks.
      const changedMs = facts.changedMs + changes
      return { ...facts, changedMs, bornMs: bornMs === 0 ? 0 : changedMs }
    }
  })
  let changes = 0

  it.each(["changed", 0] as const)("F64 seals all the same, without a word: %s", async (bornMs) => {
    const log = silentLog()
    const open = await fileBench({ layer: without(bornMs), log }).openHeld()
    for (const from of [1, 501, 1_001]) await open.write(from, from + 499)
    await open.close()
    expectEachOnce(open.dir, 1_500)
    expect(expectAllSealed(open.dir)).toBe(2)
    expect(contentsOf(open.dir).seals).toMatchObject([
      { skip: 0, lines: 1_000 },
      { skip: 1_001, lines: 500 }
    ])
    expect(log.notices).toEqual([])
    expect(await verify({ app, dir: open.dir })).toMatchObject({ verdict: "intact", problems: [], notes: [] })
  })

  it("F52 still finds a file that was cut to nothing, and one that was removed", async () => {
    const log = silentLog()
    const open = await fileBench({ layer: without("changed"), log, seal: false }).open()
    await open.write(1, 3)
    await open.write(4, 6)
    truncateSync(open.path())
    await open.write(7, 9)
    expect(log.notices).toEqual([expect.stringContaining("another process truncated the file")])
    rmSync(open.path())
    await open.write(10, 12)
    expect(open.text()).toBe(linesOf(10, 12))
  })
})

describe("F36 a directory that cannot be synced", () => {
  it.each(["EINVAL", "EPERM", "EISDIR", "EACCES", "ENOTSUP"])(
    "does not keep a commit from being confirmed, is told once, and nothing is appended twice: %s",
    async (code) => {
      const log = silentLog()
      const layer: FileLayer = { ...nodeFileLayer, syncDir: () => Promise.reject(diskError(code, -1)) }
      const open = await fileBench({ layer, log, sync: "batch" }).open()
      for (const from of [1, 3]) await open.write(from, from + 1)
      await open.write(5, 6, noon + 86_400_000)
      expectEachOnce(open.dir, 6)
      expect(log.notices).toEqual([
        expect.stringMatching(/the directory cannot be synced: .*may take the name of a new file/)
      ])
    }
  )

  it("for a reason that may pass: it is tried again until it succeeds, and nothing is appended twice", async () => {
    let failures = 0
    const faulty = faultyFileLayer(
      ({ operation }) => (operation === "syncDir" && ++failures <= 3 ? "fail" : undefined),
      () => diskError("EIO", -5)
    )
    const layer = powerCutLayer(faulty)
    const open = await fileBench({ layer, sync: "batch", seal: false }).open()
    const batch = batchOf(1, 3)
    for (let times = 1; times <= 3; times++) await expect(open.export(batch)).rejects.toThrow("EIO")
    await open.export(batch)
    expectEachOnce(open.dir, 3)
    expect(layer.afterCut(open.path())).toBe(linesOf(1, 3))
  })
})
