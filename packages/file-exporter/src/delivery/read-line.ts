// A line on its way through a delivery: which file it is of, where it stands there, and what is done with it. The shapes that
// the reader makes and the places settle.

import type { DecodedLine } from "@daybook/core/replay"
import type { PlacedLine } from "../disk/lines.ts"
import type { FilePlace } from "../state/delivery-place.node.ts"

/** A file, whatever its name is now. */
export interface TrackedFile {
  /** Below the log's directory, with "/" between the parts. */
  name: string
  path: string
  place: FilePlace
  /** How its first line names it; "" as long as it has none. */
  first: string
  /** As it was found last. */
  size: number
  /** When it was written to last, in ms since 1970. */
  changedMs: number
  /** Up to where its bytes are known to survive a power cut. */
  syncedTo: number
  /** Of a packed file that was read to its end: how many bytes it has, packed and unpacked. */
  packed: { readonly bytes: number; readonly at: number } | undefined
  /** Listings in a row in which its name was missing. */
  missing: number
  /** Another file has its name, and its lines come again: what is still settled of it counts, and moves no place. */
  isLeft: boolean
}

/** What is done with a line: it is sent, or it is settled without. */
export type LineFate = "sent" | "skipped" | "damaged" | "blank"

export interface ReadLine {
  readonly file: TrackedFile
  readonly placed: PlacedLine
  readonly fate: LineFate
  /** "" where it has none. */
  readonly id: string
  /** Why it is damaged. */
  readonly reason: string
}

/** Lines in their order, and of them those that are sent. */
export interface ReadBatch {
  readonly lines: readonly ReadLine[]
  readonly sent: readonly DecodedLine[]
}
