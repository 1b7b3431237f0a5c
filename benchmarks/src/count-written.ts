// How many events a run has left on disk, and which. They are read back from the files, because what a library reports of itself
// is no proof. Daybook's marks (seals, gaps, session lines) are lines, but no events.

import { createReadStream } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** Categories of lines that Daybook adds by itself. */
const ownMarks = ["session", "seal", "gap", "retention", "recovered", "recording"].map(
  (category) => `"category":"${category}"`
)

export interface Written {
  readonly events: number
  readonly bytes: number
}

const eventFiles = async (dir: string): Promise<readonly string[]> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl"))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Counts whole lines that are events, in all files of a run. */
export const countWritten = async (dir: string): Promise<Written> => {
  let events = 0
  let bytes = 0
  for (const path of await eventFiles(dir)) {
    let carry: Buffer = Buffer.alloc(0)
    for await (const chunk of createReadStream(path, { highWaterMark: 4 * 1024 * 1024 })) {
      const part = chunk as Buffer
      bytes += part.length
      const whole = carry.length === 0 ? part : Buffer.concat([carry, part])
      const end = whole.lastIndexOf(10) + 1
      const lines = whole.subarray(0, end)
      events += occurrences(lines, "\n")
      for (const mark of ownMarks) events -= occurrences(lines, mark)
      carry = Buffer.from(whole.subarray(end))
    }
  }
  return { events, bytes }
}

const occurrences = (bytes: Buffer, text: string): number => {
  const needle = Buffer.from(text)
  let count = 0
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + needle.length)) count += 1
  return count
}

export interface Numbers {
  /** How many different numbers of `numberedEvent` are there. */
  readonly kept: number
  readonly repeated: number
}

/** Which numbered events below a number are there, and how many are there twice. For runs of a few thousand events. */
export const countNumbers = async (dir: string, below: number): Promise<Numbers> => {
  const seen = new Set<number>()
  let repeated = 0
  for (const path of await eventFiles(dir)) {
    const text = await readFile(path, "utf8")
    for (const [, digits] of text.matchAll(/"bytes":(\d+)[^\n]*\n/g)) {
      const number = Number(digits)
      if (number >= below) continue
      if (seen.has(number)) repeated += 1
      seen.add(number)
    }
  }
  return { kept: seen.size, repeated }
}
