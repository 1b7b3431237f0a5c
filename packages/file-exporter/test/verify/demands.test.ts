// What is asked of a trail, by keys, anchors and days, and what a report says of it.
import { describe, expect, it } from "vitest"
import { readSealKey, readVerifyingKey } from "../../src/seal/key.node.ts"
import { describeReport, verifyFiles as verifyAnywhere } from "../../src/verify.ts"
import { sha256Of, withoutSalts } from "../tools/leaves.ts"
import { privatePem, publicPem, strangersPrivatePem, strangersPublicPem } from "../tools/seal-test-key.ts"
import {
  dayMs,
  inShort,
  MemoryFiles,
  noon,
  SealedLog,
  type SealedLogOptions,
  sha256,
  trailFiles,
  verifyFiles
} from "../tools/sealed-files.ts"

const day1 = "datatools-2026-03-05.jsonl"
const day2 = "datatools-2026-03-06.jsonl"
const key = readSealKey({ pem: privatePem })

/** Two days of two sessions, and what signs the second one. */
const trail = (second: SealedLogOptions = {}): MemoryFiles => {
  const files = new MemoryFiles()
  const a = new SealedLog(files, { key })
  a.start()
  a.write(3)
  a.end()
  const b = new SealedLog(files, { streamKey: "abcdef012345678", nowMs: noon + dayMs, key, ...second })
  b.start()
  b.end()
  return files
}

describe("keys that are given", () => {
  it("are a demand: one session that nobody has signed is all that the trail is worth", async () => {
    const report = await verifyFiles(trail({ key: undefined }), { publicKey: publicPem })
    expect(report.verdict).toBe("unsigned")
    expect(report.sessions.map(({ verdict }) => verdict)).toEqual(["signed", "unsigned"])
    // Nothing that is signed has seen the first one.
    expect(report.notes).toMatchObject([
      { kind: "unlinked", session: "1a2c3d4e" },
      { kind: "unsigned", session: "abcdef01", file: day2 }
    ])
    expect(describeReport(report)).toMatch(/^UNSIGNED/)
  })

  it("are one a session", async () => {
    const strangers = readSealKey({ pem: strangersPrivatePem })
    const publicKey = [publicPem, strangersPublicPem]
    const two = trail({ key: strangers })
    const report = await verifyFiles(two, { publicKey })
    expect(report).toMatchObject({ verdict: "signed", notes: [] })
    expect(new Set(report.sessions.map(({ signedBy }) => signedBy)).size).toBe(2)
    const files = trail()
    const log = new SealedLog(files, { streamKey: "c0ffee000000001", nowMs: noon + dayMs, key })
    log.write(1)
    log.seal()
    Object.assign(log.sealer, { key: strangers })
    log.write(1)
    log.seal()
    const mixed = await verifyFiles(files, { publicKey })
    expect(mixed).toMatchObject({ verdict: "unsigned", problems: [] })
    expect(mixed.notes.at(-1)?.text).toContain("signed with 2 keys")
  })

  it("let no session without one say what others have sealed", async () => {
    const files = trail()
    const killed = new SealedLog(files, { streamKey: "c0ffee000000001", nowMs: noon + dayMs })
    killed.write(2)
    const unsigned = new SealedLog(files, { streamKey: "bad0000000000b1", nowMs: noon + dayMs })
    unsigned.write(1)
    unsigned.seal()
    const verdicts = async () => {
      const { sessions } = await verifyFiles(files, { publicKey: publicPem })
      return Object.fromEntries(sessions.map(({ session, verdict }) => [session, verdict]))
    }
    expect(await verdicts()).toMatchObject({ c0ffee00: "unsigned", bad00000: "unsigned" })
    const signed = new SealedLog(files, { streamKey: "00000000000000a", nowMs: noon + dayMs, key })
    signed.write(1)
    signed.seal()
    killed.write(1)
    expect(await verdicts()).toMatchObject({ c0ffee00: "signed", bad00000: "unsigned" })
    const { notes } = await verifyFiles(files, { publicKey: publicPem })
    expect(notes.map(({ text }) => text).join()).toContain(
      "3 lines not sealed yet, from this one on; session 00000000 has seen 2 of them"
    )
  })
})

describe("a deletion", () => {
  /** The first day is deleted, by the mark of a session with these options. */
  const deleted = (options: SealedLogOptions): { files: MemoryFiles; by: SealedLog } => {
    const files = trail()
    const by = new SealedLog(files, { streamKey: "c0ffee000000001", nowMs: noon + dayMs, ...options })
    by.start()
    by.deletes(day1)
    by.end()
    files.files.delete(day1)
    return { files, by }
  }

  it("is believed of a signed session where keys are given, and of no other", async () => {
    const honest = await verifyFiles(deleted({ key }).files, { publicKey: publicPem })
    expect(honest).toMatchObject({ verdict: "signed", retired: [{ file: day1, session: "c0ffee00" }] })
    const report = await verifyFiles(deleted({}).files, { publicKey: publicPem })
    expect(report).toMatchObject({ verdict: "unsigned", retired: [] })
    expect(report.notes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["unbelieved", "unsigned"]))
  })

  it("is believed where anchors are given only below one", async () => {
    const { files, by } = deleted({ key })
    const anchors = by.anchored.map(({ session, k, sha256: digest, file }) => ({
      session,
      k,
      sha256: digest,
      file
    }))
    expect((await verifyFiles(files, { anchors })).retired).toHaveLength(1)
    const early = await verifyFiles(files, {
      anchors: [{ session: "abcdef01", k: 1, sha256: sealOf(files), file: day2 }]
    })
    expect(early).toMatchObject({ retired: [] })
    expect(early.notes.map(({ text }) => text).join()).toContain("no anchor holds the seal over it")
  })

  it("of another folder hides nothing here: its mark names other seals", async () => {
    // The same application, key and days, and other sessions.
    const elsewhere = new MemoryFiles()
    const theirs = new SealedLog(elsewhere, { streamKey: "00000000000000b", key })
    theirs.write(9)
    theirs.seal()
    theirs.nowMs += dayMs
    theirs.deletes(day1)
    theirs.seal()
    const files = trail()
    files.append(day2, elsewhere.read(day2))
    files.files.delete(day1)
    const report = await verifyFiles(files, { publicKey: publicPem })
    expect(report).toMatchObject({ verdict: "incomplete" })
    expect(report.notes.map(({ kind, text }) => `${kind}: ${text}`).join()).toContain(
      "older: seal 1 of session 1a2c3d4e is not here"
    )
  })

  it("takes its anchors with it, and says so of each; without a mark they are unproved", async () => {
    const files = new MemoryFiles()
    const a = new SealedLog(files, { linesMax: 2 })
    a.write(6)
    const b = new SealedLog(files, { streamKey: "abcdef012345678", nowMs: noon + dayMs })
    b.write(1)
    b.deletes(day1)
    b.end()
    const anchors = [...a.anchored, ...b.anchored]
    files.files.delete(day1)
    const report = await verifyFiles(files, { anchors })
    expect(report).toMatchObject({ verdict: "anchored", problems: [] })
    expect(report.notes.filter(({ kind, file }) => kind === "retired" && file === day1)).toHaveLength(3)
    const bare = new MemoryFiles()
    for (const streamKey of ["1a2c3d4e5f60718", "abcdef012345678"]) {
      const log = new SealedLog(bare, {
        streamKey,
        nowMs: streamKey === a.streamKey ? noon : noon + dayMs,
        isAlone: true
      })
      log.write(1)
      log.seal()
      anchors.push(...log.anchored)
    }
    bare.files.delete(day1)
    const lost = await verifyFiles(bare, { anchors: anchors.slice(-2) })
    // Nobody who is believed has deleted anything here.
    expect(lost).toMatchObject({ verdict: "incomplete", problems: [], retired: [] })
    expect(lost.notes.map(({ kind }) => kind)).toContain("unproved")
  })
})

const sealOf = (files: MemoryFiles): string => {
  const line = files.lines(day2).find((one) => one.includes('"category":"seal"') && one.includes("abcdef01"))
  return sha256Of(withoutSalts(line ?? ""))
}

describe("links between sessions", () => {
  it("a session that no other has seen and that has seen none is a note", async () => {
    const report = await verifyFiles(trail({ isAlone: true }), { publicKey: publicPem })
    expect(report.notes.map(({ kind }) => kind)).toEqual(["unlinked", "unlinked"])
    expect((await verifyFiles(trail(), { publicKey: publicPem })).notes).toEqual([])
  })
})

describe("a report", () => {
  it("shows nothing that could move a terminal: names of files, and what stands on seals", async () => {
    const evil = "\u001b[2J\u061c\u200b\u{e0041}SIGNED. Every seal fits"
    const files = trail()
    const text = files.text(day1).replace(key.fingerprint, evil.replace("\u001b", "\\u001b"))
    const report = await verifyAnywhere({
      files: [
        ...trailFiles(files),
        { ...(trailFiles(files)[0] ?? expect.fail("no file")), file: `${evil}/tool_audit/2026-03-05.jsonl` }
      ],
      digest: sha256,
      keys: [readVerifyingKey(publicPem)]
    })
    const fromKey = new MemoryFiles()
    fromKey.write(day1, text)
    const shown =
      describeReport(report) + describeReport(await verifyFiles(fromKey, { publicKey: publicPem }))
    expect(shown).toContain("\\u001b[2J")
    for (const char of ["\u001b", "\u061c", "\u200b", "\u{e0041}"]) expect(shown).not.toContain(char)
  })

  it("says of each day and session what is proved, and by whom", async () => {
    const files = trail()
    const text = describeReport(await verifyFiles(files, { publicKey: publicPem }))
    expect(text).toContain(`signed with key ${key.fingerprint.slice(0, 16)}`)
    expect(text).toContain("2026-03-05: 6 lines with seals, 5 proved")
    expect(text).toContain("2 of 2 lines proved")
  })
})

describe("verifying anywhere", () => {
  it("says the same with a digest that is a promise as on a disk", async () => {
    const files = trail()
    const page = await verifyAnywhere({
      files: trailFiles(files),
      digest: sha256,
      keys: [readVerifyingKey(publicPem)]
    })
    expect(page).toEqual(await verifyFiles(files, { publicKey: publicPem }))
    files.write(day1, files.text(day1).replace("many", "more"))
    const edited = await verifyAnywhere({ files: trailFiles(files), digest: sha256 })
    expect(edited).toEqual(await verifyFiles(files))
    expect(inShort(edited)).toBe("broken edited")
  })
})
