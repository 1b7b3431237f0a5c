// Whether the entry of a place is of a file that stands here: by the file's first line, and by the digest of the last settled
// one. Names prove nothing, because a rotation gives them away. The delivery asks before it reads on, retention before it
// deletes.

import { createHash } from "node:crypto"
import { decodeLine, LineSplitter, readLineBytesMax } from "@daybook/core"
import { unpackedFront } from "../disk/packed-file.node.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { packedLimits } from "../limits.ts"
import type { DeliveryPlace, FilePlace } from "./delivery-place.node.ts"

const pieceBytes = 64 * 1024

/** 32 hex digits, as a place has them. */
export const lineDigest = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex").slice(0, 32)

/** How a file is recognised by its first line. "" for a file that has none yet. */
export const firstOf = (line: Uint8Array | undefined): string => {
  if (line === undefined) return ""
  const decoded = decodeLine(line)
  const id = "damage" in decoded ? "" : decoded.head.id
  return id === "" ? `sha:${lineDigest(line)}` : id
}

const newline = 0x0a

/**
 * Whether these bytes, from `line` on and one beyond `at`, begin with a place's last line. A torn one is only the same as long
 * as nothing continues it: lines of one app begin alike.
 */
export const standsIn = ({ line, at, sha }: FilePlace, bytes: Uint8Array): boolean => {
  const length = at - line
  // Nothing proves nothing.
  if (length === 0 && at > 0) return false
  if (lineDigest(bytes.subarray(0, length)) !== sha) return false
  const isTorn = length > 0 && bytes[length - 1] !== newline
  return !isTorn || bytes.length === length || bytes[length] === newline
}

/** The entries of a place by the first lines of their files: a place may have a hundred thousand. */
const byFirst = new WeakMap<DeliveryPlace, ReadonlyMap<string, readonly FilePlace[]>>()

const entriesOf = (place: DeliveryPlace, first: string): readonly FilePlace[] => {
  let known = byFirst.get(place)
  if (known === undefined) {
    const entries = new Map<string, FilePlace[]>()
    for (const entry of place.files.values()) {
      const same = entries.get(entry.first)
      if (same === undefined) entries.set(entry.first, [entry])
      else same.push(entry)
    }
    byFirst.set(place, entries)
    known = entries
  }
  return known.get(first) ?? []
}

/**
 * An open file that entries are held against. One that another program packed is settled as a whole or not at all: its first line
 * and its size say that it is the one that the delivery has read to its end.
 */
export class FittedFile {
  readonly size: number
  private readonly fd: number
  private readonly isPacked: boolean
  private first: string | undefined

  constructor(fd: number, size: number, isPacked: boolean) {
    this.fd = fd
    this.size = size
    this.isPacked = isPacked
  }

  /** How many bytes from its front a place has settled: 0 where no entry of the place is of this file. */
  *settledBy(place: DeliveryPlace, name: string): DiskWork<number> {
    const own = place.files.get(name)
    if (own !== undefined && (yield* this.fits(own))) return this.settledIn(own)
    const first = yield* this.firstLine()
    if (first === "") return 0
    for (const entry of entriesOf(place, first))
      if (entry !== own && (yield* this.fits(entry))) return this.settledIn(entry)
    return 0
  }

  private settledIn({ at }: FilePlace): number {
    return this.isPacked ? this.size : at
  }

  private *fits(place: FilePlace): DiskWork<boolean> {
    const { first, line, at, packed } = place
    if (this.isPacked) return packed === this.size && (yield* this.firstLine()) === first
    if (at > this.size || at - line > readLineBytesMax + 1) return false
    const { fd } = this
    if (!standsIn(place, yield* step((disk) => disk.read(fd, line, at - line + 1)))) return false
    // A file that is one torn line has none.
    const found = first === "" ? "" : yield* this.firstLine()
    return found === "" || found === first
  }

  private *firstLine(): DiskWork<string> {
    this.first ??= yield* this.readFirst()
    return this.first
  }

  private *readFirst(): DiskWork<string> {
    const { fd } = this
    if (this.isPacked)
      return firstIn(unpackedFront(yield* step((disk) => disk.read(fd, 0, packedLimits.frontBytes))))
    const splitter = new LineSplitter()
    for (let at = 0; at < Math.min(this.size, readLineBytesMax + 1); ) {
      const from = at
      const piece = yield* step((disk) => disk.read(fd, from, pieceBytes))
      if (piece.length === 0) return ""
      const [line] = splitter.push(piece)
      if (line !== undefined) return firstOf(line.bytes)
      at += piece.length
    }
    return ""
  }
}

const firstIn = (bytes: Uint8Array): string => firstOf(new LineSplitter().push(bytes)[0]?.bytes)
