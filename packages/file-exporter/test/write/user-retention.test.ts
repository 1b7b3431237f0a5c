// Retention where files are spread: sessions' files, and users' directories, each of which tells what it lost. Nothing
// is reached through a link, and no folder is looked into that no user of ours can have.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { userFilePath } from "../../src/place/layout.node.ts"
import { app, fileBench, filesBelow, freshDir } from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"

const put = (path: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "old\n", { mode: 0o600 })
  return path
}

describe('S0.24 S1.1 retention with the layout "session"', () => {
  it("deletes every session's files of an old day, and tells it in this session's own file", async () => {
    const dir = freshDir()
    for (const name of ["2026-01-01-aaaaaaaa", "2026-01-01-bbbbbbbb", "2026-01-02", "2026-03-04-cccccccc"])
      put(join(dir, `${app}-${name}.jsonl`))
    const open = await fileBench({ dir, layout: "session" }).openHeld()
    await open.write(1, 1)
    await open.close()
    const own = `${app}-2026-03-05-1a2c3d4e.jsonl`
    expect(filesBelow(dir)).toEqual([`${app}-2026-03-04-cccccccc.jsonl`, own])
    const { lines } = open.contents()
    expect(lines).toMatchObject([
      { category: "retention", count: 3, oldest: "2026-01-01", newest: "2026-01-02" },
      { seq: 1 }
    ])
    expect(expectAllSealed(dir)).toBe(1)
  })
})

describe('S0.24 S2.1 retention with the layout "user"', () => {
  const opened = async (dir: string) => fileBench({ dir, layout: "user" }).open()

  it("deletes in each user's directory, and tells each user's newest file what is gone there", async () => {
    const dir = freshDir()
    const of = (user: string, day: string): string => put(userFilePath(dir, user, day))
    for (const day of ["2026-01-01", "2026-01-02", "2026-03-04", "2026-03-05"]) of("ada", day)
    for (const day of ["2026-01-03", "2026-03-01"]) of("größe", day)
    of("gone", "2026-01-04")
    of("idle", "2026-03-03")
    put(join(dir, `${app}-2026-01-01.jsonl`))
    await opened(dir)
    const left = [
      [`${app}-2026-03-05.jsonl`, 1],
      [userFilePath("", "ada", "2026-03-04"), 0],
      [userFilePath("", "ada", "2026-03-05"), 2],
      [userFilePath("", "idle", "2026-03-03"), 0],
      [userFilePath("", "größe", "2026-03-01"), 1]
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
    await opened(dir)
    for (const path of precious) expect(readFileSync(path, "utf8")).toBe("old\n")
  })

  it("F69 looks into no folder that no user can have, and takes no name but a day's", async () => {
    const dir = freshDir()
    const others = [
      "with a space/tool_audit/2020-01-01.jsonl",
      "~nothash/tool_audit/2020-01-01.jsonl",
      "ada/other/2020-01-01.jsonl",
      "ada/2020-01-01.jsonl",
      "ada/tool_audit/2020-01-01.jsonl.gz",
      "ada/tool_audit/notes.jsonl",
      "ada/tool_audit/x-2020-01-01.jsonl"
    ]
    for (const name of others) put(join(dir, name))
    put(join(dir, "ada/tool_audit/2020-01-01.jsonl"))
    await opened(dir)
    expect(filesBelow(dir)).toEqual([...others].sort())
  })

  it("leaves users' directories alone where the log has another layout", async () => {
    const dir = freshDir()
    put(userFilePath(dir, "ada", "2020-01-01"))
    await fileBench({ dir }).open()
    expect(filesBelow(dir)).toEqual(["ada/tool_audit/2020-01-01.jsonl"])
  })
})
