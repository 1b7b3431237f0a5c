// Where a log's files are: the four ways to find the directory, the file for a moment, and that neither touches a disk.
// What is done with an unusable directory is in log-directory.test.ts.

import { readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { auditLogDir, auditLogPath, fileExporter, readDay } from "../../src/index.ts"
import { answerOf, runChild } from "../tools/child-process.ts"
import { freshDir } from "../tools/file-bench.ts"

const app = "datatools"
const home = "/home/ada"

describe("S0.11 the log directory", () => {
  it("is the option, whatever the environment says", () => {
    const env = { DATATOOLS_AUDIT_DIR: "/var/log/audit", HOME: home }
    expect(auditLogDir({ app, dir: "/srv/logs", env })).toEqual({ dir: "/srv/logs", source: "option" })
  })

  it("is else the application's own variable", () => {
    const env = { DATATOOLS_AUDIT_DIR: "/var/log/audit", HOME: home }
    expect(auditLogDir({ app, env })).toEqual({ dir: "/var/log/audit", source: "env" })
  })

  it.each([
    ["data-tools", "DATA_TOOLS_AUDIT_DIR"],
    ["Data.Tools_2", "DATA_TOOLS_2_AUDIT_DIR"]
  ])("has a variable in capitals, with _ for every other character: %s → %s", (name, variable) => {
    expect(auditLogDir({ app: name, env: { [variable]: "/var/log/audit", HOME: home } }).source).toBe("env")
  })

  it.each([
    ["HOME", { HOME: home }],
    ["USERPROFILE", { USERPROFILE: home }],
    ["USERPROFILE where HOME is empty", { HOME: "", USERPROFILE: home }]
  ])("is else below the home directory: %s", (_name, env) => {
    expect(auditLogDir({ app, env })).toEqual({ dir: "/home/ada/.datatools/logs", source: "home" })
  })

  it.each([
    ["no variable at all", {}, "/tmp/datatools-logs"],
    ["F18 an empty HOME", { HOME: "", TMPDIR: "/scratch" }, "/scratch/datatools-logs"],
    ["a relative HOME", { HOME: "ada", TEMP: "/scratch" }, "/scratch/datatools-logs"],
    ["a relative TMPDIR", { TMPDIR: "tmp", TMP: "/scratch" }, "/scratch/datatools-logs"]
  ])("is else below the directory for temporary files, and says what to set: %s", (_name, env, dir) => {
    const found = auditLogDir({ app, env })
    expect(found).toMatchObject({ dir, source: "temp" })
    expect(found.notice).toContain(dir)
    expect(found.notice).toContain("DATATOOLS_AUDIT_DIR")
    expect(found.notice).toContain('option "dir"')
    expect(found.notice).not.toContain("\n")
  })

  it.each(["logs", "./logs", "../logs", ""])("is never relative: option %j is refused", (dir) => {
    expect(() => auditLogDir({ app, dir, env: { HOME: home } })).toThrow(TypeError)
    expect(() => fileExporter({ dir })).toThrow(TypeError)
    expect(() => readDay({ app, dir, day: "2026-11-22" })).toThrow(TypeError)
  })

  it("is never relative: a variable that is relative is not used, and the notice says so", () => {
    const found = auditLogDir({ app, env: { DATATOOLS_AUDIT_DIR: "logs", HOME: home } })
    expect(found).toMatchObject({ dir: "/home/ada/.datatools/logs", source: "home" })
    expect(found.notice).toContain("DATATOOLS_AUDIT_DIR")
    expect(found.notice).toContain("/home/ada/.datatools/logs")
  })

  it("is computed without any I/O, and so is the path", async () => {
    const dir = freshDir()
    const env = { HOME: dir, TMPDIR: dir }
    // A process that may read its own program, and no other file, and write none.
    const repository = join(import.meta.dirname, "..", "..", "..", "..")
    const effect = dirname(createRequire(import.meta.url).resolve("effect/package.json"))
    const program = [repository, effect].map((path) => `--allow-fs-read=${path}/*`)
    const runtimeArgs = ["--permission", "--no-warnings", ...program]
    const ended = await runChild("computes-paths", [dir], { env, runtimeArgs })
    const { found, path, isGuarded } = answerOf<Record<string, unknown>>(ended)
    expect(isGuarded).toBe(true)
    expect(found).toEqual({ dir: join(dir, ".datatools", "logs"), source: "home" })
    expect(path).toBe(join(dir, ".datatools", "logs", "datatools-2026-11-22.jsonl"))
    expect(readdirSync(dir)).toEqual([])
  })
})

describe("S0.12 the log path", () => {
  const dir = "/srv/logs"

  it("has the local date of the moment, as a Date or as milliseconds", () => {
    const at = new Date(2026, 10, 22, 12, 30)
    expect(auditLogPath({ app, dir, at })).toBe("/srv/logs/datatools-2026-11-22.jsonl")
    expect(auditLogPath({ app, dir, at: at.getTime() })).toBe("/srv/logs/datatools-2026-11-22.jsonl")
  })

  it("is computed anew each time, so it follows midnight", () => {
    const midnight = new Date(2027, 0, 1).getTime()
    expect(auditLogPath({ app, dir, at: midnight - 1 })).toBe("/srv/logs/datatools-2026-12-31.jsonl")
    expect(auditLogPath({ app, dir, at: midnight })).toBe("/srv/logs/datatools-2027-01-01.jsonl")
    expect(auditLogPath({ app, dir, at: midnight - 1 })).toBe("/srv/logs/datatools-2026-12-31.jsonl")
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN), 8.64e15])(
    "F70 is the unknown file for a moment without a date: %s",
    (at) => {
      expect(auditLogPath({ app, dir, at })).toBe("/srv/logs/datatools-unknown.jsonl")
    }
  )

  it("has four digits for every year that has a date", () => {
    const early = new Date(2026, 0, 2)
    early.setFullYear(33)
    expect(auditLogPath({ app, dir, at: early })).toBe("/srv/logs/datatools-0033-01-02.jsonl")
    expect(auditLogPath({ app, dir, at: new Date(9999, 11, 31) })).toBe(
      "/srv/logs/datatools-9999-12-31.jsonl"
    )
    expect(auditLogPath({ app, dir, at: new Date(10_000, 0, 1) })).toBe("/srv/logs/datatools-unknown.jsonl")
  })

  it.each(["../../etc/passwd", "..", ".", "a/b", "a\\b", "a\0b", "", "x".repeat(65), "日本"])(
    "F58 never leaves the directory: app %j",
    (name) => {
      const path = auditLogPath({ app: name, dir, at: new Date(2026, 10, 22) })
      expect(dirname(path)).toBe(dir)
      expect(basename(path)).toMatch(/^app-[0-9a-f]{8}-2026-11-22\.jsonl$/)
    }
  )
})
