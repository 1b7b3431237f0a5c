// Any value of any type as one piece of JSON: bounded in depth, keys, items and bytes, read once, and never throwing.
// Owns the readable forms of values that JSON lacks; byte-writer.ts makes the bytes.
import { type Guard, guardBelow, untypedGuard } from "../event/privacy.ts"
import { eventLimits } from "../limits.ts"
import { type ByteWriter, cutKey, cutPoint } from "./byte-writer.ts"
import type { KeyFacts, Keys } from "./keys.ts"
import { withoutSecrets } from "./text-patterns.ts"
import { errorType, threwMarker } from "./thrown.ts"

const redacted = '"[redacted]"'
const cutMember = (why: string): Uint8Array => new TextEncoder().encode(`"${cutKey}":"[Truncated: ${why}]"`)
const cutMembers = { keys: cutMember("keys"), size: cutMember("size") }
/** Beyond this a bigint's decimal text costs more than the rest of the line; its cost grows with the square. */
const bigintMax = 2n ** 1_024n

/** Writes values below one line. Keeps the chain of ancestors, which is how it knows a cycle. */
export class ValueWriter {
  private readonly ancestors: object[] = []
  /** Keys of this line that were cut, or held what is no text. */
  private changedKeys = 0

  private readonly out: ByteWriter
  private readonly keys: Keys
  private readonly pseudonymOf: ((text: string) => string) | undefined

  constructor(out: ByteWriter, keys: Keys, pseudonymOf: ((text: string) => string) | undefined) {
    this.out = out
    this.keys = keys
    this.pseudonymOf = pseudonymOf
  }

  /** Forgets a line that was given up half-way. */
  reset(): void {
    if (this.ancestors.length > 0) this.ancestors.length = 0
    this.changedKeys = 0
  }

  /** Writes `value` as `guard` says; `undefined` becomes null here, because only a key can be left out. */
  write(value: unknown, guard: Guard): void {
    if (guard.as !== undefined) return this.hidden(value, guard.as)
    switch (typeof value) {
      case "string":
        return this.text(value, guard)
      case "number":
        return this.number(value)
      case "boolean":
        return this.out.ascii(value ? "true" : "false")
      case "bigint":
        return this.bigint(value)
      case "undefined":
        return this.out.ascii("null")
      case "symbol":
        return this.out.ascii('"[Symbol]"')
      case "function":
        return this.out.ascii('"[Function]"')
      default:
        return value === null ? this.out.ascii("null") : this.object(value as object, guard)
    }
  }

  /** Writes a text. An untyped one is cut before it is searched for secrets, so that its length costs nothing. */
  text(text: string, guard: Guard): void {
    const { charsMax, bytesMax } = guard
    // Where bytes are the measure, as many as its units can take.
    const most = bytesMax === undefined ? text.length : 3 * text.length
    if (most <= charsMax && this.out.quick(text, guard.isUntyped ? this.keys : undefined)) return
    if (guard.isUntyped) {
      const cut = text.length > charsMax ? text.slice(0, cutPoint(text, charsMax)) : text
      this.out.text(withoutSecrets(cut, this.keys), charsMax, text.length)
    } else this.out.text(text, bytesMax === undefined ? charsMax : charsWithin(text, bytesMax))
  }

  /** Reads one property and writes it as `"key":value` after a comma if asked. Says whether anything was written. */
  member(owner: object, key: string, guard: Guard, comma: boolean, name = key): boolean {
    const facts = this.keys.of(key)
    if (guard.isUntyped && facts.isSecret) {
      this.key(name, comma, name === key ? facts : undefined)
      this.out.ascii(redacted)
      return true
    }
    let below = guardBelow(guard, key)
    let value: unknown
    try {
      value = (owner as Record<string, unknown>)[key]
    } catch (error) {
      value = threwMarker(error)
      below = untypedGuard
    }
    if (value === undefined) return false
    this.key(name, comma, name === key ? facts : undefined)
    this.write(value, below)
    return true
  }

  private hidden(value: unknown, as: "redacted" | "pseudonym"): void {
    const isText = typeof value === "string" || typeof value === "number"
    const pseudonym = as === "pseudonym" && isText ? this.pseudonymOf?.(String(value)) : undefined
    if (pseudonym === undefined) this.out.ascii(redacted)
    else this.out.text(pseudonym)
  }

  private key(name: string, comma: boolean, facts: KeyFacts = this.keys.of(name)): void {
    const bytes = comma ? facts.bytes : facts.firstBytes
    if (bytes !== undefined) return this.out.raw(bytes)
    if (comma) this.out.ascii(",")
    if (this.out.key(name, this.changedKeys + 1)) this.changedKeys += 1
    this.out.ascii(":")
  }

  private number(value: number): void {
    if (Object.is(value, -0)) this.out.ascii("-0")
    else if (Number.isInteger(value)) this.out.integer(value)
    else if (Number.isFinite(value)) this.out.ascii(String(value))
    else this.out.ascii(`"${value}"`)
  }

  private bigint(value: bigint): void {
    if (value < bigintMax && value > -bigintMax) this.out.ascii(`"${value}"`)
    else this.out.ascii('"[Truncated: size]"')
  }

  // Every look at a foreign object may run foreign code (getters, proxies, toJSON), so all of it stands in one `try`,
  // and what had been written of the object is taken back.
  private object(value: object, guard: Guard): void {
    const { out, ancestors } = this
    if (ancestors.includes(value)) return out.ascii('"[Circular]"')
    if (ancestors.length >= eventLimits.depthMax) return out.ascii('"[Truncated: depth]"')
    const before = out.length
    ancestors.push(value)
    try {
      this.form(value, guard, true)
    } catch (error) {
      out.rewind(before)
      this.text(threwMarker(error), untypedGuard)
    }
    ancestors.pop()
  }

  private form(value: object, guard: Guard, honourJson: boolean): void {
    const { out } = this
    if (Array.isArray(value)) return this.list(value, value.length, guard)
    if (isPlain(value)) return honourJson ? this.jsonForm(value, guard) : this.fields(value, guard)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return out.ascii('"<bytes>"')
    if (value instanceof Date)
      return out.text(Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString())
    if (value instanceof Error) return this.error(value, guard)
    if (value instanceof Map) return this.map(value, guard)
    if (value instanceof Set) return this.set(value, guard)
    if (value instanceof URL) return out.text(withoutUserinfo(value))
    if (value instanceof RegExp) return out.text(String(value))
    if (value instanceof Promise) return out.ascii('"[Promise]"')
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.write(value.valueOf(), guard)
    }
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (tag === "Generator" || tag === "AsyncGenerator") return out.text(`[${tag}]`)
    return honourJson ? this.jsonForm(value, guard) : this.fields(value, guard)
  }

  // `toJSON` is honoured once: what it returns is written as it is, even if that has a `toJSON` of its own.
  private jsonForm(value: object, guard: Guard): void {
    const { toJSON } = value as { readonly toJSON?: unknown }
    const replaced: unknown = typeof toJSON === "function" ? toJSON.call(value, "") : value
    if (replaced === value) this.fields(value, guard)
    else if (typeof replaced === "object" && replaced !== null) this.form(replaced, guard, false)
    else this.write(replaced, guard)
  }

  private fields(value: object, guard: Guard): void {
    const { out } = this
    out.ascii("{")
    let comma = false
    let scanned = 0
    for (const key of Object.keys(value)) {
      const cut = out.isFull ? "size" : ++scanned > eventLimits.keysMax ? "keys" : undefined
      if (cut !== undefined) {
        this.cut(cut, comma)
        break
      }
      comma = this.member(value, key, guard, comma) || comma
    }
    out.ascii("}")
  }

  /** Adds `"…":"[Truncated: …]"`, the last member of an object that had more. */
  cut(why: "keys" | "size", comma: boolean): void {
    if (comma) this.out.ascii(",")
    this.out.raw(cutMembers[why])
  }

  private list(items: readonly unknown[], length: number, guard: Guard): void {
    const { out } = this
    out.ascii("[")
    for (let index = 0; index < length; index++) {
      if (index > 0) out.ascii(",")
      if (index >= eventLimits.itemsMax || out.isFull) {
        out.ascii(out.isFull ? '"[Truncated: size]"' : '"[Truncated: items]"')
        break
      }
      this.item(items, index, guard)
    }
    out.ascii("]")
  }

  private item(items: readonly unknown[], index: number, guard: Guard): void {
    let below = guardBelow(guard)
    let value: unknown
    try {
      value = items[index]
    } catch (error) {
      value = threwMarker(error)
      below = untypedGuard
    }
    this.write(value, below)
  }

  // One more than the limit is taken, so that `list` sees that there was more.
  private set(value: ReadonlySet<unknown>, guard: Guard): void {
    const items = take(value, eventLimits.itemsMax + 1)
    this.list(items, items.length, guard)
  }

  private map(value: ReadonlyMap<unknown, unknown>, guard: Guard): void {
    const { out } = this
    const entries = take(value, eventLimits.keysMax + 1)
    if (!entries.every(([key]) => typeof key === "string")) return this.list(entries, entries.length, guard)
    out.ascii("{")
    let comma = false
    for (const [index, [key, entry]] of entries.entries()) {
      if (index === eventLimits.keysMax || out.isFull) {
        this.cut(out.isFull ? "size" : "keys", comma)
        break
      }
      if (entry === undefined) continue
      this.key(key as string, comma)
      comma = true
      if (guard.isUntyped && this.keys.of(key as string).isSecret) out.ascii(redacted)
      else this.write(entry, guardBelow(guard, key as string))
    }
    out.ascii("}")
  }

  // `message`, `stack` and `cause` are not enumerable, and JSON.stringify makes `{}` of an error.
  private error(error: Error, guard: Guard): void {
    const { out } = this
    out.ascii('{"type":')
    out.text(errorType(error))
    // An error's texts come from anywhere, so they are searched for secrets wherever the error stands.
    for (const key of ["message", "stack", "cause", "errors"]) {
      if (key in error) this.member(error, key, { ...untypedGuard, charsMax: guard.charsMax }, true)
    }
    let scanned = 0
    for (const key of Object.keys(error)) {
      if (key === "message" || key === "stack" || key === "cause" || key === "errors" || key === "type")
        continue
      const cut = out.isFull ? "size" : ++scanned > eventLimits.keysMax ? "keys" : undefined
      if (cut !== undefined) {
        this.cut(cut, true)
        break
      }
      this.member(error, key, guard, true)
    }
    out.ascii("}")
  }
}

// How many units of a text fit into so many bytes of UTF-8.
const charsWithin = (text: string, bytesMax: number): number => {
  if (text.length * 3 <= bytesMax) return bytesMax
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    // Each half of a pair takes two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
    if (bytes > bytesMax) return index
  }
  return bytesMax
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const withoutUserinfo = (url: URL): string => {
  const copy = new URL(url.href)
  copy.username = ""
  copy.password = ""
  return copy.href
}

const take = <Item>(items: Iterable<Item>, countMax: number): readonly Item[] => {
  const taken: Item[] = []
  for (const item of items) {
    if (taken.length === countMax) break
    taken.push(item)
  }
  return taken
}
