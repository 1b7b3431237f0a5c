// Any value of any type as one piece of JSON: bounded in depth, keys, items and bytes, read once, and never throwing.
// Owns the readable forms of what JSON has no word for; the bytes themselves are byte-writer.ts's business.
import { eventLimits } from "../limits.ts"
import type { ByteWriter } from "./byte-writer.ts"
import type { DenyList } from "./deny-list.ts"
import { errorType, threwMarker } from "./thrown.ts"

/** Key of the member that says what an object's other keys were cut for. */
const cutKey = "…"
/** Beyond this a bigint's decimal text costs more than the rest of the line; its cost grows with the square. */
const bigintMax = 2n ** 1_024n

/** Writes values below one line. Keeps the chain of ancestors, which is how it knows a cycle. */
export class ValueWriter {
  private readonly ancestors: object[] = []

  private readonly out: ByteWriter
  private readonly denyList: DenyList

  constructor(out: ByteWriter, denyList: DenyList) {
    this.out = out
    this.denyList = denyList
  }

  /** Forgets a line that was given up half-way. */
  reset(): void {
    this.ancestors.length = 0
  }

  /** Writes `value`; `undefined` becomes null here, because only a key can be left out. `redact` watches nested keys. */
  write(value: unknown, redact: boolean): void {
    switch (typeof value) {
      case "string":
        return this.out.text(value)
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
        return value === null ? this.out.ascii("null") : this.object(value as object, redact)
    }
  }

  /** Reads one property and writes it as `"key":value` after a comma if asked. Says whether anything was written. */
  member(owner: object, key: string, redact: boolean, comma: boolean, name = key): boolean {
    const { out } = this
    if (redact && this.denyList.denies(key)) {
      this.key(name, comma)
      out.ascii('"[redacted]"')
      return true
    }
    let value: unknown
    try {
      value = (owner as Record<string, unknown>)[key]
    } catch (error) {
      value = threwMarker(error)
    }
    if (value === undefined) return false
    this.key(name, comma)
    this.write(value, redact)
    return true
  }

  key(name: string, comma: boolean): void {
    if (comma) this.out.ascii(",")
    this.out.text(name, eventLimits.keyCharsMax)
    this.out.ascii(":")
  }

  private number(value: number): void {
    if (Object.is(value, -0)) this.out.ascii("-0")
    else if (Number.isFinite(value)) this.out.ascii(String(value))
    else this.out.ascii(`"${value}"`)
  }

  private bigint(value: bigint): void {
    if (value < bigintMax && value > -bigintMax) this.out.ascii(`"${value}"`)
    else this.out.ascii('"[Truncated: size]"')
  }

  // Every look at a foreign object may run foreign code (getters, proxies, toJSON), so all of it stands in one `try`,
  // and what had been written of the object is taken back.
  private object(value: object, redact: boolean): void {
    const { out, ancestors } = this
    if (ancestors.includes(value)) return out.ascii('"[Circular]"')
    if (ancestors.length >= eventLimits.depthMax) return out.ascii('"[Truncated: depth]"')
    const before = out.length
    ancestors.push(value)
    try {
      this.form(value, redact, true)
    } catch (error) {
      out.rewind(before)
      out.text(threwMarker(error))
    }
    ancestors.pop()
  }

  private form(value: object, redact: boolean, honourJson: boolean): void {
    const { out } = this
    if (Array.isArray(value)) return this.list(value, value.length, redact)
    if (isPlain(value)) return honourJson ? this.jsonForm(value, redact) : this.fields(value, redact)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return out.ascii('"<bytes>"')
    if (value instanceof Date)
      return out.text(Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString())
    if (value instanceof Error) return this.error(value, redact)
    if (value instanceof Map) return this.map(value, redact)
    if (value instanceof Set) return this.set(value, redact)
    if (value instanceof URL) return out.text(withoutUserinfo(value))
    if (value instanceof RegExp) return out.text(String(value))
    if (value instanceof Promise) return out.ascii('"[Promise]"')
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.write(value.valueOf(), redact)
    }
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (tag === "Generator" || tag === "AsyncGenerator") return out.text(`[${tag}]`)
    return honourJson ? this.jsonForm(value, redact) : this.fields(value, redact)
  }

  // `toJSON` is honoured once: what it returns is written as it is, even if that has a `toJSON` of its own.
  private jsonForm(value: object, redact: boolean): void {
    const { toJSON } = value as { readonly toJSON?: unknown }
    const replaced: unknown = typeof toJSON === "function" ? toJSON.call(value, "") : value
    if (replaced === value) this.fields(value, redact)
    else if (typeof replaced === "object" && replaced !== null) this.form(replaced, redact, false)
    else this.write(replaced, redact)
  }

  private fields(value: object, redact: boolean): void {
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
      comma = this.member(value, key, redact, comma) || comma
    }
    out.ascii("}")
  }

  /** Adds `"…":"[Truncated: …]"`, the last member of an object that had more. */
  cut(why: "keys" | "size", comma: boolean): void {
    this.key(cutKey, comma)
    this.out.ascii(`"[Truncated: ${why}]"`)
  }

  private list(items: readonly unknown[], length: number, redact: boolean): void {
    const { out } = this
    out.ascii("[")
    for (let index = 0; index < length; index++) {
      if (index > 0) out.ascii(",")
      if (index >= eventLimits.itemsMax || out.isFull) {
        out.ascii(out.isFull ? '"[Truncated: size]"' : '"[Truncated: items]"')
        break
      }
      this.item(items, index, redact)
    }
    out.ascii("]")
  }

  private item(items: readonly unknown[], index: number, redact: boolean): void {
    let value: unknown
    try {
      value = items[index]
    } catch (error) {
      value = threwMarker(error)
    }
    this.write(value, redact)
  }

  // One more than the limit is taken, so that `list` sees that there was more.
  private set(value: ReadonlySet<unknown>, redact: boolean): void {
    const items = take(value, eventLimits.itemsMax + 1)
    this.list(items, items.length, redact)
  }

  private map(value: ReadonlyMap<unknown, unknown>, redact: boolean): void {
    const { out } = this
    const entries = take(value, eventLimits.keysMax + 1)
    if (!entries.every(([key]) => typeof key === "string")) return this.list(entries, entries.length, redact)
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
      if (redact && this.denyList.denies(key as string)) out.ascii('"[redacted]"')
      else this.write(entry, redact)
    }
    out.ascii("}")
  }

  // `message`, `stack` and `cause` are not enumerable, and JSON.stringify makes `{}` of an error.
  private error(error: Error, redact: boolean): void {
    const { out } = this
    out.ascii('{"type":')
    out.text(errorType(error))
    for (const key of ["message", "stack", "cause", "errors"]) {
      if (key in error) this.member(error, key, redact, true)
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
      this.member(error, key, redact, true)
    }
    out.ascii("}")
  }
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
