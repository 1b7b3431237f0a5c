// Computes where a log's files are, in a process that may not touch any of them. Argument: a directory to try that on.
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { auditLogDir, auditLogPath } from "@daybook/file-exporter"

const [dir = ""] = process.argv.slice(2)
let isGuarded = false
try {
  mkdirSync(join(dir, "forbidden"))
} catch {
  isGuarded = true
}
const app = "datatools"
const found = auditLogDir({ app, env: process.env })
const path = auditLogPath({ app, dir: found.dir, at: new Date(2026, 10, 22) })
console.log(JSON.stringify({ found, path, isGuarded }))
