// Single runs over files, each made for one question: which line is written, with which fields, in which order, and what is never
// written. demo.test.ts runs the whole demo.

import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  hookTimeoutMs,
  type Line,
  ofCategory,
  rawLog,
  readEvents,
  runProgram,
  tempDir,
  vegaFile,
  write
} from "./run-program.ts"

/** Runs over these files and gives the events. */
const eventsOf = async (dir: string, ...paths: readonly string[]) => {
  const { code } = await runProgram(dir, ["--dir", join(dir, "logs"), ...paths])
  expect(code).toBe(0)
  return readEvents(join(dir, "logs"))
}

describe("what is logged of a file", () => {
  it("S1.4 upload, analyze, tool_run and error have their fields, empty_after_repair among the outcomes", async () => {
    const dir = tempDir()
    const good = write(dir, "good.csv", "a,b\n1,2\n3,\n3,\n")
    const blank = write(dir, "blank.csv", '\n,,\n"",""\n')
    const events = await eventsOf(dir, good, blank)

    expect(ofCategory(events, "upload")[0]).toMatchObject({ filename: "good.csv", bytes: 14 })
    expect(ofCategory(events, "analyze")[1]).toMatchObject({
      filename: "good.csv",
      rows: 3,
      cols: 2,
      findings: 3,
      empty_cells: 2,
      duplicate_rows: 1
    })
    expect(ofCategory(events, "error")).toMatchObject([
      { filename: "blank.csv", outcome: "empty_after_repair" }
    ])
    expect(ofCategory(events, "tool_run")).toMatchObject([{ page: "1_CSV_Analyzer" }])
  })

  it("S1.8 one analyze per file, and rows and cols are what counting lines and commas gives", async () => {
    const paths = [vegaFile("stocks.csv"), vegaFile("seattle-weather.csv")]
    const counted = paths.map((path) => {
      const text = readFileSync(path, "utf8")
      expect(text).not.toContain('"')
      const [header = "", ...rows] = text.trimEnd().split(/\r?\n/)
      return { rows: rows.length, cols: header.split(",").length }
    })
    const [, ...analyzed] = ofCategory(await eventsOf(tempDir(), ...paths), "analyze")
    expect(analyzed).toMatchObject(counted)
    expect(analyzed).toHaveLength(2)
  })

  it("S1.8 a quoted line break is no row, a blank line neither, and a short row lacks cells", async () => {
    const dir = tempDir()
    const path = write(dir, "quoted.csv", '\ufeffa,b,c\n"one\ntwo",2,3\n\n4\n5,6,7,8\n')
    const [, analyzed] = ofCategory(await eventsOf(dir, path), "analyze")
    expect(analyzed).toMatchObject({ rows: 3, cols: 3, findings: 2, empty_cells: 2 })
  })

  it("S1.10 tool_run comes right after the last result, and before the next page", async () => {
    const dir = tempDir()
    const events = await eventsOf(dir, write(dir, "a.csv", "x\n1\n"), write(dir, "b.csv", "x\n2\n"))
    expect(events.map(({ category, message }) => [category, message])).toEqual([
      ["session", "Session started"],
      ["nav", "Opened 1_CSV_Analyzer"],
      ["analyze", "Analyzing 2 files"],
      ["upload", "Uploaded a.csv"],
      ["analyze", "Analyzed a.csv: 1 row, 1 column"],
      ["upload", "Uploaded b.csv"],
      ["analyze", "Analyzed b.csv: 1 row, 1 column"],
      ["tool_run", "Ran 1_CSV_Analyzer"],
      ["nav", "Opened 2_Report"],
      ["session", "Session ended"]
    ])
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it("S1.10 without a result there is no tool_run", async () => {
    const dir = tempDir()
    const events = await eventsOf(dir, join(dir, "missing.csv"))
    expect(ofCategory(events, "tool_run")).toEqual([])
  })
})

describe("a file that cannot be analyzed", () => {
  const utf16 = Buffer.from("\ufeffa,b\n1,2\n", "utf16le")
  const cases: readonly (readonly [
    what: string,
    filename: string,
    content: string | Buffer,
    outcome: string
  ])[] = [
    ["empty upload", "empty.csv", "", "empty_upload"],
    ["empty after repair", "blank.csv", '\n \n,,,\n"",""\n', "empty_after_repair"],
    ["parser found no data", "header.csv", "only,a,header\n", "no_data"],
    ["not CSV", "png.csv", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), "not_csv"],
    ["wrong encoding, Latin-1", "latin1.csv", Buffer.from("city\nZürich\n", "latin1"), "wrong_encoding"],
    ["wrong encoding, UTF-16 little end first", "utf16le.csv", utf16, "wrong_encoding"],
    ["wrong encoding, UTF-16 big end first", "utf16be.csv", Buffer.from(utf16).swap16(), "wrong_encoding"],
    ["anything else, a quote that never ends", "quote.csv", 'a,b\n1,"2\n', "failed"]
  ]
  const dir = mkdtempSync(join(tmpdir(), "data-tools-broken-"))
  let events: readonly Line[]

  beforeAll(async () => {
    mkdirSync(join(dir, "folder.csv"))
    const broken = cases.map(([, filename, content]) => write(dir, filename, content))
    const rest = [join(dir, "missing.csv"), join(dir, "folder.csv"), write(dir, "good.csv", "a\n1\n")]
    events = await eventsOf(dir, ...broken, ...rest)
  }, hookTimeoutMs)

  afterAll(() => rmSync(dir, { recursive: true }))

  const of = (category: string, filename: string): readonly Line[] =>
    ofCategory(events, category).filter((line) => line.filename === filename)

  it.each(cases)("S1.9 %s", (_what, filename, content, outcome) => {
    expect(of("upload", filename)).toMatchObject([{ bytes: content.length }])
    const reason: unknown = expect.any(String)
    expect(of("error", filename)).toMatchObject([{ level: "error", filename, outcome, reason }])
    expect(of("error", filename)).toHaveLength(1)
    expect(of("analyze", filename)).toEqual([])
  })

  it("S1.9 missing: one error, and nothing was uploaded", () => {
    expect(of("error", "missing.csv")).toMatchObject([{ outcome: "missing" }])
    expect(of("upload", "missing.csv")).toEqual([])
  })

  it("S1.9 an unforeseen error is an exception with its stack, and the next file is analyzed", () => {
    expect(of("error", "folder.csv")).toMatchObject([
      {
        message: expect.stringMatching(/^analyze\(folder\.csv\): \w+: EISDIR/),
        outcome: "failed",
        exc_stack: expect.stringContaining("EISDIR")
      }
    ])
    expect(of("analyze", "good.csv")).toMatchObject([{ rows: 1, cols: 1 }])
  })
})

describe("contents", () => {
  it("S1.14 the fingerprint is the first 12 hex characters of the SHA-1 of the bytes", async () => {
    const path = vegaFile("zipcodes.csv")
    const bytes = readFileSync(path)
    const [upload] = ofCategory(await eventsOf(tempDir(), path), "upload")
    const sha1 = createHash("sha1").update(bytes).digest("hex").slice(0, 12)
    expect(upload).toMatchObject({ sha1, bytes: bytes.length })
  })

  it("S1.14 what a cell holds is never in the log, not even when the parser quotes it in an error", async () => {
    const dir = tempDir()
    const marker = "MARKER-7f3a"
    const paths = [
      write(dir, "good.csv", `name,${marker}\nAda,${marker}\n`),
      write(dir, "opening.csv", `name,note\nAda,${marker}"x"\n`),
      write(dir, "closing.csv", `name,note\nAda,"x"${marker}\n`),
      write(dir, "latin1.csv", Buffer.from(`name\n${marker} Zürich\n`, "latin1"))
    ]
    const { code, stdout, stderr } = await runProgram(dir, ["--dir", join(dir, "logs"), ...paths])
    expect(code).toBe(0)
    const log = rawLog(join(dir, "logs"))
    for (const name of ["good", "opening", "closing", "latin1"]) expect(log).toContain(`${name}.csv`)
    for (const text of [log, stdout, stderr]) expect(text).not.toContain("MARKER")
  })
})

describe("where the log goes", () => {
  it("S1.16 DATATOOLS_AUDIT_DIR redirects it, and --dir goes before", async () => {
    const dir = tempDir()
    const good = write(dir, "good.csv", "a\n1\n")
    const env = { DATATOOLS_AUDIT_DIR: join(dir, "from-env") }
    await runProgram(dir, [good], env)
    expect(readEvents(join(dir, "from-env"))).toHaveLength(8)
    await runProgram(dir, ["--dir", join(dir, "from-option"), good], env)
    expect(readEvents(join(dir, "from-option"))).toHaveLength(8)
    expect(readEvents(join(dir, "from-env"))).toHaveLength(8)
  })

  it("two runs share the day's file, and each report tells its own session", async () => {
    const dir = tempDir()
    const good = write(dir, "good.csv", "a\n1\n")
    await eventsOf(dir, good)
    const { stdout } = await runProgram(dir, ["--dir", join(dir, "logs"), good])
    expect(readEvents(join(dir, "logs"))).toHaveLength(16)
    expect(stdout).toMatch(/^ {2}\d+ lines, and \d+ lines of other sessions$/m)
    expect(stdout).toMatch(/^ {2}upload +1 +1$/m)
  })

  it("S1.12 a file in the directory's place: the work is done all the same, and stderr says once why", async () => {
    const dir = tempDir()
    const inTheWay = write(dir, "logs", "")
    const good = write(dir, "good.csv", "a\n1\n")
    const { code, stdout, stderr } = await runProgram(dir, ["--dir", inTheWay, good])
    expect(code).toBe(0)
    expect(stdout).toMatch(/✓ good\.csv +1 × 1$/m)
    expect(stdout).toContain("8 accepted = 0 written + 0 dropped + 8 pending   not complete")
    const naming = stderr.split("\n").filter((line) => line.includes(inTheWay))
    expect(naming).toEqual([expect.stringMatching(/^\[daybook\] datatools: .*Cannot .+EEXIST/)])
    expect(readFileSync(inTheWay, "utf8")).toBe("")
  })
})

describe("the command line", () => {
  it.each([
    ["no files", []],
    ["--demo with files", ["--demo", "a.csv"]],
    ["an unknown option", ["--colour", "a.csv"]]
  ])("%s: usage on stderr, code 2, and no log", async (_case, args) => {
    const dir = tempDir()
    const { code, stdout, stderr } = await runProgram(dir, args, { DATATOOLS_AUDIT_DIR: join(dir, "logs") })
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain("Usage: data-tools [--dir DIR] FILE.csv...")
    expect(rawLog(join(dir, "logs"))).toBe("")
  })

  it("a name with a terminal's escape sequence is shown harmlessly", async () => {
    const dir = tempDir()
    const path = write(dir, "red\x1b[31m\u202e.csv", "a\n1\n")
    const { stdout } = await runProgram(dir, ["--dir", join(dir, "logs"), path])
    expect(stdout).not.toMatch(/[\x1b\u202e]/)
    expect(stdout).toContain("✓ red\\u001b[31m\\u202e.csv")
  })
})
