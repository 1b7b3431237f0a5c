// Folders with trails for tests: written by a real log where seals matter, and line by line where places do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { onTestFinished } from "vitest"
import type { TrailRow } from "../../src/index.ts"

/** Files with these texts in a folder that goes with the test. */
export const folderWith = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-trail-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return dir
}

/** What a log wrote that logged so many events, and was closed. */
export const loggedFolder = async (count: number, app = "datatools"): Promise<string> => {
  const dir = folderWith({})
  const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], exitHook: false })
  for (let n = 1; n <= count; n++)
    audit.log("upload", `event ${n}`, { n }, { level: n % 10 === 0 ? "error" : "info" })
  await audit.close({ timeoutMs: 10_000 })
  return dir
}

const id = (n: number): string => `01a2027b-d6fb-7000-81a2-${n.toString(16).padStart(12, "0")}`

/** One line as a log writes it, `seconds` after nine o'clock. */
export const lineAt = (
  seconds: number,
  message: string,
  fields: Readonly<Record<string, unknown>> = {}
): string => {
  const ts = new Date(Date.parse("2026-11-22T09:00:00Z") + 1_000 * seconds).toISOString()
  const head = { ts, level: "info", category: "upload", session: "1a2c3d4e", message }
  return `${JSON.stringify({ ...head, ...fields, seq: seconds + 1, id: id(seconds) })}\n`
}

export const messageOf = (row: TrailRow): string =>
  "damage" in row ? `(${row.damage})` : row.event.head.message

export const messagesOf = async (
  rows: AsyncIterable<TrailRow> | Iterable<TrailRow>
): Promise<readonly string[]> => {
  const messages: string[] = []
  for await (const row of rows) messages.push(messageOf(row))
  return messages
}
