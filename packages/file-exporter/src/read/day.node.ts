// Reading one day in the order in which it was written, in bounded memory. Damage is a row like any other: counted with
// its place, never thrown, and never a reason to skip a neighbour.

import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { listDayFiles } from "../place/list.node.ts"
import type { Place } from "../place/place.node.ts"
import { withoutTwins } from "../place/twins.node.ts"
import type { RowFilter } from "../query/filter.ts"
import type { Row } from "../query/row.ts"
import { mergeRows } from "./merge.ts"
import { ReadFiles } from "./open-files.ts"
import { forwardSource, noteTwins, type Reading } from "./source.ts"

/** The rows of a day, for `readDay`. */
export async function* dayRows(
  layer: ReadLayer,
  wanted: Reading & { readonly place: Place; readonly filter: RowFilter; readonly day: string }
): AsyncGenerator<Row, void> {
  const { day, place, filter } = wanted
  const listed = (await listDayFiles(layer, place, { withPacked: true })).filter(
    (file) => file.day === day && (file.session === undefined || filter.passesSession(file.session))
  )
  const { files, twins } = await withoutTwins(layer, listed)
  noteTwins(twins, wanted.onNote)
  const open = new ReadFiles(layer)
  const isBeyond = (time: number): boolean => time >= filter.toMs
  const isBounded = Number.isFinite(filter.toMs)
  const beyond = isBounded ? { linesMax: readLimits.beyondLinesMax, isBeyond } : undefined
  const how = { ...wanted, filesAtOnce: files.length, beyond }
  try {
    yield* mergeRows(
      files.map(({ path }) => forwardSource(open.file(path), how)),
      "forwards",
      filter
    )
  } finally {
    await open.closeAll()
  }
}
