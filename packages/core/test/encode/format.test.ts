// Format 1 as bytes: the order of the keys, the time, escaping, ids, reserved names. The vectors are those of
// docs/internals/format-vectors.json, which other languages may use as well.
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { Timestamps, toLocalDay } from "../../src/encode/timestamp.ts"
import { decodeLine } from "../../src/event/decode-line.ts"
import { StreamIds } from "../../src/event/stream-id.ts"
import { encodeLine, encodeParsed, someKey, someTime } from "../tools/encode-line.ts"
import { forSeeds } from "../tools/random.ts"

interface Vector {
  readonly name: string
  readonly draft: {
    readonly level?: number
    readonly category?: string
    readonly message?: string
    readonly seq?: number
  }
  readonly fields?: Record<string, unknown>
  readonly extras?: Record<string, unknown>
  readonly line: string
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL("../../../../docs/internals/format-vectors.json", import.meta.url), "utf8")
).vectors

describe("format 1", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))("vector: %s", (_name, vector) => {
    expect(encodeLine({ ...vector.draft, fields: vector.fields, extras: vector.extras })).toBe(vector.line)
  })

  it("S0.2 the line begins with ts, level, category, session, message; then the fields, flat; seq and id are last", () => {
    const line = encodeParsed({ fields: { filename: "customers.csv" }, extras: { zebra: 1, apple: 2 } })
    expect(Object.keys(line)).toEqual([
      "ts",
      "level",
      "category",
      "session",
      "message",
      "filename",
      "zebra",
      "apple",
      "seq",
      "id"
    ])
  })

  it("S0.3 ts is UTC, ISO-8601, with milliseconds and an explicit offset", () => {
    expect(encodeParsed({}).ts).toBe("2026-11-22T09:00:00.123Z")
    expect(encodeParsed({ time: someTime + 7.9 }).ts).toBe("2026-11-22T09:00:00.130Z")
  })

  it("S0.3 a time that no calendar has is written as an empty ts", () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 9e15])
      expect(encodeParsed({ time }).ts).toBe("")
  })

  it("the cached time equals toISOString for any moment", () => {
    const timestamps = new Timestamps()
    for (const time of [
      0,
      999,
      1_000,
      1_001,
      -1,
      -86_400_000,
      someTime,
      Date.UTC(9999, 11, 31),
      8.64e15,
      253_402_300_800_000
    ]) {
      expect(timestamps.iso(time)).toBe(new Date(time).toISOString())
      expect(timestamps.iso(time)).toBe(new Date(time).toISOString())
    }
  })

  it("the local day follows the calendar, and is 0 without a clock", () => {
    expect(toLocalDay(new Date(2026, 10, 22, 23, 59, 59, 999).getTime())).toBe(20_261_122)
    expect(toLocalDay(new Date(2026, 10, 23, 0, 0, 0, 0).getTime())).toBe(20_261_123)
    expect(toLocalDay(Number.NaN)).toBe(0)
    const timestamps = new Timestamps()
    for (const minute of [0, 59, 60]) {
      const time = new Date(2026, 10, 22, 23, minute).getTime()
      expect(timestamps.localDay(time)).toBe(minute === 60 ? 20_261_123 : 20_261_122)
    }
    expect(timestamps.localDay(Number.NaN)).toBe(0)
  })

  it("S0.6 an extra named like a reserved key never overwrites it; both values are on the line", () => {
    const extras = {
      ts: "t",
      level: "l",
      category: "c",
      session: "s",
      message: "x",
      seq: "n",
      id: "i",
      trace_id: "tr"
    }
    const line = encodeParsed({ extras })
    expect(line).toMatchObject({
      level: "info",
      category: "upload",
      session: "1a2c3d4e",
      message: "m",
      seq: 1
    })
    for (const [name, value] of Object.entries(extras)) expect(line[`extra.${name}`]).toBe(value)
    expect("trace_id" in line).toBe(false)
  })

  it("S0.6 a name that is taken even as an extra moves on, and no key stands twice", () => {
    const text = encodeLine({ fields: { size: 1 }, extras: { ts: "a", "extra.ts": "b", size: 2, v: 9 } })
    const line = JSON.parse(text)
    expect(line).toMatchObject({
      "extra.extra.ts": "a",
      "extra.ts": "b",
      size: 1,
      "extra.size": 2,
      "extra.v": 9
    })
    const keys = [...text.matchAll(/"([^"]+)":/g)].map(([, key]) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it("S0.6 no key stands twice, whichever of fields, extras and context want one name", () => {
    const keysOf = (text: string): string[] => [...text.matchAll(/"([^"]+)":/g)].map(([, key = ""]) => key)
    const layers = [
      { fields: { x: 1, "extra.x": 2 }, extras: { x: 3, "extra.extra.x": 4 } },
      { extras: { "extra.ts": 1 }, context: { ts: 2 } },
      { extras: { ts: 1 }, context: { "extra.ts": 2, seq: 3 } },
      { fields: { "extra.ts": 1 }, extras: { ts: 2 }, context: { ts: 3, "extra.extra.ts": 4 } }
    ]
    for (const layer of layers) {
      const keys = keysOf(encodeLine(layer))
      expect(keys, JSON.stringify(layer)).toEqual([...new Set(keys)])
    }
  })

  it("S0.20 non-ASCII text is written as it is; control, bidi and line-separator characters are escaped", () => {
    const plain = "naïve café — 日本語 😀 \u200d\ufeff\ufffe"
    expect(encodeLine({ message: plain })).toContain(`"message":"${plain}"`)
    for (let unit = 0; unit <= 0xffff; unit++) {
      const mustEscape =
        unit < 0x20 ||
        (unit >= 0x7f && unit <= 0x9f) ||
        unit === 0x61c ||
        unit === 0x200e ||
        unit === 0x200f ||
        (unit >= 0x2028 && unit <= 0x202e) ||
        (unit >= 0x2066 && unit <= 0x2069)
      const char = String.fromCharCode(unit)
      const line = encodeLine({ message: char })
      const isSurrogate = unit >= 0xd800 && unit <= 0xdfff
      if (mustEscape) expect(line, unit.toString(16)).not.toContain(char)
      else if (!isSurrogate && char !== '"' && char !== "\\")
        expect(line, unit.toString(16)).toContain(`"${char}"`)
      expect(JSON.parse(line).message).toBe(isSurrogate ? "\ufffd" : char)
    }
  })

  it("a line keeps its bytes when its room runs out in the middle", () => {
    const message = "é\u0001😀".repeat(500)
    for (let room = 0; room < 400; room += 7)
      expect(JSON.parse(encodeLine({ message }, room)).message).toBe(message)
  })
})

describe("ids", () => {
  /** The id of what closes a line. */
  const textOf = (end: Uint8Array): string => JSON.parse(`{"a":0${new TextDecoder().decode(end)}`).id
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  it("are UUIDv7 whose last 15 hex digits are the stream key", () => {
    const id = textOf(new StreamIds(someKey).next(someTime))
    expect(id).toMatch(pattern)
    expect(id.replaceAll("-", "").slice(-15)).toBe(someKey)
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(someTime)
  })

  it("of any moment are its 48 bits of milliseconds, and the counter within it", () => {
    forSeeds(2_000, (random) => {
      const ids = new StreamIds(someKey)
      const ms = Math.floor(random() * 2 ** (1 + 46 * random())) + 1
      const count = Math.floor(random() * 40)
      let id = ids.next(ms)
      for (let more = 0; more < count; more++) id = ids.next(ms)
      const digits = textOf(id).replaceAll("-", "")
      expect(Number.parseInt(digits.slice(0, 12), 16)).toBe(ms)
      const counter =
        (Number.parseInt(digits.slice(13, 16), 16) << 2) | (Number.parseInt(digits[16] ?? "", 16) & 3)
      expect(counter).toBe(count)
    })
  })

  it("rise within a millisecond, beyond its 16,384 ids, when the clock steps back, and when it is gone", () => {
    const ids = new StreamIds(someKey)
    let last = ""
    const times = [someTime, someTime - 3_600_000, Number.NaN, someTime + 1, someTime + 1, 2 ** 60]
    for (const time of [...Array.from({ length: 40_000 }, () => someTime), ...times]) {
      const id = textOf(ids.next(time))
      expect(id > last).toBe(true)
      expect(id).toMatch(pattern)
      last = id
    }
  })
})

describe("reading back", () => {
  it("gives head and fields apart, and keeps keys that it does not know", () => {
    const event = decodeLine(encodeLine({ fields: { filename: "a.csv" }, extras: { future_key: [1] } }))
    expect(event).toMatchObject({
      kind: "event",
      head: { level: "info", category: "upload", session: "1a2c3d4e", message: "m", seq: 1 },
      fields: { filename: "a.csv", future_key: [1] }
    })
  })

  it("a line with an id and no seq is a mark; a line of an older system is an event", () => {
    expect(decodeLine(encodeLine({ category: "gap", seq: 0 }))).toMatchObject({ kind: "gap" })
    const older =
      '{"ts":"2026-11-22T09:00:00+00:00","level":"info","category":"gap","session":"x","message":"m"}'
    expect(decodeLine(older)).toMatchObject({ kind: "event", head: { id: "" } })
  })

  it("reads the levels of older systems, and keeps a word that is none beside info", () => {
    const read = (level: unknown) => {
      const event = decodeLine(JSON.stringify({ category: "load", message: "m", level }))
      return "damage" in event ? event : [event.head.level, event.fields.level]
    }
    expect(["WARNING", "warning", "CRITICAL", "Error", "fatal"].map((level) => read(level))).toEqual([
      ["warn", undefined],
      ["warn", undefined],
      ["fatal", undefined],
      ["error", undefined],
      ["fatal", undefined]
    ])
    expect(["loud", "constructor", 30].map((level) => read(level))).toEqual([
      ["info", "loud"],
      ["info", "constructor"],
      ["info", 30]
    ])
    expect(read(undefined)).toEqual(["info", undefined])
  })

  it("F75 says what is wrong with a line that is no event, and never throws", () => {
    expect(decodeLine(new Uint8Array([0x22, 0xff, 0x22]))).toEqual({ damage: "not UTF-8" })
    expect(decodeLine('{"ts":')).toEqual({ damage: "not JSON" })
    for (const text of ["1", '"x"', "null", "[]"])
      expect(decodeLine(text)).toEqual({ damage: "not an object" })
  })

  it("F90 a __proto__ key is data", () => {
    const event = decodeLine(
      '{"ts":"","level":"info","category":"x","session":"s","message":"","__proto__":{"polluted":1}}'
    )
    expect("damage" in event).toBe(false)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    if (!("damage" in event)) expect(Object.keys(event.fields)).toEqual(["__proto__"])
  })
})
