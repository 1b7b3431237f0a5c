// Rows as what `for await` takes: each loop begins anew, and leaving it ends the reading, also while rows are still being
// looked for. Where rows come from is the readers' business.
import type { Row } from "./row.ts"

/**
 * Rows that `read` makes. Its signal aborts when the reader leaves, or when `signal` does: a generator that waits, or looks
 * through a gigabyte in which nothing passes, would not hear of it otherwise.
 */
export const iterableRows = (
  read: (ends: AbortSignal) => AsyncGenerator<Row, void>,
  signal?: AbortSignal
): AsyncIterable<Row> => ({
  [Symbol.asyncIterator]: () => {
    const left = new AbortController()
    const rows = read(signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]))
    return {
      next: () => rows.next(),
      return: () => {
        left.abort()
        return rows.return()
      }
    }
  }
})
