// One event becomes one line of format 1, at the call, in one pass. Owns the order of the keys and their precedence;
// how values look is value-encoder.ts, how bytes look is line-bytes.ts. docs/internals/format.md describes the result.

import type { FieldRule } from "../event/field-rule.ts"
import { containerGuard, type Guard, plainGuard, searchedGuard, settled } from "../event/guard.ts"
import { levels } from "../event/level.ts"
import type { StreamIds } from "../event/stream-id.ts"
import type { TraceContext } from "../event/trace-context.ts"
import type { EventDefinition } from "../event/typed-event.ts"
import { eventLimits } from "../limits.ts"
import { copyOf, type Fields, hasName, isFields, namesOf, toFields } from "./fields.ts"
import { Keys } from "./keys.ts"
import type { LineBytes } from "./line-bytes.ts"
import { LineHeads } from "./line-head.ts"
import { isNamedSecret } from "./named-values.ts"
import type { Timestamps } from "./timestamp.ts"
import { ValueEncoder } from "./value-encoder.ts"

/** One line to be. A definition says how its fields may be shown; everything else is guarded as untyped. */
export interface Draft {
  /** Milliseconds since 1970; NaN without a clock. */
  readonly time: number
  readonly level: number
  /** Within the alphabet of categories: see event/category.ts. */
  readonly category: string
  readonly message: string
  readonly definition?: EventDefinition | undefined
  readonly fields?: Fields | undefined
  readonly extras?: Fields | undefined
  /** The level or the category as the call gave it, where the line has another: written like an extra of that name. */
  readonly unfit?: Fields | undefined
  /** What surrounds the call; gives way to fields and extras of the same name. */
  readonly context?: Fields | undefined
  /** What the sender of a relayed event said of it. */
  readonly origin?: unknown
  /** Whose guards hold under `origin`; without one all of it is untyped. */
  readonly originAs?: EventDefinition | undefined
  /** Names of the sender's fields that do not fit. */
  readonly misfits?: string | undefined
  readonly trace?: TraceContext | undefined
  /** 0 for a mark: a mark has an id and no seq. */
  readonly seq: number
}

/** Writes the lines of one stream. */
export class LineEncoder {
  private readonly values: ValueEncoder
  private readonly keys: Keys
  private readonly heads: LineHeads

  /** Names that extras of the current line had to take instead of their own. */
  private readonly renamed = new Set<string>()
  /** The current line says already that it was cut. */
  private isCut = false

  private readonly out: LineBytes
  private readonly ids: StreamIds

  constructor(
    out: LineBytes,
    ids: StreamIds,
    timestamps: Timestamps,
    keys: Keys = new Keys(),
    pseudonymOf?: (text: string) => string
  ) {
    this.out = out
    this.keys = keys
    this.ids = ids
    this.heads = new LineHeads(ids.streamKey.slice(0, 8), timestamps)
    this.values = new ValueEncoder(out, keys, pseudonymOf)
  }

  /** Writes the whole line, newline included, where the line of `out` begins. */
  encode(draft: Draft): void {
    const { out, values } = this
    const { extras, definition } = draft
    // Of a caller without types a definition may get anything.
    const fields = definition === undefined || isFields(draft.fields) ? draft.fields : undefined
    values.reset()
    if (this.renamed.size > 0) this.renamed.clear()
    this.isCut = false
    this.heads.write(out, draft.time, draft.level, draft.category)
    values.text(draft.message, searchedGuard)
    let { misfits } = draft
    if (definition !== undefined) {
      misfits = this.definedFields(definition, fields ?? noFields)
      const strays = fields === undefined ? toFields(draft.fields) : strayFields(definition, fields)
      if (strays !== undefined) {
        this.extras(strays, [])
        if (fields === undefined) misfits ??= "extra"
      }
    } else if (fields !== undefined) this.markFields(fields)
    if (draft.unfit !== undefined) this.extras(draft.unfit, [fields, extras])
    if (extras !== undefined) this.extras(extras, [fields])
    if (draft.context !== undefined) this.context(draft.context, fields, extras)
    if (misfits !== undefined) {
      out.ascii(',"schema_error":')
      out.text(misfits)
    }
    if (draft.origin !== undefined) this.origin(draft.origin, draft)
    if (draft.trace !== undefined) this.trace(draft.trace)
    if (draft.seq > 0) {
      out.raw(seqKey)
      out.integer(draft.seq)
    }
    out.raw(this.ids.next(draft.time))
  }

  // Context loses against a field or an extra of the same name; otherwise it is written like an extra.
  private context(given: Fields, fields: Fields | undefined, extras: Fields | undefined): void {
    const context = toFields(given) ?? noFields
    const names = namesOf(context).filter((key) => !hasName(fields, key) && !hasName(extras, key))
    this.extras(context, [fields, extras], names)
  }

  // The sender's id is the idempotency key of this line, so what identifies the sender's line comes first, and
  // in the room that is kept for what must always fit. Category, level and message are on the line already, unless they
  // had to be fitted.
  private origin(claims: unknown, draft: Draft): void {
    const { out, values } = this
    const said = isFields(claims) ? claims : { value: claims }
    out.ascii(',"origin":{')
    let comma = false
    const written = new Set<string>()
    for (const name of ["id", "ts", "session", "seq"]) {
      const value = readField(said, name)
      if (!isPlainKey(value)) continue
      out.ascii(`${comma ? "," : ""}"${name}":${JSON.stringify(value)}`)
      comma = true
      written.add(name)
    }
    if (readField(said, "category") === draft.category) written.add("category")
    if (readField(said, "level") === levels[draft.level]) written.add("level")
    if (readField(said, "message") === draft.message) written.add("message")
    const guard = draft.originAs === undefined ? searchedGuard : guardOfFields(draft.originAs)
    let scanned = 0
    for (const name of namesOf(said)) {
      if (written.has(name)) continue
      const cut = out.isFull ? "size" : ++scanned > eventLimits.keysMax ? "keys" : undefined
      if (cut !== undefined) {
        values.cut(cut, comma)
        break
      }
      comma = values.member(said, name, guard, comma) || comma
    }
    out.ascii("}")
  }

  private trace({ traceId, spanId, traceFlags }: TraceContext): void {
    this.out.ascii(`,"trace_id":"${traceId}","span_id":"${spanId}"`)
    if (traceFlags !== undefined && Number.isInteger(traceFlags))
      this.out.ascii(`,"trace_flags":${traceFlags}`)
  }

  // A typed event's fields in the order of its definition. Returns the paths that did not fit their schema.
  private definedFields(definition: EventDefinition, fields: Fields): string | undefined {
    const { out, values } = this
    let misfits: string[] | undefined
    const { rules } = definition
    const { secrets, flatLists, value: named } = this.keys.factsOf(rules)
    const { checked } = this.keys
    const isChecked = checked.fields === fields && checked.rules === rules
    checked.fields = undefined
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index] as FieldRule
      let value: unknown
      let fits: boolean
      let isNamed = false
      if (isChecked) {
        value = checked.values[index]
        fits = checked.fits[index] === true
        checked.values[index] = undefined
      } else {
        try {
          value = fields[rule.name]
          if (index === named) isNamed = isNamedSecret(fields, this.keys)
          fits = rule.fits(value)
        } catch {
          value = "[Threw]"
          fits = false
        }
      }
      if (!fits) {
        misfits ??= []
        misfits.push(rule.name)
      }
      if (value === undefined) continue
      if (out.isFull) {
        this.cut("size")
        if (isChecked) checked.values.fill(undefined)
        break
      }
      out.raw(rule.keyBytes)
      const { guard } = rule
      if (flatLists?.[index] === true) values.expectFlatList(value)
      const isHidden =
        secrets?.[index] === true ||
        // Nobody knows where in a value of another form its secret is.
        (!fits && rule.hides && guard.as === undefined) ||
        isNamed
      if (isHidden) values.redacted()
      else values.write(value, settled(guard))
    }
    return misfits?.slice(0, eventLimits.schemaErrorPathsMax).join(", ")
  }

  // A mark's keys are category names, which are no secrets.
  private markFields(fields: Fields): void {
    for (const name of Object.keys(fields)) this.values.member(fields, name, plainGuard, true)
  }

  // Untyped extras: secrets are redacted at their keys. A name that is reserved, or that something written `before` has,
  // becomes `extra.<name>`, as often as it takes: no key stands twice on a line.
  private extras(
    extras: Fields,
    before: readonly (Fields | undefined)[],
    names: readonly string[] = namesOf(extras)
  ): void {
    const { out, values } = this
    let scanned = 0
    for (const key of names) {
      const cut = out.isFull ? "size" : ++scanned > eventLimits.keysMax ? "keys" : undefined
      if (cut !== undefined) return this.cut(cut)
      const isFree = !this.keys.of(key).isReserved && !this.isTaken(key, before)
      const name = isFree ? key : this.otherName(key, extras, before)
      if (name === undefined) return this.cut("keys")
      values.member(extras, key, searchedGuard, true, name)
    }
  }

  private isTaken(name: string, before: readonly (Fields | undefined)[]): boolean {
    if (this.renamed.size > 0 && this.renamed.has(name)) return true
    for (const fields of before) if (hasName(fields, name)) return true
    return false
  }

  // A proxy may say of every name that it has it.
  private otherName(
    key: string,
    extras: Fields,
    before: readonly (Fields | undefined)[]
  ): string | undefined {
    let name = key
    let times = 0
    do name = `extra.${name}`
    while ((this.isTaken(name, before) || hasName(extras, name)) && ++times < eventLimits.renamesMax)
    if (times === eventLimits.renamesMax) return undefined
    this.renamed.add(name)
    return name
  }

  private cut(why: "keys" | "size"): void {
    if (!this.isCut) this.values.cut(why, true)
    this.isCut = true
  }
}

const seqKey = new TextEncoder().encode(',"seq":')

const readField = (fields: Fields, name: string): unknown => {
  try {
    return fields[name]
  } catch {
    return undefined
  }
}

/** True for a number, and for a text of an id's or a time's form, which needs no escaping and no more than 64 bytes. */
const isPlainKey = (value: unknown): value is string | number =>
  typeof value === "number"
    ? Number.isFinite(value)
    : typeof value === "string" && /^[\w:.+-]{0,64}$/.test(value)

// Keys that the definition does not know, which only untyped callers can pass: written as extras, not lost. Usually the fields
// are the definition's, all of them and in its order, and nothing has to be collected to see that.
const strayFields = ({ rules, names }: EventDefinition, fields: Fields): Fields | undefined => {
  let index = 0
  let strays: string[] | undefined
  try {
    for (const name in fields) {
      if (rules[index]?.name === name) index += 1
      else if (!names.has(name) && Object.hasOwn(fields, name)) {
        strays ??= []
        // One more than a line takes, so that the line says that there were more.
        if (strays.push(name) > eventLimits.keysMax) break
      }
    }
  } catch {
    // A proxy that does not tell its names.
  }
  return strays === undefined ? undefined : copyOf(fields, strays)
}

/** The guards of fields that stand together under one key, by their definition. */
const guards = new WeakMap<EventDefinition, Guard>()

const guardOfFields = (definition: EventDefinition): Guard => {
  const known = guards.get(definition)
  if (known !== undefined) return known
  const byName = new Map(definition.rules.map(({ name, guard }) => [name, guard]))
  const guard = containerGuard(searchedGuard, byName)
  guards.set(definition, guard)
  return guard
}

const noFields: Fields = Object.freeze({})
