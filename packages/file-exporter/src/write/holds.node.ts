// What deliveries hold: files of which they have not settled every byte. A place that cannot be read holds everything, because
// it cannot be known; one that is saved no more holds nothing. What is done with it is sweep.node.ts and undelivered.node.ts.

//   saved within 30 days ─────────────▶ holds
//   saved before, or on a day to come ──▶ doubted: holds ──not saved by the next day (30 days, of a day to come)──▶ ended

import { toLocalDay } from "@daybook/core"
import { codeOf } from "../disk/errno.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { deliveryLimits } from "../limits.ts"
import { dayBefore, dayText } from "../place/day.ts"
import { type DeliveryPlace, readPlaces } from "../state/delivery-place.node.ts"
import { FittedFile } from "../state/place-fit.node.ts"
import type { DoubtedPlace } from "../state/retention-note.node.ts"

/** A delivery that holds files. */
export interface Holder {
  readonly name: string
  /** Absent where it cannot be known. */
  readonly place?: DeliveryPlace
  /** Why it cannot. */
  readonly trouble?: string
}

/** The deliveries of an app that hold, were they ever saved so long ago. Never throws. */
export function* readHolders(dir: string, app: string): DiskWork<readonly Holder[]> {
  const holders: Holder[] = []
  for (const [name, found] of yield* readPlaces(dir, app)) {
    if (found.is === "place" && found.place.holds) holders.push({ name, place: found.place })
    if (found.is === "newer") holders.push({ name, trouble: "it is of a newer version of Daybook" })
    if (found.is === "broken") holders.push({ name, trouble: found.reason })
  }
  return holders
}

/** What became of holders when the days of their places were looked at. */
export interface Judged {
  readonly holding: readonly Holder[]
  /** Their deliveries are gone, by all that is known. */
  readonly ended: readonly Holder[]
  /** For the next sweep. */
  readonly doubted: ReadonlyMap<string, DoubtedPlace>
}

/** Which places still hold. No single reading of a clock ends a hold: it takes two days of sweeps that find it left. */
export const judgeHolders = (
  holders: readonly Holder[],
  before: ReadonlyMap<string, DoubtedPlace>,
  reference: string
): Judged => {
  const oldest = dayBefore(reference, deliveryLimits.holdDays)
  const holding: Holder[] = []
  const ended: Holder[] = []
  const doubted = new Map<string, DoubtedPlace>()
  for (const holder of holders) {
    const { name, place } = holder
    const day = place === undefined ? reference : dayText(toLocalDay(Date.parse(place.saved)))
    // "unknown" is later than every day.
    const isToCome = day > dayBefore(reference, -1)
    if (place === undefined || !(day < oldest || isToCome)) {
      holding.push(holder)
      continue
    }
    const known = before.get(name)
    const since = known?.saved === place.saved && known.since <= reference ? known.since : reference
    doubted.set(name, { saved: place.saved, since })
    if (since < (isToCome ? oldest : reference)) ended.push(holder)
    else holding.push(holder)
  }
  return { holding, ended, doubted }
}

/** Undelivered bytes of a file by its name and size alone: for sums, not for deleting it. */
export const roughlyUnsettled = (
  { file, size }: { readonly file: string; readonly size: number },
  holders: readonly Holder[]
): number =>
  holders.reduce((most, { place }) => {
    const at = place?.files.get(file)?.at ?? 0
    return Math.max(most, at <= size ? size - at : size)
  }, 0)

/** What holders have not settled of a file, by its bytes. */
export interface Unsettled {
  /** Of the delivery that is furthest behind. */
  readonly bytes: number
  readonly names: readonly string[]
}

const nothing: Unsettled = { bytes: 0, names: [] }

/** The same by its bytes; `undefined` where it cannot be read. A link, and what is no file, is never delivered. */
export function* unsettledIn(
  { path, file }: { readonly path: string; readonly file: string },
  holders: readonly Holder[]
): DiskWork<Unsettled | undefined> {
  if (holders.length === 0) return nothing
  try {
    const fd = yield* step((disk) => disk.openRead(path))
    try {
      const { isFile, size } = yield* step((disk) => disk.facts(fd))
      if (!isFile) return nothing
      const fitted = new FittedFile(fd, size)
      let bytes = 0
      const names: string[] = []
      for (const { name, place } of holders) {
        const left = size - (place === undefined ? 0 : yield* fitted.settledBy(place, file))
        if (left > 0) names.push(name)
        bytes = Math.max(bytes, left)
      }
      return { bytes, names }
    } finally {
      yield* step((disk) => disk.close(fd))
    }
  } catch (error) {
    const code = codeOf(error)
    return code === "ELOOP" || code === "ENOENT" ? nothing : undefined
  }
}
