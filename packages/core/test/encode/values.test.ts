// What becomes of values that JSON has no word for, of values that fight back, and of values that are too large.
// Every case goes through the real encoder and must give one line that parses.
import { describe, expect, it } from "vitest"
import { eventLimits } from "../../src/limits.ts"
import { encodeLine, encodeParsed } from "../tools/encode-line.ts"

const written = (value: unknown): unknown => encodeParsed({ extras: { value } }).value

const throwing = (key: string): object =>
  Object.defineProperty({ ok: 1 }, key, {
    enumerable: true,
    get: () => {
      throw new TypeError("no entry")
    }
  })

describe("values", () => {
  it("S0.5 S1.13 S4.6 each extra is tried on its own: one that cannot be JSON becomes text, the others stay untouched", () => {
    const line = encodeParsed({ extras: { a: 1, big: 10n, fn: () => 1, bad: throwing("x"), z: "last" } })
    expect(line).toMatchObject({
      a: 1,
      big: "10",
      fn: "[Function]",
      bad: { ok: 1, x: "[Threw: no entry]" },
      z: "last"
    })
  })

  it("F85 numbers that JSON lacks are text, and minus zero keeps its sign", () => {
    expect(written([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2n ** 70n])).toEqual([
      "NaN",
      "Infinity",
      "-Infinity",
      "1180591620717411303424"
    ])
    expect(Object.is(written(-0), -0)).toBe(true)
    expect(written(Number.MAX_SAFE_INTEGER + 2)).toBe(Number.MAX_SAFE_INTEGER + 2)
    expect(written(2n ** 5_000n)).toBe("[Truncated: size]")
  })

  it("S3.12 dates, bytes, sets, maps and classes have readable forms", () => {
    expect(written(new Date(0))).toBe("1970-01-01T00:00:00.000Z")
    expect(written(new Date(Number.NaN))).toBe("Invalid Date")
    expect(
      written([new Uint8Array(3), new ArrayBuffer(3), Buffer.from("x"), new DataView(new ArrayBuffer(1))])
    ).toEqual(["<bytes>", "<bytes>", "<bytes>", "<bytes>"])
    expect(written(new Set([1, "b"]))).toEqual([1, "b"])
    expect(written(new Map([["a", 1]]))).toEqual({ a: 1 })
    expect(
      written(
        new Map<unknown, unknown>([
          [1, "one"],
          ["b", 2]
        ])
      )
    ).toEqual([
      [1, "one"],
      ["b", 2]
    ])
    expect(
      written(
        new (class Point {
          x = 1
          #hidden = 2
          get y() {
            return this.#hidden
          }
        })()
      )
    ).toEqual({ x: 1 })
    expect(written(new URL("https://ada:pass@example.com/p?q=1"))).toBe("https://example.com/p?q=1")
    expect(written([new String("s"), new Number(1), new Boolean(false), /x/g])).toEqual([
      "s",
      1,
      false,
      "/x/g"
    ])
  })

  it("F87 what has no value is a short marker; undefined is left out of objects and null in lists", () => {
    const generator = (function* () {
      yield 1
    })()
    expect(written([undefined, () => 1, Symbol("s"), Promise.resolve(1), generator])).toEqual([
      null,
      "[Function]",
      "[Symbol]",
      "[Promise]",
      "[Generator]"
    ])
    expect(Object.keys(encodeParsed({ extras: { gone: undefined, here: null } }))).not.toContain("gone")
  })

  it("toJSON is honoured once", () => {
    expect(written({ toJSON: () => "text" })).toBe("text")
    expect(written({ toJSON: () => ({ a: 1, toJSON: () => "twice" }) })).toMatchObject({ a: 1 })
    expect(
      written({
        a: 1,
        toJSON() {
          return this
        }
      })
    ).toMatchObject({ a: 1 })
    expect(written(Object.assign(new (class X {})(), { toJSON: () => [1, { token: "t" }] }))).toEqual([
      1,
      { token: "[redacted]" }
    ])
  })

  it("F86 errors keep type, message, stack, cause and their own fields", () => {
    const error = Object.assign(new RangeError("outer", { cause: new Error("inner") }), { code: "E1" })
    expect(written(error)).toMatchObject({
      type: "RangeError",
      message: "outer",
      stack: expect.stringContaining("RangeError: outer"),
      cause: { type: "Error", message: "inner" },
      code: "E1"
    })
    const cyclic = new Error("loop")
    cyclic.cause = cyclic
    expect(written(cyclic)).toMatchObject({ cause: "[Circular]" })
    expect(written(new AggregateError([new Error("one")], "many"))).toMatchObject({
      errors: [{ message: "one" }]
    })
  })

  it("F80 cycles and depth end in a marker; the same object twice is no cycle", () => {
    const cycle: Record<string, unknown> = { name: "a" }
    cycle.self = cycle
    expect(written(cycle)).toEqual({ name: "a", self: "[Circular]" })
    const shared = { x: 1 }
    expect(written([shared, shared])).toEqual([shared, shared])
    let deep: unknown = "bottom"
    for (let level = 0; level < 20_000; level++) deep = { deep }
    expect(encodeLine({ extras: { deep } })).toContain('"[Truncated: depth]"')
    expect(JSON.parse(encodeLine({ extras: { all: globalThis } }))).toBeTypeOf("object")
  })

  it("F80 the limit of depth is exact", () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { n: nested(levels - 1) })
    expect(JSON.stringify(written(nested(eventLimits.depthMax)))).not.toContain("Truncated")
    expect(JSON.stringify(written(nested(eventLimits.depthMax + 1)))).toContain("[Truncated: depth]")
  })

  it("F82 whatever throws while it is read becomes a marker, and the line is written", () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const endless: object = new Proxy(
      {},
      {
        get: (_target, key) => (key === "toJSON" ? undefined : endless),
        ownKeys: () => ["a"],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true })
      }
    )
    expect(written(throwing("x"))).toEqual({ ok: 1, x: "[Threw: no entry]" })
    expect(
      written({
        toJSON: () => {
          throw new Error("no json")
        }
      })
    ).toBe("[Threw: no json]")
    expect(
      written({
        toJSON: () => {
          throw Object.create(null)
        }
      })
    ).toBe("[Threw]")
    expect(written([1, proxy, 2])).toEqual([1, expect.stringContaining("[Threw"), 2])
    const halfWay = new Proxy(new Error("x"), {
      has: () => {
        throw new Error("after the first key")
      }
    })
    expect(written([halfWay, 2])).toEqual(["[Threw: after the first key]", 2])
    expect(JSON.stringify(written(endless))).toContain("[Circular]")
    expect(encodeParsed({ extras: proxy as Record<string, unknown> }).message).toBe("m")
  })

  it("F88 large values are cut, and say how large they were", () => {
    const { stringCharsMax, itemsMax, keysMax, lineBytesMax } = eventLimits
    expect(written("x".repeat(stringCharsMax))).toBe("x".repeat(stringCharsMax))
    expect(written("x".repeat(stringCharsMax + 1))).toBe(
      `${"x".repeat(stringCharsMax)} …[${stringCharsMax + 1} chars total]`
    )
    expect(written(Array.from({ length: itemsMax }, () => 1))).toHaveLength(itemsMax)
    const items = written(Array.from({ length: itemsMax + 1 }, () => 1)) as unknown[]
    expect(items).toHaveLength(itemsMax + 1)
    expect(items.at(-1)).toBe("[Truncated: items]")
    const keys = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]))
    expect(written(keys(keysMax))).toEqual(keys(keysMax))
    expect(written(keys(keysMax + 1))).toEqual({ ...keys(keysMax), "…": "[Truncated: keys]" })
    for (const huge of [
      "\u0000".repeat(20_000_000),
      Array.from({ length: 1_000 }, () => "é".repeat(8_000)),
      new Array(1_000_000)
    ]) {
      const line = encodeLine({ extras: { huge, after: 1 }, message: "\u0001".repeat(100_000) })
      expect(Buffer.byteLength(line)).toBeLessThan(lineBytesMax)
      expect(JSON.parse(line)).toMatchObject({ seq: 1 })
    }
  })

  it("F89 cutting never splits a code point", () => {
    const text = `${"x".repeat(eventLimits.stringCharsMax - 1)}😀😀`
    expect(written(text)).toBe(`${"x".repeat(eventLimits.stringCharsMax - 1)} …[${text.length} chars total]`)
  })

  it("F81 lone surrogates become U+FFFD, NUL is escaped", () => {
    expect(written("a\ud800b\udc00")).toBe("a\ufffdb\ufffd")
    expect(encodeLine({ extras: { value: "\u0000" } })).toContain("\\u0000")
  })

  it("F84 forged JSON, escape sequences and line breaks stay inside their string", () => {
    const forged = '"}\r\n{"ts":"2020-01-01T00:00:00.000Z","level":"info"}\u001b[2J\u009b31m\u202e'
    const line = encodeLine({ extras: { forged } })
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(JSON.parse(line).forged).toBe(forged)
  })

  it("F90 __proto__ and constructor keys are data and pollute nothing", () => {
    const extras = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    const line = encodeLine({ extras })
    expect(line).toContain('"__proto__":{"polluted":1}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe("the deny-list", () => {
  const isRedacted = (key: string): boolean => encodeParsed({ extras: { [key]: "v" } })[key] === "[redacted]"

  it("S1.15 redacts whole key words in camel, snake and kebab case", () => {
    const secret = [
      "password",
      "userPassword",
      "user_pwd",
      "passphrase",
      "apiKey",
      "api-key",
      "API_KEY",
      "apikey",
      "accessToken",
      "x-auth-token",
      "Authorization",
      "set-cookie",
      "sessionCookie",
      "privateKey",
      "licenceKey",
      "LICENSE_KEY",
      "clientSecret"
    ]
    expect(secret.filter((key) => !isRedacted(key))).toEqual([])
    const open = [
      "max_tokens",
      "tokens",
      "token_count",
      "tokenLimit",
      "key",
      "primary_key",
      "author",
      "passenger",
      "secretary",
      "bypass",
      "keyboard"
    ]
    expect(open.filter(isRedacted)).toEqual([])
  })

  it("F93 reaches into lists, maps, classes and toJSON, and never reads what it hides", () => {
    let reads = 0
    const nested = {
      list: [{ token: "t" }],
      map: new Map([["password", "p"]]),
      made: { toJSON: () => ({ secret: "s" }) },
      error: Object.assign(new Error("e"), { cookie: "c" }),
      get apiKey() {
        reads += 1
        return "k"
      }
    }
    const line = encodeParsed({ extras: { nested } })
    expect(line.nested).toMatchObject({
      list: [{ token: "[redacted]" }],
      map: { password: "[redacted]" },
      made: { secret: "[redacted]" },
      error: { cookie: "[redacted]" },
      apiKey: "[redacted]"
    })
    expect(reads).toBe(0)
  })
})
