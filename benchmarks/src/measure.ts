// A measure is a list of cells. In each cell, libraries take turns round after round. measures/ has the measures, gates.ts the
// targets.

import type { Sample } from "./job.ts"
import type { LibraryName } from "./libraries/catalogue.ts"
import type { Runtime } from "./run-child.ts"

/** How much is done: "smoke" touches everything and its figures mean nothing, "full" adds ten million events. */
const scales = ["smoke", "normal", "full"] as const
export type Scale = (typeof scales)[number]

export interface Context {
  readonly scale: Scale
  readonly runtime: Runtime
}

export interface Cell {
  /** Unique: gates ask for it. */
  readonly name: string
  readonly libraries: readonly LibraryName[]
  /** Set where fewer rounds are enough. */
  readonly roundsMax?: number
  /** One library's numbers of one round. Rejects when an event is lost that must not be. */
  run(library: LibraryName, context: Context): Promise<Sample>
}

export interface Measure {
  readonly name: string
  /** What is measured, for the reader of the tables. */
  readonly about: string
  cells(context: Context): readonly Cell[]
}

/** Picks by scale. */
export const scaled = <Value>({ scale }: Context, smoke: Value, normal: Value, full: Value = normal): Value =>
  ({ smoke, normal, full })[scale]
