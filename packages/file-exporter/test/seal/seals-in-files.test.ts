// When a log's files get their seals, and what the exporter's options do to them. That every seal is right is judged by
// right-seals.ts, what is on its line is tested in sealer.test.ts, and what it proves in test/verify.

import { generateKeyPairSync } from "node:crypto"
import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileExporterOptions } from "../../src/file-exporter.node.ts"
import { auditLogPath, fileExporter } from "../../src/index.ts"
import { type NewSeal, readSealKey } from "../../src/seal/key.node.ts"
import {
  app,
  batchOf,
  contentsOf,
  fileBench,
  freshDir,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"
import { heldClockAt } from "../tools/test-clock.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

/** One log on a clock that the test moves. */
const subject = async (options: FileExporterOptions = {}) => {
  const dir = options.dir ?? freshDir()
  const layer = watchedFileLayer(nodeFileLayer)
  const clock = heldClockAt(noon)
  const log = silentLog()
  const open = await fileBench({ ...options, dir, layer, log, clock }).openHeld()
  const advance = async (ms: number): Promise<void> => {
    await clock.asleep(2)
    log.atMs += ms
    clock.advance(ms)
    await clock.asleep(2)
  }
  return { dir, layer, log, open, advance }
}

/** Lines under each seal, in the order of the chain. */
const sealedLines = (dir: string): readonly unknown[] =>
  [...expectSealsRight(dir).values()].flatMap(({ seals }) => seals.map(({ lines }) => lines))

describe("seals in the files", () => {
  it("close a stretch at a thousand lines, within the append that brings the thousandth", async () => {
    const { dir, open } = await subject()
    await open.write(1, 999)
    expect(sealedLines(dir)).toEqual([])
    await open.write(1_000, 2_300)
    expect(sealedLines(dir)).toEqual([1_000, 1_000])
    const text = readFileSync(auditLogPath({ app, dir, at: noon }), "utf8")
      .trimEnd()
      .split("\n")
    expect(text[1_000]).toContain('"category":"seal"')
    expect(text[2_001]).toContain('"category":"seal"')
  })

  it("close it ten seconds after its first line, also when nobody logs any more, and then no empty one", async () => {
    const { dir, open, advance, layer } = await subject()
    await open.write(1, 3)
    await advance(9_900)
    expect(sealedLines(dir)).toEqual([])
    await advance(100)
    await advance(100)
    expect(sealedLines(dir)).toEqual([3])
    layer.news()
    for (let times = 1; times <= 5; times++) await advance(10_000)
    expect(layer.news()).toEqual([])
  })

  it("close it within the next append, where that comes when ten seconds are over", async () => {
    const { dir, open, log } = await subject()
    await open.write(1, 3)
    log.atMs += 10_000
    await open.write(4, 5, log.atMs)
    expect(sealedLines(dir)).toEqual([5])
  })

  it("close yesterday's at the first write of another day, and today's at the close", async () => {
    const { dir, open } = await subject()
    await open.write(1, 3)
    await open.write(4, 5, midnight)
    expect(sealedLines(dir)).toEqual([3])
    await open.close()
    expect(sealedLines(dir)).toEqual([3, 2])
    expect(expectAllSealed(dir)).toBe(2)
  })

  it("close nothing when another user's first line of the day comes", async () => {
    const dir = freshDir()
    const exporters = [fileExporter({ dir, layout: "user" })]
    const audit = createAuditLog({ app, exporters, clock: heldClockAt(noon), exitHook: false })
    for (const user of ["ada", "grace", "ada", "eve"]) {
      audit.log("load", "of one day", { user })
      await audit.flush({ timeoutMs: 10_000 })
    }
    expect(contentsOf(dir)).toMatchObject({ seals: [] })
    await audit.close({ timeoutMs: 10_000 })
    expect(expectAllSealed(dir)).toBe(3)
  })

  it("are not there when the exporter is told so", async () => {
    const { dir, open } = await subject({ seal: false })
    await open.write(1, 2_000)
    await open.write(2_001, 2_002, midnight)
    await open.close()
    expect(contentsOf(dir)).toMatchObject({ seals: [], seqs: numbersTo(2_002) })
  })

  it("S0.13 of several logs in one file are each over their own lines", async () => {
    const dir = freshDir()
    const sessions = ["1a2c3d4e", "9a8b7c6d", "00000001"]
    const opens = await Promise.all(
      sessions.map((session) => fileBench({ dir, log: silentLog({}, session) }).openHeld())
    )
    for (let from = 1; from <= 1_901; from += 100)
      for (const [index, open] of opens.entries())
        await open.export(batchOf(from, from + 99, noon, sessions[index]))
    for (const open of opens) await open.close()
    expect(expectAllSealed(dir)).toBe(6)
  })
})

describe("the first seal of a log", () => {
  const sessionIn = async (dir: string, session: string, count: number): Promise<void> => {
    const open = await fileBench({ dir, log: silentLog({}, session) }).openHeld()
    await open.export(batchOf(1, count, noon, session))
    await open.close()
  }

  it("remembers the newest seals of others in the newest files, and what they left unsealed", async () => {
    const dir = freshDir()
    await sessionIn(dir, "9a8b7c6d", 5)
    const killed = await fileBench({ dir, log: silentLog({}, "00000001") }).open()
    await killed.export(batchOf(1, 2, noon, "00000001"))
    await sessionIn(dir, "1a2c3d4e", 3)
    const last = contentsOf(dir).seals.at(-1)
    expect(last).toMatchObject({
      session: "1a2c3d4e",
      k: 1,
      saw: [
        { session: "00000001", k: 0, tail: { lines: 2 } },
        { session: "9a8b7c6d", k: 1 }
      ]
    })
  })

  it("is written all the same where the files of others cannot be read as logs", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    writeFileSync(path, Buffer.from([0xff, 0x0a, 0x00, 0x7b, 0x0a]), { mode: 0o600 })
    appendFileSync(path, `${"x".repeat(100_000)}\n{"category":"seal","id":"none"}\n`)
    await sessionIn(dir, "1a2c3d4e", 3)
    expect(expectAllSealed(dir)).toBe(1)
    expect(contentsOf(dir).seals.at(-1)).not.toHaveProperty("saw")
  })
})

describe("the options of seals", () => {
  it("anchor gets each seal once, when it is in its file, in the order of the chain", async () => {
    const dir = freshDir()
    const told: NewSeal[] = []
    const anchor = (seal: NewSeal): void => {
      // Whoever keeps it must be able to rely on it.
      expect(contentsOf(dir).seals.map(({ k }) => k)).toContain(seal.k)
      told.push(seal)
    }
    const { open } = await subject({ dir, seal: { anchor } })
    await open.write(1, 2_100)
    await open.write(2_101, 2_102, midnight)
    await open.close()
    const names = [noon, noon, noon, midnight].map((at) => basename(auditLogPath({ app, dir, at })))
    expect(told.map(({ session, k, file }) => [session, k, file])).toEqual(
      names.map((name, index) => ["1a2c3d4e", index + 1, name])
    )
    const next = [...expectSealsRight(dir).values()].flatMap(({ seals }) => seals.slice(1))
    expect(told.slice(0, -1).map(({ sha256 }) => sha256)).toEqual(next.map(({ prev }) => prev))
  })

  it("an anchor that throws is told, and changes nothing", async () => {
    const anchor = (): never => {
      throw new RangeError("far away")
    }
    const { dir, open, log } = await subject({ seal: { anchor } })
    await open.write(1, 10)
    await open.close()
    expect(expectAllSealed(dir)).toBe(1)
    expect(log.notices).toEqual([
      expect.stringContaining('the option "anchor" threw for a seal: RangeError: far away')
    ])
  })

  it("a key signs each seal", async () => {
    const { privateKey } = generateKeyPairSync("ed25519")
    const key = readSealKey({ pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() })
    const { dir, open } = await subject({ seal: { key } })
    await open.write(1, 1_001)
    await open.close()
    const { seals } = contentsOf(dir)
    expect(seals).toHaveLength(2)
    for (const seal of seals)
      expect(seal).toMatchObject({
        alg: "ed25519",
        key: key.fingerprint,
        sig: expect.stringMatching(/^[\w-]{86}$/)
      })
    expect(expectAllSealed(dir)).toBe(2)
  })
})
