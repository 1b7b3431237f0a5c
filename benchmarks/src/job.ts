// What one fresh process is told, and what it answers: plain data that passes as JSON. The process is started by
// run-child.ts, and does what child.ts finds under the probe's name.

import type { ShapeName } from "./events.ts"
import type { LibraryName } from "./libraries/catalogue.ts"

export interface Job {
  readonly probe: string
  readonly library: LibraryName
  readonly shape: ShapeName
  /** How many events are measured. */
  readonly events: number
  /** What else the probe wants to know. */
  readonly settings: Readonly<Record<string, number | string>>
  /** An empty directory for the files of events. */
  readonly dir: string
  readonly receiverUrl: string | undefined
}

/** Numbers by name; the unit stands last in each name. */
export type Sample = Readonly<Record<string, number>>

export type Probe = (job: Job) => Promise<Sample>
