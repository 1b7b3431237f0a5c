// Levels and categories as callers give them: other systems' words, any script, any letter case. What a line cannot hold in
// their place stays on it.
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { isWholeIn, toCategory } from "../../src/event/category.ts"
import { decodeLine } from "../../src/event/decode-line.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import type { AuditLogOptions } from "../../src/log/options.ts"
import { memoryExporter } from "../../src/testing/index.ts"

type Options = Omit<AuditLogOptions<readonly []>, "app" | "exporters">

const makeLog = (options: Options = {}) => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "words", exporters: [exporter], exitHook: false, env: {}, ...options })
  const written = async () => {
    await audit.flush()
    return exporter.events
  }
  return { audit, written }
}

const Uploaded = defineEvent({
  category: "upload",
  level: "warn",
  fields: { filename: Schema.String },
  message: "Uploaded"
})

type WordsOf = Readonly<Record<string, readonly string[]>>

const sameWordsOf: WordsOf = {
  debug: ["debug", "DEBUG"],
  info: ["info", "INFO", "information", "Informational"],
  warn: ["warn", "warning", "WARNING", "Warn"],
  error: ["error", "ERROR", "err", "SEVERE"],
  fatal: ["fatal", "FATAL", "critical", "CRITICAL", "crit"]
}

const finerWordsOf: WordsOf = {
  debug: ["trace", "TRACE", "verbose", "silly", "fine", "finer", "finest"],
  info: ["notice", "NOTICE", "success"],
  fatal: ["alert", "emerg", "emergency", "panic"]
}

describe("a level", () => {
  it.each<[string, WordsOf, boolean]>([
    ["the same as ours, and nothing stays of them", sameWordsOf, false],
    ["within one of ours, and stay on the event", finerWordsOf, true]
  ])("S0.31 other systems' words are read on a call as on a line: %s", async (_name, wordsOf, stays) => {
    const { audit, written } = makeLog()
    const cases = Object.entries(wordsOf).flatMap(([level, words]) => words.map((word) => ({ level, word })))
    for (const { word } of cases) {
      audit.log("upload", word, undefined, { level: word })
      audit.log(Uploaded({ filename: word }), undefined, { level: word })
    }
    const found = (await written()).map(({ head, fields }) => [head.level, fields["extra.level"]])
    const expected = cases.map(({ level, word }) => [level, stays ? word : undefined])
    expect(found).toEqual(expected.flatMap((one) => [one, one]))
    const read = cases.map(({ word }) => {
      const line = decodeLine(JSON.stringify({ category: "x", level: word }))
      return "damage" in line ? line : [line.head.level, line.fields.level]
    })
    expect(read).toEqual(expected)
  })

  it("S0.31 an unknown word stays on the event, beside the level that it would have had without", async () => {
    const { audit, written } = makeLog()
    audit.log("upload", "one", undefined, { level: "loud" })
    audit.log(Uploaded({ filename: "a" }), undefined, { level: "LOUD" })
    audit.log("upload", "number", undefined, { level: 30 as never })
    audit.log("upload", "object", undefined, { level: { name: "x", token: "t" } as never })
    audit.log("upload", "none", undefined, { level: null as never })
    expect((await written()).map(({ head, fields }) => [head.level, fields["extra.level"]])).toEqual([
      ["info", "loud"],
      ["warn", "LOUD"],
      ["info", 30],
      ["info", { name: "x", token: "[redacted]" }],
      ["info", undefined]
    ])
  })

  it("S0.31 an extra that is called level as well takes the next name, and nothing is lost", async () => {
    const { audit, written } = makeLog()
    audit.log("upload", "m", { level: "mine", "extra.level": "own" }, { level: "loud" })
    const fields = (await written())[0]?.fields
    expect(Object.values(fields ?? {}).toSorted()).toEqual(["loud", "mine", "own"])
    expect(fields).toHaveProperty(["extra.level"], "own")
  })

  it("S0.31 an unknown word and an odd category stay on a line that its extras fill", async () => {
    const { audit, written } = makeLog()
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, "x".repeat(8_000)]))
    audit.log("Up Load", "m", many, { level: "loud" })
    const fields = (await written())[0]?.fields
    expect(fields).toMatchObject({ "extra.level": "loud", "extra.category": "Up Load" })
    expect(fields?.k19).toContain("[8000 chars total]")
  })

  it("S0.31 rules and questions know the same words", async () => {
    const { audit, written } = makeLog({ level: "WARNING" })
    expect(audit.isEnabled("upload", "notice")).toBe(false)
    expect(audit.isEnabled("upload", "CRITICAL")).toBe(true)
    audit.log("upload", "no", undefined, { level: "notice" })
    audit.log("upload", "yes", undefined, { level: "critical" })
    audit.setRecording({ level: "Panic" })
    audit.log("upload", "no", undefined, { level: "error" })
    expect((await written()).map(({ head }) => head.message)).toEqual(["yes", "Recording rules changed"])
    const defined = defineEvent({ category: "x", level: "Warning" as never, fields: {}, message: "m" })
    expect(defined.definition.level).toBe("warn")
    expect(() => defineEvent({ category: "x", level: "loud" as never, fields: {}, message: "m" })).toThrow(
      'defineEvent: level "loud" is unknown; the levels are debug, info, warn, error, fatal'
    )
  })

  it("S0.31 of a relayed event is read in the same way; the sender's word stays under origin", async () => {
    const { audit, written } = makeLog()
    audit.relay({ category: "工具", level: "WARNING", message: "m" })
    audit.relay({ category: "Up Load", level: "loud", message: "m" })
    expect((await written()).map(({ head }) => [head.category, head.level, head.origin])).toEqual([
      ["工具", "warn", { level: "WARNING" }],
      ["up_load", "info", { category: "Up Load", level: "loud" }]
    ])
  })
})

describe("a category", () => {
  const asWritten = [
    ["upload", "upload"],
    ["tool_call.v-2", "tool_call.v-2"],
    ["Upload", "upload"],
    ["工具", "工具"],
    ["Überprüfung", "überprüfung"],
    ["u\u0308ber", "über"],
    ["ПРАВКА", "правка"],
    ["हिन्दी", "हिन्दी"],
    ["ا١٢", "ا١٢"],
    ["𝒳".repeat(64), "𝒳".repeat(64)]
  ] as const
  const changed = [
    ["Up Load", "up_load"],
    ["工具/一", "工具_一"],
    ["", "_"],
    ["a\nb", "a_b"],
    ["x".repeat(65), "x".repeat(64)],
    ["具".repeat(70), "具".repeat(64)],
    ["👍", "_"],
    // Letters and marks that cannot be seen.
    ["a\u3164b", "a_b"],
    ["a\ufe0fb", "a_b"],
    ["a\u202eb", "a_b"]
  ] as const

  it.each(asWritten)(
    "S0.31 %s is %s: any script, in lower case, at most 64 code points",
    async (given, category) => {
      const { audit, written } = makeLog()
      audit.log(given, "first")
      audit.log(given, "second")
      for (const { head, fields } of await written()) expect([head.category, fields]).toEqual([category, {}])
    }
  )

  it.each(changed)("S0.31 %j becomes %s, and stays on the line as it was given", async (given, category) => {
    const { audit, written } = makeLog()
    audit.log(given, "first")
    audit.log(given, "second")
    for (const { head, fields } of await written())
      expect([head.category, fields]).toEqual([category, { "extra.category": given }])
  })

  it("S0.31 of a definition may be of any script, and is whole as it stands", async () => {
    const Tool = defineEvent({ category: "工具", fields: {}, message: "m" })
    const { audit, written } = makeLog()
    audit.log(Tool({}))
    expect((await written())[0]?.head.category).toBe("工具")
    expect(() => defineEvent({ category: "Tool", fields: {}, message: "m" })).toThrow(
      'defineEvent: category "Tool" is not 1 to 64 letters and digits in lower case, "_", "." and "-"'
    )
  })

  it("S0.31 a category of every character there is stays the same when it is read once more", () => {
    const odd: number[] = []
    for (let first = 0; first <= 0x10ffff; first += 16) {
      const points = Array.from({ length: 16 }, (_, index) => first + index)
      const category = toCategory(points.map((point) => String.fromCodePoint(point)).join("a"))
      const isStable = toCategory(category) === category && isWholeIn(category, category)
      const isPlain = /^[^\p{C}\p{Z}\p{S}"\\]+$/u.test(category)
      if (!isStable || !isPlain) odd.push(first)
    }
    expect(odd).toEqual([])
  })

  it("S0.31 F80 the longest text is fitted without reading all of it", () => {
    const text = "Ä".repeat(20_000_000)
    expect(toCategory(text)).toBe("ä".repeat(64))
    expect(isWholeIn("ä".repeat(64), text)).toBe(false)
  })
})
