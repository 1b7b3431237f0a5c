// Retention where files are spread: sessions' files, and users' directories, which are kept for ever unless somebody asks
// for less, and each of which tells what it lost. Nothing is reached through a link, and no folder is looked into that no
// user of ours can have.

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { describe, expect, it } from "vitest"
import { readRecentAllUsers, verify } from "../../src/index.ts"
import { isUserFolder, userFilePath, userFolder } from "../../src/place/layout.node.ts"
import { app, fileBench, filesBelow, freshDir, noon, silentLog } from "../tools/file-bench.ts"
import { daysBefore, noteDays, putDay, sweptDir } from "../tools/old-days.ts"
import { expectAllSealed } from "../tools/right-seals.ts"

const put = (path: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "old\n", { mode: 0o600 })
  return path
}

describe('S0.24 S1.1 retention with the layout "session"', () => {
  it("deletes every session's files of an old day, and tells it in this session's own file", async () => {
    const dir = freshDir()
    for (const name of [
      "2026-01-01-aaaaaaaa",
      "2026-01-01-bbbbbbbb",
      "2026-01-02",
      "2026-03-03",
      "2026-03-04-cccccccc"
    ])
      put(join(dir, `${app}-${name}.jsonl`))
    noteDays(dir, ["2026-01-01", "2026-01-02"])
    const open = await fileBench({ dir, layout: "session" }).openHeld()
    await open.write(1, 1)
    await open.close()
    const own = `${app}-2026-03-05-1a2c3d4e.jsonl`
    expect(filesBelow(dir)).toEqual([`${app}-2026-03-03.jsonl`, `${app}-2026-03-04-cccccccc.jsonl`, own])
    const { lines } = open.contents()
    expect(lines).toMatchObject([
      { category: "retention", count: 3, oldest: "2026-01-01", newest: "2026-01-02" },
      { seq: 1 }
    ])
    expect(expectAllSealed(dir)).toBe(2)
  })
})

describe('S0.24 S2.1 retention with the layout "user"', () => {
  const opened = async (dir: string) => fileBench({ dir, layout: "user", retentionDays: 7 }).open()
  const january = Array.from({ length: 4 }, (_, index) => `2026-01-0${index + 1}`)

  it("deletes in each user's directory, and tells in the log's own file what goes", async () => {
    const dir = freshDir()
    const of = (user: string, day: string): string => put(userFilePath(dir, user, day))
    for (const day of ["2026-01-01", "2026-01-02", "2026-03-04", "2026-03-05"]) of("ada", day)
    for (const day of ["2026-01-03", "2026-03-01"]) of("größe", day)
    of("gone", "2026-01-04")
    of("idle", "2026-03-03")
    put(join(dir, `${app}-2026-01-01.jsonl`))
    noteDays(dir, january)
    await opened(dir)
    const left = [
      [`${app}-2026-03-05.jsonl`, 5],
      [userFilePath("", "ada", "2026-03-04"), 0],
      [userFilePath("", "ada", "2026-03-05"), 0],
      [userFilePath("", "idle", "2026-03-03"), 0],
      [userFilePath("", "größe", "2026-03-01"), 0]
    ] as const
    expect(filesBelow(dir)).toEqual(left.map(([name]) => name).sort())
    for (const [name, count] of left) {
      const marks = readFileSync(join(dir, name), "utf8")
        .split("\n")
        .filter((line) => line.includes("retention"))
      expect(marks.map((mark) => JSON.parse(mark).count)).toEqual(count === 0 ? [] : [count])
    }
  })

  it("F55 reaches nothing through a link, neither of a user nor below one", async () => {
    const dir = freshDir()
    const elsewhere = freshDir()
    const precious = [
      put(join(elsewhere, "tool_audit", "2020-01-01.jsonl")),
      put(join(elsewhere, "2020-01-01.jsonl"))
    ]
    symlinkSync(elsewhere, join(dir, "mallory"))
    mkdirSync(join(dir, "eve"))
    symlinkSync(elsewhere, join(dir, "eve", "tool_audit"))
    for (const day of daysBefore(2)) put(userFilePath(dir, "ada", day))
    put(userFilePath(dir, "ada", "2020-01-01"))
    noteDays(dir, ["2020-01-01"])
    await opened(dir)
    expect(readdirSync(join(dir, "ada", "tool_audit")).sort()).toEqual(
      daysBefore(2).map((day) => `${day}.jsonl`)
    )
    for (const path of precious) expect(readFileSync(path, "utf8")).toBe("old\n")
  })

  it("F69 looks into no folder that no user can have, and takes no name but a day's", async () => {
    const dir = freshDir()
    const others = [
      "with a space/tool_audit/2020-01-01.jsonl",
      "~nothash/tool_audit/2020-01-01.jsonl",
      "ada/other/2020-01-01.jsonl",
      "ada/2020-01-01.jsonl",
      "ada/tool_audit/notes.jsonl",
      "ada/tool_audit/x-2020-01-01.jsonl"
    ]
    for (const name of others) put(join(dir, name))
    put(join(dir, "ada/tool_audit/2020-01-01.jsonl"))
    const newest = daysBefore(2).map((day) => put(userFilePath(dir, "bob", day)))
    noteDays(dir, ["2020-01-01"])
    await opened(dir)
    const own = `${app}-2026-03-05.jsonl`
    expect(filesBelow(dir)).toEqual([...others, own, ...newest.map((path) => relative(dir, path))].sort())
  })

  it("leaves users' directories alone where the log has another layout", async () => {
    const dir = sweptDir(daysBefore(2))
    put(userFilePath(dir, "ada", "2020-01-01"))
    noteDays(dir, ["2020-01-01"])
    await fileBench({ dir }).open()
    expect(filesBelow(dir)).toContain("ada/tool_audit/2020-01-01.jsonl")
  })
})

describe('S2.16 retention with the layout "user" that nobody asked for', () => {
  const history = (): string => {
    const dir = freshDir()
    for (const user of ["ada", "bob"])
      for (const day of daysBefore(365)) putDay(userFilePath(dir, user, day), day)
    putDay(join(dir, `${app}-2025-01-01.jsonl`), "2025-01-01")
    return dir
  }

  it("deletes nothing: not at the first event over an existing root, and at no later start or day", async () => {
    const dir = history()
    const before = filesBelow(dir)
    const log = silentLog()
    for (let start = 0; start < 3; start++) {
      const open = await fileBench({ dir, layout: "user", log }).open()
      await open.write(start + 1, start + 1)
      log.atMs += 24 * 60 * 60 * 1_000
    }
    expect(filesBelow(dir)).toEqual(expect.arrayContaining([...before]))
    expect(log.notices).toEqual([])
  })

  it("deletes for all users where it was asked for, and after it was said", async () => {
    const dir = history()
    const before = filesBelow(dir)
    const log = silentLog()
    const start = () => fileBench({ dir, layout: "user", retentionDays: 30, log }).open()
    await start()
    expect(filesBelow(dir)).toEqual(before)
    // 335 days of two users, and one file of no user.
    expect(log.notices).toEqual([
      expect.stringMatching(
        /: 671 files of 2025-01-01 to 2026-02-02 are older than 30 days\. The next start deletes/
      )
    ])
    await start()
    expect(filesBelow(dir)).toEqual(
      [
        `${app}-2026-03-05.jsonl`,
        ...["ada", "bob"].flatMap((user) => daysBefore(30).map((day) => userFilePath("", user, day)))
      ].sort()
    )
    expect(log.notices).toHaveLength(1)
  })

  it("S2.15 is no user's folder: what sweeps keep is neither read nor swept, and nobody can be called like it", async () => {
    const dir = freshDir()
    for (const name of [".daybook", ".Daybook"]) {
      expect(userFolder(name)).toMatch(/^~[0-9a-f]{32}$/)
      expect(isUserFolder(name)).toBe(false)
    }
    // The app's own folder may be called like the one that each user has.
    const open = await fileBench({ dir, layout: "user", retentionDays: 7 }).open()
    await open.write(1, 1)
    putDay(join(dir, ".daybook", "tool_audit", "2026-03-05.jsonl"), "2026-03-05")
    for await (const row of readRecentAllUsers({ app, dir, at: noon }))
      expect.unreachable(JSON.stringify(row))
    expect(await verify({ app, dir })).toMatchObject({ files: [{ lines: 1 }] })
  })
})
