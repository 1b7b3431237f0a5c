// The whole demo, run once: what a person sees, and what the file holds afterwards.

import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  dayFiles,
  type Ended,
  hookTimeoutMs,
  type Line,
  ofCategory,
  rawLog,
  readEvents,
  runProgram,
  vegaFile
} from "./run-program.ts"

const home = mkdtempSync(join(tmpdir(), "data-tools-demo-"))
let ended: Ended
let logDir: string
let events: readonly Line[]

beforeAll(async () => {
  ended = await runProgram(home, ["--demo"])
  const [name = "none"] = readdirSync(home).filter((entry) => entry.startsWith("datatools-demo-"))
  logDir = join(home, name)
  events = readEvents(logDir)
}, hookTimeoutMs)

afterAll(() => rmSync(home, { recursive: true }))

describe("the demo", () => {
  it("exits with 0, says nothing on stderr, and names the day's file", () => {
    expect(ended).toMatchObject({ code: 0, stderr: "" })
    expect(dayFiles(logDir)).not.toEqual([])
    expect(ended.stdout.split("\n")).toContain(`  ${dayFiles(logDir).at(-1)}`)
  })

  it("prints plain lines where there is no terminal", () => {
    expect(ended.stdout).not.toMatch(/[\r\x1b]/)
  })

  it("shows the last lines of the file, and the result of close()", () => {
    // The last of the 12 lines is the seal over all of them.
    for (const { message } of events.slice(-11)) expect(ended.stdout).toContain(String(message))
    expect(ended.stdout).toContain(`Sealed ${events.length} lines`)
    const count = String(events.length)
    expect(ended.stdout).toContain(`${count} accepted = ${count} written + 0 dropped + 0 pending   complete`)
    expect(ended.stdout).toContain(`  intact   ${count} lines, 1 seal, 0 not sealed yet`)
    expect(ended.stdout).toMatch(/^ {2}median +[\d.]+ (µs|ms) /m)
    expect(ended.stdout).toMatch(/^ {2}p99 +[\d.]+ (µs|ms)/m)
  })

  it("counts the file by category and level", () => {
    for (const category of ["session", "nav", "upload", "analyze", "tool_run", "error"]) {
      const own = ofCategory(events, category)
      const cells = ["info", "error"].map((level) => own.filter((line) => line.level === level).length || "·")
      expect(ended.stdout).toMatch(new RegExp(`^  ${category} +${cells.join(" +")} +${own.length}$`, "m"))
    }
  })

  it("S1.2 every line is one JSON object with a message for people", () => {
    const texts = rawLog(logDir).split("\n")
    expect(texts.pop()).toBe("")
    for (const text of texts) {
      const line: unknown = JSON.parse(text)
      expect(line).toMatchObject({ message: expect.stringMatching(/^[A-Z].+|^[a-z]+\(.+\): /) })
    }
  })

  it("S1.3 session, nav, upload, analyze, tool_run and error all appear, and fit their schemas", () => {
    const categories = new Set(events.map(({ category }) => category))
    expect([...categories].sort()).toEqual(["analyze", "error", "nav", "session", "tool_run", "upload"])
    expect(events.filter((line) => "schema_error" in line)).toEqual([])
  })

  it("S1.7 the run begins with one analyze that counts the files", () => {
    const [first, ...rest] = ofCategory(events, "analyze")
    expect(first).toMatchObject({ message: "Analyzing 32 files", files: 32 })
    expect(rest.filter((line) => "files" in line)).toEqual([])
  })

  it("S1.8 every good file has one analyze: all of the sample package", () => {
    const real = readdirSync(dirname(vegaFile("stocks.csv"))).filter((name) => name.endsWith(".csv"))
    const analyzed = ofCategory(events, "analyze").flatMap(({ filename }) => filename ?? [])
    expect(analyzed).toEqual(real.sort())
  })

  it("S1.9 every broken file has one error with its outcome", () => {
    const errors = ofCategory(events, "error").map(({ filename, outcome }) => [filename, outcome])
    expect(Object.fromEntries(errors)).toEqual({
      "blank-lines.csv": "empty_after_repair",
      "empty.csv": "empty_upload",
      "folder.csv": "failed",
      "header-only.csv": "no_data",
      "latin1.csv": "wrong_encoding",
      "never-uploaded.csv": "missing",
      "picture.csv": "not_csv",
      "ragged-quotes.csv": "failed",
      "utf-16.csv": "wrong_encoding"
    })
    expect(errors).toHaveLength(9)
  })
})
