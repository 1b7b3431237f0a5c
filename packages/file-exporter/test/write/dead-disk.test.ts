// A file system that dies under the process and never comes back: what was confirmed before is all there, what was not is
// reported as waiting, and nobody is told twice.

import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { expect, it } from "vitest"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { diskError, type Fault, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import { app, contentsOf, freshDir, numbersTo } from "../tools/file-bench.ts"
import { expectSealsRight } from "../tools/right-seals.ts"

const timeoutMs = 10_000

it.each<Fault>(["fail", "torn"])(
  "F23 at any operation (%s): at most the last batch is doubtful, and that is reported",
  async (fault) => {
    for (let k = 1; ; k++) {
      const dir = join(freshDir(), "logs")
      const layer = faultyFileLayer(
        ({ number, operation }) => (number < k ? undefined : operation.endsWith("append") ? fault : "fail"),
        () => diskError("EIO", -5)
      )
      const notices: string[] = []
      const audit = createAuditLog({
        app,
        exporters: [makeFileExporter(layer, { dir })],
        notice: (text) => notices.push(text),
        exitHook: false
      })
      let confirmed = 0
      for (let batch = 1; batch <= 4; batch++) {
        for (let n = 1; n <= 10; n++) audit.log("load", "one of some")
        confirmed = (await audit.flush({ timeoutMs })).written
      }
      const { complete, accepted, written, dropped, pending } = await audit.close({ timeoutMs: 10 })
      const where = `dead from call ${k} on`
      expect({ accepted, dropped, sum: written + pending }, where).toEqual({
        accepted: 40,
        dropped: 0,
        sum: 40
      })
      // Also with every line down, the closing seal may be missing.
      if (pending > 0) expect(complete).toBe(false)
      const { seqs, repeated } = contentsOf(dir)
      expect(seqs.slice(0, confirmed), where).toEqual(numbersTo(confirmed))
      expect(seqs.length, where).toBeLessThanOrEqual(confirmed + 40)
      expect(repeated, where).toBe(0)
      expectSealsRight(dir, where)
      // Each change of state once; an attempt may still succeed that has nothing left to ask of the disk.
      const told = notices.map((text) => (text.includes("(EIO)") ? "dead" : "well"))
      const turns = ["dead", "well", "dead", "well", "dead"].slice(0, told.length)
      expect(told, where).toEqual(turns)
      if (pending > 0) expect(told.at(-1), where).toBe("dead")
      if (layer.operations.length < k) break
    }
  }
)
