// The migration table, held against what it promises: each function of the Python log writer has one counterpart, and it
// does what the table says of it.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as core from "@daybook/core"
import { expect, it } from "vitest"
import * as files from "../src/index.ts"
import { contentsOf, freshDir } from "./tools/file-bench.ts"

const guide = readFileSync(join(import.meta.dirname, "../../../docs/guides/migration.md"), "utf8")

const python = ["log", "session_start", "page_open", "exception", "log_dir", "log_path", "flush", "reset"]

it("S0.28 each of the predecessor's eight functions has one counterpart that exists", () => {
  const rows = [...guide.matchAll(/^\| `(\w+)\([^`]*\)` \| `(audit\.)?(\w+)\(/gm)]
  expect(rows.map(([, name]) => name)).toEqual(python)
  const audit = core.createAuditLog({ app: "migrated", exporters: [], exitHook: false })
  for (const [, name = "", isMethod, counterpart = ""] of rows) {
    const place: object = isMethod === undefined ? { ...core, ...files } : audit
    expect(place, name).toHaveProperty(counterpart)
  }
})

it("S0.28 the counterparts, called as the table says, write the predecessor's four kinds of lines", async () => {
  const dir = freshDir()
  const exporters = [files.fileExporter({ dir })]
  const audit = core.createAuditLog({ app: "migrated", exporters, exitHook: false, env: {} })
  audit.sessionStart({ build: "1" })
  audit.log("upload", "Uploaded a.csv", { filename: "a.csv" }, { level: "warn" })
  audit.pageOpen("A", { key: "ada" })
  audit.exception("analyze", new TypeError("bad"), { filename: "a.csv" })
  expect(await audit.flush({ timeoutMs: 10_000 })).toMatchObject({ complete: true, written: 4 })
  audit.log("upload", "after the flush")
  await audit.close({ timeoutMs: 10_000 })
  const { lines } = contentsOf(dir)
  expect(lines.map(({ category, level }) => `${String(category)} ${String(level)}`)).toEqual([
    "session info",
    "upload warn",
    "nav info",
    "error error",
    "upload info",
    "session info"
  ])
  const found = files.auditLogDir({ app: "migrated", dir, env: {} })
  expect(files.auditLogPath({ app: "migrated", dir: found.dir, at: Date.now() })).toMatch(
    /migrated-\d{4}-\d\d-\d\d\.jsonl$/
  )
})
