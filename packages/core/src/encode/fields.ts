// Looking at fields that may be anything: a proxy throws when it is asked for its keys, a getter when it is read.
// Code that needs more than one value at a time goes through these; single values are in value-writer.ts.

import { eventLimits } from "../limits.ts"

/** Fields by name. Their values may be anything at all. */
export type Fields = Readonly<Record<string, unknown>>

/** The names of the fields; none when they cannot be asked for. */
export const namesOf = (fields: Fields): readonly string[] => {
  try {
    return Object.keys(fields)
  } catch {
    return []
  }
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
  for (const layer of layers) {
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
