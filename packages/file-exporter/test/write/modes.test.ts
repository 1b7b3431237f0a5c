// Who may read the files: their owner, or the group of their directory as well, for a program that ships them elsewhere. What
// somebody loosens by hand is set back, each time, and told.

import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { describe, expect, it, onTestFinished } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import { expectEachOnce, fileBench, freshDir, silentLog } from "../tools/file-bench.ts"

const modeOf = (path: string): string => `0${(statSync(path).mode & 0o777).toString(8)}`

const withUmask = (umask: number): void => {
  const before = process.umask(umask)
  onTestFinished(() => void process.umask(before))
}

describe("F57 a file that somebody loosens while we write", () => {
  it("is set back each time, and told each time", async () => {
    const log = silentLog()
    const open = await fileBench({ log }).open()
    await open.write(1, 1)
    for (const [index, mode] of [0o644, 0o666, 0o644].entries()) {
      chmodSync(open.path(), mode)
      await open.write(2 * index + 2, 2 * index + 2)
      expect(modeOf(open.path())).toBe("0600")
      await open.write(2 * index + 3, 2 * index + 3)
    }
    expectEachOnce(open.dir, 7)
    expect(log.notices.map((text) => /\(mode (\d+)\); its mode is 0600 now/.exec(text)?.[1])).toEqual([
      "0644",
      "0666",
      "0644"
    ])
  })

  it("that cannot be set back is told once, and again when it is another mode", async () => {
    const log = silentLog()
    const layer: FileLayer = { ...nodeFileLayer, setMode: () => Promise.reject(diskError("EPERM", -1)) }
    const open = await fileBench({ layer, log }).open()
    await open.write(1, 1)
    for (const [index, mode] of [0o644, 0o644, 0o666].entries()) {
      chmodSync(open.path(), mode)
      await open.write(index + 2, index + 2)
    }
    expect(log.notices).toEqual([
      expect.stringMatching(/mode 0644\), and its mode cannot be changed: operation not permitted \(EPERM\)/),
      expect.stringContaining("mode 0666")
    ])
  })
})

describe('readableBy: "group"', () => {
  const readableBy = "group"

  it.each([0o022, 0o027, 0o077])(
    "makes files that their group can read, and no one else, with umask %o",
    async (umask) => {
      withUmask(umask)
      const log = silentLog()
      const dir = join(freshDir(), "a", "b")
      const open = await fileBench({ dir, log, readableBy }).open()
      for (const from of [1, 3]) await open.write(from, from + 1)
      expect(modeOf(open.path())).toBe("0640")
      expectEachOnce(dir, 4)
      // The directory is as the umask lets it be; where that shuts the group out, it is told.
      expect(modeOf(dir)).toBe(umask === 0o077 ? "0700" : "0750")
      expect(log.notices).toEqual(
        umask === 0o077
          ? [expect.stringMatching(/its group cannot look into it \(mode 0700\).*chmod g\+rx/)]
          : []
      )
    }
  )

  it("opens the files of an earlier run to the group without a word, and takes more than that back", async () => {
    const dir = freshDir()
    chmodSync(dir, 0o750)
    await (await fileBench({ dir }).open()).write(1, 1)
    const log = silentLog()
    const open = await fileBench({ dir, log, readableBy }).open()
    await open.write(2, 2)
    expect([modeOf(open.path()), log.notices]).toEqual(["0640", []])
    chmodSync(open.path(), 0o664)
    await open.write(3, 3)
    expect(modeOf(open.path())).toBe("0640")
    expect(log.notices).toEqual([expect.stringMatching(/\(mode 0664\); its mode is 0640 now/)])
  })

  it("gives users' folders to the group as well", async () => {
    withUmask(0o027)
    const dir = freshDir()
    chmodSync(dir, 0o750)
    const open = await fileBench({ dir, readableBy, layout: "user" }).open()
    await open.write(1, 1)
    expect(modeOf(open.path())).toBe("0640")
  })

  it("lets a shipper of the directory's group read, and not change, what is written", async (test) => {
    const shipper = { uid: 4_712, gid: 4_713 }
    if (process.getuid?.() !== 0) return test.skip("only root can be another user")
    withUmask(0o022)
    const base = freshDir()
    chmodSync(base, 0o755)
    const dir = join(base, "logs")
    mkdirSync(dir)
    // Files get the group of a directory that says so.
    for (const args of [
      ["chgrp", "4713", dir],
      ["chmod", "2750", dir]
    ] as const)
      expect(spawnSync(args[0], args.slice(1)).status).toBe(0)
    const open = await fileBench({ dir, readableBy }).open()
    await open.write(1, 2)
    const as = (command: string, ...args: readonly string[]) =>
      spawnSync(command, args, { ...shipper, encoding: "utf8" })
    expect(as("cat", open.path()).stdout).toBe(readFileSync(open.path(), "utf8"))
    expect(as("sh", "-c", `echo >> ${open.path()}`).status).not.toBe(0)
    expect(as("touch", join(dir, "planted")).status).not.toBe(0)
  })

  it("is as strict as before with the directory for temporary files", async () => {
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, 0o770)
    const { makeFileExporter } = await import("../../src/file-exporter.node.ts")
    const log = silentLog({ HOME: "", TMPDIR: dir })
    const exporter = makeFileExporter(nodeFileLayer, { readableBy })
    await expect(fileBench({ dir, exporter, log }).open()).rejects.toThrow(
      "wanted: our own directory, mode 0750"
    )
    chmodSync(logs, 0o750)
    await (await fileBench({ dir, exporter, log }).open()).write(1, 1)
    expectEachOnce(logs, 1)
  })
})
