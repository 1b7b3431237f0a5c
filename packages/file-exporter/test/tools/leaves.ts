// Digests over leaves as seal.md says, with none of the code that makes or checks them.
import { createHash } from "node:crypto"

export const sha256Of = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex")

/** The digest over so many lines, by the entries of their salts. */
export const leafDigest = (lines: readonly (string | Uint8Array)[], entries: readonly string[]): string => {
  let leaves = ""
  for (const [index, entry] of entries.entries()) {
    const block = createHash("sha256")
    for (const line of lines.slice(16 * index, 16 * index + 16)) block.update(line)
    leaves += entry.length === 64 ? entry : sha256Of(entry.slice(0, 18) + block.digest("hex"))
  }
  return sha256Of(leaves)
}

/** How many entries a stretch has. */
export const entriesOf = (salts: readonly string[], lines: number): readonly string[] =>
  salts.slice(0, Math.ceil(lines / 16))

/** A seal's line as other seals know it. */
export const withoutSalts = (line: string): string => line.replace(/,"salts":\[[^\]]*\]/, "")
