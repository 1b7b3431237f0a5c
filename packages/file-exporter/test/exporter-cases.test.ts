// The duties that every exporter has, judged by the cases that @daybook/core/testing brings. The far side is broken by
// moving the log directory away and putting a file in its place.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type ExporterSubject, exporterCases } from "@daybook/core/testing"
import { describe, expect, it } from "vitest"
import { type FileExporterOptions, fileExporter } from "../src/index.ts"
import { filesBelow, freshDir } from "./tools/file-bench.ts"

/** What no log directory can be made to do, and where the like of it is shown. */
const skip: Readonly<Record<string, string>> = {
  "3. what the far side refuses for good is counted and not tried again, and the rest goes on":
    "a disk refuses nothing for good: every error of it is tried again",
  "4. an export that was interrupted leaves an exporter that works":
    "a file operation cannot be interrupted, it is waited for: F28 in notices.test.ts"
}

/** The duties are the same whatever the way. Files of sessions have no order among them that could be read back. */
const ways: readonly FileExporterOptions[] = [{}, { layout: "user" }, { sync: "batch" }]

const subject = (options: FileExporterOptions): ExporterSubject => {
  let dir = ""
  return {
    skip,
    make() {
      dir = join(freshDir(), "logs")
      return fileExporter({ ...options, dir })
    },
    readBack: async () =>
      filesBelow(dir)
        .flatMap((name) => readFileSync(join(dir, name), "latin1").split("\n"))
        .filter((line) => line !== "")
        .map((line) => Buffer.from(line, "latin1")),
    break() {
      try {
        renameSync(dir, `${dir}-away`)
      } catch (error) {
        expect(error).toMatchObject({ code: "ENOENT" })
      }
      writeFileSync(dir, "")
    },
    heal() {
      rmSync(dir)
      try {
        renameSync(`${dir}-away`, dir)
      } catch (error) {
        expect(error).toMatchObject({ code: "ENOENT" })
      }
    }
  }
}

describe.each(ways)("a file exporter with %j", (options) => {
  for (const { name, run } of exporterCases) {
    it(name, (test) => {
      const reason = skip[name]
      return reason === undefined ? run(subject(options)) : test.skip(reason)
    })
  }
})
