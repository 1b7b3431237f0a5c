// The directory as the exporter makes and finds it: for its owner only, with a word on which option to set where none was
// found, and refused when it is not what it should be. What stands in it is tested in write/log-files.test.ts.

import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { fileExporter } from "../../src/index.ts"
import { runChild } from "../tools/child-process.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import { contentsOf, fileBench, freshDir, silentLog } from "../tools/file-bench.ts"

const modeOf = (path: string): string => `0${(statSync(path).mode & 0o777).toString(8)}`

describe("S0.11 the directory for temporary files", () => {
  const env = (dir: string) => ({ HOME: "", TMPDIR: dir })

  it("is made for its owner only, and one line says which option to set", async () => {
    const dir = freshDir()
    const log = silentLog(env(dir))
    const exporter = fileExporter()
    const open = await fileBench({ dir, exporter, log }).open()
    await open.write(1, 3)
    const logs = join(dir, "datatools-logs")
    expect(modeOf(logs)).toBe("0700")
    expect(contentsOf(logs).seqs).toEqual([1, 2, 3])
    expect(log.notices).toHaveLength(1)
    expect(log.notices[0]).toContain("DATATOOLS_AUDIT_DIR")
    await fileBench({ dir, exporter, log }).open()
    expect(log.notices).toHaveLength(1)
  })

  it.each([
    ["open to others", 0o770],
    ["readable for others", 0o704]
  ])("is refused when it is %s", async (_name, mode) => {
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, mode)
    const opening = fileBench({ dir, exporter: fileExporter(), log: silentLog(env(dir)) }).open()
    await expect(opening).rejects.toMatchObject({
      reason: expect.stringContaining(
        `Cannot use the directory ${JSON.stringify(logs)}: it is not ours alone`
      ),
      retryable: true
    })
    expect(readdirSync(logs)).toEqual([])
  })

  it("is refused when it is a link to a directory", async () => {
    const dir = freshDir()
    const elsewhere = join(dir, "elsewhere")
    mkdirSync(elsewhere, { mode: 0o700 })
    symlinkSync(elsewhere, join(dir, "datatools-logs"))
    await expect(
      fileBench({ dir, exporter: fileExporter(), log: silentLog(env(dir)) }).open()
    ).rejects.toThrow("not ours alone")
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it("is refused when it belongs to somebody else", async () => {
    const dir = freshDir()
    const layer: FileLayer = {
      ...nodeFileLayer,
      nameFacts: async (path) => ({
        ...(await nodeFileLayer.nameFacts(path)),
        uid: (process.getuid?.() ?? 0) + 1
      })
    }
    await expect(
      fileBench({ dir, exporter: makeFileExporter(layer, {}), log: silentLog(env(dir)) }).open()
    ).rejects.toThrow("not ours alone")
  })

  it("is used as soon as it is ours alone", async () => {
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, 0o755)
    const exporter = fileExporter()
    const log = silentLog(env(dir))
    await expect(fileBench({ dir, exporter, log }).open()).rejects.toThrow("not ours alone")
    chmodSync(logs, 0o700)
    await (await fileBench({ dir, exporter, log }).open()).write(1, 1)
    expect(contentsOf(logs).seqs).toEqual([1])
    expect(log.notices).toHaveLength(1)
  })

  it("is refused by the exit hook too: nothing is written where others could read or plant it", async () => {
    const dir = freshDir()
    const logs = join(dir, "datatools-logs")
    mkdirSync(logs)
    chmodSync(logs, 0o777)
    const { code, told } = await runChild("logs-and-ends", ["100"], { env: env(dir) })
    expect(code).toBe(0)
    expect(readdirSync(logs)).toEqual([])
    expect(told.at(-1)).toContain("100 events could not be written before the process ended")
  })
})

describe("a directory that may be written and not listed", () => {
  it("is written to all the same: nothing is known of others, and nothing deleted", async () => {
    const dir = freshDir()
    const layer: FileLayer = {
      ...nodeFileLayer,
      list: () => Promise.reject(diskError("EACCES", -13))
    }
    await (await fileBench({ dir, layer }).open()).write(1, 3)
    expect(contentsOf(dir).seqs).toEqual([1, 2, 3])
  })
})
