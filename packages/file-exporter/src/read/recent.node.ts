// Reading from today backwards, newest first, and no more of the files than what is asked for: the end of a gigabyte is as
// near as that of a kilobyte. The files of all users at once are read by all-users.node.ts.

import type { ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { byDay, listDayFiles } from "../place/list.node.ts"
import type { Place } from "../place/place.node.ts"
import { withoutTwins } from "../place/twins.node.ts"
import type { RowFilter } from "../query/filter.ts"
import type { Row } from "../query/row.ts"
import { filesInSpan, type Span } from "../query/span.ts"
import { mergeRows } from "./merge.ts"
import { ReadFiles } from "./open-files.ts"
import { backwardSource, noteTwins, type Reading } from "./source.ts"

/** The rows for `readRecent`. */
export async function* recentRows(
  layer: ReadLayer,
  wanted: Reading & { readonly place: Place; readonly filter: RowFilter; readonly span: Span }
): AsyncGenerator<Row, void> {
  const { place, filter, span } = wanted
  const isBeyond = (time: number): boolean => time < filter.fromMs
  const isBounded = Number.isFinite(filter.fromMs)
  const beyond = isBounded ? { linesMax: readLimits.beyondLinesMax, isBeyond } : undefined
  let left = span.limit
  if (left === 0) return
  const files = (await listDayFiles(layer, place, { withPacked: true })).filter(
    ({ session }) => session === undefined || filter.passesSession(session)
  )
  const open = new ReadFiles(layer)
  try {
    const inSpan = filesInSpan(files, span, wanted.onNote)
    for (const listed of byDay(inSpan, ({ day }) => day).toReversed()) {
      const { files: sameDay, twins } = await withoutTwins(layer, listed)
      noteTwins(twins, wanted.onNote)
      const how = { ...wanted, filesAtOnce: sameDay.length, beyond }
      const sources = sameDay.map(({ path }) => backwardSource(open.file(path), how))
      for await (const row of mergeRows(sources, "backwards", filter)) {
        yield row
        if (!("damage" in row) && row.kind === "event") left -= 1
        if (left === 0) return
      }
    }
  } finally {
    await open.closeAll()
  }
}
