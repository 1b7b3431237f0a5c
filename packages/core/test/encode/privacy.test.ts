// What must never be on a line, and what annotations make of a field. The canary test sends a marked value through
// every door in every disguise and looks for it everywhere.
import { createHmac } from "node:crypto"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { describePrivacy } from "../../src/api/describe-privacy.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { keep, pseudonym, secret, truncate } from "../../src/event/privacy.ts"
import type { TypedEvent } from "../../src/event/typed-event.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import { encodeParsed } from "../tools/encode-line.ts"
import { forSeeds } from "../tools/random.ts"

const LoggedIn = defineEvent({
  category: "login",
  fields: {
    user: pseudonym(Schema.String),
    password: secret(Schema.String),
    pin: Schema.optionalKey(secret(Schema.Int)),
    note: Schema.optionalKey(truncate(5)(Schema.String)),
    body: Schema.optionalKey(keep(20_000)(Schema.String)),
    device: Schema.optionalKey(Schema.Struct({ name: Schema.String, serial: secret(Schema.String) })),
    keys: Schema.optionalKey(
      Schema.Array(Schema.Struct({ label: Schema.String, value: secret(Schema.String) }))
    ),
    tags: Schema.optionalKey(truncate(3)(Schema.Array(Schema.String)))
  },
  message: ({ user, password, device }) =>
    `${user} logged in with ${password} from ${device?.name} ${device?.serial}`
})

const pseudonymKey = "0123456789abcdef0123456789abcdef"

const lineOf = async (event: TypedEvent, options: { readonly pseudonymKey?: string } = { pseudonymKey }) => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "privacy", exporters: [exporter], exitHook: false, ...options })
  audit.log(event)
  await audit.close()
  return { line: exporter.lines[0] ?? "", event: exporter.events[0] }
}

describe("annotations", () => {
  it("secret is never written, neither in its field nor in the message", async () => {
    const { line, event } = await lineOf(LoggedIn({ user: "ada", password: "hunter2", pin: 4711 }))
    expect(line).not.toMatch(/hunter2|4711/)
    expect(event?.fields).toMatchObject({ password: "[redacted]", pin: "[redacted]" })
    expect(event?.head.message).toContain("logged in with [redacted]")
    expect("note" in (event?.fields ?? {})).toBe(false)
  })

  it("pseudonym is the keyed HMAC, and [redacted] without a key", async () => {
    const expected = createHmac("sha256", pseudonymKey).update("ada").digest("hex").slice(0, 32)
    const keyed = await lineOf(LoggedIn({ user: "ada", password: "p" }))
    expect(keyed.event?.fields.user).toBe(`hmac:${expected}`)
    expect(keyed.line).not.toContain('"ada')
    const unkeyed = await lineOf(LoggedIn({ user: "ada", password: "p" }), {})
    expect(unkeyed.event?.fields.user).toBe("[redacted]")
  })

  it("reach nested structs and lists", async () => {
    const device = { name: "laptop", serial: "SN-1" }
    const { line, event } = await lineOf(
      LoggedIn({
        user: "ada",
        password: "p",
        device,
        keys: [
          { label: "a", value: "v-1" },
          { label: "b", value: "v-2" }
        ]
      })
    )
    expect(line).not.toMatch(/SN-1|v-1|v-2/)
    expect(event?.fields).toMatchObject({
      device: { name: "laptop", serial: "[redacted]" },
      keys: [
        { label: "a", value: "[redacted]" },
        { label: "b", value: "[redacted]" }
      ]
    })
    expect(event?.head.message).toContain("from laptop [redacted]")
  })

  it("truncate cuts on code points, exactly at its length, also below; keep raises the limit", async () => {
    const fields = { user: "ada", password: "p", tags: ["abc", "abcd"] }
    const body = "x".repeat(20_000)
    expect((await lineOf(LoggedIn({ ...fields, note: "12345", body }))).event?.fields).toMatchObject({
      note: "12345",
      body,
      tags: ["abc", "abc …[4 chars total]"]
    })
    const cut = await lineOf(LoggedIn({ ...fields, note: "1234😀6", body: `${body}y` }))
    expect(cut.event?.fields.note).toBe("1234 …[7 chars total]")
    expect(cut.event?.fields.body).toBe(`${body} …[20001 chars total]`)
    const wide = await lineOf(LoggedIn({ ...fields, body: "é".repeat(10_001) }))
    expect(wide.event?.fields.body).toBe(`${"é".repeat(10_000)} …[10001 chars total]`)
  })

  it("a mismatch names the field and never its value", async () => {
    const wrong = LoggedIn as unknown as (fields: unknown) => TypedEvent
    const { line, event } = await lineOf(wrong({ user: 7, password: { raw: "hunter2" }, pin: "4711" }))
    expect(line).not.toMatch(/hunter2|4711/)
    expect(event?.head.schema_error).toBe("user, password, pin")
  })

  it("keep counts bytes, whatever script a text is in", async () => {
    const Kept = defineEvent({ category: "kept", fields: { text: keep(100)(Schema.String) }, message: "m" })
    for (const [unit, fits] of [
      ["a", 100],
      ["ä", 50],
      ["日", 33],
      ["😀", 25]
    ] as const) {
      const whole = unit.repeat(fits)
      expect((await lineOf(Kept({ text: whole }))).event?.fields.text).toBe(whole)
      const cut = (await lineOf(Kept({ text: whole + unit }))).event?.fields.text
      expect(cut).toMatch(new RegExp(`^(${unit})*[^${unit}]* …\\[`))
    }
  })

  it("describePrivacy tells for every event what happens to each field", () => {
    expect(describePrivacy([LoggedIn])).toEqual([
      {
        category: "login",
        fields: [
          { path: "user", written: "as a pseudonym" },
          { path: "password", written: "never" },
          { path: "pin", written: "never" },
          { path: "note", written: "the first 5 characters of text, but for known secrets" },
          { path: "body", written: "as it is, up to 20000 bytes of text, but for known secrets" },
          { path: "device", written: "as it is, but for known secrets" },
          { path: "device.serial", written: "never" },
          { path: "keys", written: "as it is, but for known secrets" },
          { path: "keys[]", written: "as it is, but for known secrets" },
          { path: "keys[].value", written: "never" },
          { path: "tags", written: "the first 3 characters of text, but for known secrets" }
        ]
      }
    ])
  })

  it("a senseless length fails where it is written", () => {
    for (const length of [0, -1, 1.5, Number.NaN]) expect(() => truncate(length)).toThrow(TypeError)
  })
})

describe("secrets in texts", () => {
  const written = (text: string): unknown => encodeParsed({ extras: { text } }).text

  it("F93 userinfo, query secrets, bearer tokens, JWTs, keys and connection strings are redacted", () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    expect(written("GET https://ada:pa55@example.com/x?api_key=k-1&page=2#top")).toBe(
      "GET https://[redacted]@example.com/x?api_key=[redacted]&page=2#top"
    )
    expect(written("Authorization: Basic dXNlcjpwYXNz, next")).toBe("Authorization: [redacted], next")
    expect(written("sent Bearer abc.def-123 on")).toBe("sent Bearer [redacted] on")
    expect(written(`token ${jwt}.`)).not.toContain("eyJ")
    expect(written("Server=db;User=ada;Password=pa55 word;")).toBe(
      "Server=db;User=ada;Password=[redacted] word;"
    )
    expect(written("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\nrest")).toBe(
      "[redacted]\nrest"
    )
    expect(written("-----BEGIN PRIVATE KEY-----\nMIIB")).toBe("[redacted]")
  })

  it("ordinary text stays as it is", () => {
    for (const text of [
      "a=b",
      "1 + 1 = 2",
      "https://example.com/a?b=c@d",
      "basic understanding",
      "max_tokens=5",
      "bearer of news",
      "x@y.z"
    ]) {
      expect(written(text)).toBe(text)
    }
  })

  it("F94 texts made to make patterns backtrack come through: each of these hangs a nested repetition", () => {
    const pieces = [
      "a",
      "://",
      "eyJ",
      "-----BEGIN PRIVATE KEY-----",
      "=",
      "a=",
      "authorization:",
      "x@",
      "http://",
      "Bearer ",
      ".a"
    ]
    for (const piece of pieces) {
      const text = piece.repeat(8_000 / piece.length)
      expect(written(text)).toBeTypeOf("string")
      expect(written(`${text}!`)).toBeTypeOf("string")
    }
  })
})

describe("the canary", () => {
  it("a marked value under a secret key, in a secret field or in a secret's text form is never written anywhere", async () => {
    const secretKeys = ["password", "apiKey", "access_token", "Authorization", "set-cookie", "clientSecret"]
    const lines: string[] = []
    const notices: string[] = []
    const canaries: string[] = []
    const exporter = memoryExporter()
    const audit = createAuditLog({
      app: "canary",
      exporters: [exporter],
      exitHook: false,
      notice: (line) => void notices.push(line)
    })
    forSeeds(300, (random, seed) => {
      const canary = `CANARY${seed}x${Math.floor(random() * 1e9)}`
      canaries.push(canary)
      const key = secretKeys[Math.floor(random() * secretKeys.length)] ?? "password"
      const holders: ((value: unknown) => unknown)[] = [
        (value) => [value],
        (value) => ({ deep: value }),
        (value) => new Map([["inner", value]]),
        (value) => ({ toJSON: () => value }),
        (value) => Object.assign(new Error("outer"), { held: value }),
        (value) =>
          new (class Holder {
            value = value
          })(),
        (value) => new Set([value])
      ]
      const texts = [
        `https://u:${canary}@h/`,
        `https://h/?${key.toLowerCase()}=${canary}`,
        `Bearer ${canary}`,
        `eyJ${canary}.a.b`
      ]
      let value: unknown = random() < 0.5 ? { [key]: canary } : texts[Math.floor(random() * texts.length)]
      for (let depth = 0; depth < 3; depth++)
        value = (holders[Math.floor(random() * holders.length)] ?? ((it) => it))(value)
      audit.log("c", `m ${String(texts[1])}`, { value })
      audit.exception("where", new Error(String(texts[0]), { cause: value }))
      audit.log(LoggedIn({ user: canary, password: canary, device: { name: "n", serial: canary } }))
    })
    const result = await audit.close()
    lines.push(...exporter.lines, ...notices, JSON.stringify(result), JSON.stringify(audit.health()))
    expect(result.written).toBe(900)
    const all = lines.join("\n")
    expect(canaries.filter((canary) => all.includes(canary))).toEqual([])
  })
})
