// What happens to files without anybody's bad will, and must not look like an attack: crashes, torn lines, other writers,
// retention, rotation, editors, redactions, newer versions, clocks that step or fail.
import { describe, expect, it } from "vitest"
import { describeReport } from "../../src/describe-report.ts"
import { readSealKey } from "../../src/seal/key.node.ts"
import { verifyOn } from "../../src/verify/verify.node.ts"
import { privatePem, publicPem } from "../tools/seal-test-key.ts"
import { dayMs, dir, inShort, MemoryFiles, noon, SealedLog, verifyFiles } from "../tools/sealed-files.ts"

const day1 = "datatools-2026-03-05.jsonl"
const day2 = "datatools-2026-03-06.jsonl"

const kindsOf = (notes: readonly { readonly kind: string }[]): readonly string[] =>
  notes.map(({ kind }) => kind)

describe("a crash", () => {
  it("leaves lines that are not sealed yet, and the next session's first seal remembers them", async () => {
    const files = new MemoryFiles()
    const killed = new SealedLog(files, { streamKey: "abcdef012345678" })
    killed.start()
    killed.seal()
    killed.write(4)
    const before = await verifyFiles(files)
    expect(before).toMatchObject({ verdict: "intact", sessions: [{ unsealed: 4, adopted: 0, ended: false }] })
    expect(before.notes).toMatchObject([
      { kind: "unsealed", line: 3, text: expect.stringContaining("4 lines not sealed yet") }
    ])
    const next = new SealedLog(files, { nowMs: noon + 60_000 })
    next.look(day1)
    next.start()
    next.end()
    const after = await verifyFiles(files)
    expect(after).toMatchObject({
      verdict: "intact",
      sessions: [{ unsealed: 4, adopted: 4 }, { ended: true }]
    })
    expect(after.notes[0]?.text).toContain("session 1a2c3d4e has seen 4 of them")
  })

  it("within 10 s of the start leaves a session that was never sealed; adopted, it is held by the next one", async () => {
    const files = new MemoryFiles()
    new SealedLog(files, { streamKey: "abcdef012345678" }).write(4)
    expect(await verifyFiles(files)).toMatchObject({ verdict: "unsealed", problems: [] })
    const next = new SealedLog(files)
    next.look(day1)
    next.write(1)
    next.seal()
    expect(await verifyFiles(files)).toMatchObject({
      verdict: "intact",
      sessions: [{ verdict: "intact" }, {}]
    })
  })

  it("of a session that others saw alive is no matter: what it wrote later is under its own seals", async () => {
    const files = new MemoryFiles()
    const alive = new SealedLog(files, { streamKey: "abcdef012345678" })
    alive.write(2)
    alive.seal()
    alive.write(3)
    const next = new SealedLog(files)
    next.look(day1)
    next.write(1)
    alive.write(2)
    alive.seal()
    next.end()
    expect(await verifyFiles(files)).toMatchObject({ verdict: "intact", problems: [], notes: [] })
  })
})

describe("torn lines", () => {
  it("in the middle of a stretch are no lines of it, wherever a short write cut", async () => {
    const whole = new SealedLog(new MemoryFiles()).event({ text: "to be cut" })
    for (let cut = 1; cut < whole.length - 1; cut++) {
      const files = new MemoryFiles()
      const log = new SealedLog(files)
      log.start()
      log.skip(0)
      const line = log.event({ text: "to be cut" })
      files.append(day1, Buffer.from(`${line.slice(0, cut)}\n`))
      log.append([line])
      log.seal()
      const report = await verifyFiles(files)
      expect(report).toMatchObject({ verdict: "intact", problems: [], notes: [{ kind: "torn", line: 2 }] })
    }
  })

  it("and blank lines stay what they are beside damage that is none of theirs", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    const line = log.event()
    files.append(day1, Buffer.from(`${line.slice(0, 120)}\n\n`))
    log.append([line, log.event(), log.event()])
    log.seal()
    const lines = files.lines(day1)
    files.write(day1, lines.with(4, (lines[4] ?? "").replace('"level"', '"level')).join(""))
    const report = await verifyFiles(files)
    expect(inShort(report)).toBe("broken damaged")
    expect(report.problems).toMatchObject([{ line: 5 }])
    expect(report.notes).toMatchObject([
      { kind: "torn", line: 2, text: expect.stringMatching(/^1 fragment /) }
    ])
  })

  it("at the end explain why lines of a long time are under no seal: the disk was full", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.seal()
    const waited = [log.event()]
    log.nowMs += 3_600_000
    const last = log.event()
    files.append(day1, Buffer.from(waited.join("") + last))
    expect(inShort(await verifyFiles(files))).toBe("broken seals-missing")
    files.append(day1, Buffer.from(log.event().slice(0, 150)))
    expect(await verifyFiles(files)).toMatchObject({ verdict: "intact", problems: [] })
  })
})

describe("other writers", () => {
  it("may stand between any two lines: random interleavings of sessions over days are intact", async () => {
    const files = new MemoryFiles()
    const keys = ["1a2c3d4e5f60718", "abcdef012345678", "c0ffee000000001"]
    const logs = keys.map((streamKey) => new SealedLog(files, { streamKey, linesMax: 7 }))
    for (const log of logs) log.start()
    for (let step = 0; step < 200; step++) {
      const log = logs[(step * step + (step >> 2)) % 3] ?? expect.fail("no log")
      log.write(step % 5)
      if (step % 17 === 0) for (const each of logs) each.nowMs += dayMs / 9
      for (const { file } of log.sealer.openStretches())
        if (file !== log.file) log.append([], file, { closing: true })
    }
    for (const log of logs) log.end()
    expect(files.files.size).toBeGreaterThan(1)
    expect(await verifyFiles(files)).toMatchObject({ verdict: "intact", problems: [], notes: [] })
  })

  it("of older systems, without ids, are no session's: no seal covers their lines, and they break none", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    files.append(day1, Buffer.from('{"timestamp":"2026-03-05","event":"old"}\n'))
    log.end()
    const report = await verifyFiles(files)
    expect(report).toMatchObject({ verdict: "unsealed", problems: [], sessions: [{ verdict: "intact" }] })
    expect(report.notes).toMatchObject([{ kind: "unowned", line: 2 }])
  })
})

describe("days", () => {
  const overDays = (retention: boolean): MemoryFiles => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.seal()
    const early = new SealedLog(files, { streamKey: "c0ffee000000001" })
    early.start()
    early.end()
    const idle = new SealedLog(files, { streamKey: "0000000000000f1" })
    idle.start()
    idle.seal()
    log.nowMs += dayMs
    if (retention) log.deletes(day1)
    log.write(3)
    const other = new SealedLog(files, { streamKey: "abcdef012345678", nowMs: log.nowMs })
    other.start()
    other.end()
    idle.nowMs += 2 * dayMs
    idle.end()
    log.end()
    return files
  }

  it("around one that a delivery held are told by the marks, old ones and new ones: nobody is accused", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.seal()
    const days = [day1, day2, "datatools-2026-03-07.jsonl", "datatools-2026-03-08.jsonl"]
    const [, , day3 = ""] = days
    for (const [index, file] of days.entries()) {
      if (index > 0) log.nowMs += dayMs
      if (index === 2) log.deletes(day1)
      if (index === 3) log.deletes(day3, { reason: "budget" })
      log.write(3, file)
      log.seal()
    }
    log.end()
    // What is still here is no finding.
    expect(await verifyFiles(files)).toMatchObject({ verdict: "intact", notes: [], retired: [] })
    // Only the second day is held.
    for (const gone of [day1, day3]) files.files.delete(gone)
    const report = await verifyFiles(files)
    expect(report).toMatchObject({ verdict: "incomplete", problems: [] })
    // The mark of the first day was in the third.
    expect(report.notes).toMatchObject([
      { kind: "older" },
      { kind: "retired", text: "it deleted 1 file of 2026-03-07, for the folder had too many bytes" }
    ])
  })

  it("that the log itself has deleted are told by its mark: what is left is intact", async () => {
    const files = overDays(true)
    expect(await verifyFiles(files)).toMatchObject({ verdict: "intact", notes: [] })
    files.files.delete(day1)
    const report = await verifyFiles(files)
    expect(report).toMatchObject({
      verdict: "intact",
      problems: [],
      notes: [{ kind: "retired", session: "1a2c3d4e" }],
      retired: [{ file: day1, day: "2026-03-05", reason: "age", days: 0, session: "1a2c3d4e" }]
    })
    expect(describeReport(report)).toContain("2026-03-05: 1 file deleted by session 1a2c3d4e")
  })

  it("that were kept for less than was asked for are not believed to be deleted", async () => {
    const files = overDays(true)
    files.files.delete(day1)
    const report = await verifyFiles(files, { retentionDays: 7 })
    expect(report).toMatchObject({ verdict: "incomplete", problems: [], retired: [] })
    expect(report.notes.map(({ kind }) => kind)).toContain("unbelieved")
    expect((await verifyFiles(files, { retentionDays: 0 })).verdict).toBe("intact")
  })

  it("that are older than everything here, and no mark says why, make it incomplete, not broken", async () => {
    const files = overDays(false)
    files.files.delete(day1)
    const report = await verifyFiles(files)
    expect(report).toMatchObject({ verdict: "incomplete", problems: [] })
    expect(new Set(kindsOf(report.notes))).toEqual(new Set(["older"]))
  })

  it("may be chosen: what lies in others is not missed", async () => {
    const files = overDays(false)
    for (const scope of [
      { from: "2026-03-06" },
      { to: "2026-03-05" },
      { from: "2026-03-05", to: "2026-03-06" }
    ])
      expect(await verifyFiles(files, scope)).toMatchObject({ verdict: "intact", problems: [] })
    new SealedLog(files, { streamKey: "abc0000000000a1" }).append(["x"], "datatools-unknown.jsonl")
    const some = await verifyFiles(files, { from: "2026-03-06", to: "2026-03-06" })
    expect(some.files.map(({ file }) => file)).toEqual([day2, "datatools-unknown.jsonl"])
    files.files.delete("datatools-unknown.jsonl")
    expect(await verifyFiles(files, { from: "2026-04-01" })).toMatchObject({
      verdict: undefined,
      sessions: []
    })
    await expect(verifyFiles(files, { from: "yesterday" })).rejects.toThrow(
      'verify: option "from" must be YYYY-MM-DD'
    )
  })

  it("are one trail however the clock stepped, and where it failed", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    for (const nowMs of [noon + dayMs, noon - 2 * dayMs, Number.NaN, noon + 3 * dayMs, noon]) {
      log.nowMs = nowMs
      const file = Number.isNaN(nowMs) ? "datatools-unknown.jsonl" : log.file
      for (const { file: open } of log.sealer.openStretches())
        if (open !== file) log.append([], open, { closing: true })
      log.write(3, file)
    }
    log.seal()
    const report = await verifyFiles(files)
    expect(report).toMatchObject({
      verdict: "intact",
      problems: [],
      notes: [],
      sessions: [{ unsealed: 0, lines: 16 }]
    })
    expect(report.files).toHaveLength(5)
  })
})

describe("rotation by others", () => {
  const rotated = (file: string | undefined): MemoryFiles => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.seal()
    log.write(4)
    log.seal()
    if (file !== undefined) files.write(file, files.read(day1))
    files.files.delete(day1)
    log.sealer.forget(day1)
    log.write(2)
    log.seal()
    return files
  }

  it.each([`${day1}.1`, `${day1}-20260306`, `${day1}.2026-03-06`])(
    "F51 that leaves its file beside ours, as %s, takes nothing away",
    async (name) => {
      const report = await verifyFiles(rotated(name))
      expect(report).toMatchObject({ verdict: "intact", problems: [], sessions: [{ seals: 3 }] })
      expect(report.files.map(({ file }) => file)).toEqual([name, day1])
    }
  )

  it("F51 F52 that moves or empties a file makes it incomplete: the log itself has said so", async () => {
    const report = await verifyFiles(rotated(undefined))
    expect(report).toMatchObject({ verdict: "incomplete", problems: [] })
    expect(report.notes).toMatchObject([
      { kind: "replaced", file: day1, text: expect.stringContaining("seals 1 to 2") }
    ])
  })

  it("F52 that cuts a file in the middle, while the log writes, is told as a cut", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.write(4)
    files.write(day1, files.lines(day1).slice(0, 2).join(""))
    log.sealer.forget(day1)
    log.write(2)
    log.seal()
    const report = await verifyFiles(files)
    expect(inShort(report)).toBe("broken truncated")
    expect(report.problems[0]?.text).toContain("another process truncated the file while the log was writing")
  })
})

describe("F74 an editor", () => {
  it.each([
    ["CR LF", (text: string) => text.replaceAll("\n", "\r\n")],
    ["a byte order mark", (text: string) => `\uFEFF${text}`],
    ["both", (text: string) => `\uFEFF${text.replaceAll("\n", "\r\n")}`]
  ])(
    "that saves the file with %s changes it: its seals say so, and that nothing else was changed",
    async (_name, edit) => {
      const files = new MemoryFiles()
      const log = new SealedLog(files, { linesMax: 4 })
      log.start()
      log.write(30)
      log.end()
      files.write(day1, edit(files.text(day1)))
      const report = await verifyFiles(files)
      expect(inShort(report)).toBe("broken rewritten")
      expect(report.sessions).toMatchObject([{ verdict: "broken" }])
      expect(report.problems).toMatchObject([{ file: day1, line: 1, offset: 0 }])
      files.write(day1, files.text(day1).replace("one of many", "two of many"))
      expect(inShort(await verifyFiles(files))).toBe("broken rewritten edited")
    }
  )
})

describe("gaps", () => {
  it("that a mark tells are explained; others are not, except where the log filters", async () => {
    const gapIn = async (start: Readonly<Record<string, unknown>> | undefined, isTold: boolean) => {
      const files = new MemoryFiles()
      const log = new SealedLog(files)
      if (start === undefined) log.write(1)
      else log.start(start)
      log.skip(5)
      if (isTold) log.append([log.mark("gap", { count: 5, first_seq: 2, last_seq: 6 })])
      log.end()
      return verifyFiles(files)
    }
    expect(await gapIn({}, true)).toMatchObject({ verdict: "intact", notes: [] })
    const report = await gapIn({}, false)
    expect(inShort(report)).toBe("broken gap")
    expect(report.problems[0]?.text).toBe("events 2 to 6 are missing, and no gap mark says why")
    const files = new MemoryFiles()
    const late = new SealedLog(files)
    late.skip(1)
    late.start()
    late.end()
    expect((await verifyFiles(files)).problems).toMatchObject([
      { kind: "gap", text: "event 1 is missing, and no gap mark says why" }
    ])
    expect(await gapIn({ filtered: true }, false)).toMatchObject({ verdict: "intact", notes: [] })
    expect(await gapIn(undefined, false)).toMatchObject({ verdict: "intact", notes: [{ kind: "gap" }] })
  })
})

describe("F78 a newer version's session", () => {
  it("is not judged by rules that it may not follow, and its neighbours are", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.end()
    const own = files.text(day1)
    const text = own.replaceAll("1a2c3d4e", "2b2c3d4e").replaceAll("81a2-c3d4e", "82b2-c3d4e")
    const newer = text.replaceAll(/(,"seq":\d+)?,"id"/g, ',"v":2$&')
    files.append(day1, Buffer.from(newer.replace('"prev"', '"before"')))
    const report = await verifyFiles(files)
    expect(report).toMatchObject({ verdict: "unknown", problems: [] })
    expect(report.sessions.map(({ verdict }) => verdict)).toEqual(["intact", "unknown"])
    expect(kindsOf(report.notes)).toContain("newer-version")
    // A session has one version: a seal of ours among newer lines is judged by our rules.
    files.write(day1, own + text.replace(',"seq":1', ',"v":2,"seq":1'))
    expect(inShort(await verifyFiles(files))).toBe("broken edited")
  })
})

describe("other layouts", () => {
  it("one file a session: each is a trail of its own", async () => {
    const files = new MemoryFiles()
    for (const streamKey of ["1a2c3d4e5f60718", "abcdef012345678"]) {
      const log = new SealedLog(files, { streamKey })
      const file = `datatools-2026-03-05-${log.session}.jsonl`
      log.append([log.event({}, "session", "Session started"), log.event()], file)
      log.seal()
    }
    expect(await verifyFiles(files)).toMatchObject({ verdict: "intact", notes: [] })
  })

  it("files of users: the chain runs through all of them, and each user's can be verified alone", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files, { key: readSealKey({ pem: privatePem }) })
    const [ada, bob] = ["ada/tool_audit/2026-03-05.jsonl", "bob/tool_audit/2026-03-05.jsonl"]
    log.start({ layout: "user" })
    for (let times = 0; times < 4; times++) {
      log.write(2, ada)
      log.write(3, bob)
      log.seal()
    }
    expect(await verifyFiles(files)).toMatchObject({
      verdict: "intact",
      notes: [{}],
      sessions: [{ seals: 9 }]
    })
    expect(await verifyFiles(files, { publicKey: publicPem })).toMatchObject({ verdict: "signed", notes: [] })
    const alone = await verifyFiles(files, { user: "bob", publicKey: publicPem })
    expect(alone).toMatchObject({ verdict: "signed", problems: [], sessions: [{ lines: 12 }] })
    // One user's file in place of another one's is not what it was sealed as.
    files.write(bob, files.read(ada))
    expect((await verifyFiles(files, { user: "bob" })).problems.map(({ kind }) => kind)).toContain("moved")
    files.files.delete(bob)
    expect((await verifyFiles(files)).verdict).toBe("broken")
  })
})

describe("what verify reads", () => {
  it("is told as it goes on, and can be stopped", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.write(50)
    const seen: number[] = []
    await verifyFiles(files, { onProgress: ({ bytesRead, bytesTotal }) => seen.push(bytesRead / bytesTotal) })
    expect(seen.at(-1)).toBe(1)
    await expect(verifyFiles(files, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough"
    )
  })

  it("is measured from the newest file on: what a seal remembers is in files that were measured after it", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.write(1)
    log.nowMs += dayMs
    log.write(1)
    const opened: string[] = []
    const { layer } = files
    const open = (path: string) => {
      opened.push(path)
      return layer.open(path)
    }
    await verifyOn({ ...layer, open }, { app: "datatools", dir })
    expect(opened.slice(0, 2)).toEqual([`${dir}/${day2}`, `${dir}/${day1}`])
  })

  it("may be nothing", async () => {
    const report = await verifyFiles(new MemoryFiles())
    expect(report).toMatchObject({ verdict: undefined, sessions: [], files: [] })
    expect(describeReport(report)).toContain("nothing to verify")
  })

  it("may be unreadable, which is said with its reason", async () => {
    const files = new MemoryFiles()
    new SealedLog(files).write(1)
    const { layer } = files
    const refuse = (): Promise<undefined> =>
      Promise.reject(Object.assign(new Error("no"), { code: "EACCES", errno: -13 }))
    const report = await verifyOn({ ...layer, open: refuse }, { app: "datatools", dir })
    expect(report).toMatchObject({ verdict: "broken", problems: [{ kind: "unreadable", file: day1 }] })
    expect(report.problems[0]?.text).toContain("permission denied (EACCES)")
  })

  it("goes over the edges of chunks, and over lines that are none of ours however long", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files, { linesMax: 50 })
    log.start()
    for (let size = 0; size < 120; size++) log.append([log.event({ text: "x".repeat(size * 500) })])
    files.append(day1, Buffer.from(`${"y".repeat(3 * 1024 * 1024)}\n`))
    log.write(3)
    log.end()
    const report = await verifyFiles(files)
    expect(report).toMatchObject({ verdict: "intact", problems: [], notes: [{ kind: "torn" }] })
    expect(report.sessions).toMatchObject([{ lines: 125, unsealed: 0 }])
  })
})
