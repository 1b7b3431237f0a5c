// Damage at every place of a sealed file: each cut and each flipped bit is found, named where it is, and costs nobody
// else anything. Of a file of 12 lines each bit is flipped; of one of 200, one bit of every third byte, both chosen by a
// seed, or each bit where that is asked for.
import { describe, expect, it } from "vitest"
import { dayMs, MemoryFiles, noon, SealedLog, verifyFiles } from "../tools/sealed-files.ts"

const day1 = "datatools-2026-03-05.jsonl"
const day2 = "datatools-2026-03-06.jsonl"

/** One session of so many lines in one file; another one, in the next day's file, has seen its last seal. */
const makeFiles = async (
  lines: number,
  linesMax: number
): Promise<{ files: MemoryFiles; log: SealedLog }> => {
  const files = new MemoryFiles()
  const log = new SealedLog(files, { linesMax })
  log.start()
  log.write(lines - 2)
  log.end()
  const next = new SealedLog(files, { streamKey: "abcdef012345678", nowMs: noon + dayMs })
  next.look(day1)
  next.start()
  next.end()
  return { files, log }
}

/** Every bit of every byte: `DAYBOOK_ALL_BITS=1`, some minutes. */
const isThorough = process.env.DAYBOOK_ALL_BITS === "1"

/** Tens of thousands of files are verified, or a quarter of a million. */
const slowMs = isThorough ? 3_600_000 : 180_000

const newline = 0x0a

/** The 1-based number of the line that a byte is in, its newline included. */
const lineOf = (bytes: Uint8Array, offset: number): number => {
  let line = 1
  for (let at = bytes.indexOf(newline); at !== -1 && at < offset; at = bytes.indexOf(newline, at + 1))
    line += 1
  return line
}

/** Flips one bit, and says what is wrong with what verify says of that; "" when nothing is. */
const flip = async (files: MemoryFiles, offset: number, bit: number, linesMax: number): Promise<string> => {
  const bytes = files.read(day1)
  const broken = files.copy()
  const flipped = broken.read(day1)
  flipped[offset] = (flipped[offset] ?? 0) ^ (1 << bit)
  const { verdict, problems, sessions } = await verifyFiles(broken)
  const [first] = problems
  const where = `byte ${offset}, bit ${bit}: `
  if (verdict !== "broken" || first === undefined) return `${where}not found`
  if (sessions.find(({ session }) => session === "abcdef01")?.verdict !== "intact")
    return `${where}its neighbour is not intact`
  const line = lineOf(bytes, offset)
  const begin = line - ((line - 1) % (linesMax + 1))
  // In its stretch, which begins at `begin` behind the seal before; of a seal that names another one before it than
  // there is, either may be the one that was damaged. The last one is missed by whoever saw it.
  const isNear = first.line !== undefined && first.line >= begin - 1 && first.line <= line + 1
  if (first.file !== day1 || !(isNear || first.kind === "truncated"))
    return `${where}in line ${line}, and found at ${first.file}:${first.line} as ${first.kind}`
  return ""
}

describe("F120 a sealed file of 200 lines", () => {
  it(
    "cut at any byte: the seal that another session saw is missed, and what is left is told",
    async () => {
      const { files } = await makeFiles(200, 50)
      const whole = files.read(day1)
      expect((await verifyFiles(files)).verdict).toBe("intact")
      // Without its last newline nothing is missing of it.
      for (let cut = 0; cut < whole.length - 1; cut++) {
        files.write(day1, whole.subarray(0, cut))
        const { verdict, problems } = await verifyFiles(files)
        if (verdict !== "broken") expect.fail(`cut at ${cut}: ${String(verdict)}`)
        const [{ kind, file } = { kind: "none", file: "" }] = problems
        if (file !== day1 || !["truncated", "deleted"].includes(kind))
          expect.fail(`cut at ${cut}: ${kind} in ${file}`)
      }
    },
    slowMs
  )

  it("cut at any byte, and nobody knows more: it is taken for no more than what its seals hold", async () => {
    const { files } = await makeFiles(200, 50)
    files.files.delete(day2)
    const whole = files.read(day1)
    for (let cut = 0; cut < whole.length; cut += 7) {
      const left = whole.subarray(0, cut)
      const lines = Buffer.from(left)
        .toString()
        .split("\n")
        .filter((line) => /-[0-9a-f]{12}"}$/.test(line))
      const lastSeal = lines.findLastIndex((line) => line.includes('"category":"seal"'))
      files.write(day1, left)
      const { sessions, problems, verdict } = await verifyFiles(files)
      expect(problems).toEqual([])
      if (lines.length === 0) expect(verdict).toBeUndefined()
      else
        expect(sessions).toMatchObject([
          {
            unsealed: lines.length - 1 - lastSeal,
            ended: lines.some((line) => line.includes("Session ended"))
          }
        ])
    }
  })
})

describe("F72 F120 a flipped bit", () => {
  it(
    "in a sealed file of 200 lines is found in its stretch, and others are intact",
    async () => {
      const { files } = await makeFiles(200, 50)
      const seed = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
      const step = isThorough ? 1 : 3
      const bits = isThorough ? 8 : 1
      const wrong: string[] = []
      for (let offset = seed % step; offset < files.read(day1).length; offset += step) {
        const first = Math.imul(offset + seed, 0x9e3779b1) >>> 29
        for (let bit = first; bit < first + bits; bit++) {
          const what = await flip(files, offset, bit & 7, 50)
          if (what !== "") wrong.push(what)
        }
      }
      expect(wrong, `DAYBOOK_SEED=${seed}`).toEqual([])
    },
    slowMs
  )

  it(
    "of all bits of a sealed file of 12 lines is found in its stretch",
    async () => {
      const { files } = await makeFiles(12, 4)
      const wrong: string[] = []
      for (let offset = 0; offset < files.read(day1).length; offset++) {
        for (let bit = 0; bit < 8; bit++) {
          const what = await flip(files, offset, bit, 4)
          if (what !== "") wrong.push(what)
        }
      }
      expect(wrong).toEqual([])
    },
    slowMs
  )
})
