// The duties that every exporter has, judged by the cases that @daybook/core/testing brings. The far side is broken by
// moving the log directory away and putting a file in its place.

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type ExporterSubject, exporterCases } from "@daybook/core/testing"
import { expect, it } from "vitest"
import { fileExporter } from "../src/index.ts"
import { freshDir } from "./day-files.ts"

const subject = (): ExporterSubject => {
  let dir = ""
  return {
    make() {
      dir = join(freshDir(), "logs")
      return fileExporter({ dir })
    },
    readBack: async () =>
      readdirSync(dir)
        .sort()
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

it.each(exporterCases)("$name", ({ run }) => run(subject()))
