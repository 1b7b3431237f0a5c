// Places of deliveries as they would stand beside the files: settled up to a byte of what is there.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { deliveriesDir, type FilePlace, noCounts, placeText } from "../../src/state/delivery-place.node.ts"
import { firstOf, lineDigest } from "../../src/state/place-fit.node.ts"
import { app, noon } from "./file-bench.ts"

/** The entry of a file that is settled up to so many bytes, or whole. */
export const settledTo = (path: string, bytes = Number.POSITIVE_INFINITY): FilePlace => {
  const all = readFileSync(path)
  const at = Math.min(all.length, bytes)
  const line = all.lastIndexOf("\n", at - 2) + 1
  return {
    first: firstOf(all.subarray(0, all.indexOf("\n") + 1)),
    at,
    line,
    sha: lineDigest(all.subarray(line, at)),
    id: ""
  }
}

export interface PlaceOptions {
  readonly name?: string
  readonly holds?: boolean
  /** When it was saved. */
  readonly savedMs?: number
}

export const placePath = (dir: string, name = "sql"): string =>
  join(deliveriesDir(dir, app), name, "place.json")

/** Puts a place there with these entries, by the paths below the directory. */
export const putPlace = (
  dir: string,
  files: Readonly<Record<string, FilePlace>>,
  { name = "sql", holds = true, savedMs = noon }: PlaceOptions = {}
): void => {
  const saved = new Date(savedMs).toISOString()
  const place = { app, name, holds, saved, files: new Map(Object.entries(files)), counts: noCounts }
  putPlaceText(dir, placeText(place), name)
}

export const putPlaceText = (dir: string, text: string, name = "sql"): void => {
  const path = placePath(dir, name)
  mkdirSync(join(path, ".."), { recursive: true })
  writeFileSync(path, text)
}

/** The same of files that are settled whole. */
export const settle = (dir: string, names: readonly string[], options?: PlaceOptions): void =>
  putPlace(dir, Object.fromEntries(names.map((name) => [name, settledTo(join(dir, name))])), options)
