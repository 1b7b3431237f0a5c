// One file that cannot be used: it holds up no other. In files of users, that is a name that already stands there as something
// else, a planted link, another owner, a disk of its own that is full; in daily files, one of another day.

import { chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { makeFileExporter } from "../../src/file-exporter.node.ts"
import { auditLogPath, readDay, verify } from "../../src/index.ts"
import { userFilePath } from "../../src/place/layout.node.ts"
import { runChild } from "../tools/child-process.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import {
  app,
  contentsOf,
  expectEachOnce,
  fileBench,
  freshDir,
  midnight,
  noon,
  numbersTo,
  silentLog
} from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"
import { clockAt } from "../tools/test-clock.ts"

const timeoutMs = 10_000
const day = "2026-03-05"

/** A log with a file a user, and a look at each of them. */
const usersIn = (dir: string, layer: FileLayer = nodeFileLayer) => {
  const notices: string[] = []
  const audit = createAuditLog({
    app,
    exporters: [makeFileExporter(layer, { dir, layout: "user" })],
    clock: clockAt(noon),
    notice: (text) => void notices.push(text.replace(`[daybook] ${app}: `, "")),
    exitHook: false
  })
  /** One event of each of them, and what became of it. */
  const say = async (...users: readonly string[]) => {
    for (const user of users) audit.log("load", `of ${user}`, { user })
    return audit.flush({ timeoutMs })
  }
  const messagesOf = (user: string): readonly string[] =>
    contentsOf(join(userFilePath(dir, user, day), "..")).lines.map(({ message }) => message)
  const instead = join(dir, `${app}-${day}-${audit.health().session}.jsonl`)
  const messagesInstead = (): readonly string[] =>
    contentsOf(dir)
      .lines.filter(({ user }) => user !== undefined)
      .map(({ message }) => message)
  return { audit, notices, say, messagesOf, instead, messagesInstead }
}

const seqsIn = (dir: string): readonly number[] => contentsOf(dir).seqs.toSorted((one, other) => one - other)

describe("F55 a user's file that cannot be used", () => {
  const plants: readonly [string, (dir: string) => void][] = [
    ["a link in its folder's place", (dir) => symlinkSync(freshDir(), join(dir, "eve"))],
    ["a link that leads nowhere", (dir) => symlinkSync(join(dir, "nowhere"), join(dir, "eve"))],
    ["a file in its folder's place", (dir) => writeFileSync(join(dir, "eve"), "")],
    [
      "a directory in its file's place",
      (dir) => mkdirSync(userFilePath(dir, "eve", day), { recursive: true })
    ]
  ]

  it.each(plants)(
    "holds up no other, and what belongs there is kept in a file of the session: %s",
    async (_name, plant) => {
      const dir = freshDir()
      plant(dir)
      const { audit, notices, say, messagesOf, instead } = usersIn(dir)
      for (let times = 1; times <= 3; times++)
        expect(await say("ada", "eve", "grace", "eve")).toMatchObject({
          complete: true,
          dropped: 0,
          pending: 0
        })
      expect(await say("eve")).toMatchObject({ complete: true })
      expect(await audit.close({ timeoutMs })).toMatchObject({ complete: true, written: 13, dropped: 0 })
      expect([messagesOf("ada"), messagesOf("grace")]).toEqual([
        Array(3).fill("of ada"),
        Array(3).fill("of grace")
      ])
      // In their order, and none of them twice.
      const rows: unknown[] = []
      for await (const row of readDay({ app, dir, day })) if ("head" in row) rows.push(row.fields.user)
      expect(rows.filter((user) => user !== undefined)).toEqual(Array(7).fill("eve"))
      expect(seqsIn(dir)).toEqual(numbersTo(13))
      expect(expectAllSealed(dir)).toBeGreaterThan(2)
      expect(notices).toEqual([
        expect.stringContaining(
          `; what belongs there goes to ${JSON.stringify(instead)} until it can be used`
        )
      ])
      expect(await verify({ app, dir })).toMatchObject({ verdict: "intact", problems: [] })
    }
  )

  it("gets its events again as soon as it can be used", async () => {
    const dir = freshDir()
    writeFileSync(join(dir, "eve"), "")
    const { audit, notices, say, messagesOf } = usersIn(dir)
    await say("eve", "ada")
    rmSync(join(dir, "eve"))
    await say("eve", "ada")
    await audit.close({ timeoutMs })
    expect(messagesOf("eve")).toEqual(["of eve"])
    expect(seqsIn(dir)).toEqual(numbersTo(4))
    expect(notices).toEqual([
      expect.stringContaining("what belongs there goes to"),
      `${JSON.stringify(userFilePath(dir, "eve", day))}: it can be used again`
    ])
  })

  it("is another user's: nothing is written to it", async (test) => {
    if (process.getuid?.() !== 0) return test.skip("only root can give a file to another user")
    const dir = freshDir()
    const theirs = userFilePath(dir, "eve", day)
    mkdirSync(join(theirs, ".."), { recursive: true })
    writeFileSync(theirs, "")
    chownSync(theirs, 4_711, 4_711)
    const { audit, say } = usersIn(dir)
    expect(await say("eve", "ada")).toMatchObject({ complete: true })
    await audit.close({ timeoutMs })
    expect(contentsOf(join(theirs, "..")).lines).toEqual([])
    expect(seqsIn(dir)).toEqual(numbersTo(2))
  })

  it("has a disk of its own that is full: it is tried three times, then holds up no other", async () => {
    const dir = freshDir()
    const theirs = new Set<number>()
    const layer: FileLayer = {
      ...nodeFileLayer,
      openAppend: async (path, mode) => {
        const fd = await nodeFileLayer.openAppend(path, mode)
        if (path.includes("eve")) theirs.add(fd)
        else theirs.delete(fd)
        return fd
      },
      append: (fd, bytes) =>
        theirs.has(fd) ? Promise.reject(diskError("ENOSPC", -28)) : nodeFileLayer.append(fd, bytes)
    }
    const { audit, say, messagesOf, messagesInstead } = usersIn(dir, layer)
    const isDone = async (): Promise<boolean> => (await say("eve", "ada")).complete
    // Each flush is one attempt more.
    for (let times = 1; !(await isDone()); times++) expect(times).toBeLessThan(5)
    const { written } = await audit.close({ timeoutMs })
    expect(seqsIn(dir)).toEqual(numbersTo(written))
    expect(messagesOf("eve")).toEqual([])
    expect(messagesInstead().filter((message) => message === "of eve")).toHaveLength(written / 2)
  })

  it("does not keep the exit hook from writing the others, and its own events", async () => {
    const dir = freshDir()
    symlinkSync(freshDir(), join(dir, "eve"))
    const ended = await runChild("logs-of-users", [dir, "ada", "eve", "grace"])
    expect(ended).toMatchObject({ code: 0, told: [expect.stringContaining("what belongs there goes to")] })
    expect(seqsIn(dir)).toEqual(numbersTo(3))
    expect(expectAllSealed(dir)).toBe(3)
  })
})

describe("F55 the file of a day that cannot be used", () => {
  it("of yesterday's day holds up nothing of today's; what belongs there is kept in a file of the session", async () => {
    const dir = freshDir()
    const yesterday = auditLogPath({ app, dir, at: noon })
    mkdirSync(yesterday)
    const log = silentLog()
    log.atMs = midnight
    const open = await fileBench({ dir, log }).openHeld()
    await open.write(1, 2, midnight)
    await open.write(3, 4, noon)
    await open.write(5, 6, midnight)
    await open.close()
    expect(seqsIn(dir)).toEqual(numbersTo(6))
    expect(readdirSync(dir)).toContain(`${app}-2026-03-05-1a2c3d4e.jsonl`)
    expect(log.notices).toHaveLength(1)
  })

  it("of today's is waited for: it holds up nothing else", async () => {
    const dir = freshDir()
    mkdirSync(auditLogPath({ app, dir, at: noon }))
    const open = await fileBench({ dir }).open()
    await expect(open.write(1, 2)).rejects.toThrow("it is a directory")
    rmSync(auditLogPath({ app, dir, at: noon }), { recursive: true })
    await open.write(1, 2)
    expectEachOnce(dir, 2)
  })
})

describe("F58 a user who is called like a file that a rotation moved aside", () => {
  it.each([
    "s-2026-11-22.jsonl.1",
    "s-2026-11-22.jsonl-20261122",
    "datatools-2026-03-05.jsonl.2.gz",
    "x.JSONL"
  ])("has a folder of another name, and holds up nobody: %s", async (user) => {
    const dir = freshDir()
    // What logrotate made of a day.
    writeFileSync(join(dir, user), "")
    const { audit, say, messagesOf } = usersIn(dir)
    expect(await say(user, "ada")).toMatchObject({ complete: true })
    await audit.close({ timeoutMs })
    expect([messagesOf(user), messagesOf("ada")]).toEqual([[`of ${user}`], ["of ada"]])
    expect(userFilePath(dir, user, day)).toContain("~")
  })
})
