// A job for a fresh process, and its answer: plain data that passes as JSON. run-child.ts starts the process; child.ts runs the
// probe of that name.

import type { ShapeName } from "./events.ts"
import type { LibraryName } from "./libraries/catalogue.ts"

export interface Job {
  readonly probe: string
  readonly library: LibraryName
  readonly shape: ShapeName
  /** How many events are measured. */
  readonly events: number
  /** Further settings of the probe. */
  readonly settings: Readonly<Record<string, number | string>>
  /** An empty directory for the files of events. */
  readonly dir: string
  readonly receiverUrl: string | undefined
}

/** Numbers by name; the unit stands last in each name. */
export type Sample = Readonly<Record<string, number>>

export type Probe = (job: Job) => Promise<Sample>
