// The texts of errors that are not ours: of an exporter that dies or fails, of a listener. They reach people by stderr, health and
// what a replay sets aside, and none of them shows a secret there.
import * as Effect from "effect/Effect"
import { describe, expect, it, vi } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { plainAudit } from "../../src/api/plain-audit.ts"
import { promiseExporter } from "../../src/exporters/promise-exporter.ts"
import { Log } from "../../src/log/log.ts"
import {
  defaultQueuePolicy,
  ExportError,
  type Exporter,
  type OpenExporter
} from "../../src/pipeline/exporter.ts"
import { replay } from "../../src/replay/index.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const canary = "CANARY-4711"
const texts = [
  `connect https://ada:${canary}@db.example.com/`,
  `password=${canary}`,
  `{"apiKey":"${canary}"}`,
  `sent Authorization: Basic YWRhOkNBTkFSWS00NzEx`,
  `order K-4711`
]
const redact = { patterns: [/K-\d{4}/] }

const exporterOf = (open: () => OpenExporter, more: Partial<Exporter> = {}): Exporter => ({
  name: "far",
  queue: defaultQueuePolicy,
  open: () => Effect.sync(open),
  ...more
})

const failure = (reason: string, retryable: boolean): ExportError =>
  new ExportError({ reason, retryable, outcome: "failed" })

/** Ways in which an error's text comes into a log. */
const ways: Readonly<Record<string, (text: string) => Exporter>> = {
  "an export that dies": (text) => exporterOf(() => ({ export: () => Effect.die(new Error(text)) })),
  "an export that throws": (text) =>
    exporterOf(() => ({
      export: () => {
        throw Object.assign(new Error(text), { name: "Broken" })
      }
    })),
  "an export that throws a text": (text) => exporterOf(() => ({ export: () => Effect.die(text) })),
  "an export that throws an object": (text) =>
    exporterOf(() => ({ export: () => Effect.die({ message: text, password: canary }) })),
  "an export that fails": (text) => exporterOf(() => ({ export: () => Effect.fail(failure(text, true)) })),
  "an export that refuses": (text) => exporterOf(() => ({ export: () => Effect.fail(failure(text, false)) })),
  "an opening that dies": (text) =>
    exporterOf(() => {
      throw new Error(text)
    }),
  "an end that fails": (text) =>
    exporterOf(() => ({ export: () => Effect.void, finish: () => Effect.fail(failure(text, true)) })),
  "a promise that rejects": (text) =>
    promiseExporter({ name: "far", send: () => Promise.reject(new Error(text)) }) as Exporter
}

describe("the text of an error", () => {
  it.each(Object.entries(ways))(
    "S1.15 of %s shows no secret in health, notices, the trace and gap marks",
    async (_, way) => {
      for (const text of texts) {
        const notices: string[] = []
        const seen: string[] = []
        const beside = memoryExporter()
        const audit = createAuditLog({
          app: "errors",
          exporters: [way(text), beside],
          exitHook: false,
          env: { ERRORS_AUDIT_TRACE: "1" },
          notice: (line) => void notices.push(line),
          redact
        })
        audit.onHealth((health) => void seen.push(JSON.stringify(health)))
        audit.log("c", "m")
        // What fails at the end only is not seen before it; every end here takes as long as it may.
        const isTried = (): boolean => seen.length > 0 || audit.health().exporters[0]?.pending === 0
        await vi.waitFor(() => expect(isTried()).toBe(true), 10_000)
        const result = await audit.close({ timeoutMs: seen.length > 0 ? 50 : 1_000 })
        const all = [...notices, ...seen, JSON.stringify([result, audit.health()]), ...beside.lines].join(
          "\n"
        )
        expect(all).not.toMatch(/CANARY|YWRhOkNB|K-4711/)
        // What is no secret of it can still be read.
        expect(all).toContain("[redacted]")
      }
    }
  )

  it.each(texts)("S1.15 of a last write that throws shows no secret in health: %s", (text) => {
    const thrown = (): never => {
      throw new Error(text)
    }
    const far = exporterOf(() => ({ export: () => Effect.never }), { lastWrite: thrown, finishNow: thrown })
    const log = new Log({ app: "errors", exporters: [far], exitHook: false, notice: () => undefined, redact })
    plainAudit(log).log("c", "m")
    log.writeNow()
    const { lastError = "" } = log.health().exporters[0] ?? {}
    expect(lastError).toContain("[redacted]")
    expect(lastError).not.toMatch(/CANARY|YWRhOkNB|K-4711/)
  })

  it.each(texts)("S1.15 of a health listener shows no secret on stderr: %s", async (text) => {
    const notices: string[] = []
    const audit = createAuditLog({
      app: "errors",
      exporters: [exporterOf(() => ({ export: () => Effect.fail(failure("down", true)) }))],
      exitHook: false,
      notice: (line) => void notices.push(line),
      redact
    })
    audit.onHealth(() => {
      throw new TypeError(text)
    })
    audit.log("c", "m")
    await vi.waitFor(
      () => expect(notices.join("\n")).toContain("a listener of onHealth threw: TypeError: "),
      10_000
    )
    await audit.close({ timeoutMs: 50 })
    const all = notices.join("\n")
    expect(all).not.toMatch(/CANARY|YWRhOkNB|K-4711/)
  })

  it.each(texts.slice(0, 4))(
    "S1.15 shows no secret in what a replay sets aside, and in its last error: %s",
    async (text) => {
      const reasons: string[] = []
      const notices: string[] = []
      const line =
        '{"ts":"2026-11-22T09:00:00.000Z","level":"info","category":"c","session":"1a2c3d4e","message":"m","seq":1,"id":"01a2027b-d6fb-7000-81a2-c3d4e5f60718"}\n'
      const result = await replay(
        new TextEncoder().encode(line),
        ways["an export that refuses"]?.(text) as Exporter,
        {
          app: "errors",
          onRefused: (_lines, reason) => void reasons.push(reason),
          notice: (notice) => void notices.push(notice)
        }
      )
      expect(reasons).toHaveLength(1)
      expect([...reasons, ...notices, JSON.stringify(result)].join("\n")).not.toMatch(/CANARY|YWRhOkNB/)
    }
  )
})
