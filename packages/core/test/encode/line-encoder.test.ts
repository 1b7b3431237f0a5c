// The fast encoder against the plain one: whatever an event holds, the same bytes. Texts are made of what either of them
// treats in its own way: escapes, every length of UTF-8, secrets and what only looks like one.
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { Keys } from "../../src/encode/keys.ts"
import { LineBytes } from "../../src/encode/line-bytes.ts"
import { type Draft, LineEncoder } from "../../src/encode/line-encoder.ts"
import { withoutSecrets } from "../../src/encode/text-patterns.ts"
import { Timestamps } from "../../src/encode/timestamp.ts"
import { defineEvent } from "../../src/event/define-event.ts"
import { StreamIds } from "../../src/event/stream-id.ts"
import { someKey, someTime } from "../tools/encode-line.ts"
import { plainLine } from "../tools/plain-line.ts"
import { forSeeds } from "../tools/random.ts"

type Random = () => number

const oneOf = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item

const pieces = [
  ...["a", "word ", "customers.csv", "für ", "größe", "日本", "👩‍💻", "é", "\u00a0", "\ufeff"],
  ...['"', "\\", "\n", "\r\n", "\t", "\b", "\0", "\u001b[31m", "\u007f", "\u0085", "\u009f", "\u061c"],
  ...["\u200b", "\u200e", "\u2027", "\u2028", "\u202e", "\u202f", "\u2066", "\u2069", "\u206a"],
  ...["\ud800", "\udc00", "\ud83d\ude00", "\uffff", "\ufffd"],
  ...["=", "token=", "max_tokens=4096 ", "api.key=abc ", "user=ada ", "Password='x y' ", "-=", "a=b=c "],
  ...["https://", "file:///srv/app/main.js:17:3 ", "ftp://ada:pw@host/", "://@", "user@host ", "x://y@z"],
  ...["bearer ", "Bearer ", "BEARER abcdef123 ", "bear ", "eyJ", "EYj", "eyJhbGciOiJI.abc.def ", "hey Joe "],
  ...[
    "Authorization: ",
    "authorization=basic ",
    "AUTHORIZATION",
    "horizon ",
    "Basic dXNlcjpwdw== ",
    "abcdef"
  ],
  ...[
    "password: ",
    '"apiKey": "k',
    "token :",
    "pass%77ord=",
    "token%3Dx",
    "%253D",
    "--password x ",
    "-u ",
    "curl "
  ],
  ...[
    "ghp_",
    "npm_",
    "sk_live_",
    "sk-ant-",
    "glpat-",
    "xoxb-",
    "AKIA",
    "AIza",
    "ya29.",
    "ABCDEF0123456789",
    "a1".repeat(20)
  ],
  ...[
    "api key: ",
    "value: ",
    '"name":"token","value":"',
    "<password>",
    "\\npin: ",
    "pass\\u0077ord: ",
    "ｐｗｄ="
  ],
  ...["-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "--", "- "],
  ..."abcdefghijklmnopqrstuvwxyz0123456789 .,;:/?#&_-<>'".split("")
]

const someText = (random: Random): string => {
  const count = Math.floor(random() * (random() < 0.1 ? 300 : 12))
  return Array.from({ length: count }, () => oneOf(random, pieces)).join("")
}

const someValue = (random: Random, depth = 0): unknown => {
  const kind = Math.floor(random() * (depth < 2 ? 9 : 7))
  if (kind < 3) return someText(random)
  if (kind === 3)
    return oneOf(random, [0, -0, 7, 9, 10, 99, 100, 999_999_999, 1e9, 1e21, -1, 0.1, 2 ** 53, Number.NaN])
  if (kind === 4) return Math.floor(random() * 10 ** (random() * 15))
  if (kind === 5) return oneOf(random, [true, false, null])
  if (kind === 6) return random() < 0.2 ? undefined : random() * 1e6
  if (kind === 7) return Array.from({ length: Math.floor(random() * 4) }, () => someValue(random, depth + 1))
  return someFields(random, depth + 1)
}

const names = [
  "a",
  "b",
  "größe",
  "pass word",
  "max_tokens",
  "api_key",
  "authToken",
  "x".repeat(80),
  "\u202ex",
  '"q"'
]
const someFields = (random: Random, depth = 0): Record<string, unknown> => {
  const chosen = names.filter(() => random() < 0.3)
  return Object.fromEntries(chosen.map((name) => [`${name}${depth}`, someValue(random, depth)]))
}

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.Unknown, bytes: Schema.Unknown, note: Schema.optionalKey(Schema.Unknown) },
  message: "Uploaded"
})

const someDraft = (random: Random, seq: number, time: number): Draft => {
  const isTyped = random() < 0.5
  const fields = { filename: someValue(random), bytes: someValue(random), ...(random() < 0.3 && { note: 1 }) }
  return {
    time,
    seq,
    level: Math.floor(random() * 5),
    category: oneOf(random, ["upload", "a", "area-7"]),
    message: someText(random),
    ...(isTyped && { definition: Uploaded.definition, fields }),
    ...(random() < 0.6 && { extras: someFields(random) }),
    ...(random() < 0.3 && { context: { user: someText(random), engine: "duckdb" } })
  }
}

describe("the fast encoder", () => {
  it("writes what the plain one writes, byte by byte", () => {
    forSeeds(400, (random) => {
      const out = new LineBytes(new Uint8Array(256), (bytesMin) => new Uint8Array(2 * bytesMin))
      const encoder = new LineEncoder(out, new StreamIds(someKey), new Timestamps())
      const ids = new StreamIds(someKey)
      let time = someTime
      for (let seq = 1; seq <= 20; seq++) {
        time += oneOf(random, [0, 0, 1, 9, 10, 99, 100, 877, 1_000, 60_000, -5])
        const draft = someDraft(random, seq * 10 ** Math.floor(random() * 9), time)
        const { id } = JSON.parse(`{"a":0${new TextDecoder().decode(ids.next(time))}`)
        // Lines follow each other in one room, and move to another when it is full.
        out.begin(out.bytes, out.position)
        encoder.encode(draft)
        const line = Buffer.from(out.bytes.subarray(out.lineStart, out.position)).toString("utf8")
        expect(line).toBe(plainLine(draft, someKey, id))
      }
    })
  })

  it("writes any time as the plain one does", () => {
    forSeeds(200, (random) => {
      const out = new LineBytes(new Uint8Array(4_096), (bytesMin) => new Uint8Array(2 * bytesMin))
      const encoder = new LineEncoder(out, new StreamIds(someKey), new Timestamps())
      for (let times = 0; times < 10; times++) {
        const time = oneOf(random, [0, 999, 1_000, 253_402_214_400_000, random() * 2e12, -1, 8.64e15])
        out.begin(out.bytes, 0)
        encoder.encode({ time, seq: 1, level: 1, category: "a", message: "m" })
        const { ts } = JSON.parse(Buffer.from(out.bytes.subarray(0, out.position)).toString("utf8"))
        expect(ts).toBe(new Date(time).toISOString())
      }
    })
  })

  it("S0.20 keeps every secret that the patterns find, wherever it stands in a text", () => {
    const keys = new Keys()
    forSeeds(20_000, (random) => {
      const text = someText(random)
      const shown = withoutSecrets(text, keys)
      const out = new LineBytes(new Uint8Array(65_536), (bytesMin) => new Uint8Array(2 * bytesMin))
      // The quick way may be refused for any text, and taken only for one that no pattern changes.
      if (out.quick(text, keys)) expect(shown).toBe(text)
    })
  })

  it("takes the quick way for texts that only look like secrets: stacks, URLs, SQL", () => {
    const keys = new Keys()
    const out = new LineBytes(new Uint8Array(65_536), (bytesMin) => new Uint8Array(2 * bytesMin))
    const texts = [
      "Error: no delimiter\n    at analyze (file:///srv/app/main.js:17:3)\n    at run (file:///srv/app/main.js:3:1)",
      "SELECT id FROM customers WHERE country = 'DE' AND name=\"Zoë\"",
      "https://example.org/a/b?page=2&sort=name#top",
      "The jazz band of the pub -- for ever: 10:30-11:00"
    ]
    expect(texts.filter((text) => !out.quick(text, keys))).toEqual([])
  })
})
