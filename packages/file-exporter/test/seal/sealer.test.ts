// What the sealer says an append must carry, and what it holds to be sealed after every way in which an append can end.
// Whether the seals are right is judged by the bytes in the files, with none of the code that made them.
import { createPublicKey, verify } from "node:crypto"
import { describe, expect, it } from "vitest"
import { readSealKey } from "../../src/seal/key.node.ts"
import { entriesOf, leafDigest, sha256Of, withoutSalts } from "../tools/leaves.ts"
import { forSeeds } from "../tools/reading.ts"
import { privatePem, publicPem } from "../tools/seal-test-key.ts"
import { givenLines, MemoryFiles, noon, SealedLog, type SealedLogOptions } from "../tools/sealed-files.ts"

/** A seal as it stands in a file. */
interface Seal {
  readonly file: string
  readonly k: number
  readonly skip: number
  readonly replaced?: true
  readonly lines: number
  readonly first_seq: number
  readonly last_seq: number
  readonly sha256: string
  readonly prev: string
  readonly saw?: readonly unknown[]
  readonly key?: string
  readonly sig?: string
  readonly salts: readonly string[]
  /** Its line. */
  readonly line: string
}

const isSeal = (line: string): boolean => line.includes('"category":"seal"')

const parse = (line: string): Seal => ({ ...JSON.parse(line), line })

/** Every line of a session in a file, seals too, as grep finds them. */
const linesOf = (files: MemoryFiles, file: string, streamKey = "1a2c3d4e5f60718"): readonly string[] => {
  const ending = `${streamKey.slice(0, 3)}-${streamKey.slice(3)}"}\n`
  return files.lines(file).filter((line) => line.endsWith(ending))
}

/** The session's seals of all files, each checked against the bytes around it. Returns also the unsealed lines. */
const sealsIn = (files: MemoryFiles, streamKey?: string): { seals: readonly Seal[]; unsealed: number } => {
  const seals: Seal[] = []
  let unsealed = 0
  for (const file of files.files.keys()) {
    const lines = linesOf(files, file, streamKey)
    let from = 0
    for (const [at, line] of lines.entries()) {
      if (!isSeal(line)) continue
      const seal = parse(line)
      const stretch = lines.slice(from, at)
      expect(seal).toMatchObject({
        file,
        skip: from,
        lines: stretch.length,
        sha256: leafDigest(stretch, entriesOf(seal.salts, stretch.length))
      })
      seals.push(seal)
      from = at + 1
    }
    unsealed += lines.length - from
  }
  seals.sort((one, other) => one.k - other.k)
  for (const [index, { k, prev }] of seals.entries())
    expect({ k, prev }).toEqual({
      k: index + 1,
      prev: index === 0 ? "" : sha256Of(withoutSalts(seals[index - 1]?.line ?? ""))
    })
  return { seals, unsealed }
}

const logWith = (options: SealedLogOptions = {}): { files: MemoryFiles; log: SealedLog } => {
  const files = new MemoryFiles()
  return { files, log: new SealedLog(files, options) }
}

describe("a stretch is closed", () => {
  it("by its 1,000th line, in the middle of an append too", () => {
    const { files, log } = logWith()
    log.write(999)
    expect(sealsIn(files)).toEqual({ seals: [], unsealed: 999 })
    log.write(1)
    expect(sealsIn(files).unsealed).toBe(0)
    log.write(2_001)
    const { seals, unsealed } = sealsIn(files)
    expect(seals.map(({ lines }) => lines)).toEqual([1_000, 1_000, 1_000])
    expect(unsealed).toBe(1)
    expect(seals.map(({ skip }) => skip)).toEqual([0, 1_001, 2_002])
  })

  it("by the first append 10 s after its first line, behind the new lines", () => {
    const { files, log } = logWith()
    log.write(3)
    log.nowMs += 9_999
    log.write(1)
    expect(sealsIn(files).seals).toEqual([])
    log.nowMs += 1
    log.write(2)
    expect(sealsIn(files)).toMatchObject({ seals: [{ lines: 6, first_seq: 1, last_seq: 6 }], unsealed: 0 })
    log.nowMs += 9_999
    log.write(1)
    expect(sealsIn(files).unsealed).toBe(1)
  })

  it("when it is due although no line comes: the sealer says when", () => {
    const { files, log } = logWith()
    expect(log.sealer.openStretches()).toEqual([])
    log.write(3)
    const { file } = log
    expect(log.sealer.openStretches()).toEqual([{ file, dueMs: noon + 10_000 }])
    expect(log.append([])).toBe(0)
    log.nowMs += 10_000
    expect(log.append([])).toBe(1)
    expect(sealsIn(files)).toMatchObject({ seals: [{ lines: 3 }], unsealed: 0 })
    expect(log.sealer.openStretches()).toEqual([])
  })

  it("when its file is left, and nothing is sealed where nothing is open", () => {
    const { files, log } = logWith()
    log.write(2, "a.jsonl")
    expect(log.append([], "a.jsonl", { closing: true })).toBe(1)
    expect(log.append([], "a.jsonl", { closing: true })).toBe(0)
    log.write(1, "b.jsonl")
    log.append([log.event()], "b.jsonl", { closing: true })
    const { seals } = sealsIn(files)
    expect(seals.map(({ file, k, skip, lines }) => [file, k, skip, lines])).toEqual([
      ["a.jsonl", 1, 0, 2],
      ["b.jsonl", 2, 0, 2]
    ])
  })

  it("at once when its lines waited longer than 10 s for the disk: readers rely on the times on the lines", () => {
    const { files, log } = logWith()
    const waited = [log.event(), log.event()]
    log.nowMs += 10_000
    log.append(waited)
    expect(sealsIn(files)).toMatchObject({ seals: [{ lines: 2 }], unsealed: 0 })
  })

  it.each([
    ["without a clock", Number.NaN],
    ["when the clock steps back", noon - 1]
  ])("%s, at once: nobody knows how old it is", (_name, nowMs) => {
    const { files, log } = logWith()
    log.write(1, "a.jsonl")
    log.nowMs = nowMs
    log.write(2, "a.jsonl")
    expect(sealsIn(files)).toMatchObject({ seals: [{ lines: 3 }], unsealed: 0 })
  })
})

describe("a seal", () => {
  it("has first the keys of every line, then its own in their order, and last its id", () => {
    const { log, files } = logWith({ key: readSealKey({ pem: privatePem }) })
    log.write(2)
    log.seal()
    const { line } = sealsIn(files).seals[0] ?? expect.fail("no seal")
    const names =
      "ts level category session message file k skip lines first_seq last_seq sha256 prev alg key sig salts id"
    expect(Object.keys(JSON.parse(line))).toEqual(names.split(" "))
    expect(JSON.parse(line)).toMatchObject({
      level: "info",
      category: "seal",
      message: "Sealed 2 lines",
      alg: "ed25519"
    })
  })

  it("tells the numbers of its events; of marks alone, none", () => {
    const { files, log } = logWith()
    log.append([log.mark("recovered", {})])
    log.seal()
    log.skip(6)
    log.append([log.mark("gap", {}), log.event(), log.event(), log.mark("gap", {})])
    log.seal()
    const numbers = sealsIn(files).seals.map(({ first_seq: first, last_seq: last, lines }) => [
      first,
      last,
      lines
    ])
    expect(numbers).toEqual([
      [0, 0, 1],
      [7, 8, 4]
    ])
  })

  it("is signed over its line without the signature and the salts, newline included", () => {
    const { files, log } = logWith({ key: readSealKey({ pem: privatePem }) })
    for (let times = 0; times < 3; times++) {
      log.write(2)
      log.seal()
    }
    for (const { line, sig = "" } of sealsIn(files).seals) {
      const bytes = Buffer.from(withoutSalts(line).replace(`,"sig":"${sig}"`, ""))
      expect(verify(null, bytes, createPublicKey(publicPem), Buffer.from(sig, "base64url"))).toBe(true)
    }
  })

  it("has a salt for each 16 lines, and never the same", () => {
    const { files, log } = logWith()
    log.write(33)
    log.seal()
    log.write(16)
    log.seal()
    const { seals } = sealsIn(files)
    expect(seals.map(({ salts }) => salts.length)).toEqual([3, 1])
    const all = seals.flatMap(({ salts }) => salts)
    for (const salt of all) expect(salt).toMatch(/^[\w-]{18}[0-9a-f]{4}$/)
    expect(new Set(all.map((salt) => salt.slice(0, 18))).size).toBe(4)
  })

  it("covers the same lines however they came", () => {
    const { files, log } = logWith()
    for (const count of [1, 15, 16, 17, 3, 40, 2]) log.write(count)
    log.seal()
    expect(sealsIn(files).seals).toMatchObject([{ lines: 94 }])
  })

  it("remembers other sessions in the first one only", () => {
    const { files, log } = logWith()
    const other = new SealedLog(files, { streamKey: "abcdef012345678" })
    other.write(1)
    for (let times = 0; times < 2; times++) {
      log.write(1)
      log.seal()
    }
    expect(sealsIn(files).seals.map(({ saw }) => saw)).toMatchObject([
      [{ session: "abcdef01", k: 0 }],
      undefined
    ])
  })

  it("covers no line of another session that was given with ours", () => {
    const { files, log } = logWith()
    const other = new SealedLog(new MemoryFiles(), { streamKey: "abcdef012345678" })
    log.append([
      other.event(),
      log.event(),
      other.event(),
      other.event(),
      log.event(),
      log.event(),
      other.event()
    ])
    log.seal()
    expect(sealsIn(files)).toMatchObject({ seals: [{ lines: 3 }], unsealed: 0 })
    expect(files.lines(log.file)).toHaveLength(8)
    const short = logWith({ linesMax: 3 })
    short.log.append([other.event(), other.event(), other.event(), short.log.event(), short.log.event()])
    expect(sealsIn(short.files)).toEqual({ seals: [], unsealed: 2 })
  })
})

describe("a plan", () => {
  it("is the given bytes themselves when nothing has to be sealed", () => {
    const { log } = logWith()
    const lines = givenLines([log.event(), log.event()])
    const plan = log.sealer.plan(log.file, lines, { closing: false })
    expect(plan.bytes).toBe(lines.bytes)
    expect([...plan.ends]).toEqual(lines.ends)
    expect([...plan.source]).toEqual([0, 1])
  })

  it("says of each line where it ends and whose it is", () => {
    const { log } = logWith({ linesMax: 2 })
    const lines = givenLines([log.event(), log.event(), log.event()])
    const { bytes, ends, source } = log.sealer.plan(log.file, lines, { closing: true })
    expect([...source]).toEqual([0, 1, -1, 2, -1])
    const texts = [...ends].map((end, line) =>
      Buffer.from(bytes.subarray(line === 0 ? 0 : ends[line - 1], end)).toString()
    )
    expect(texts.map(isSeal)).toEqual([false, false, true, false, true])
    expect(texts.every((text) => text.endsWith("}\n"))).toBe(true)
  })

  it("changes nothing until it is settled", () => {
    const { files, log } = logWith({ linesMax: 2 })
    const lines = givenLines([log.event(), log.event(), log.event()])
    for (let times = 0; times < 3; times++) log.sealer.plan(log.file, lines, { closing: true })
    expect(log.sealer.openStretches()).toEqual([])
    log.write(2)
    expect(sealsIn(files).seals).toHaveLength(1)
  })

  it("is settled once: a later word changes nothing, a greater count goes on", () => {
    const { log } = logWith({ linesMax: 2 })
    const lines = givenLines([log.event(), log.event(), log.event()])
    const plan = log.sealer.plan(log.file, lines, { closing: true })
    expect(plan.settle(1)).toEqual([])
    expect(plan.settle(1)).toEqual([])
    expect(plan.settle(3)).toMatchObject([{ k: 1, session: "1a2c3d4e", file: log.file }])
    expect(plan.settle(99)).toMatchObject([{ k: 2 }])
    expect(plan.settle(5)).toEqual([])
  })

  it("is not unsettled by a smaller count that comes late", () => {
    const { files, log } = logWith()
    const texts = [log.event(), log.event(), log.event()]
    const plan = log.sealer.plan(log.file, givenLines(texts), { closing: false })
    files.append(log.file, plan.bytes)
    for (const count of [2, 1, 3, 2, 3]) plan.settle(count)
    log.seal()
    expect(sealsIn(files)).toMatchObject({ seals: [{ lines: 3 }], unsealed: 0 })
  })

  it("is void once another one was settled, or the file was forgotten", () => {
    const { log } = logWith({ linesMax: 2 })
    const plan = (): ReturnType<SealedLog["sealer"]["plan"]> =>
      log.sealer.plan(log.file, givenLines([log.event(), log.event()]), { closing: false })
    const [early, late] = [plan(), plan()]
    expect(late.settle(3)).toHaveLength(1)
    expect(early.settle(3)).toEqual([])
    const last = plan()
    log.sealer.forget(log.file)
    expect(last.settle(3)).toEqual([])
  })

  it("keeps its bytes until it is released, whatever is planned meanwhile; then their memory is used again", () => {
    const { log } = logWith({ linesMax: 2 })
    const plan = () => log.sealer.plan(log.file, givenLines([log.event(), log.event()]), { closing: false })
    const [first, second] = [plan(), plan()]
    const kept = second.bytes.slice()
    const { buffer } = first.bytes
    first.release()
    const third = plan()
    expect(third.bytes.buffer).toBe(buffer)
    expect(second.bytes).toEqual(kept)
    // Not released: nobody may write there.
    expect(plan().bytes.buffer).not.toBe(buffer)
    first.release()
    expect(plan().bytes.buffer).not.toBe(third.bytes.buffer)
  })

  it("begins with the seal of a stretch that went down full, but without its seal", () => {
    const { files, log } = logWith({ linesMax: 3 })
    log.append([log.event(), log.event(), log.event()], log.file, { taken: 3 })
    expect(sealsIn(files)).toMatchObject({ seals: [], unsealed: 3 })
    log.write(1)
    expect(sealsIn(files)).toMatchObject({ seals: [{ lines: 3 }], unsealed: 1 })
  })
})

describe("F52 a file that somebody replaced", () => {
  it("begins anew: the next seal counts from there, says so, and the chain goes on", () => {
    const { files, log } = logWith()
    log.write(3)
    log.seal()
    log.write(2)
    files.write(log.file, "")
    log.sealer.forget(log.file)
    expect(log.sealer.openStretches()).toEqual([])
    log.write(4)
    log.seal()
    const [line = ""] = linesOf(files, log.file).slice(-1)
    expect(parse(line)).toMatchObject({
      k: 2,
      skip: 0,
      replaced: true,
      lines: 4,
      prev: log.anchored[0]?.sha256
    })
    log.write(1)
    log.seal()
    const [next = ""] = linesOf(files, log.file).slice(-1)
    expect(parse(next)).toMatchObject({ k: 3, skip: 5 })
    expect(parse(next).replaced).toBeUndefined()
  })

  it("is nothing to forget where the session has no line", () => {
    const { files, log } = logWith()
    log.sealer.forget(log.file)
    log.write(1)
    log.seal()
    expect(sealsIn(files).seals[0]?.replaced).toBeUndefined()
  })
})

describe("every way in which appends can end", () => {
  it("leaves right seals: each count of lines that a disk takes of one append", () => {
    const planned = 13
    for (let taken = 0; taken <= planned; taken++) {
      const { files, log } = logWith({ linesMax: 3 })
      log.write(1)
      const lines = Array.from({ length: 10 }, () => log.event())
      const done = log.append(lines, log.file, { closing: true, taken })
      // What is not down comes again, behind seals that are new.
      const events = files.lines(log.file).filter((line) => line !== "" && !isSeal(line)).length
      log.append(lines.slice(events - 1), log.file, { closing: true })
      const { seals, unsealed } = sealsIn(files)
      expect({ done, unsealed, lines: seals.reduce((sum, seal) => sum + seal.lines, 0) }).toEqual({
        done: taken,
        unsealed: 0,
        lines: 11
      })
      expect(log.anchored.map(({ k }) => k)).toEqual(seals.map(({ k }) => k))
    }
  })

  it("leaves right seals: random sessions, files, batches, partial writes and pauses", async () => {
    await forSeeds(300, async (below) => {
      const files = new MemoryFiles()
      const linesMax = 1 + below(6)
      const logs = ["1a2c3d4e5f60718", "abcdef012345678", "1a2c3d4e5f60719"].map(
        (streamKey) => new SealedLog(files, { streamKey, linesMax })
      )
      for (let step = 0; step < 30; step++) {
        const log = logs[below(logs.length)] ?? expect.fail("no log")
        const lines = Array.from({ length: below(8) }, () =>
          below(5) === 0 ? log.mark("gap", {}) : log.event({ text: "x".repeat(below(40)) })
        )
        if (below(3) === 0) log.nowMs += below(12_000)
        log.append(lines, below(3) === 0 ? "b.jsonl" : "a.jsonl", {
          closing: below(7) === 0,
          taken: below(3) === 0 ? below(10) : Number.POSITIVE_INFINITY
        })
      }
      for (const log of logs) {
        log.seal()
        const { seals, unsealed } = sealsIn(files, log.streamKey)
        expect(unsealed).toBe(0)
        expect(seals.every(({ lines }) => lines <= linesMax)).toBe(true)
        expect(log.anchored).toEqual(
          seals.map(({ k, file, line }) => ({
            session: log.session,
            k,
            file,
            sha256: sha256Of(withoutSalts(line))
          }))
        )
      }
    })
  })
})
