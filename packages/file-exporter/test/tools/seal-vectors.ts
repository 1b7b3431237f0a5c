// The vectors of docs/internals/seal-vectors.json: a sealed and signed trail of two sessions over two days, and what must
// be found of it when it is changed. Made by the real sealer; changes are lines left out, put elsewhere, or edited.
import { createHash } from "node:crypto"
import { readSealKey } from "../../src/seal/key.node.ts"
import { saltsOf } from "../../src/seal/leaves.ts"
import type { NewSalts } from "../../src/seal/sealed-lines.node.ts"
import { privatePem, publicPem } from "./seal-test-key.ts"
import { dayMs, MemoryFiles, noon, SealedLog } from "./sealed-files.ts"

/** What is done to one file. Lines are counted from 1. */
export interface Change {
  readonly name: string
  readonly file: string
  /** The lines that are left, by their numbers, in their new order. */
  readonly lines?: readonly number[]
  /** In one line, the first `from` becomes `to`. */
  readonly edit?: { readonly line: number; readonly from: string; readonly to: string }
  /** The file is no more. */
  readonly gone?: true
}

export interface Vectors {
  readonly about: string
  readonly app: string
  readonly publicKey: string
  /** Stream keys, and the SHA-256 over the line of each session's newest seal. */
  readonly sessions: readonly { readonly streamKey: string; readonly k: number; readonly sha256: string }[]
  readonly files: Readonly<Record<string, string>>
  readonly tampered: readonly (Change & {
    /** What `verify` says with the public key, and the kinds of problems that it names, in the order of their places. */
    readonly verdict: string
    readonly problems: readonly string[]
  })[]
}

export const day1 = "datatools-2026-03-05.jsonl"
export const day2 = "datatools-2026-03-06.jsonl"

/** Salts that come out the same each time: real ones are random. */
const knownSalts = (): NewSalts => {
  let counter = 0
  return (count) =>
    saltsOf(count, (bytes) => {
      const text = createHash("shake256", { outputLength: bytes }).update(`salts ${++counter}`)
      return text.digest("base64url")
    })
}

export const makeVectors = (): Vectors => {
  const files = new MemoryFiles()
  const key = readSealKey({ pem: privatePem })
  const options = { linesMax: 4, key, newSalts: knownSalts() }
  const first = new SealedLog(files, options)
  const killed = new SealedLog(files, { ...options, streamKey: "abcdef012345678" })
  first.start()
  killed.start()
  first.append([first.event({ filename: "größe.csv", bytes: 24_813 }, "upload", "Uploaded größe.csv")])
  killed.write(2)
  first.write(2)
  killed.write(2)
  first.skip(2)
  first.append([
    first.mark("gap", { count: 2, first_seq: 5, last_seq: 6, reasons: { overflow: 2 } }),
    first.event()
  ])
  first.seal()
  first.nowMs += dayMs
  const second = new SealedLog(files, {
    ...options,
    linesMax: 20,
    streamKey: "c0ffee000000001",
    nowMs: noon + dayMs
  })
  second.start()
  first.write(3)
  // Two leaves.
  second.write(17)
  second.end()
  first.end()
  return {
    about:
      "A trail of daily files, sealed and signed. `files`: names and texts. `tampered`: one change each, and the kinds of problems that it gives; `lines` are the numbers of the lines that are left, in their order.",
    app: "datatools",
    publicKey: publicPem,
    sessions: [first, killed, second].map(({ streamKey, anchored }) => {
      const { k = 0, sha256 = "" } = anchored.at(-1) ?? {}
      return { streamKey, k, sha256 }
    }),
    files: Object.fromEntries([...files.files.keys()].map((file) => [file, files.text(file)])),
    tampered: changes(files.lines(day1), files.lines(day2))
  }
}

const changes = (lines1: readonly string[], lines2: readonly string[]): Vectors["tampered"] => {
  const all = (lines: readonly string[]): readonly number[] => lines.map((_line, index) => index + 1)
  const [one, two] = [all(lines1), all(lines2)]
  const without = (left: readonly number[], ...gone: readonly number[]): readonly number[] =>
    left.filter((line) => !gone.includes(line))
  const isSeal = (line: string): boolean => line.includes('"category":"seal"')
  const seal1 = lines1.findIndex(isSeal) + 1
  const lastSeal = lines1.findLastIndex(isSeal) + 1
  const edit = (line: number, from: string, to: string) => ({ file: day1, edit: { line, from, to } })
  const killed = lines1.findLastIndex((line) => line.includes('"session":"abcdef01"')) + 1
  return [
    { name: "nothing is changed", file: day1, lines: one, verdict: "signed", problems: [] },
    { name: "a line is edited", ...edit(3, "24813", "24814"), ...broken("edited") },
    { name: "a byte of a line is damaged", ...edit(3, "upload", 'up"oad'), ...broken("damaged") },
    { name: "a line names another session", ...edit(3, "1a2c3d4e", "abcdef01"), ...broken("damaged") },
    { name: "a line has CR LF", ...edit(3, "\n", "\r\n"), ...broken("rewritten") },
    { name: "a seal is edited", ...edit(seal1, "Sealed 4", "Sealed 5"), ...broken("signature", "edited") },
    {
      name: "a signature is edited",
      ...edit(seal1, '"sig":"', '"sig":"A'),
      ...broken("signature", "edited")
    },
    { name: "a line is deleted", file: day1, lines: without(one, 3), ...broken("deleted") },
    { name: "a line is there twice", file: day1, lines: one.toSpliced(4, 0, 3), ...broken("inserted") },
    { name: "two lines are swapped", file: day1, lines: [3, 2, 1, ...one.slice(3)], ...broken("reordered") },
    { name: "a seal is deleted", file: day1, lines: without(one, seal1), ...broken("deleted") },
    { name: "a file begins later", file: day1, lines: one.slice(seal1), ...broken("deleted") },
    {
      name: "a file is cut below a seal",
      file: day1,
      lines: one.slice(0, lastSeal - 1),
      ...broken("truncated")
    },
    {
      name: "what a session saw is cut off",
      file: day1,
      lines: without(one, killed),
      ...broken("truncated")
    },
    { name: "the oldest day is gone", file: day1, gone: true, verdict: "incomplete", problems: [] },
    { name: "the newest day is gone", file: day2, gone: true, verdict: "signed", problems: [] },
    {
      name: "the newest seals are gone",
      file: day2,
      lines: two.filter((line) => !isSeal(lines2[line - 1] ?? "")),
      verdict: "unsigned",
      problems: []
    },
    {
      name: "lines of two sessions change places",
      file: day1,
      lines: [2, 1, ...one.slice(2)],
      verdict: "signed",
      problems: []
    }
  ]
}

const broken = (...problems: readonly string[]) => ({ verdict: "broken", problems })

/** The trail after a change. */
export const changed = ({ files }: Vectors, { file, lines, edit, gone }: Change): MemoryFiles => {
  const trail = new MemoryFiles()
  for (const [name, text] of Object.entries(files)) trail.write(name, text)
  const texts = trail.lines(file)
  if (gone === true) trail.files.delete(file)
  else if (edit !== undefined)
    trail.write(
      file,
      texts.with(edit.line - 1, (texts[edit.line - 1] ?? "").replace(edit.from, edit.to)).join("")
    )
  else if (lines !== undefined) trail.write(file, lines.map((line) => texts[line - 1] ?? "").join(""))
  return trail
}
