// What a caller without types, or with bad luck, may pass to any method: values of every type, values that throw when
// they are looked at, and things that only look like an event of ours. Made anew for each use, because some are used up.
import { hostileProxy, revokedProxy } from "./foreign-values.ts"

/** Of each, what it is and how to make one. `typed` makes an event of `defineEvent`, to be forged. */
export const hostileArguments = (
  typed: () => object
): readonly (readonly [what: string, make: () => unknown])[] => [
  ["undefined", () => undefined],
  ["null", () => null],
  ["true", () => true],
  ["NaN", () => Number.NaN],
  ["-0", () => -0],
  ["infinity", () => Number.NEGATIVE_INFINITY],
  ["a bigint", () => 10n],
  ["a huge bigint", () => 2n ** 5_000n],
  ["an empty text", () => ""],
  ["a lone surrogate", () => "\ud800"],
  [
    "a text that forges a line",
    () => '"}\n{"ts":"","level":"fatal","seq":1,"id":"x"}\u2028\u0085\u202e\u001b[2J'
  ],
  ["a symbol", () => Symbol("s")],
  ["a function", () => () => "called"],
  ["a function that throws", () => () => fail(new Error("called"))],
  ["a class", () => class Unused {}],
  ["a revoked function", () => revokedProxy(() => 1)],
  ["an empty list", () => []],
  ["a list of a revoked proxy", () => [revokedProxy()]],
  ["a sparse list", () => Object.assign(new Array(10_000), { 7: "there" })],
  ["an empty object", () => ({})],
  ["an object without a prototype", () => Object.create(null)],
  ["a cycle", () => Object.assign(Object.create(null), { self: globalThis })],
  ["itself below itself", () => selfish()],
  ["20,000 levels", () => deep(20_000)],
  ["a proxy whose traps throw", () => hostileProxy()],
  ["a list whose traps throw", () => hostileProxy([])],
  ["a revoked proxy", () => revokedProxy()],
  ["a revoked list", () => revokedProxy([])],
  ["the global object", () => globalThis],
  ["an invalid date", () => new Date(Number.NaN)],
  ["a date that is none", () => Object.create(Date.prototype)],
  ["a map of itself", () => selfMap()],
  ["bytes", () => new Uint8Array(1_000)],
  ["a promise", () => Promise.resolve(1)],
  [
    "a generator",
    () =>
      (function* () {
        yield 1
      })()
  ],
  ["a boxed text", () => Object("boxed")],
  ["a text that cannot be told", () => ({ toString: () => fail(new Error("toString")) })],
  ["a text that is none", () => ({ toString: () => ({}), valueOf: () => Symbol("v") })],
  ["a primitive that throws", () => ({ [Symbol.toPrimitive]: () => fail(Object.create(null)) })],
  ["an error whose class has no name", () => new Nameless("nameless")],
  ["an error whose class is named by a symbol", () => new Symbolic("symbolic")],
  ["an error whose every property throws", () => hostileProxy(new Error("x"))],
  ["an error that causes itself", () => selfCause()],
  [
    "members that throw",
    () => throwing(["level", "timeoutMs", "key", "user", "allow", "category", "message", "x"])
  ],
  [
    "options of the wrong types",
    () => ({ level: Symbol("x"), timeoutMs: "1 s", key: 10n, allow: 5, user: {} })
  ],
  [
    "keys that pollute",
    () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  ],
  [
    "an event behind a proxy whose traps throw",
    () => new Proxy(typed(), { get: () => fail(new Error("trap")) })
  ],
  ["an event behind a revoked proxy", () => revokedProxy(typed())],
  ["a copy of an event", () => ({ ...typed() })],
  ["an event without a definition", () => ({ ...typed(), definition: null })],
  ["an event whose category breaks out", () => forged(typed(), { category: 'x","seq":1,"evil":"' })],
  ["an event whose level is none", () => forged(typed(), { level: "loud" })],
  ["an event whose fields are none", () => ({ ...typed(), fields: null })],
  ["an event whose fields throw", () => ({ ...typed(), fields: hostileProxy() })]
]

const fail = (error: unknown): never => {
  throw error
}

class Symbolic extends Error {
  static override readonly name = Symbol("name") as unknown as string
}

class Nameless extends Error {
  static override get name(): string {
    return fail(new Error("no name"))
  }
}

const selfish = (): object => {
  const value: Record<string, unknown> = { list: [] }
  value.self = value
  return value
}

const selfMap = (): object => {
  const map = new Map<unknown, unknown>()
  return map.set(map, map)
}

const selfCause = (): Error => {
  const error = new Error("loop")
  error.cause = error
  return error
}

const deep = (levels: number): unknown => {
  let value: unknown = "bottom"
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

const throwing = (names: readonly string[]): object => {
  const value = {}
  for (const name of names) {
    Object.defineProperty(value, name, { enumerable: true, get: () => fail(new Error(`no ${name}`)) })
  }
  return value
}

const forged = (event: object, lies: object): object => {
  const { definition } = event as { readonly definition: object }
  return { ...event, definition: { ...definition, ...lies } }
}
