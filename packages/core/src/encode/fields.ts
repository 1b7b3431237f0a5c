// Looking at fields that may be anything: a proxy throws when it is asked for its keys, a getter when it is read.
// Code that needs more than one value at a time goes through these; single values are in value-encoder.ts.

import { keysOf } from "../event/keys-of.ts"
import { eventLimits } from "../limits.ts"
import { isPlain, kindOf } from "./kind-of.ts"
import { threwMarker } from "./thrown.ts"

/** Fields by name. Their values may be anything at all. */
export type Fields = Readonly<Record<string, unknown>>

/** The only name under which what should have been fields is written. */
const strayName = "extra"

/**
 * Anything as fields: undefined for nothing. What is one value and no fields (a text, a list, an error, a date) is not taken
 * apart, and not lost: it stands under `extra`.
 */
export const toFields = (value: unknown): Fields | undefined => {
  if (value === undefined || value === null) return undefined
  return isFields(value) ? value : { [strayName]: asValue(value) }
}

/** True for an object whose own keys are what it has to say. Never throws. */
export const isFields = (value: unknown): value is Fields => {
  if (typeof value !== "object" || value === null) return false
  try {
    return isPlain(value) || (!Array.isArray(value) && kindOf(value) === undefined)
  } catch {
    return false
  }
}

// A revoked proxy may not even be asked whether it is a list.
const asValue = (value: unknown): unknown => {
  try {
    Array.isArray(value)
    return value
  } catch (error) {
    return threwMarker(error)
  }
}

/** The names of the fields; none when they cannot be asked for. */
export const namesOf = (fields: Fields): readonly string[] => {
  try {
    return typeof fields === "object" ? keysOf(fields) : []
  } catch {
    return []
  }
}

/** The fields of some names, read once; what throws is a marker. */
export const copyOf = (fields: Fields, names: readonly string[]): Fields => {
  const copy: Record<string, unknown> = Object.create(null)
  for (const name of names) {
    try {
      copy[name] = fields[name]
    } catch (error) {
      copy[name] = threwMarker(error)
    }
  }
  return copy
}

/** The fields of some names, each read when it is asked for: a secret never is. */
export const viewOf = (fields: object, names: readonly string[]): Fields => {
  const view: Record<string, unknown> = Object.create(null)
  for (const name of names) {
    const get = (): unknown => (fields as Fields)[name]
    Object.defineProperty(view, name, { enumerable: true, get })
  }
  return view
}

/** True when the fields have this name; false when they cannot be asked. */
export const hasName = (fields: Fields | undefined, name: string): boolean => {
  if (fields === undefined) return false
  try {
    return Object.hasOwn(fields, name)
  } catch {
    return false
  }
}

/** One object of several layers, the later ones on top, without what cannot be read. */
export const readableFields = (...layers: readonly (Fields | undefined)[]): Fields => {
  const merged: Record<string, unknown> = Object.create(null)
  for (const given of layers) {
    const layer = toFields(given)
    if (layer === undefined) continue
    // One more than a line takes, so that the line says that there were more.
    for (const name of namesOf(layer).slice(0, eventLimits.keysMax + 1)) {
      try {
        merged[name] = layer[name]
      } catch {
        // A value that throws has no place here; the line has a marker for it.
      }
    }
  }
  return merged
}
