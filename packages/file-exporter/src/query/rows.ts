// Rows as what `for await` takes: each loop begins anew, and leaving it ends the reading, also while rows are still being
// looked for. What reads is loaded by the first loop, so that a log that only writes does not pay for it.
import type { Row } from "./row.ts"

/**
 * Rows that a reader gives once it is loaded. Its signal aborts when the loop is left, or when `signal` does: a generator
 * that waits, or looks through a gigabyte in which nothing passes, would not notice otherwise.
 */
export const iterableRows = (
  load: (ends: AbortSignal) => Promise<AsyncGenerator<Row, void>>,
  signal?: AbortSignal
): AsyncIterable<Row> => ({
  [Symbol.asyncIterator]: () => {
    const left = new AbortController()
    const ends = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])
    let loading: Promise<AsyncGenerator<Row, void>> | undefined
    let rows: AsyncGenerator<Row, void> | undefined
    const begin = async (): Promise<AsyncGenerator<Row, void>> => {
      loading ??= load(ends)
      rows = await loading
      return rows
    }
    return {
      // Once loaded, no promise of ours stands between a row and its reader.
      next: () => (rows === undefined ? begin().then((loaded) => loaded.next()) : rows.next()),
      return: async () => {
        left.abort()
        return (rows ?? (await begin())).return()
      }
    }
  }
})
