// What a redaction leaves provable, and what it cannot be used for. Files are redacted as a page would: with a digest that is a
// promise, and bytes from anywhere.
import { describe, expect, it } from "vitest"
import { describeReport, redactFiles } from "../../src/verify.ts"
import { leafDigest } from "../tools/leaves.ts"
import { inShort, MemoryFiles, SealedLog, sha256, trailFiles, verifyFiles } from "../tools/sealed-files.ts"

const day1 = "datatools-2026-03-05.jsonl"

/** The files with `word` masked in every line that has it. */
const redacted = async (files: MemoryFiles, word: string): Promise<MemoryFiles> => {
  const left = new MemoryFiles()
  await redactFiles({
    files: trailFiles(files),
    digest: sha256,
    mask: (line) =>
      line.includes(word) ? { text: line.replaceAll(word, "<user-1>"), paths: ["user"] } : undefined,
    write: (file, bytes) => left.append(file, bytes)
  })
  return left
}

const trail = (): { files: MemoryFiles; log: SealedLog } => {
  const files = new MemoryFiles()
  const log = new SealedLog(files)
  log.start()
  log.write(20)
  log.append([log.event({ user: "ada" })])
  log.write(38)
  log.end()
  return { files, log }
}

describe("a redaction", () => {
  it("makes 16 lines unprovable and no more, and no seal breaks", async () => {
    const { files, log } = trail()
    const left = await redacted(files, "ada")
    expect(left.text(day1)).not.toContain("ada")
    expect(JSON.parse(left.lines(day1)[21] ?? "")).toMatchObject({
      user: "<user-1>",
      redacted: ["user"],
      seq: 22
    })
    const report = await verifyFiles(left, { anchors: log.anchored })
    expect(report).toMatchObject({
      verdict: "incomplete",
      problems: [],
      sessions: [{ verdict: "incomplete", redacted: 16, proved: 45, anchoredTo: 1 }]
    })
    expect(report.notes).toMatchObject([
      { kind: "redacted", line: 17, text: expect.stringContaining("16 of the 61 lines that seal 1 covers") }
    ])
    expect(describeReport(report)).toContain("16 lines not provable after redactions")
  })

  it("hides nothing else: an edit of any other line is found, and placed to its 16 lines", async () => {
    const { files } = trail()
    const left = await redacted(files, "ada")
    const lines = left.lines(day1)
    for (const [at, line] of [
      [3, 1],
      [40, 33],
      [58, 49]
    ] as const) {
      left.write(day1, lines.with(at, (lines[at] ?? "").replace("many", "more")).join(""))
      const report = await verifyFiles(left)
      expect(inShort(report)).toBe("broken edited")
      expect(report.problems).toMatchObject([{ line }])
    }
  })

  it("in a sealed line of the 16 is all that excuses a missing salt", async () => {
    const { files } = trail()
    const lines = files.lines(day1)
    const seal = lines.at(-1) ?? ""
    const { salts } = JSON.parse(seal) as { readonly salts: readonly string[] }
    // The leaf that is over the third block is made from its salt and its lines, as anybody can.
    const leaf = await leafOf(lines.slice(32, 48), salts[2] ?? "")
    const bare = seal.replace(salts[2] ?? "", leaf)
    files.write(
      day1,
      lines
        .with(-1, bare)
        .with(40, (lines[40] ?? "").replace("many", "more"))
        .join("")
    )
    const report = await verifyFiles(files)
    expect(inShort(report)).toBe("broken edited")
    expect(report.problems).toMatchObject([
      { line: 33, text: expect.stringContaining("has no salt for this line") }
    ])
  })

  it("cannot be of a mark, and what a mark beside it says does not count", async () => {
    const files = new MemoryFiles()
    const log = new SealedLog(files)
    log.start()
    log.skip(2)
    log.append([log.mark("gap", { count: 2, first_seq: 2, last_seq: 3 }), log.event({ user: "ada" })])
    log.end()
    const left = await redacted(files, "ada")
    expect((await verifyFiles(left)).verdict).toBe("incomplete")
    const mark = left.text(day1).replace(/,"id"(?=[^\n]*\n[^\n]*<user-1>)/, ',"redacted":["count"],"id"')
    expect(mark).not.toBe(left.text(day1))
    left.write(day1, mark)
    expect(inShort(await verifyFiles(left))).toBe("broken edited")
  })

  it("takes nothing that would tell the text: the salt is in no file any more", async () => {
    const { files } = trail()
    const { salts: before } = JSON.parse(files.lines(day1).at(-1) ?? "") as {
      readonly salts: readonly string[]
    }
    const left = await redacted(files, "ada")
    const { salts: after } = JSON.parse(left.lines(day1).at(-1) ?? "") as {
      readonly salts: readonly string[]
    }
    expect(after).toHaveLength(before.length)
    expect(after[1]).toMatch(/^[0-9a-f]{64}$/)
    expect([after[0], after[2], after[3]]).toEqual([before[0], before[2], before[3]])
    expect(left.text(day1)).not.toContain(before[1]?.slice(0, 18))
  })

  it("of lines that a crash left unsealed is held by every session that has seen them, in whichever file", async () => {
    const files = new MemoryFiles()
    const users = ["ada", "bob", "eve"].map((user) => `${user}/tool_audit/2026-03-05.jsonl`)
    const [ada = "", bob = "", eve = ""] = users
    const killed = new SealedLog(files, { streamKey: "abcdef012345678" })
    killed.append([killed.event({ user: "mallory" }), killed.event()], bob)
    for (const [index, file] of [ada, eve].entries()) {
      const log = new SealedLog(files, { streamKey: `00000000000000${index + 1}` })
      log.write(2, file)
      log.append([], file, { closing: true })
    }
    const before = await verifyFiles(files)
    expect(before).toMatchObject({ verdict: "intact", problems: [] })
    const left = await redacted(files, "mallory")
    const report = await verifyFiles(left)
    expect(report).toMatchObject({ verdict: "incomplete", problems: [] })
    expect(report.sessions.find(({ session }) => session === "abcdef01")).toMatchObject({
      verdict: "incomplete",
      redacted: 2,
      proved: 0
    })
  })

  it("may come again, and says both", async () => {
    const { files } = trail()
    const once = await redacted(files, "ada")
    const twice = await redacted(once, "one of many")
    expect(JSON.parse(twice.lines(day1)[21] ?? "")).toMatchObject({ redacted: ["user"] })
    expect(await verifyFiles(twice)).toMatchObject({ verdict: "incomplete", problems: [] })
  })

  it("keeps the line's number and id, or is refused", async () => {
    const { files } = trail()
    const work = redactFiles({
      files: trailFiles(files),
      digest: sha256,
      mask: (line) => ({ text: line.replace(/"seq":\d+/, '"seq":1000'), paths: ["seq"] }),
      write: () => {}
    })
    await expect(work).rejects.toThrow("must end as it did")
  })
})

const leafOf = async (lines: readonly string[], entry: string): Promise<string> => {
  const hex = async (text: string): Promise<string> =>
    Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex")
  expect(leafDigest(lines, [entry])).toMatch(/^[0-9a-f]{64}$/)
  return hex(entry.slice(0, 18) + (await hex(lines.join(""))))
}
