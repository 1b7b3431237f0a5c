// How far each delivery has got, as it stands in `.daybook/<app>/delivery/<name>/place.json`. The delivery writes it, and
// retention reads it, because it keeps what is not delivered. What a place is worth for a file is decided in delivery/.

//   {"v":1,"app":"datatools","name":"sql","holds":true,"saved":"2026-11-22T09:00:00.000Z",
//    "files":{"datatools-2026-11-22.jsonl":{"first":"…","at":48213,"line":48010,"sha":"…","id":"…"}},
//    "counts":{"delivered":120,"skipped":0,"dead":0,"damaged":0,"lostBytes":0,"rewinds":0}}

import { join } from "node:path"
import { codeOf, describeDiskError } from "../disk/errno.ts"
import { isStandingCode } from "../disk/error.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { deliveryLimits } from "../limits.ts"
import { stateDir } from "../place/layout.node.ts"
import { readSmallFile, replaceFile } from "./replace-file.node.ts"

/** How far one file is settled. */
export interface FilePlace {
  /** The id of the file's first line, or `sha:` and 32 hex digits of its digest: it is the same file for as long as that fits. */
  readonly first: string
  /** The last settled line is `[line, at)`, in bytes from the file's front. */
  readonly at: number
  readonly line: number
  /** 32 hex digits of that line's SHA-256, its newline included. */
  readonly sha: string
  /** That line's id; "" where it has none. For people. */
  readonly id: string
}

/** What became of lines since the delivery's place began. */
export interface DeliveryCounts {
  /** The far end has them. */
  readonly delivered: number
  /** The filter did not want them. */
  readonly skipped: number
  /** Refused by the far end for good: they are in the dead letters. */
  readonly dead: number
  /** No events: torn, or no JSON. They are in the dead letters too, as far as they are text. */
  readonly damaged: number
  /** Bytes that left the disk before they were settled. */
  readonly lostBytes: number
  /** Times that a file did not fit its place, and was begun again from its front. */
  readonly rewinds: number
}

export interface DeliveryPlace {
  readonly app: string
  readonly name: string
  /** Retention keeps what is not settled. */
  readonly holds: boolean
  /** When it was written, as ISO 8601. */
  readonly saved: string
  /** By the path below the log's directory, with "/" between the parts. */
  readonly files: ReadonlyMap<string, FilePlace>
  readonly counts: DeliveryCounts
}

/** What was found. */
export type FoundPlace =
  | { readonly is: "none" }
  | { readonly is: "place"; readonly place: DeliveryPlace }
  /** Of a version that we do not know: it is left alone. */
  | { readonly is: "newer" }
  /** `isPassing`: it may be read another time, and only then is known. */
  | { readonly is: "broken"; readonly reason: string; readonly isPassing?: boolean }

export const noCounts: DeliveryCounts = {
  delivered: 0,
  skipped: 0,
  dead: 0,
  damaged: 0,
  lostBytes: 0,
  rewinds: 0
}

/** The directory with what all deliveries of an app keep. */
export const deliveriesDir = (dir: string, app: string): string => join(stateDir(dir, app), "delivery")

/** The file within the directory of one delivery. */
export const placeFile = "place.json"

/** Never throws. */
export function* readPlace(dir: string): DiskWork<FoundPlace> {
  try {
    return parse(yield* readSmallFile(join(dir, placeFile), deliveryLimits.placeBytesMax))
  } catch (error) {
    const code = codeOf(error)
    if (code === "ENOENT") return { is: "none" }
    return {
      is: "broken",
      reason: describeDiskError(error),
      isPassing: code !== undefined && !isStandingCode(code)
    }
  }
}

/** The places of all deliveries of an app by their names, as far as they can be read. Never throws. */
export function* readPlaces(dir: string, app: string): DiskWork<ReadonlyMap<string, FoundPlace>> {
  const parent = deliveriesDir(dir, app)
  const found = new Map<string, FoundPlace>()
  let names: readonly string[] = []
  try {
    names = yield* step((disk) => disk.list(parent))
  } catch {
    // Without the directory, nothing is delivered from here.
  }
  for (const name of [...names].sort()) found.set(name, yield* readPlace(join(parent, name)))
  return found
}

/** The place as text. */
export const placeText = ({ files, ...place }: DeliveryPlace): string =>
  `${JSON.stringify({ v: 1, ...place, files: Object.fromEntries(files) })}\n`

/** Puts a place, as text, in the place of the old one. It survives a power cut. Throws where it cannot. */
export function* writePlace(dir: string, token: string, text: string): DiskWork<void> {
  yield* replaceFile(join(dir, placeFile), `place-${token}.tmp`, text, true)
}

const parse = (text: string): FoundPlace => {
  const broken: FoundPlace = { is: "broken", reason: "it does not have the form of one" }
  try {
    const { v, app, name, holds, saved, files, counts } = JSON.parse(text)
    if (typeof v === "number" && v > 1) return { is: "newer" }
    if (v !== 1 || typeof app !== "string" || typeof name !== "string" || typeof saved !== "string")
      return broken
    const places = new Map(Object.entries(files as object))
    if (![...places.values()].every(isFilePlace)) return broken
    const known = Object.fromEntries(Object.entries(noCounts).map(([key]) => [key, Number(counts[key] ?? 0)]))
    if (!Object.values(known).every((count) => count >= 0)) return broken
    return {
      is: "place",
      place: {
        app,
        name,
        holds: holds !== false,
        saved,
        files: places as ReadonlyMap<string, FilePlace>,
        counts: { ...noCounts, ...known }
      }
    }
  } catch {
    return broken
  }
}

const isFilePlace = (value: unknown): value is FilePlace => {
  const { first, at, line, sha, id } = (value ?? {}) as Partial<FilePlace>
  return (
    typeof first === "string" &&
    typeof sha === "string" &&
    typeof id === "string" &&
    Number.isSafeInteger(at) &&
    Number.isSafeInteger(line) &&
    0 <= Number(line) &&
    Number(line) <= Number(at)
  )
}
