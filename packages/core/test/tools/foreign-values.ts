// Values of every type that JavaScript has, made at random, each with what a line must say of it. A value and its
// written form are made together, so the form is known and not computed again from the value. Where a line may say
// several things, the form is a pattern. What it means to be equal to a form is in here too.
import vm from "node:vm"
import { eventLimits } from "../../src/limits.ts"

const { depthMax, itemsMax, keysMax, stringCharsMax } = eventLimits

/** How a value must stand on a line: text, number, boolean, null, list, members, or a pattern. */
export type Written =
  | string
  | number
  | boolean
  | null
  | Pattern
  | readonly Written[]
  | ReadonlyMap<string, Written>

/** One of several forms. */
export class Pattern {
  readonly name: string
  readonly test: (actual: unknown) => boolean

  constructor(name: string, test: (actual: unknown) => boolean) {
    this.name = name
    this.test = test
  }
}

/** An undefined value: null in a list, and no member of an object. */
export const absent: Pattern = new Pattern("absent", (actual) => actual === null)
export const anything: Pattern = new Pattern("anything", () => true)
const someText = new Pattern("a text", (actual) => typeof actual === "string")
const threw = new Pattern("[Threw…]", (actual) => typeof actual === "string" && actual.startsWith("[Threw"))
const members = new Pattern("an object", (actual) => typeof actual === "object" && actual !== null)

/** A value, what a line must say of it, and more bytes than it can take there. */
export interface Sample {
  readonly value: unknown
  readonly written: Written
  readonly bytesMax: number
}

/** Where a value stands: how deep below the line. */
export interface Place {
  readonly level: number
}

/** The first place where the actual value is not as written; undefined when all of it is. */
export const difference = (actual: unknown, written: Written, path = "$"): string | undefined => {
  if (written instanceof Pattern) {
    return written.test(actual) ? undefined : `${path} is ${brief(actual)}, not ${written.name}`
  }
  if (written instanceof Map) return memberDifference(actual, written, path)
  if (Array.isArray(written)) {
    if (!Array.isArray(actual) || actual.length !== written.length)
      return `${path} is ${brief(actual)}, not a list of ${written.length}`
    return firstOf(written, (item: Written, index) => difference(actual[index], item, `${path}[${index}]`))
  }
  return Object.is(actual, written) ? undefined : `${path} is ${brief(actual)}, not ${brief(written)}`
}

const memberDifference = (
  actual: unknown,
  written: ReadonlyMap<string, Written>,
  path: string
): string | undefined => {
  if (typeof actual !== "object" || actual === null || Array.isArray(actual))
    return `${path} is ${brief(actual)}, not an object`
  const expected = [...written].filter(([, form]) => form !== absent)
  const keys = Object.keys(actual)
  if (keys.length !== expected.length)
    return `${path} has the keys ${brief(keys)}, not ${brief(expected.map(([key]) => key))}`
  return firstOf(expected, ([key, form]) => {
    const found = Object.getOwnPropertyDescriptor(actual, keyOn(keys, key))
    return found === undefined
      ? `${path} has no ${brief(key)}`
      : difference(found.value, form, `${path}.${key}`)
  })
}

// A key that had to be changed gets a number, so that no two are the same.
const keyOn = (keys: readonly string[], key: string): string =>
  key.includes("\ufffd") ? (keys.find((other) => other.replace(/ …#\d+$/, "") === key) ?? key) : key

const firstOf = <Item>(
  items: readonly Item[],
  look: (item: Item, index: number) => string | undefined
): string | undefined => {
  for (const [index, item] of items.entries()) {
    const found = look(item, index)
    if (found !== undefined) return found
  }
  return undefined
}

const brief = (value: unknown): string => JSON.stringify(value)?.slice(0, 120) ?? String(value)

/** Makes samples. One of these makes the whole of a property's values, from its random numbers. */
export class ForeignValues {
  private readonly random: () => number
  private names = 0

  constructor(random: () => number) {
    this.random = random
  }

  /** Any value at all. */
  any(place: Place): Sample {
    return this.pick(everything)(this, place)
  }

  /** A value of one family, inside up to three containers that keep it as it is. */
  inside(family: readonly Maker[], place: Place): Sample {
    if (place.level < 3 && this.random() < 0.5) {
      return this.pick(containers)(this, place, (below) => this.inside(family, below))
    }
    return this.pick(family)(this, place)
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  /** A key that no other one is equal to. */
  key(): string {
    this.names += 1
    return `${this.pick(keyTexts)}_${this.names}`
  }

  text(units: readonly string[], length: number): string {
    return Array.from({ length }, () => this.pick(units)).join("")
  }
}

type Maker = (make: ForeignValues, place: Place) => Sample
type Container = (make: ForeignValues, place: Place, inner?: (place: Place) => Sample) => Sample

const leafBytes = 64
const bytesPerCharMax = 6

const leaf = (value: unknown, written: Written, bytesMax = leafBytes): Sample => ({
  value,
  written,
  bytesMax
})

/** A surrogate without its partner has no UTF-8 form. */
const wellFormed = (text: string): string =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")

const textSample = (value: string, written: Written = wellFormed(value)): Sample =>
  leaf(value, written, leafBytes + bytesPerCharMax * Math.min(value.length, stringCharsMax))

/** An object that stands below the limit of depth is cut, whatever it is. */
const object = ({ level }: Place, value: object, written: Written, bytesMax = leafBytes): Sample =>
  leaf(value, level >= depthMax ? "[Truncated: depth]" : written, bytesMax)

const deeper = ({ level }: Place): Place => ({ level: level + 1 })

const keyTexts = [
  "a",
  "name",
  "ключ",
  "a.b",
  " ",
  'quo"te',
  "\u2028",
  "\u0007",
  "\ud800",
  "id",
  "seq",
  "ts",
  "toString"
]
const secretKeys = ["password", "apiKey", "x-auth-token", "client_secret"]

// ---- texts

// Without c, n, p, r, s and t no word of a secret comes about: a text may be the first of two in a list, and would hide the second.
const plainUnits = [..."abdefghijklmoquvwxyz0123456789 .,/()äßжλ漢", "😀", "👩‍💻"]
const unsafeUnits = [
  ..."\u0000\u0001\b\t\n\u000b\f\r\u001b\u007f\u0080\u0085\u009b\u009f\u061c\u200e\u200f",
  ..."\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff\\\"/<>'",
  '"}\n{"ts":"',
  "\u001b[2J",
  "\u001b]0;x\u0007"
]
const loneUnits = ["\ud800", "\udbff", "\udc00", "\udfff", "a", "😀", "\ud83d"]

const plainText: Maker = (make) => textSample(make.text(plainUnits, make.below(60)))
const unsafeText: Maker = (make) => textSample(make.text([...unsafeUnits, "a"], 1 + make.below(40)))
const loneText: Maker = (make) => textSample(make.text(loneUnits, 1 + make.below(30)))

/** Cut on a code point, and says how long it was. */
const longText: Maker = (make) => {
  const unit = make.pick(["a", "é", "漢", "😀", "\u0000", "\ud800", "a😀", "😀a"])
  const value = unit.repeat(Math.ceil((stringCharsMax + 1 + make.below(40_000)) / unit.length))
  return textSample(value, cutText(value))
}

/** How a text that is too long must stand. */
export const cutText = (text: string): string => {
  const isSplit = /[\ud800-\udbff]/.test(text.charAt(stringCharsMax - 1))
  const kept = wellFormed(text.slice(0, isSplit ? stringCharsMax - 1 : stringCharsMax))
  return `${kept} …[${text.length} chars total]`
}

// ---- numbers and markers

const finite: Maker = (make) => {
  const value = make.pick([
    0,
    -0,
    1,
    -1,
    0.1,
    1e21,
    5e-324,
    Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
    make.below(1e9)
  ])
  return leaf(value, value)
}
const odd: Maker = (make) => {
  const [value, written] = make.pick<readonly [unknown, Written]>([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number("-1e400"), "-Infinity"],
    [-0, -0],
    [2 ** 53 + 2, 2 ** 53 + 2],
    [10n, "10"],
    [-(2n ** 70n), "-1180591620717411303424"],
    [2n ** 5_000n, "[Truncated: size]"]
  ])
  return leaf(value, written)
}
const marker: Maker = (make, place) =>
  make.pick<() => Sample>([
    () => leaf(undefined, absent),
    () => leaf(Symbol("s"), "[Symbol]"),
    () => leaf(() => "never called", "[Function]"),
    () => leaf(class Unused {}, "[Function]"),
    () =>
      leaf(
        Object.assign(() => 1, { own: 1 }),
        "[Function]"
      ),
    () => leaf(new Proxy(() => 1, {}), "[Function]"),
    () => object(place, Promise.resolve(1), "[Promise]"),
    () => object(place, numbers(), "[Generator]"),
    () => object(place, laterNumbers(), "[AsyncGenerator]")
  ])()

function* numbers(): Generator<number> {
  for (;;) yield 1
}
async function* laterNumbers(): AsyncGenerator<number> {
  for (;;) yield 1
}

const constant: Maker = (make) => {
  const value = make.pick([true, false, null])
  return leaf(value, value)
}

// ---- objects with a form of their own

const formed: Maker = (make, place) => {
  const [value, written] = make.pick<() => readonly [object, Written]>([
    () => [new Date(0), "1970-01-01T00:00:00.000Z"],
    () => [new Date(8.64e15), "+275760-09-13T00:00:00.000Z"],
    () => [new Date(Number.NaN), "Invalid Date"],
    () => [/a+/giu, "/a+/giu"],
    () => [new URL("https://ada:pass@example.com/p?q"), "https://example.com/p?q"],
    () => [Object("text"), "text"],
    () => [Object(-0), -0],
    () => [Object(false), false],
    () => [Object(Number.NaN), "NaN"],
    () => [new WeakMap(), new Map()],
    () => [new WeakSet(), new Map()],
    () => [new WeakRef({}), new Map()],
    () => [new Intl.NumberFormat("en"), new Map()],
    () => [[1, 2][Symbol.iterator](), new Map()],
    () => [new URLSearchParams("a"), "a="],
    () => [Object(Symbol("boxed")), "[Symbol]"],
    () => [Object(10n), "10"],
    () => [new SharedArrayBuffer(8), "<bytes>"],
    () => [new Amount(), "12.50 EUR"],
    () => [new Wrapped(), "wrapped"],
    () => [
      new Headers([
        ["a", "1"],
        ["b", "2"]
      ]),
      new Map([
        ["a", "1"],
        ["b", "2"]
      ])
    ],
    () => [
      new Response(null, { status: 404 }),
      new Map<string, Written>([
        ["status", 404],
        ["statusText", ""],
        ["url", ""]
      ])
    ],
    () => [new Claimed("Map"), new Map([["own", "Map"]])],
    () => [new Claimed("Error"), anything],
    () => [vm.runInNewContext("new Date(0)"), "1970-01-01T00:00:00.000Z"],
    () => [vm.runInNewContext("new Map([['a', 1]])"), new Map([["a", 1]])],
    () => [vm.runInNewContext("new Set([1])"), [1]],
    () => [vm.runInNewContext("/a+/g"), "/a+/g"],
    () => [vm.runInNewContext("Promise.resolve(1)"), "[Promise]"],
    () => [vm.runInNewContext("Object('text')"), "text"],
    () => [vm.runInNewContext("new Uint8Array(2)"), "<bytes>"],
    () => [vm.runInNewContext("new ArrayBuffer(2)"), "<bytes>"],
    () => [vm.runInNewContext("({})"), new Map()],
    () => [new Point(), new Map([["x", 1]])],
    () => [Object.assign(Object.create({ inherited: 1 }), { own: 2 }), new Map([["own", 2]])]
  ])()
  return object(place, value, written)
}

const bytes: Maker = (make, place) =>
  object(
    place,
    make.pick<() => object>([
      () => new Uint8Array(3),
      () => new Float64Array(1_000_000),
      () => new BigInt64Array(1),
      () => new ArrayBuffer(8),
      () => new DataView(new ArrayBuffer(8)),
      () => Buffer.from("text")
    ])(),
    "<bytes>"
  )

class Point {
  x = 1
  readonly #hidden = 2
  get y(): number {
    return this.#hidden
  }
  toString(): string {
    return "Point"
  }
}

/** Only its `toString` says what it is. */
class Amount {
  readonly #cents = 1_250
  toString(): string {
    return `${(this.#cents / 100).toFixed(2)} EUR`
  }
}
class Wrapped {
  [Symbol.toPrimitive](hint: string): string {
    return hint === "string" ? "wrapped" : "wrong"
  }
}
/** Its tag is a lie. */
class Claimed {
  own: string
  constructor(tag: string) {
    this.own = tag
  }
  get [Symbol.toStringTag](): string {
    return this.own
  }
}

/** Errors say what JSON.stringify leaves out. */
const error: Maker = (make, place) => {
  const message = make.text(plainUnits, make.below(20))
  const below = deeper(place)
  const cause = make.pick([plainText, finite, list, record])(make, below)
  const form = (type: string, more: readonly (readonly [string, Written])[]): Written =>
    new Map<string, Written>([["type", type], ["message", message], ["stack", someText], ...more])
  return make.pick<() => Sample>([
    () => object(place, new RangeError(message), form("RangeError", []), errorBytes),
    () => {
      const value = new Error(message, { cause: cause.value })
      return object(place, value, form("Error", [["cause", cause.written]]), errorBytes + cause.bytesMax)
    },
    () => {
      const value = Object.assign(new TypeError(message), { code: "E_CODE", type: "its own" })
      const own = [
        ["code", "E_CODE"],
        ["extra.type", "its own"]
      ] as const
      return object(place, value, form("TypeError", own), errorBytes)
    },
    () => {
      const errors = below.level >= depthMax ? "[Truncated: depth]" : ["one", 2]
      return object(
        place,
        new AggregateError(["one", 2], message),
        form("AggregateError", [["errors", errors]]),
        errorBytes
      )
    },
    () => {
      const value = new Error(message)
      value.cause = new Error("second", { cause: value })
      const second = new Map<string, Written>([
        ["type", "Error"],
        ["message", "second"],
        ["stack", someText],
        ["cause", "[Circular]"]
      ])
      const written = below.level >= depthMax ? "[Truncated: depth]" : second
      return object(place, value, form("Error", [["cause", written]]), 2 * errorBytes)
    }
  ])()
}
const errorBytes = 12_000

// ---- containers

const list: Container = (make, place, inner = (below) => make.pick(simple)(make, below)) => {
  const items = Array.from({ length: 1 + make.below(3) }, () => inner(deeper(place)))
  return object(
    place,
    items.map(({ value }) => value),
    items.map(({ written }) => written),
    sumOf(items)
  )
}

const set: Container = (make, place, inner = (below) => make.pick(simple)(make, below)) => {
  const { value, written, bytesMax } = inner(deeper(place))
  // A set makes 0 of minus zero.
  const kept = Object.is(value, -0) ? 0 : written
  return object(place, new Set([value, "other"]), [kept, "other"], leafBytes + bytesMax)
}

/** Object, object without a prototype, class instance, map with text keys, `toJSON`: all are members. */
const record: Container = (make, place, inner = (below) => make.pick(simple)(make, below)) => {
  const below = deeper(place)
  const entries = Array.from({ length: 1 + make.below(3) }, () => [make.key(), inner(below)] as const)
  const written = new Map<string, Written>(entries.map(([key, sample]) => [wellFormed(key), sample.written]))
  const bytesMax = sumOf(entries.map(([, sample]) => sample)) + entries.length * leafBytes
  const [secret] = secretKeys.filter(() => make.chance(0.05))
  const values: (readonly [string, unknown])[] = entries.map(([key, { value }]) => [key, value])
  if (secret !== undefined) {
    values.push([secret, "shown"])
    written.set(secret, "[redacted]")
  }
  const plain = Object.fromEntries(values)
  const value = make.pick<() => object>([
    () => plain,
    () => Object.assign(Object.create(null), plain),
    () => Object.assign(new (class Made {})(), plain),
    () => new Map(values),
    () => Object.defineProperty({ ...plain }, Symbol("key"), { enumerable: true, value: 1 }),
    () => Object.defineProperty({ ...plain }, "hidden", { enumerable: false, value: 1 }),
    () => Object.freeze({ ...plain })
  ])()
  return object(place, value, written, bytesMax)
}

/** Keys that are no longer told apart when they are cut or made well-formed: none may stand twice, or be lost. */
const likeKeys: Maker = (make, place) => {
  const [names, count] = make.pick<readonly [readonly string[], number | undefined]>([
    [["\ud800", "\udbff", "\ufffd"], 3],
    [["\ud800", "\ufffd …#1", "\ufffd …#2", "\udbff"], 4],
    [[`${"k".repeat(256)}a`, `${"k".repeat(256)}b`], 2],
    [Array.from({ length: 40 }, (_, n) => `${"\u0000".repeat(250)}${n}`), undefined],
    [["…", ...Array.from({ length: keysMax + 1 }, (_, n) => `k${n}`)], keysMax + 1]
  ])
  const entries = names.map((name, index) => [name, index] as const)
  const value = make.pick([() => Object.fromEntries(entries), () => new Map(entries)])()
  const isWhole = (actual: unknown): boolean =>
    typeof actual === "object" &&
    actual !== null &&
    (count === undefined || Object.keys(actual).length === count)
  return object(place, value, new Pattern(`an object of ${count} keys`, isWhole), names.length * 2_000)
}

/** Keys that a careless copy would set instead of keep. */
const protoKeys: Container = (make, place, inner = (below) => make.pick(simple)(make, below)) => {
  const sample = inner(deeper(place))
  const written = new Map<string, Written>([["__proto__", sample.written]])
  const polluting = new Map<string, Written>([["polluted", 1]])
  const below = deeper(place)
  const at = (levels: number, form: Written): Written =>
    place.level + levels >= depthMax ? "[Truncated: depth]" : form
  return make.pick<() => Sample>([
    () => {
      const value = Object.defineProperty({}, "__proto__", { enumerable: true, value: sample.value })
      return object(place, value, written, sample.bytesMax + leafBytes)
    },
    () => object(place, new Map([["__proto__", sample.value]]), written, sample.bytesMax + leafBytes),
    () => {
      const value: object = JSON.parse('{"__proto__":{"polluted":1}}')
      return object(place, value, new Map([["__proto__", at(1, polluting)]]))
    },
    () => {
      const value: object = JSON.parse('{"constructor":{"prototype":{"polluted":1}}}')
      const prototype = new Map([["prototype", at(2, polluting)]])
      return object(place, value, new Map([["constructor", at(1, prototype)]]))
    },
    () => {
      const nested: object = JSON.parse('{"__proto__":{"__proto__":{"polluted":1}}}')
      const written = new Map([["__proto__", at(1, new Map([["__proto__", at(2, polluting)]]))]])
      return object(place, nested, written)
    },
    () =>
      object(
        place,
        { hasOwnProperty: 1, valueOf: 2, below: below.level },
        new Map<string, Written>([
          ["hasOwnProperty", 1],
          ["valueOf", 2],
          ["below", below.level]
        ])
      )
  ])()
}

/** A key that is no text makes a map a list of pairs. */
const oddMap: Maker = (make, place) => {
  const below = deeper(place)
  const pair = (first: Written, second: Written): Written =>
    below.level >= depthMax ? "[Truncated: depth]" : [first, second]
  const value = new Map<unknown, unknown>([
    [make.below(9), "one"],
    [Number.NaN, Number.NaN],
    [undefined, null],
    [Symbol("s"), 1n]
  ])
  const [first] = value.keys()
  return object(
    place,
    value,
    [pair(first as number, "one"), pair("NaN", "NaN"), pair(null, null), pair("[Symbol]", "1")],
    4 * leafBytes
  )
}

/** What `toJSON` gives is written as it is, once. */
const withToJson: Maker = (make, place) => {
  const inner = make.pick([plainText, finite, marker, formed, bytes, list, record, oddMap, jsonTwice])(
    make,
    place
  )
  const holder = make.chance(0.5) ? {} : new Point()
  const written = inner.written === absent ? null : inner.written
  return object(place, Object.assign(holder, { toJSON: () => inner.value }), written, inner.bytesMax)
}

const jsonTwice: Maker = (_make, place) => {
  const written = new Map<string, Written>([
    ["own", 1],
    ["toJSON", "[Function]"]
  ])
  return object(place, { own: 1, toJSON: () => "asked twice" }, written)
}

// ---- values that do not end

const cycle: Maker = (make, place) => {
  const at = (levels: number, form: Written): Written =>
    place.level + levels >= depthMax ? "[Truncated: depth]" : form
  return make.pick<() => Sample>([
    () => {
      const value: Record<string, unknown> = { name: "a" }
      value.self = value
      return object(
        place,
        value,
        new Map<string, Written>([
          ["name", "a"],
          ["self", "[Circular]"]
        ])
      )
    },
    () => {
      const value: unknown[] = [1]
      value.push({ up: value })
      return object(place, value, [1, at(1, new Map([["up", "[Circular]"]]))])
    },
    () => {
      const value = new Map<string, unknown>()
      value.set("self", value)
      return object(place, value, new Map([["self", "[Circular]"]]))
    },
    () => {
      const value = new Set<unknown>()
      value.add([value])
      return object(place, value, [at(1, ["[Circular]"])])
    },
    () => {
      const shared = { x: 1 }
      const form = at(1, new Map([["x", 1]]))
      return object(place, [shared, shared], [form, form])
    },
    () => {
      const value = { toJSON: (): unknown => value, own: 1 }
      return object(
        place,
        value,
        new Map<string, Written>([
          ["toJSON", "[Function]"],
          ["own", 1]
        ])
      )
    }
  ])()
}

const deep: Maker = (make, place) => {
  const levels = make.pick([depthMax, depthMax + 1, 100, 20_000])
  const isList = make.chance(0.5)
  let value: unknown = "bottom"
  for (let level = 0; level < levels; level++) value = isList ? [value] : { deep: value }
  const form = (level: number): Written => {
    if (level - place.level === levels) return "bottom"
    if (level >= depthMax) return "[Truncated: depth]"
    return isList ? [form(level + 1)] : new Map([["deep", form(level + 1)]])
  }
  return leaf(value, form(place.level), 10 * leafBytes)
}

const wide: Maker = (make, place) => {
  const count = make.pick([keysMax, keysMax + 1, 3_000])
  const entries = Array.from({ length: count }, (_, n) => [`k${n}`, n] as const)
  const shown = new Map<string, Written>(entries.slice(0, keysMax))
  if (count > keysMax) shown.set("…", "[Truncated: keys]")
  const value = make.pick([() => Object.fromEntries(entries), () => new Map(entries)])()
  return object(place, value, shown, 5_000)
}

const long: Maker = (make, place) => {
  const length = make.pick([itemsMax, itemsMax + 1, 10 ** 5])
  const sparse: unknown[] = new Array(length)
  sparse[1] = "there"
  const shown: Written[] = Array.from({ length: Math.min(length, itemsMax) }, () => null)
  shown[1] = "there"
  if (length > itemsMax) shown.push("[Truncated: items]")
  return object(place, sparse, shown, 6_000)
}

const endless: Maker = (make, place) => {
  const isTree = make.chance(0.5)
  const tree = (): object =>
    new Proxy(
      {},
      {
        get: (_target, key) => (key === "toJSON" ? undefined : tree()),
        ownKeys: () => (isTree ? ["a", "b"] : ["a"]),
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 })
      }
    )
  return make.pick<() => Sample>([
    () => object(place, tree(), members, 20_000),
    () => object(place, new EndlessSet(), new Pattern("1,001 items", isCutList), 5_000),
    () => object(place, new EndlessMap(), members, 9_000),
    () =>
      object(
        place,
        new Proxy([], { get: (_target, key) => (key === "length" ? 2 ** 40 : 1) }),
        new Pattern("1,001 items", isCutList),
        5_000
      ),
    () => object(place, globalThis, anything, 10 ** 6)
  ])()
}

const isCutList = (actual: unknown): boolean =>
  Array.isArray(actual) && actual.length === itemsMax + 1 && actual.at(-1) === "[Truncated: items]"

class EndlessSet extends Set<number> {
  override *[Symbol.iterator](): SetIterator<number> {
    for (;;) yield 1
  }
}
class EndlessMap extends Map<string, number> {
  override *[Symbol.iterator](): MapIterator<[string, number]> {
    for (let n = 0; ; n++) yield [`k${n}`, n]
  }
}

// ---- values that fight back

/** Anything may be thrown, and looking at it may throw again. */
const thrown = (make: ForeignValues): unknown =>
  make.pick<() => unknown>([
    () => new Error("no entry"),
    () => "a text",
    () => undefined,
    () => Symbol("s"),
    () => Object.create(null),
    () => hostileProxy(),
    () => new NamelessError("its class has no name that can be read"),
    () => new SymbolicError("its class is named by a symbol"),
    () =>
      Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw new Error("no message")
        }
      })
  ])()

class NamelessError extends Error {
  static override get name(): string {
    throw new Error("no name")
  }
}
class SymbolicError extends Error {
  static override readonly name = Symbol("name") as unknown as string
}

/** Every trap throws. */
export const hostileProxy = (target: object = {}): object => {
  const trap = (): never => {
    throw new Error("trap")
  }
  const traps = ["get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf", "set"] as const
  return new Proxy(target, Object.fromEntries(traps.map((name) => [name, trap])))
}

export const revokedProxy = (target: object = {}): object => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const thrower: Maker = (make, place) => {
  const error = thrown(make)
  const fail = (): never => {
    throw error
  }
  return make.pick<() => Sample>([
    () => {
      const value = Object.defineProperty({ ok: 1 }, "bad", { enumerable: true, get: fail })
      return object(
        place,
        value,
        new Map<string, Written>([
          ["ok", 1],
          ["bad", threw]
        ]),
        512
      )
    },
    () => object(place, Object.defineProperty([1, 2, 3], 1, { get: fail }), [1, threw, 3], 512),
    () => object(place, { toJSON: fail }, threw, 512),
    () => object(place, Object.defineProperty({}, "toJSON", { get: fail }), threw, 512),
    () => object(place, Object.defineProperty(new Point(), Symbol.toStringTag, { get: fail }), threw, 512),
    () => object(place, hostileProxy(), threw, 512),
    () => object(place, hostileProxy([]), threw, 512),
    () => object(place, hostileProxy(new Error("x")), threw, 512),
    () => object(place, new Proxy(new Error("half-way"), { has: fail }), threw, 512),
    () =>
      leaf(
        revokedProxy(() => 1),
        "[Function]"
      ),
    () => object(place, revokedProxy(), threw, 512),
    () => object(place, revokedProxy([]), threw, 512),
    () => object(place, new Proxy(new Map([["a", 1]]), {}), threw, 512),
    () => object(place, Object.create(Date.prototype), threw, 512),
    () => object(place, Object.create(Set.prototype), threw, 512),
    () => object(place, Object.create(URL.prototype), threw, 512),
    () => object(place, Object.create(String.prototype), threw, 512),
    () => {
      const value = new Map([["a", 1]])
      value[Symbol.iterator] = fail
      return object(place, value, threw, 512)
    },
    () => {
      const value = Object.defineProperty(new Error("x"), "stack", { get: fail })
      return object(
        place,
        value,
        new Map<string, Written>([
          ["type", "Error"],
          ["message", "x"],
          ["stack", threw]
        ]),
        512
      )
    },
    () => object(place, new NamelessError("x"), anything, errorBytes),
    () => object(place, new SymbolicError("x"), anything, errorBytes)
  ])()
}

// ---- families

const simple: readonly Maker[] = [plainText, finite, constant, unsafeText, marker]

const containers: readonly Container[] = [list, set, record, record, protoKeys]

/** What a requirement speaks of, and the values that show it. */
export const families = {
  endings: [cycle, deep, wide, long, endless],
  brokenText: [loneText],
  throwers: [thrower],
  separators: [unsafeText],
  numbers: [finite, odd],
  containers: [error, oddMap, bytes, set, record, formed, withToJson],
  markers: [marker],
  cuts: [longText],
  prototypes: [protoKeys],
  likeKeys: [likeKeys],
  /** What JSON has a word for. */
  plain: [plainText, finite, constant]
} satisfies Readonly<Record<string, readonly Maker[]>>

const nested: Maker = (make, place) =>
  place.level > 4
    ? make.pick(simple)(make, place)
    : make.pick(containers)(make, place, (below) => make.any(below))

const { likeKeys: _like, ...others } = families
const everything: readonly Maker[] = [
  ...simple,
  ...Object.values(others).flat(),
  nested,
  nested,
  nested,
  nested,
  nested,
  nested
]

const sumOf = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { bytesMax }) => sum + bytesMax, leafBytes)
