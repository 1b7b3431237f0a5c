// A file that is moved aside when its seal is down but for a part: the log cannot know what arrived, and makes the seal again.

import { renameSync, statSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { describeReport, verify } from "../../src/index.ts"
import { app, filesBelow, freshDir } from "../tools/file-bench.ts"
import { LiveFolder } from "../tools/live-folder.ts"
import { mortalLayer } from "../tools/mortal-layer.ts"

const allButNewline = 100_000

it.for([
  { bytes: 50, writesMore: true },
  { bytes: 50, writesMore: false },
  { bytes: allButNewline, writesMore: true },
  { bytes: allButNewline, writesMore: false }
])(
  "F122 a file that is renamed while its seal is half written accuses nobody: $bytes bytes, more is written: $writesMore",
  async ({ bytes, writesMore }) => {
    const dir = freshDir()
    const folder = new LiveFolder(dir, { layout: "daily" })
    const disk = mortalLayer()
    const session = folder.start({ layer: disk })
    await session.write(3)
    await disk.idle()
    const [name = ""] = filesBelow(dir)
    const { size } = statSync(join(dir, name))
    // The rest is refused, however often it is tried.
    disk.failNext(bytes, ...Array.from({ length: 10_000 }, () => 0))
    folder.pass(11_000)
    while (statSync(join(dir, name)).size === size) await new Promise((resolve) => setImmediate(resolve))
    renameSync(join(dir, name), join(dir, `${name}.1`))
    disk.heal()
    if (writesMore) await session.write(3)
    await folder.close(session)
    const last = folder.start()
    await last.write(2)
    await folder.close(last)
    for (const anchors of [[], folder.anchors]) {
      const report = await verify({ app, dir, anchors })
      expect(report.problems, describeReport(report)).toEqual([])
      expect(report.verdict, describeReport(report)).toBe("incomplete")
    }
  }
)
