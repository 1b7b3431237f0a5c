// Where a log's files are: the four ways to find the directory, the file for a moment, and that neither touches a disk.
// What is done with an unusable directory is in log-directory.test.ts.

import { readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { userInfo } from "node:os"
import { basename, dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { auditLogDir, auditLogPath, fileExporter, readDay } from "../../src/index.ts"
import { findLogDir } from "../../src/place/audit-log-path.node.ts"
import { answerOf, runChild } from "../tools/child-process.ts"
import { freshDir } from "../tools/file-bench.ts"

const app = "datatools"
const home = "/home/ada"

const knownHome = (): string | undefined => {
  try {
    const { homedir } = userInfo()
    return homedir === "/" || homedir === "/nonexistent" ? undefined : homedir
  } catch {
    return undefined
  }
}

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
    ["HOME is the root", { HOME: "/" }, "/tmp/datatools-logs"],
    ["F18 an empty HOME", { HOME: "", TMPDIR: "/scratch" }, "/scratch/datatools-logs"],
    ["a relative HOME", { HOME: "ada", TEMP: "/scratch" }, "/scratch/datatools-logs"],
    ["a relative TMPDIR", { TMPDIR: "tmp", TMP: "/scratch" }, "/scratch/datatools-logs"]
  ])("is else below the directory for temporary files, and says what to set: %s", (_name, env, dir) => {
    const found = findLogDir({ app, env }, () => "")
    expect(found).toMatchObject({ dir, source: "temp" })
    expect(found.notice).toContain(dir)
    expect(found.notice).toContain("DATATOOLS_AUDIT_DIR")
    expect(found.notice).toContain('option "dir"')
    expect(found.notice).not.toContain("\n")
  })

  it.each([
    ["no HOME", {}],
    ["HOME is the root directory", { HOME: "/" }],
    ["HOME is the root directory and a line end", { HOME: "/\r" }]
  ])("is below the home that the user database has, when there is %s", (_name, env) => {
    const found = findLogDir({ app, env: { ...env, TMPDIR: "/scratch" } }, () => home)
    expect(found).toEqual({ dir: "/home/ada/.datatools/logs", source: "home" })
  })

  it.each(["/", "/nonexistent", "/dev/null", "/var/empty", "", "ada"])(
    "F18 is not below what the user database says of accounts without a home: %j",
    (none) => {
      expect(findLogDir({ app, env: { TMPDIR: "/scratch" } }, () => none).dir).toBe("/scratch/datatools-logs")
    }
  )

  it("asks the real user database", async (test) => {
    const known = knownHome()
    if (known === undefined) return test.skip("this account has no home in the user database")
    expect(auditLogDir({ app, env: {} })).toEqual({ dir: join(known, ".datatools", "logs"), source: "home" })
  })

  it.each(["/srv/logs\r", "/srv/logs \r\n", "\t/srv/logs", "/srv/logs\u0000"])(
    "is the variable without what a script left at its ends, and the notice says so: %j",
    (value) => {
      const found = auditLogDir({ app, env: { DATATOOLS_AUDIT_DIR: value, HOME: home } })
      expect(found).toMatchObject({ dir: "/srv/logs", source: "env" })
      expect(found.notice).toBe(
        'DATATOOLS_AUDIT_DIR has spaces or control characters at its ends, which are left out. Logging to "/srv/logs"'
      )
    }
  )

  it("is the process's own without `env`, whatever object the application puts in the place of process.env", async () => {
    const dir = freshDir()
    const { rows, found } = answerOf<{ rows: unknown; found: unknown }>(await runChild("replaces-env", [dir]))
    expect(found).toEqual({ dir, source: "env" })
    expect(rows).toEqual(["written and read in one folder"])
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

  it("is today's in the log's own directory when neither is given", () => {
    const env = { DATATOOLS_AUDIT_DIR: dir }
    const [before, path, after] = [
      auditLogPath({ app, dir }),
      auditLogPath({ app, env }),
      auditLogPath({ app, dir })
    ]
    expect([before, after]).toContain(path)
    expect(path).toMatch(/^\/srv\/logs\/datatools-\d{4}-\d\d-\d\d\.jsonl$/)
  })

  it.each([
    [
      { app, at: "yesterday" },
      'auditLogPath: option "at" must be a Date, or milliseconds since 1970, not a text'
    ],
    [{ app, at: null }, 'option "at" must be a Date'],
    [{ app, at: {} }, 'option "at" must be a Date'],
    [{ app, dir: 5 }, 'option "dir" must be an absolute path such as "/var/log/datatools", not 5'],
    [{ app, when: 5 }, 'there is no option "when"; the options are app, dir, env, at'],
    [{}, 'option "app" is missing: it must be a text such as "datatools"'],
    [undefined, "auditLogPath: options must be an object, not undefined"]
  ])("refuses what it does not understand, in words: %j", (options, text) => {
    const path = (): string => auditLogPath(options as unknown as { app: string })
    expect(path).toThrow(TypeError)
    expect(path).toThrow(text)
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
