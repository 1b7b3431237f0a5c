// Files as Effect programs decode them by themselves: with the schema of a whole line, over seals and the other marks that only
// files have.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { AuditLine } from "@daybook/core/catalogue"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import { fileExporter } from "../../src/index.ts"
import { app, freshDir, noon } from "../tools/file-bench.ts"
import { clockAt } from "../tools/test-clock.ts"

const today = "2026-03-05"

describe("a trail decoded with AuditLine", () => {
  it("S1.2 F120 sessions, seals, recovered and retention marks, each typed by its kind, and back to the same bytes", async () => {
    const dir = freshDir()
    const oldLine =
      '{"ts": "2026-01-01T09:00:00+00:00", "level": "WARNING", "category": "upload", "message": "old"}\n'
    for (const day of ["2026-01-01", "2026-03-04"]) writeFileSync(join(dir, `${app}-${day}.jsonl`), oldLine)
    for (const [session, daysAgo] of [10, 0, 0].entries()) {
      const audit = createAuditLog({
        app,
        exporters: [fileExporter({ dir, retentionDays: 7 })],
        clock: clockAt(noon - daysAgo * 86_400_000),
        exitHook: false,
        notice: () => undefined
      })
      audit.sessionStart()
      audit.log("upload", `of session ${session}`, { n: session })
      await audit.close({ timeoutMs: 10_000 })
      // A process that was killed in the middle of a line.
      if (session === 1) appendFileSync(join(dir, `${app}-${today}.jsonl`), '{"ts":"2026-03')
    }
    const text = readFileSync(join(dir, `${app}-${today}.jsonl`), "utf8")
    const decode = Schema.decodeUnknownEffect(AuditLine)
    const decoded = await Effect.runPromise(
      Stream.make(text).pipe(
        Stream.splitLines,
        // The torn line is damaged for everyone.
        Stream.filter((line) => line.endsWith("}")),
        Stream.mapEffect((line) => decode(line)),
        Stream.runCollect
      )
    )
    expect(new Set(decoded.map(({ kind }) => kind))).toEqual(
      new Set(["event", "seal", "recovered", "retention"])
    )
    const seals = decoded.flatMap((line) => (line.kind === "seal" ? [line.fields] : []))
    expect(seals.filter(({ closed }) => closed).length).toBe(2)
    expect(seals.some(({ saw }) => saw?.[0]?.sha256.length === 64)).toBe(true)
    const encode = Schema.encodeSync(AuditLine)
    expect(decoded.map((line) => encode(line))).toEqual(text.split("\n").filter((line) => line.endsWith("}")))
    expect(Schema.decodeUnknownSync(AuditLine)(oldLine)).toMatchObject({
      kind: "event",
      head: { level: "warn" }
    })
  })
})
