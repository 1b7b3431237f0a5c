// What verify finds when somebody has had their hands on the files, and the name it gives to it. Each attack is done to
// the same honest trail, in memory; the first bad line is told where the bytes can tell it.
import { describe, expect, it } from "vitest"
import { describeReport } from "../../src/describe-report.ts"
import { readSealKey } from "../../src/seal/key.node.ts"
import type { VerifyReport } from "../../src/verify/report.ts"
import { privatePem, publicPem, strangersPublicPem } from "../tools/seal-test-key.ts"
import {
  dayMs,
  inShort,
  MemoryFiles,
  noon,
  SealedLog,
  type SealedLogOptions,
  verifyFiles
} from "../tools/sealed-files.ts"

const day1 = "datatools-2026-03-05.jsonl"
const day2 = "datatools-2026-03-06.jsonl"
const day3 = "datatools-2026-03-07.jsonl"

const isSeal = (line: string): boolean => line.includes('"category":"seal"')

/** A trail of three days: A runs through all of them, B on the second, C on the third looks at what others sealed. */
const makeTrail = async (
  options: SealedLogOptions = {}
): Promise<{ files: MemoryFiles; a: SealedLog; b: SealedLog; c: SealedLog }> => {
  const files = new MemoryFiles()
  const a = new SealedLog(files, { linesMax: 20, ...options })
  a.start()
  a.write(30)
  a.seal()
  const b = new SealedLog(files, {
    streamKey: "abcdef012345678",
    linesMax: 20,
    nowMs: noon + dayMs,
    ...options
  })
  b.start()
  a.nowMs += dayMs
  for (let times = 0; times < 6; times++) {
    a.write(5)
    b.write(4)
  }
  a.seal()
  b.end()
  const c = new SealedLog(files, {
    streamKey: "c0ffee000000001",
    linesMax: 20,
    nowMs: noon + 2 * dayMs,
    ...options
  })
  c.look(day2)
  c.start()
  a.nowMs += dayMs
  a.write(25)
  c.write(3)
  c.end()
  a.end()
  return { files, a, b, c }
}

/** Does something to one file of the trail, and verifies. */
const attack = async (
  file: string,
  change: (lines: string[]) => readonly string[],
  options: SealedLogOptions = {}
): Promise<VerifyReport> => {
  const { files } = await makeTrail(options)
  files.write(file, change(files.lines(file)).join(""))
  return verifyFiles(files)
}

const verdictsOf = (report: VerifyReport): Readonly<Record<string, string>> =>
  Object.fromEntries(report.sessions.map(({ session, verdict }) => [session, verdict]))

describe("F120 an honest trail", () => {
  it("is intact: every session, and nothing to know", async () => {
    const { files } = await makeTrail()
    const report = await verifyFiles(files)
    expect(report).toMatchObject({ verdict: "intact", problems: [], notes: [], findingsLeftOut: 0 })
    expect(
      report.sessions.map(({ session, verdict, lines, unsealed, ended }) => ({
        session,
        verdict,
        lines,
        unsealed,
        ended
      }))
    ).toEqual([
      { session: "1a2c3d4e", verdict: "intact", lines: 87, unsealed: 0, ended: true },
      { session: "abcdef01", verdict: "intact", lines: 26, unsealed: 0, ended: true },
      { session: "c0ffee00", verdict: "intact", lines: 5, unsealed: 0, ended: true }
    ])
    expect(describeReport(report)).not.toContain("verified")
  })

  it("is signed for whoever has the public key, and unsigned for those who have another one", async () => {
    const { files } = await makeTrail({ key: readSealKey({ pem: privatePem }) })
    expect(inShort(await verifyFiles(files, { publicKey: publicPem }))).toBe("signed")
    expect(inShort(await verifyFiles(files, { publicKey: [strangersPublicPem, publicPem] }))).toBe("signed")
    const report = await verifyFiles(files, { publicKey: strangersPublicPem })
    expect(inShort(report)).toBe("unsigned")
    expect(report.notes.map(({ kind }) => kind).sort()).toEqual([
      ...["other-key", "other-key", "other-key", "unsigned", "unsigned", "unsigned"]
    ])
  })

  it("is anchored when a seal is known from elsewhere, with all that the first seal of an anchored session has seen", async () => {
    const { files, a, b, c } = await makeTrail()
    const anchors = [...a.anchored.slice(-1), ...c.anchored.slice(0, 1)]
    const report = await verifyFiles(files, { anchors })
    expect(inShort(report)).toBe("anchored")
    expect(report.sessions.map(({ anchoredTo }) => anchoredTo)).toEqual([
      a.anchored.length,
      b.anchored.length,
      1
    ])
  })
})

describe("F120 within a stretch", () => {
  it("a line is edited: the stretch is named", async () => {
    const report = await attack(day1, (lines) => lines.with(4, (lines[4] ?? "").replace("many", "more")))
    expect(inShort(report)).toBe("broken edited")
    expect(report.problems).toMatchObject([{ file: day1, line: 1, session: "1a2c3d4e" }])
    expect(verdictsOf(report)).toEqual({ "1a2c3d4e": "broken", abcdef01: "intact", c0ffee00: "intact" })
  })

  it("a line is edited behind a seal: its own stretch is named", async () => {
    const report = await attack(day1, (lines) => lines.with(25, (lines[25] ?? "").replace("many", "more")))
    expect(report.problems).toMatchObject([{ kind: "edited", line: 22 }])
  })

  it("a line is edited beside a gap that a mark tells: that is no deletion", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.skip(3)
    log.append([log.mark("gap", { count: 3, first_seq: 2, last_seq: 4 }), log.event()])
    log.seal()
    files.write(day1, files.text(day1).replace("many", "more"))
    expect(inShort(await verifyFiles(files))).toBe("broken edited")
  })

  it("a line is deleted: the hole is named", async () => {
    const report = await attack(day1, (lines) => lines.toSpliced(4, 1))
    expect(inShort(report)).toBe("broken deleted")
    expect(report.problems).toMatchObject([{ line: 5, text: expect.stringContaining("event 5 is missing") }])
  })

  it("a line is copied: the copy is named", async () => {
    const report = await attack(day1, (lines) => lines.toSpliced(6, 0, lines[4] ?? ""))
    expect(inShort(report)).toBe("broken inserted")
    expect(report.problems).toMatchObject([{ line: 7 }])
  })

  it("a line is made up: the stretch has one too many", async () => {
    const report = await attack(day1, (lines) =>
      lines.toSpliced(6, 0, (lines[4] ?? "").replace("-7004-", "-7999-").replace('"seq":5', '"seq":999'))
    )
    expect(inShort(report)).toBe("broken inserted")
    expect(report.problems).toMatchObject([{ line: 7 }])
  })

  it("a line takes the place of another one", async () => {
    const report = await attack(day1, (lines) => lines.with(6, lines[4] ?? ""))
    expect(inShort(report)).toBe("broken inserted")
    expect(report.problems).toMatchObject([{ line: 7 }])
  })

  it("two lines are swapped: the first that is out of order is named", async () => {
    const report = await attack(day1, (lines) => lines.with(4, lines[9] ?? "").with(9, lines[4] ?? ""))
    expect(inShort(report)).toBe("broken reordered")
    expect(report.problems).toMatchObject([{ line: 6 }])
  })

  it("two lines are swapped over a seal: both stretches tell it", async () => {
    const report = await attack(day1, (lines) => lines.with(4, lines[24] ?? "").with(24, lines[4] ?? ""))
    expect(inShort(report)).toBe("broken reordered")
    expect(report.problems.map(({ line }) => line)).toEqual([5, 25])
  })

  it("a byte of a line is damaged: the line is named", async () => {
    const report = await attack(day1, (lines) => lines.with(4, (lines[4] ?? "").replace('"level"', '"leve|')))
    expect(inShort(report)).toBe("broken damaged")
    expect(report.problems).toMatchObject([{ line: 5, text: expect.stringContaining("not JSON") }])
  })

  it("a line is given another session's id", async () => {
    const report = await attack(day1, (lines) =>
      lines.with(4, (lines[4] ?? "").replace("81a2-c3d4e5f60718", "8abc-def012345678"))
    )
    expect(inShort(report)).toBe("broken damaged")
    expect(report.problems[0]).toMatchObject({ file: day1, line: 5 })
  })

  it.each([
    ["of nobody", "81a2-c3d4e5f60718", "81a2-c3d4e5f60719"],
    ["of nobody, in its session's digits too", "81a2-c3d4e5f60718", "8fa2-c3d4e5f60718"],
    ["that is none", "81a2-c3d4e5f60718", "81a2-c3d4e5f6071g"]
  ])("a line is given an id %s: the line is named", async (_name, from, to) => {
    const report = await attack(day1, (lines) => lines.with(4, (lines[4] ?? "").replace(from, to)))
    expect(inShort(report)).toBe("broken damaged")
    expect(report.problems).toMatchObject([{ file: day1, line: 5 }])
  })

  it("whole lines of two sessions change places: nothing is claimed of that", async () => {
    const { files } = await makeTrail()
    const lines = files.lines(day2)
    const at = lines.findIndex(
      (line, index) =>
        !isSeal(line) && JSON.parse(line).session !== JSON.parse(lines[index + 1] ?? "").session
    )
    files.write(
      day2,
      lines
        .with(at, lines[at + 1] ?? "")
        .with(at + 1, lines[at] ?? "")
        .join("")
    )
    expect(inShort(await verifyFiles(files))).toBe("intact")
  })
})

describe("F120 around the seals", () => {
  it("a seal is deleted: its lines are under none", async () => {
    const report = await attack(day1, (lines) =>
      lines.filter((line) => !(isSeal(line) && JSON.parse(line).k === 1))
    )
    expect(inShort(report)).toBe("broken deleted")
    expect(report.problems).toMatchObject([{ line: 1, text: expect.stringContaining("20 lines") }])
  })

  it("a seal is damaged: it is named, and not its lines", async () => {
    for (const [from, to] of [
      ["81a2-c3d4e5f60718", "81a2-c3d4e5f6071g"],
      ["81a2-c3d4e5f60718", "81a2-c3d4e5f60719"],
      ['"}\n', '"|\n'],
      ['"level"', '"leve|'],
      ['"sha256":"', '"sha256":"g'],
      ['"k":1', '"k":5']
    ] as const) {
      const report = await attack(day1, (lines) => lines.with(20, (lines[20] ?? "").replace(from, to)))
      expect(report.problems[0]).toMatchObject({ file: day1, line: 21 })
    }
  })

  it("the last seal of all covers other lines than it says", async () => {
    for (const field of ["lines", "skip", "k"]) {
      const report = await attack(day3, (lines) => {
        const last = lines.findLastIndex(isSeal)
        const seal = (lines[last] ?? "").replace(new RegExp(`"${field}":\\d+`), (was) => `${was}1`)
        return lines.with(last, seal)
      })
      expect(report.verdict).toBe("broken")
    }
  })

  it("a seal is made to follow another one than it did: the seal behind it tells which of them was changed", async () => {
    const report = await attack(day2, (lines) => {
      const at = lines.findIndex((line) => isSeal(line) && JSON.parse(line).session === "1a2c3d4e")
      return lines.with(
        at,
        (lines[at] ?? "").replace(/"prev":"(.)/, (_, digit) => `"prev":"${digit === "0" ? "1" : "0"}`)
      )
    })
    const { k } = JSON.parse(
      (await makeTrail()).files.lines(day2).find((line) => isSeal(line) && line.includes('"1a2c3d4e"')) ?? ""
    )
    expect(report.problems.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      `edited: seal ${k} is not the one that seal ${k + 1} follows`
    ])
  })

  it("a stretch is copied with its seal: the seal is there a second time", async () => {
    const report = await attack(day1, (lines) => lines.toSpliced(21, 0, ...lines.slice(0, 21)))
    expect(report.problems.map(({ kind }) => kind)).toContain("inserted")
    expect(report.problems.map(({ text }) => text)).toContain(
      "seal 1 of the session stands here a second time"
    )
  })

  it("a stretch is deleted with its seal: so many lines are gone", async () => {
    const report = await attack(day1, (lines) => lines.slice(21))
    expect(inShort(report)).toBe("broken deleted")
    expect(report.problems).toMatchObject([
      { text: expect.stringContaining("21 lines of the session, seal 1 among them") }
    ])
  })

  it("the last seal of a file is deleted, or the file is cut below a seal: the next file knows", async () => {
    for (const cut of [31, 21, 20, 10]) {
      const report = await attack(day1, (lines) => lines.slice(0, cut))
      expect(report.verdict).toBe("broken")
      expect(report.problems[0]).toMatchObject({ text: expect.stringContaining("are not here") })
    }
  })

  it("a seal is edited, one that is followed by others: they know another one", async () => {
    for (const [from, to] of [
      ["Sealed 20", "Sealed 21"],
      ['"level":"info"', '"level":"warn"'],
      ['"k":1', '"k":9']
    ] as const) {
      const report = await attack(day1, (lines) =>
        lines.map((line) => (isSeal(line) ? line.replace(from, to) : line))
      )
      expect(report.verdict).toBe("broken")
    }
  })

  it("a seal is changed so that it fits an edited line: the next seal, or the signature, tells", async () => {
    const forge = async (options: SealedLogOptions): Promise<MemoryFiles> => {
      const { files } = await makeTrail(options)
      const lines = files.lines(day1)
      const forged = new MemoryFiles()
      const forger = new SealedLog(forged, { linesMax: 20 })
      forger.append(
        [...lines.slice(0, 4), (lines[4] ?? "").replace("many", "more"), ...lines.slice(5, 20)],
        day1
      )
      const [, digest = ""] = /"sha256":"(\w+)"/.exec(forged.lines(day1)[20] ?? "") ?? []
      const [salts = ""] = /"salts":\[[^\]]*\]/.exec(forged.lines(day1)[20] ?? "") ?? []
      const seal = (lines[20] ?? "")
        .replace(/"sha256":"\w+"/, `"sha256":"${digest}"`)
        .replace(/"salts":\[[^\]]*\]/, salts)
      files.write(
        day1,
        lines
          .with(4, (lines[4] ?? "").replace("many", "more"))
          .with(20, seal)
          .join("")
      )
      return files
    }
    const report = await verifyFiles(await forge({}))
    expect(inShort(report)).toBe("broken edited")
    expect(report.problems).toMatchObject([{ line: 21, text: "seal 1 is not the one that seal 2 follows" }])
    const signed = await forge({ key: readSealKey({ pem: privatePem }) })
    expect(inShort(await verifyFiles(signed, { publicKey: publicPem }))).toBe("broken signature edited")
  })

  it("all seals of a session are deleted: the seal that another session saw tells, and so does what a log leaves", async () => {
    const dropSeals = (session: string) => (lines: string[]) =>
      lines.filter((line) => !(isSeal(line) && JSON.parse(line).session === session))
    const report = await attack(day2, dropSeals("abcdef01"))
    expect(inShort(report)).toBe("broken truncated")
    expect(report.problems).toMatchObject([
      { session: "abcdef01", text: expect.stringContaining("no seal of it is here") }
    ])
    const { files, a } = await makeTrail()
    for (const file of [day1, day2, day3]) files.write(file, dropSeals(a.session)(files.lines(file)).join(""))
    expect(verdictsOf(await verifyFiles(files))["1a2c3d4e"]).toBe("broken")
  })

  it("every seal of every file is deleted: more lines are left without one than any log leaves", async () => {
    const files = new MemoryFiles()
    const many = new SealedLog(files)
    many.write(1_500)
    const slow = new SealedLog(files, { streamKey: "abcdef012345678" })
    slow.write(2)
    slow.nowMs += 10_001
    slow.write(1)
    slow.seal()
    files.write(
      day1,
      files
        .lines(day1)
        .filter((line) => !isSeal(line))
        .join("")
    )
    const report = await verifyFiles(files)
    expect(inShort(report)).toBe("broken seals-missing")
    expect(report.problems.map(({ session }) => session)).toEqual(["1a2c3d4e", "abcdef01"])
  })

  it("the signatures of some seals are taken away", async () => {
    const { files } = await makeTrail({ key: readSealKey({ pem: privatePem }) })
    const lines = files.lines(day3)
    const last = lines.findLastIndex((line) => isSeal(line))
    const naked = (lines[last] ?? "").replace(/,"alg":"ed25519"|,"key":"\w+"|,"sig":"[\w-]+"/g, "")
    files.write(day3, lines.with(last, naked).join(""))
    expect(inShort(await verifyFiles(files, { publicKey: publicPem }))).toBe("broken signature")
    const half = (lines[last] ?? "").replace(/,"sig":"[\w-]+"/, "")
    files.write(day3, lines.with(last, half).join(""))
    expect(inShort(await verifyFiles(files, { publicKey: publicPem }))).toBe("broken damaged")
  })
})

describe("F120 whole files", () => {
  it("only the days that have no file are called missing", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    const other = new SealedLog(files, { streamKey: "abcdef012345678", nowMs: noon + 2 * dayMs })
    for (const days of [1, 2, 1]) {
      log.write(1)
      log.seal()
      log.nowMs += days * dayMs
    }
    other.write(1)
    other.seal()
    files.files.delete(day2)
    const report = await verifyFiles(files)
    expect(report.problems).toMatchObject([{ kind: "missing-day" }])
    expect(report.problems[0]?.text).toMatch(/there is no file of 2026-03-06$/)
  })

  it("a day is dropped: it is named, by the sessions that ran through it and by those that saw it", async () => {
    const { files } = await makeTrail()
    files.files.delete(day2)
    const report = await verifyFiles(files)
    expect(inShort(report)).toBe("broken missing-day")
    expect(report.problems.map(({ text }) => text).join()).toContain("there is no file of 2026-03-06")
    expect(report.problems.map(({ file }) => file)).toContain(day2)
  })

  it("the last day is dropped: found by a seal that is known from elsewhere, and by nothing else", async () => {
    const { files, a, c } = await makeTrail()
    files.files.delete(day3)
    expect(inShort(await verifyFiles(files))).toBe("intact")
    expect(inShort(await verifyFiles(files, { anchors: a.anchored.slice(-1) }))).toBe("broken truncated")
    const report = await verifyFiles(files, { anchors: c.anchored })
    expect(inShort(report)).toBe("broken missing-day")
    expect(report.problems).toMatchObject([{ file: day3, text: expect.stringContaining("c0ffee00") }])
  })

  it("the folder is rolled back to an earlier state: found when one later seal is known", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.write(5)
    log.seal()
    const earlier = files.copy()
    log.write(5)
    log.seal()
    expect(inShort(await verifyFiles(earlier))).toBe("intact")
    const report = await verifyFiles(earlier, { anchors: log.anchored })
    expect(inShort(report)).toBe("broken truncated")
    expect(report.problems[0]?.text).toBe("seal 2 is among the anchors, and here it ends with seal 1")
  })

  it("the files are made anew with other seals: found when one seal is known", async () => {
    const { a } = await makeTrail()
    const forged = new MemoryFiles()
    const forger = new SealedLog(forged, { linesMax: 20 })
    forger.start()
    forger.write(60)
    forger.seal()
    expect(inShort(await verifyFiles(forged))).toBe("intact")
    expect(inShort(await verifyFiles(forged, { anchors: a.anchored.slice(0, 1) }))).toBe("broken edited")
  })

  it("a day without seals is planted: each session in it was never sealed", async () => {
    const { files } = await makeTrail()
    const planted = new SealedLog(files, {
      streamKey: "bad0000000000b1",
      nowMs: noon + 3 * dayMs,
      linesMax: 99
    })
    planted.write(7)
    const report = await verifyFiles(files)
    expect(report.verdict).toBe("unsealed")
    expect(verdictsOf(report)).toMatchObject({ bad00000: "unsealed", "1a2c3d4e": "intact" })
    expect(report.notes).toMatchObject([
      { kind: "unsealed", session: "bad00000", text: expect.stringContaining("7 lines not sealed yet") }
    ])
  })

  it("lines are added behind the last seal: so many are not sealed", async () => {
    const { files, c } = await makeTrail()
    files.append(day3, Buffer.from(c.event() + c.event()))
    const report = await verifyFiles(files)
    expect(report).toMatchObject({ verdict: "intact", notes: [{ kind: "unsealed" }] })
    expect(report.notes[0]?.text).toContain("2 lines not sealed yet")
  })

  it("lines are added to a session that was closed: nothing follows a closing seal", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.nowMs += dayMs
    log.append([], day1, { closing: true })
    log.write(2)
    log.close()
    expect(inShort(await verifyFiles(files))).toBe("intact")
    for (const file of [day1, day2]) {
      const added = files.copy()
      added.append(file, Buffer.from(log.event()))
      const report = await verifyFiles(added)
      expect(inShort(report)).toBe("broken inserted")
      expect(report.problems).toMatchObject([{ file, text: expect.stringContaining("closed the session") }])
    }
    log.write(1)
    log.seal()
    expect(inShort(await verifyFiles(files))).toBe("broken inserted")
  })

  it("a line behind the last seal names another session than its id", async () => {
    const { files, c } = await makeTrail()
    files.append(day3, Buffer.from(c.event().replace("8c0f-fee", "8c1f-fee")))
    expect(inShort(await verifyFiles(files))).toBe("broken damaged")
  })

  it("a day's file is renamed, or a user's file is put into another user's folder", async () => {
    const { files } = await makeTrail()
    files.write("datatools-2026-03-09.jsonl", files.read(day3))
    files.files.delete(day3)
    expect(inShort(await verifyFiles(files))).toContain("moved")
  })

  it("what a session saw unsealed of another one, before that was killed, is cut or edited", async () => {
    const files = new MemoryFiles()
    const killed = new SealedLog(files, { streamKey: "abcdef012345678" })
    killed.write(3)
    killed.seal()
    killed.write(4)
    const next = new SealedLog(files)
    next.look(day1)
    next.write(1)
    next.seal()
    const lines = files.lines(day1)
    expect(inShort(await verifyFiles(files))).toBe("intact")
    files.write(day1, lines.toSpliced(6, 1).join(""))
    expect(inShort(await verifyFiles(files))).toBe("broken truncated")
    files.write(day1, lines.with(6, (lines[6] ?? "").replace("many", "more")).join(""))
    expect(inShort(await verifyFiles(files))).toBe("broken edited")
  })
})
