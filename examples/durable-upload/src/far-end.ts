// The database at the far end, as the demo handles it: what the program writes through, how it is taken away and brought back,
// and a look at its rows from outside. SQLite by default, which every Node has; a server of MySQL's kind by its URL.
import type { Exporter } from "@daybook/core"

export interface FarEnd {
  /** What it is and where, for people; without a password. */
  readonly name: string
  /** What the program writes through: made anew for each start of the program. */
  exporter(): Exporter
  /** Takes it away. Returns what has happened to it. */
  takeAway(): Promise<string>
  /** Brings it back. Returns what has happened. */
  bringBack(): Promise<string>
  /** Looked at from outside: how many rows each event has, by `event_id`. */
  rowsOfEvents(): Promise<ReadonlyMap<string, number>>
  /** The prompt of one image, by `event_id`. */
  promptOf(eventId: string): Promise<string | undefined>
  close(): Promise<void>
}
