// Reading one day in the order in which it was written, in bounded memory. Damage is a row like any other: counted with
// its place, never thrown, and never a reason to skip a neighbour.

import { ReadFiles } from "./open-files.ts"
import { nodeReadLayer } from "../disk/read-layer.node.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { mergeRows } from "./merge.ts"
import { checkDay, findPlace, listDayFiles, type ReadPlace } from "../place/place.node.ts"
import { iterableRows } from "../query/rows.ts"
import { forwardSource } from "./source.ts"
import type { ReadNote, Row } from "../query/row.ts"
import { makeRowFilter, type RowFilters } from "../query/filter.ts"

/** What every reader takes: where, whose, and which lines. */
export interface ReadOptions extends ReadPlace, RowFilters {
  /** Told what is worth knowing of a file and no damage, each once a file. */
  readonly onNote?: ((note: ReadNote) => void) | undefined
}

export interface ReadDayOptions extends ReadOptions {
  /** "YYYY-MM-DD", a moment of that local day, or "unknown" for events without a clock. */
  readonly day: string | Date | number
}

/**
 * The lines of one day in the order in which they were written. Where sessions have files of their own, these are merged
 * by time, each in its own order. A day without a file is empty. May be iterated again: it then reads again.
 *
 * A file that cannot be read is a row `unreadable`. Iterating rejects when a directory is there and cannot be listed.
 *
 * @throws TypeError when `day` is not a day: it becomes part of a path. Also for a filter that is none.
 */
export const readDay = (options: ReadDayOptions): AsyncIterable<Row> => readDayOn(nodeReadLayer, options)

/** The same on any read layer. */
export const readDayOn = (layer: ReadLayer, options: ReadDayOptions): AsyncIterable<Row> => {
  const day = checkDay("readDay", options.day)
  const place = findPlace("readDay", options)
  const filter = makeRowFilter("readDay", { ...options, user: place.userField })
  return iterableRows(async function* (ends) {
    const files = (await listDayFiles(layer, place)).filter(
      (file) => file.day === day && (file.session === undefined || filter.passesSession(file.session))
    )
    const open = new ReadFiles(layer)
    const beyond = { linesMax: readLimits.beyondLinesMax, isBeyond: (time: number) => time >= filter.toMs }
    const from = { onNote: options.onNote, filesAtOnce: files.length, beyond, ends }
    try {
      yield* mergeRows(
        files.map(({ path }) => forwardSource(open.file(path), from)),
        "forwards",
        filter
      )
    } finally {
      await open.closeAll()
    }
  })
}
