// What a log hides is nowhere on the way of a delivery: not in the files, nor in what is kept beside them, nor in what a far end
// says of a line. A dead letter has its line and a reason, and the reason quotes no secret.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog, ExportError } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { fileExporter } from "../../src/index.ts"
import { deliverFrom, farEnd, whole } from "../tools/deliveries.ts"
import { app, freshDir } from "../tools/file-bench.ts"

const canary = "CANARY7f3kQ9"

const secrets: readonly Readonly<Record<string, unknown>>[] = [
  { password: canary },
  { headers: { authorization: `Custom ${canary}` } },
  { url: `https://ada:${canary}@db.example.com/?token=${canary}` },
  { text: `{"apiKey":"${canary}"} and password: ${canary}` }
]

const everythingBelow = (dir: string): string =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n")

describe("on the way of a delivery", () => {
  it.each([
    ["is taken", undefined],
    ["is refused with a text that quotes it", false],
    ["meets a far end that is down and quotes it", true]
  ] as const)("S1.15 no secret is anywhere when its line %s", async (_, retryable) => {
    const dir = freshDir()
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], exitHook: false, env: {} })
    for (const fields of secrets) audit.log("case", JSON.stringify(fields), fields)
    await audit.close()
    const far = farEnd()
    far.answer = () => {
      if (retryable === undefined) return undefined
      const reason = `Cannot insert: ${JSON.stringify(secrets)}, connection https://ada:${canary}@db.example.com/`
      return new ExportError({ reason, retryable, divisible: true, outcome: "failed" })
    }
    const seen: string[] = []
    const { delivery, letters, notices } = deliverFrom(dir, far, {
      onDead: (letter) => {
        seen.push(JSON.stringify(letter))
      }
    })
    delivery.onHealth((health) => void seen.push(JSON.stringify(health)))
    await delivery.close(whole)
    if (retryable === false) {
      expect(letters().length).toBeGreaterThanOrEqual(secrets.length)
      for (const letter of letters())
        expect(Object.keys(letter).sort()).toEqual(["at", "file", "line", "offset", "reason"])
    }
    // What is no secret of its text can still be read.
    if (retryable !== undefined) expect(delivery.health().lastError).toContain("[redacted]@db.example.com")
    const all = [everythingBelow(dir), ...far.lines, ...notices, ...seen, JSON.stringify(delivery.health())]
    expect(all.join("\n")).not.toContain(canary)
    expect(existsSync(join(dir, ".daybook"))).toBe(true)
  })
})
