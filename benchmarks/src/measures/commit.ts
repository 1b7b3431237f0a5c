// Durable events: confirmed only when synced. Against pino's flush, which writes and syncs what is buffered, and against
// the bare calls of the system.

import type { LibraryName } from "../libraries/catalogue.ts"
import { type Cell, type Context, type Measure, scaled } from "../measure.ts"
import { runComplete } from "../run-complete.ts"

const cell = (waiters: number, libraries: readonly LibraryName[], context: Context): Cell => ({
  name: `commit ${waiters}`,
  libraries,
  run: (library) => {
    const events = scaled(context, 20, waiters === 1 ? 1_000 : waiters * 200)
    const settings = { waiters }
    return runComplete({ probe: "commit", library, shape: "small", events, settings }, context)
  }
})

export const commit: Measure = {
  name: "commit",
  about: "each waiter commits the next event when its last one is synced to the disk",
  cells: (context) => [
    cell(1, ["daybook-durable", "raw-sync", "pino-buffered"], context),
    cell(10, ["daybook-durable", "pino-buffered"], context),
    cell(100, ["daybook-durable", "pino-buffered"], context)
  ]
}
