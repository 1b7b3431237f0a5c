// Whose directory a user's events go to: names from outside never choose a path. Whatever somebody is called, the
// directory is below the base, is nobody else's, and is reached through no link.

import { mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs"
import { basename, dirname, join, relative, sep } from "node:path"
import { createAuditLog, type ExporterHealth } from "@daybook/core"
import { describe, expect, it, onTestFinished } from "vitest"
import { auditLogPath, fileExporter } from "../../src/index.ts"
import { userFilePath, userFolder } from "../../src/place/layout.node.ts"
import { randomFrom } from "../tools/faulty-file-layer.ts"
import { app, contentsOf, fileBench, filesBelow, freshDir, noon, silentLog } from "../tools/file-bench.ts"
import { clockAt } from "../tools/test-clock.ts"

const timeoutMs = 10_000
const hashed = /^~[0-9a-f]{32}$/

const hostile = [
  ...[
    "../../x",
    "..",
    ".",
    "/etc",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "..\\x",
    "C:\\x",
    "a:b",
    "\\\\server\\share"
  ],
  ...["CON", "con.txt", "Nul", "aux.log", "COM1", "lpt9.x", "x.", "x ", " x", "~", `~${"0".repeat(32)}`],
  ...[
    "a\0b",
    "a\nb",
    "\u202eada",
    "größe",
    "日本",
    "👩‍💻",
    "e\u0301",
    "\u00e9",
    "x".repeat(65),
    "x".repeat(300)
  ],
  ...["日".repeat(100), "*", "?", "<x>", "|", '"', "%2e%2e", "$HOME", "`id`", "-rf /"],
  // Names that the daily files of this log, or of another one, have.
  ...[
    "datatools-2026-03-05.jsonl",
    "datatools-2026-03-06.jsonl",
    "DATATOOLS-2026-03-05.JSONL",
    "x-unknown.jsonl"
  ]
]
const harmless = ["ada", "Ada", "ada.lovelace@example.org", "user-1", "_x", "x".repeat(64), ".hidden", "42"]

/** A log of user files with one event for each of these, and its close. */
const logOf = async (dir: string, users: readonly string[]) => {
  const exporters = [fileExporter({ dir, layout: "user" })]
  const notices: string[] = []
  const notice = (text: string): void => void notices.push(text)
  const audit = createAuditLog({ app, exporters, clock: clockAt(noon), notice, exitHook: false })
  audit.log("load", "nobody")
  for (const user of users) audit.log("load", "somebody", { user })
  return { ...(await audit.close({ timeoutMs })), notices }
}

describe("F58 S2.15 the name of a user's directory", () => {
  it.each(harmless)("is the user's own where that is harmless: %j", (user) => {
    expect(userFolder(user)).toBe(user)
  })

  it.each(hostile)("is a hash of any other: %j", (user) => {
    expect(userFolder(user)).toMatch(hashed)
  })

  it("two users never share one, not even with a name that looks like another's hash", () => {
    const users = [...harmless, ...hostile, ""]
    const folders = new Set(
      [...users, ...users.map(userFolder).filter((name) => hashed.test(name))].map(userFolder)
    )
    expect(folders.size).toBe(users.length + users.filter((user) => hashed.test(userFolder(user))).length)
  })

  it("is one name below the base for whatever text there is, and the same text has the same", () => {
    const base = "/srv/logs"
    const folders = new Map<string, string>()
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = randomFrom(seed)
      const alphabet = [..."ab.-_@/\\:~%\0\n ", "é", "日", "👩", "\u202e", "jsonl"]
      const chars = Array.from(
        { length: Math.floor(random() * 80) },
        () => alphabet[Math.floor(random() * 19)]
      )
      const user = chars.join("")
      const path = userFilePath(base, user, "2026-03-05")
      const parts = relative(base, path).split(sep)
      expect(parts, `seed ${seed}`).toEqual([userFolder(user), "tool_audit", "2026-03-05.jsonl"])
      expect(basename(dirname(dirname(path)))).toMatch(/^[A-Za-z0-9._@~-]{1,64}$/)
      const known = folders.get(parts[0] ?? "")
      expect(known ?? user, `seed ${seed}`).toBe(user)
      folders.set(parts[0] ?? "", user)
    }
  })
})

describe("F58 events of users with hostile names", () => {
  it("are all written, below the base, one directory each, and hold up nobody", async () => {
    const base = freshDir()
    const dir = join(base, "logs")
    const users = [...hostile, ...harmless]
    const { complete, written, notices } = await logOf(dir, users)
    expect({ complete, written, notices }).toEqual({ complete: true, written: users.length + 1, notices: [] })
    expect(readdirSync(base)).toEqual(["logs"])
    const wanted = users.map((user) => userFilePath("", user, "2026-03-05"))
    expect(filesBelow(dir)).toEqual([...wanted, `${app}-2026-03-05.jsonl`].sort())
    expect(new Set(wanted).size).toBe(users.length)
    const { seqs, damaged } = contentsOf(dir)
    expect(seqs).toHaveLength(users.length + 1)
    expect(damaged).toEqual([])
  })

  it("F58 a user without a name is nobody", async () => {
    const dir = freshDir()
    await logOf(dir, [""])
    expect(filesBelow(dir)).toEqual([`${app}-2026-03-05.jsonl`])
  })
})

describe("F55 a link in the place of a user's directory", () => {
  /** A log, and what it says after an event of ada's. */
  const adaIn = (dir: string) => {
    const exporters = [fileExporter({ dir, layout: "user", seal: false })]
    const notices: string[] = []
    const notice = (text: string): void => void notices.push(text)
    const audit = createAuditLog({ app, exporters, clock: clockAt(noon), notice, exitHook: false })
    onTestFinished(() => void audit.close({ timeoutMs: 0 }))
    const say = async (): Promise<ExporterHealth | undefined> => {
      audit.log("load", "of ada", { user: "ada" })
      await audit.flush({ timeoutMs })
      return audit.health().exporters[0]
    }
    return { say, notices }
  }

  it.each([
    ["the user's", (dir: string, elsewhere: string) => symlinkSync(elsewhere, join(dir, "ada"))],
    [
      "the one below it",
      (dir: string, elsewhere: string) => {
        mkdirSync(join(dir, "ada"))
        symlinkSync(elsewhere, join(dir, "ada", "tool_audit"))
      }
    ],
    [
      "one to another user's",
      (dir: string) => {
        mkdirSync(join(dir, "grace", "tool_audit"), { recursive: true })
        symlinkSync(join(dir, "grace"), join(dir, "ada"))
      }
    ]
  ])("is refused, and nothing is made or written behind it: %s", async (_name, plant) => {
    const dir = freshDir()
    const elsewhere = freshDir()
    plant(dir, elsewhere)
    const { say, notices } = adaIn(dir)
    expect(await say()).toMatchObject({ state: "idle", written: 1 })
    expect(readdirSync(elsewhere)).toEqual([])
    // A file of this session and day, which no planted name can be.
    expect(filesBelow(dir)).toEqual([expect.stringMatching(/^datatools-2026-03-05-[0-9a-f]{8}\.jsonl$/)])
    expect(notices).toEqual([
      expect.stringMatching(
        /Cannot append below ".*ada.*": .*link.*; what belongs there goes to ".*" until it can/
      )
    ])
  })

  it("is refused also when it is planted while we write", async () => {
    const dir = freshDir()
    const elsewhere = freshDir()
    mkdirSync(join(elsewhere, "tool_audit"))
    const { say, notices } = adaIn(dir)
    expect(await say()).toMatchObject({ state: "idle", written: 1 })
    renameSync(join(dir, "ada"), join(dir, "moved"))
    symlinkSync(elsewhere, join(dir, "ada"))
    expect(await say()).toMatchObject({ state: "idle", written: 2 })
    expect(contentsOf(elsewhere).lines).toEqual([])
    expect(notices).toHaveLength(1)
  })

  it("does not keep a base that is reached through a link of its owner's from being used", async () => {
    const real = freshDir()
    const dir = join(freshDir(), "link")
    symlinkSync(real, dir)
    expect(await adaIn(dir).say()).toMatchObject({ state: "idle", written: 1 })
    expect(filesBelow(real)).toEqual([userFilePath("", "ada", "2026-03-05")])
  })
})

describe("F19 a name that would be too long for a file system", () => {
  it.each(["x".repeat(65), "x".repeat(300), "日".repeat(64), "👩‍💻".repeat(40)])(
    "of an application is hashed, so that its file can be made: %j",
    async (name) => {
      const dir = freshDir()
      for (const layout of ["daily", "session"] as const) {
        const log = { ...silentLog(), app: name, now: () => noon }
        await (await fileBench({ dir, layout, log }).open()).write(1, 1)
      }
      const names = filesBelow(dir)
      expect(names).toHaveLength(2)
      for (const file of names) expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255)
      expect(join(dir, names.find((file) => !file.includes("1a2c3d4e")) ?? "")).toBe(
        auditLogPath({ app: name, dir, at: noon })
      )
    }
  )
})
