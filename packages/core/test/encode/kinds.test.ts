// Which kind of object a value is: of another realm, behind a forged tag, of the platform's classes, or with nothing to show but a
// text. Every case goes through the real encoder.
import vm from "node:vm"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { defineEvent } from "../../src/event/define-event.ts"
import { readTypedEvent } from "../../src/event/typed-event.ts"
import { encodeLine, encodeParsed } from "../tools/encode-line.ts"

const written = (value: unknown): unknown => encodeParsed({ extras: { value } }).value
const foreign = (code: string): unknown => vm.runInNewContext(code)

describe("values of another realm", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["new Date(0)", "1970-01-01T00:00:00.000Z"],
    ["new Date(NaN)", "Invalid Date"],
    ["new Map([['a', 1], ['password', 'p']])", { a: 1, password: "[redacted]" }],
    ["new Set([1, 'b'])", [1, "b"]],
    ["/a+/gi", "/a+/gi"],
    ["Promise.resolve(1)", "[Promise]"],
    ["(function* () { yield 1 })()", "[Generator]"],
    [
      "[new String('s'), new Number(1), new Boolean(false), Object(1n), Object(Symbol('s'))]",
      ["s", 1, false, "1", "[Symbol]"]
    ],
    [
      "[new Uint8Array(2), new DataView(new ArrayBuffer(2)), new ArrayBuffer(2)]",
      ["<bytes>", "<bytes>", "<bytes>"]
    ],
    ["({ a: [1, {}] })", { a: [1, {}] }]
  ]
  it.each(cases)("S3.12 F86 %s is written as ours are", (code, form) => {
    expect(written(foreign(code))).toEqual(form)
  })

  it("F86 an error is one also where the host cannot tell by its brand", () => {
    expect(written(foreign("new EvalError('e')"))).toMatchObject({
      type: "EvalError",
      message: "e",
      stack: expect.any(String)
    })
  })
})

describe("a forged tag", () => {
  it("F82 hides no field, shows no secret and breaks nothing", () => {
    const tags = [
      "Error",
      "DOMException",
      "Date",
      "Map",
      "Set",
      "URL",
      "RegExp",
      "Promise",
      "Generator",
      "String",
      "Number",
      "BigInt",
      "Symbol",
      "ArrayBuffer",
      "SharedArrayBuffer",
      "Headers",
      "FormData",
      "URLSearchParams",
      "Response",
      "Blob",
      "File"
    ]
    for (const tag of tags) {
      class Forged {
        own = 1
        token = "hunter2"
        get [Symbol.toStringTag](): string {
          return tag
        }
      }
      expect([tag, written(new Forged())]).toEqual([tag, { own: 1, token: "[redacted]" }])
    }
  })

  it("F82 that throws is a marker, and its neighbours stand", () => {
    class Throws {
      get [Symbol.toStringTag](): string {
        throw new Error("no tag")
      }
    }
    expect(written([new Throws(), 2])).toEqual(["[Threw: no tag]", 2])
  })

  it("F88 of a boxed text or of bytes behind a proxy is not read unit by unit", () => {
    let asked = 0
    const bytes = new Proxy(new Uint8Array(1_000_000), {
      ownKeys: () => {
        asked += 1
        return []
      }
    })
    expect(written([bytes, new String("x".repeat(5))])).toEqual(["<bytes>", "xxxxx"])
    expect(asked).toBe(0)
  })
})

describe("an object that has only a text", () => {
  class Uuid {
    readonly #bytes = "01a2027b"
    toString(): string {
      return this.#bytes
    }
  }

  it("S0.5 S3.12 is its text: a UUID, a decimal, a query", () => {
    class Decimal {
      readonly #digits: bigint
      constructor(digits: bigint) {
        this.#digits = digits
      }
      [Symbol.toPrimitive](hint: string): unknown {
        return hint === "string" ? `${this.#digits}e-2` : Number(this.#digits) / 100
      }
    }
    class Percent {
      [Symbol.toPrimitive](): number {
        return 12.5
      }
    }
    expect(written([new Uuid(), new Decimal(1_250n), new Percent()])).toEqual(["01a2027b", "1250e-2", "12.5"])
    expect(written(new URLSearchParams("a=1&b=two words"))).toBe("a=1&b=two+words")
  })

  it("S3.12 fields come before a text, and toJSON before both", () => {
    class Point {
      x = 1
      toString(): string {
        return "Point"
      }
    }
    class Instant {
      toJSON(): string {
        return "2026-11-22T09:00:00Z"
      }
      toString(): string {
        return "wrong"
      }
    }
    expect(written([new Point(), new Instant(), new (class Empty {})(), Object.create(null)])).toEqual([
      { x: 1 },
      "2026-11-22T09:00:00Z",
      {},
      {}
    ])
  })

  it("F82 F88 F93 is guarded and bounded as any text: what throws, what is none, what is long, what is secret", () => {
    const saying = (say: () => unknown): object => Object.create({ toString: say })
    const fail = (): never => {
      throw new Error("no text")
    }
    expect(written([saying(fail), saying(() => ({})), saying(() => Symbol("s"))])).toEqual([
      "[Threw: no text]",
      {},
      {}
    ])
    expect(written(saying(() => "x".repeat(10_000)))).toBe(`${"x".repeat(8_192)} …[10000 chars total]`)
    expect(written(saying(() => "postgres://ada:hunter2@db/x"))).toBe("postgres://[redacted]@db/x")
  })

  it("S3.12 in a typed field too", () => {
    const Paid = defineEvent({ category: "paid", fields: { uuid: Schema.Unknown }, message: "Paid" })
    const event = readTypedEvent(Paid({ uuid: new Uuid() }))
    expect(encodeParsed({ ...event }).uuid).toBe("01a2027b")
  })
})

describe("classes of the platform", () => {
  it("S3.12 F93 headers and forms are their pairs, queries their text, each without its secrets, typed or not", () => {
    const headers = new Headers([
      ["Accept", "text/html"],
      ["Authorization", "Bearer hunter2-correct"],
      ["X-Api-Key", "hunter2"],
      ["Cookie", "sid=hunter2"]
    ])
    const form = new FormData()
    form.append("tag", "a")
    form.append("tag", "b")
    form.append("password", "hunter2")
    form.append("upload", new File(["hunter2"], "a.csv", { type: "text/csv" }))
    const query = new URLSearchParams([
      ["q", "a&b"],
      ["access_token", "hunter2"],
      ["user[password]", "hunter2"]
    ])
    const forms = {
      headers: {
        accept: "text/html",
        authorization: "[redacted]",
        cookie: "[redacted]",
        "x-api-key": "[redacted]"
      },
      form: { tag: ["a", "b"], password: "[redacted]", upload: { name: "a.csv", size: 7, type: "text/csv" } },
      query: "q=a%26b&access_token=[redacted]&user%5Bpassword%5D=[redacted]",
      url: "https://h/?token=[redacted]"
    }
    const given = { headers, form, query, url: new URL("https://ada:hunter2@h/?token=hunter2") }
    expect(written(given)).toEqual(forms)
    const Sent = defineEvent({ category: "sent", fields: { given: Schema.Unknown }, message: "Sent" })
    expect(encodeParsed({ ...readTypedEvent(Sent({ given })) }).given).toEqual(forms)
  })

  it("S1.14 a response is its status, a file its name and size: contents are never read", () => {
    expect(
      written([new Response("body", { status: 201 }), new Request("https://h/p"), new Blob(["1234"])])
    ).toEqual([
      { status: 201, statusText: "", url: "" },
      { method: "GET", url: "https://h/p" },
      { size: 4, type: "" }
    ])
  })

  it("F88 a long query, a long URL and many headers are cut", () => {
    const query = new URLSearchParams(
      Array.from({ length: 10_000 }, (_, n): [string, string] => [`key${n}`, "v"])
    )
    expect(written(query)).toMatch(/^key0=v&key1=v.* …$/)
    const url = `https://ada:pass@h/?q=${"x".repeat(1_000_000)}`
    expect(written(new URL(url))).toMatch(
      new RegExp(`^https://h/\\?q=x+ …\\[${url.length - 9} chars total\\]$`)
    )
    const headers = new Headers(Array.from({ length: 300 }, (_, n): [string, string] => [`x-${n}`, "v"]))
    expect(Object.keys(written(headers) as object)).toHaveLength(257)
    expect(encodeLine({ extras: { headers } })).toContain('"…":"[Truncated: keys]"')
  })
})
