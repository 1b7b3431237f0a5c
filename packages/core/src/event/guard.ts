// How a value may be shown, and what is below it. The encoder obeys guards as it writes (encode/value-encoder.ts), a message sees
// its fields by them (shown-fields.ts). Nothing here knows where a guard comes from: schema-guard.ts makes those of Effect's schemas.
import { eventLimits, guardLimits } from "../limits.ts"

/**
 * How a value is written, and what is below it. `keys` speaks for named members, and for the items of a tuple by their index; for
 * all others `items` does, or the guard itself where there is none. Made by `makeGuard`, so that all have one shape.
 */
export interface Guard {
  /** Instead of the value: "[redacted]", or its pseudonym. */
  readonly as: "redacted" | "pseudonym" | undefined
  /** Secret keys are redacted by name, and secrets are looked for in texts. False only where `plain` says so. */
  readonly isSearched: boolean
  /** UTF-16 units of a text before it is cut. */
  readonly charsMax: number
  /** Where bytes are the measure of `charsMax`, as `keep` promises. */
  readonly bytesMax: number | undefined
  /** `charsMax` counts code points, not units. */
  readonly inCodePoints: boolean
  readonly keys: ReadonlyMap<string, Guard> | undefined
  readonly items: Guard | undefined
  /** Something below is hidden by its name, so what `toJSON` or `toString` would make of the value is not asked for. */
  readonly isStrict: boolean
  /** The members of a value that keeps them in a form of its own; undefined for any other value. */
  readonly open: ((value: object) => object | undefined) | undefined
  /** Where a schema refers to itself: the guard in this one's place, made when it is first needed. */
  readonly later: (() => Guard) | undefined
}

/** Everything that nothing else is said of: fields, extras, context, messages, error texts. */
export const searchedGuard: Guard = {
  as: undefined,
  isSearched: true,
  charsMax: eventLimits.stringCharsMax,
  bytesMax: undefined,
  inCodePoints: false,
  keys: undefined,
  items: undefined,
  isStrict: false,
  open: undefined,
  later: undefined
}

/** A guard that differs from another. */
export const makeGuard = (parts: Partial<Guard>, from: Guard = searchedGuard): Guard => ({
  ...from,
  ...parts
})

/** Written as it is: what `plain` lets through, and the log's own marks. */
export const plainGuard: Guard = makeGuard({ isSearched: false })

export const redactedGuard: Guard = makeGuard({ as: "redacted" })

/** Whether a secret name hides a value of this guard: an annotation says more than a name. */
export const hidesByName = ({ isSearched, as }: Guard): boolean => isSearched && as === undefined

/** The guard in the place of one that was put off. */
export const settled = (guard: Guard): Guard => (guard.later === undefined ? guard : guard.later())

/** The guard of a member or an item. */
export const guardBelow = (guard: Guard, key?: string): Guard =>
  settled((key === undefined ? undefined : guard.keys?.get(key)) ?? guard.items ?? guard)

/** The guard of an item: by its index in a tuple. */
export const guardOfItem = (guard: Guard, index: number): Guard =>
  guard.keys === undefined ? guardBelow(guard) : guardBelow(guard, String(index))

/** The guard of a map whose entries are written as pairs. */
export const guardOfPairs = (guard: Guard): Guard => {
  if (guard.items === undefined) return guard
  const pair = makeGuard({ keys: new Map([["1", guard.items]]), items: searchedGuard, isStrict: true })
  return makeGuard({ items: pair, isStrict: true })
}

/** True where it is not certain that a guard shows all that is below it. */
export const mayHide = (guard: Guard): boolean =>
  guard.as !== undefined || guard.isStrict || guard.later !== undefined

/**
 * A guard of members and items; `base` itself where nothing is said of any of them. What has no guard has the base's.
 */
export const containerGuard = (
  base: Guard,
  keys: ReadonlyMap<string, Guard>,
  items: Guard = base,
  open?: Guard["open"]
): Guard => {
  const own = new Map([...keys].filter(([, guard]) => guard !== items))
  if (own.size === 0 && items === base) return base
  const isStrict = [...own.values(), items].some(mayHide)
  return makeGuard({ keys: own, items, isStrict, open }, base)
}

/** One guard for a value that may be of several kinds: what one of them hides is hidden in all. */
export const strictest = (guards: readonly Guard[]): Guard | undefined => {
  const [first] = guards
  if (first === undefined || guards.every((guard) => guard === first)) return first
  const hiding = guards.find(({ as }) => as === "redacted") ?? guards.find(({ as }) => as !== undefined)
  if (hiding !== undefined) return hiding
  if (guards.some(({ later }) => later !== undefined)) {
    let made: Guard | undefined
    return makeGuard({
      later: () => {
        made ??= strictest(guards.map(settled)) ?? searchedGuard
        return made
      }
    })
  }
  // The default says nothing, and gives way to what was said; only `plain` needs all of them to agree.
  const said = guards.filter((guard) => guard !== searchedGuard)
  const isSearched = guards.some((guard) => guard.isSearched)
  const [only] = said
  if (only !== undefined && said.length === 1)
    return only.isSearched === isSearched ? only : makeGuard({ isSearched }, only)
  const names = new Set(said.flatMap(({ keys }) => [...(keys?.keys() ?? [])]))
  const merged = (of: (guard: Guard) => Guard | undefined): Guard | undefined =>
    strictest(said.map(of).filter((guard) => guard !== undefined))
  const opens = said.map(({ open }) => open).filter((open) => open !== undefined)
  return makeGuard({
    isSearched,
    charsMax: Math.min(...said.map(({ charsMax }) => charsMax)),
    keys: new Map(
      [...names].map((name) => [name, merged(({ keys, items }) => keys?.get(name) ?? items) ?? searchedGuard])
    ),
    items: merged(({ items }) => items) ?? searchedGuard,
    isStrict: said.some(({ isStrict }) => isStrict),
    open:
      opens.length === 0
        ? undefined
        : (value) => opens.map((open) => open(value)).find((opened) => opened !== undefined)
  })
}

/** True when a guard hides something, be it far below. One that cannot be looked through counts as hiding. */
export const hidesAnything = (guard: Guard): boolean => {
  const seen = new Set<Guard>()
  const open = [guard]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    if (next.as !== undefined || seen.size >= guardLimits.lookedAtMax) return true
    seen.add(next)
    if (next.later !== undefined) open.push(next.later())
    for (const below of next.keys?.values() ?? []) open.push(below)
    if (next.items !== undefined) open.push(next.items)
  }
  return false
}
