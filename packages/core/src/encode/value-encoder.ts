// Any value of any type as one piece of JSON: bounded in depth, keys, items and bytes, read once, and never throwing.
// Owns the readable forms of values that JSON lacks; line-bytes.ts makes the bytes.
import {
  type Guard,
  guardBelow,
  guardOfItem,
  guardOfPairs,
  hidesByName,
  makeGuard,
  searchedGuard
} from "../event/guard.ts"
import { keysOf } from "../event/keys-of.ts"
import { eventLimits } from "../limits.ts"
import { pointsIn, unitsOfPoints } from "./code-points.ts"
import { charsWithin, cutText, searched, take } from "./cuts.ts"
import type { KeyFacts, Keys } from "./keys.ts"
import { isPlain, type Kind, kindOf, ownText } from "./kind-of.ts"
import { dateText, gettersOf, withoutUserinfo } from "./known-forms.ts"
import { cutKey, type LineBytes } from "./line-bytes.ts"
import { isNamedByItem, isNamedSecret } from "./named-values.ts"
import { withoutSecrets } from "./text-patterns.ts"
import { errorType, factNames, threwMarker } from "./thrown.ts"

const redacted = '"[redacted]"'
const cutMember = (why: string): Uint8Array => new TextEncoder().encode(`"${cutKey}":"[Truncated: ${why}]"`)
const cutMembers = { keys: cutMember("keys"), size: cutMember("size") }
/** Beyond this a bigint's decimal text costs more than the rest of the line; its cost grows with the square. */
const bigintMax = 2n ** 1_024n

/** Writes values below one line. Keeps the chain of ancestors, which is how it knows a cycle. */
export class ValueEncoder {
  private readonly ancestors: object[] = []
  /** Keys of this line that were cut, or held what is no text. */
  private changedKeys = 0
  /** Names and values by turns, as `rawHeaders` has them. */
  private flatList: unknown

  private readonly out: LineBytes
  private readonly keys: Keys
  private readonly pseudonymOf: ((text: string) => string) | undefined

  constructor(out: LineBytes, keys: Keys, pseudonymOf: ((text: string) => string) | undefined) {
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

  /** Writes a text. It is cut before it is searched for secrets, so that its length costs nothing. */
  text(text: string, guard: Guard): void {
    const { charsMax, bytesMax, isSearched } = guard
    const { keys } = this
    // Where bytes are the measure, as many as its units can take.
    const most = bytesMax === undefined ? text.length : 3 * text.length
    if (most <= charsMax && !(isSearched && keys.hasPatterns)) {
      if (this.out.quick(text, isSearched ? keys : undefined)) return
    }
    if (guard.inCodePoints) return this.inCodePoints(text, charsMax)
    const shownMax = bytesMax === undefined ? charsMax : charsWithin(text, bytesMax)
    if (isSearched) this.out.text(withoutSecrets(searched(text, shownMax), keys), shownMax, text.length)
    else this.out.text(text, shownMax)
  }

  // Of a tool: what agents count are characters, and not the units that a text happens to have.
  private inCodePoints(text: string, pointsMax: number): void {
    const units = unitsOfPoints(text, pointsMax)
    const isCut = units < text.length
    const safe = withoutSecrets(searched(text, units), this.keys)
    const shown = isCut ? safe.slice(0, unitsOfPoints(safe, pointsMax)) : safe
    this.out.text(shown, shown.length, isCut ? pointsIn(text) : shown.length, isCut)
  }

  /** Reads one property and writes it as `"key":value` after a comma if asked. Says whether anything was written. */
  member(owner: object, key: string, guard: Guard, comma: boolean, name = key): boolean {
    const facts = this.keys.of(key)
    let below = guardBelow(guard, key)
    const isSecret = facts.isSecret || (key === "value" && isNamedSecret(owner, this.keys))
    if (isSecret && hidesByName(below)) {
      this.key(name, comma, name === key ? facts : undefined)
      this.redacted()
      return true
    }
    let value: unknown
    try {
      value = (owner as Record<string, unknown>)[key]
    } catch (error) {
      value = threwMarker(error)
      below = searchedGuard
    }
    if (value === undefined) return false
    this.key(name, comma, name === key ? facts : undefined)
    if (facts.isFlatList) this.flatList = value
    this.write(value, below)
    return true
  }

  /** The value that is written next may be a list of names and values by turns. */
  expectFlatList(value: unknown): void {
    this.flatList = value
  }

  redacted(): void {
    this.out.ascii(redacted)
  }

  private hidden(value: unknown, as: "redacted" | "pseudonym"): void {
    const isText = typeof value === "string" || typeof value === "number"
    const pseudonym = as === "pseudonym" && isText ? this.pseudonymOf?.(String(value)) : undefined
    if (pseudonym === undefined) this.redacted()
    else this.out.text(pseudonym)
  }

  private key(name: string, comma: boolean, facts: KeyFacts = this.keys.of(name)): void {
    const bytes = comma ? facts.bytes : facts.firstBytes
    if (bytes !== undefined) return this.out.raw(bytes)
    if (comma) this.out.ascii(",")
    const { shown } = facts
    if (this.out.key(shown ?? name, this.changedKeys + 1, shown !== undefined)) this.changedKeys += 1
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
      this.text(threwMarker(error), searchedGuard)
    }
    ancestors.pop()
  }

  private form(value: object, guard: Guard, honourJson: boolean): void {
    if (Array.isArray(value)) return this.list(value, value.length, guard)
    if (isPlain(value)) return honourJson ? this.jsonForm(value, guard) : this.fields(value, guard)
    const kind = kindOf(value)
    if (kind !== undefined) return this.known(value, kind, guard)
    const opened = guard.isStrict ? guard.open?.(value) : undefined
    if (opened !== undefined) return this.fields(opened, guard)
    return honourJson ? this.jsonForm(value, guard) : this.instance(value, guard)
  }

  private known(value: object, kind: Kind, guard: Guard): void {
    const { out } = this
    switch (kind) {
      case "Bytes":
        return out.ascii('"<bytes>"')
      case "Date":
        return out.text(dateText(value as Date))
      case "Error":
        return this.error(value, guard)
      case "Map":
        return this.map(value as ReadonlyMap<unknown, unknown>, guard)
      case "Set":
        return this.set(value as ReadonlySet<unknown>, guard)
      // These come from outside, and their texts and keys with them.
      case "URL":
        return this.text(withoutUserinfo(value as URL), fromOutside(guard))
      case "URLSearchParams":
        return this.text(this.query(value as Pairs), fromOutside(guard))
      case "Headers":
      case "FormData":
        return this.pairs(value as Pairs, fromOutside(guard))
      case "Response":
      case "Request":
      case "Blob":
        return this.facts(value, gettersOf[kind], fromOutside(guard))
      case "RegExp":
        return this.text(String(value), guard)
      case "Symbol":
      case "Promise":
      case "Generator":
      case "AsyncGenerator":
        return out.ascii(`"[${kind}]"`)
      default:
        return this.write(value.valueOf(), guard)
    }
  }

  // `toJSON` is honoured once: what it returns is written as it is, even if that has a `toJSON` of its own.
  // What hides a member by its name cannot follow it there.
  private jsonForm(value: object, guard: Guard): void {
    if (guard.isStrict) return this.fields(value, guard)
    const { toJSON } = value as { readonly toJSON?: unknown }
    const replaced: unknown = typeof toJSON === "function" ? toJSON.call(value, "") : value
    if (replaced === value) this.instance(value, guard)
    else if (typeof replaced === "object" && replaced !== null) this.form(replaced, guard, false)
    else this.write(replaced, guard)
  }

  // What keeps its content in private fields has nothing to list, and may say it as a text.
  private instance(value: object, guard: Guard): void {
    const names = keysOf(value)
    const text = names.length === 0 && !isPlain(value) ? ownText(value) : undefined
    if (text === undefined) this.fields(value, guard, names)
    else this.text(text, guard)
  }

  private fields(value: object, guard: Guard, names: readonly string[] = keysOf(value)): void {
    this.out.ascii("{")
    this.members(value, names, guard, false)
    this.out.ascii("}")
  }

  private members(value: object, names: readonly string[], guard: Guard, begun: boolean): void {
    let comma = begun
    let scanned = 0
    for (const key of names) {
      const cut = this.out.isFull ? "size" : ++scanned > eventLimits.keysMax ? "keys" : undefined
      if (cut !== undefined) return this.cut(cut, comma)
      comma = this.member(value, key, guard, comma) || comma
    }
  }

  // What a class of the platform has in its getters, and then what an application gave it.
  private facts(value: object, getters: readonly string[], guard: Guard): void {
    this.fields(value, guard, [...getters, ...keysOf(value).filter((name) => !getters.includes(name))])
  }

  /** Adds `"…":"[Truncated: …]"`, the last member of an object that had more. */
  cut(why: "keys" | "size", comma: boolean): void {
    if (comma) this.out.ascii(",")
    this.out.raw(cutMembers[why])
  }

  private list(items: readonly unknown[], length: number, guard: Guard): void {
    const { out } = this
    const isFlat = items === this.flatList
    let before: unknown
    out.ascii("[")
    for (let index = 0; index < length; index++) {
      if (index > 0) out.ascii(",")
      if (index >= eventLimits.itemsMax || out.isFull) {
        out.ascii(out.isFull ? '"[Truncated: size]"' : '"[Truncated: items]"')
        break
      }
      const isNamed = isNamedByItem(before, index, length, isFlat, this.keys)
      if (isNamed && hidesByName(guardOfItem(guard, index))) {
        out.ascii(redacted)
        before = undefined
      } else before = this.item(items, index, guard)
    }
    out.ascii("]")
  }

  private item(items: readonly unknown[], index: number, guard: Guard): unknown {
    let below = guardOfItem(guard, index)
    let value: unknown
    try {
      value = items[index]
    } catch (error) {
      value = threwMarker(error)
      below = searchedGuard
    }
    this.write(value, below)
    return value
  }

  // One more than the limit is taken, so that `list` sees that there was more.
  private set(value: ReadonlySet<unknown>, guard: Guard): void {
    const items = take(value, eventLimits.itemsMax + 1)
    this.list(items, items.length, guard)
  }

  private map(value: ReadonlyMap<unknown, unknown>, guard: Guard): void {
    const entries = take(value, eventLimits.keysMax + 1)
    if (entries.every(([key]) => typeof key === "string")) this.entries(entries as Entries, guard)
    else this.list(entries, entries.length, guardOfPairs(guard))
  }

  // A name that comes again has a list of its values.
  private pairs(value: Pairs, guard: Guard): void {
    const values = new Map<string, unknown>()
    for (const [name, one] of take(value, eventLimits.keysMax + 1)) {
      const before = values.get(name)
      values.set(name, before === undefined ? one : [...(Array.isArray(before) ? before : [before]), one])
    }
    this.entries([...values], guard)
  }

  private entries(entries: Entries, guard: Guard): void {
    const { out } = this
    out.ascii("{")
    let comma = false
    for (const [index, [key, entry]] of entries.entries()) {
      if (index === eventLimits.keysMax || out.isFull) {
        this.cut(out.isFull ? "size" : "keys", comma)
        break
      }
      if (entry === undefined) continue
      this.key(key, comma)
      comma = true
      const below = guardBelow(guard, key)
      if (hidesByName(below) && this.keys.of(key).isSecret) this.redacted()
      else this.write(entry, below)
    }
    out.ascii("}")
  }

  // Pair by pair: names are decoded, so a secret one is seen however it was written, and a long query is read no further than
  // it is shown.
  private query(value: Pairs): string {
    const charsMax = eventLimits.stringCharsMax - 2
    let text = ""
    for (const [name, one] of value) {
      if (text.length > charsMax) break
      const shown = this.keys.of(name).isSecret ? undefined : cutText(one)
      text += `${text === "" ? "" : "&"}${new URLSearchParams([[cutText(name), shown ?? ""]])}`
      if (shown === undefined) text += "[redacted]"
    }
    return text.length > charsMax ? `${text.slice(0, charsMax)} …` : text
  }

  // `message`, `stack` and `cause` are not enumerable, and JSON.stringify makes `{}` of an error.
  private error(error: object, guard: Guard): void {
    const { out } = this
    out.ascii('{"type":')
    out.text(errorType(error))
    // An error's texts come from anywhere, so they are searched for secrets wherever the error stands.
    for (const key of ["message", "stack", "cause"]) {
      if (key in error) this.member(error, key, textsOfError(guard, key), true)
    }
    let scanned = 0
    for (const key of factNames(error)) {
      const cut = out.isFull ? "size" : ++scanned > eventLimits.keysMax ? "keys" : undefined
      if (cut !== undefined) {
        this.cut(cut, true)
        break
      }
      this.member(error, key, ownOfError(guard), true, key === "type" ? "extra.type" : key)
    }
    out.ascii("}")
  }
}

type Pairs = Iterable<readonly [string, string]>
type Entries = readonly (readonly [string, unknown])[]
// No more of it is searched for secrets than a line can take. Mostly that is the default, and no guard has to be made.
const fromOutside = ({ charsMax }: Guard): Guard => {
  const shownMax = Math.min(charsMax, eventLimits.lineBytesMax)
  return shownMax === searchedGuard.charsMax ? searchedGuard : makeGuard({ charsMax: shownMax })
}

// A class of errors may hide its message, which the stack repeats.
const textsOfError = (guard: Guard, key: string): Guard => {
  const below = guard.keys?.get(key === "stack" ? "message" : key)
  return below === undefined || (key === "stack" && below.as === undefined)
    ? fromOutside(guard)
    : makeGuard({ keys: new Map([[key, below]]) })
}

// What a schema says of such a field holds for it.
const ownOfError = (guard: Guard): Guard =>
  guard.keys === undefined && guard.items === undefined ? fromOutside(guard) : guard
