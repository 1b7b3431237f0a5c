// Following a log: what is given, when, in which order, and how it ends. The disk is real, and the test says when to look.

import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import { fileExporter, follow } from "../../src/index.ts"
import { followOn } from "../../src/readers.node.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import { app, freshDir, midnight, noon } from "../tools/file-bench.ts"
import { following } from "../tools/following.ts"
import {
  briefly,
  countingLayer,
  forSeeds,
  gap,
  line,
  memoryLayer,
  moveTo,
  write,
  writeDay,
  writeSession,
  writeUser
} from "../tools/reading.ts"

const day = "2026-03-05"
const nextDay = "2026-03-06"

const say = (message: string, ts = `${day}T10:00:00Z`): string => line({ ts, message })

describe("follow", () => {
  it("gives what is written from now on, and today's lines first when asked to", async () => {
    const dir = freshDir()
    writeDay(dir, day, say("old"))
    writeDay(dir, "2026-03-04", say("older"))
    writeDay(dir, "unknown", say("older, without a clock"))
    const now = await following({ dir, at: noon })
    const today = await following({ dir, at: noon, begin: "today" })
    expect(now.first).toEqual([])
    expect(today.first).toEqual(["old"])
    writeDay(dir, day, say("new") + gap(`${day}T10:00:00Z`, "hole"))
    writeDay(dir, day, "garbage\n")
    writeDay(dir, "unknown", say("new, without a clock"))
    const wanted = ["new", "hole", expect.stringMatching(/^not JSON at /), "new, without a clock"]
    expect(await now.look()).toEqual(wanted)
    expect(await today.look()).toEqual(wanted)
    expect(await now.look()).toEqual([])
  })

  it("waits for a directory and a file that are not there yet, and reads them from their first line", async () => {
    const dir = join(freshDir(), "later")
    const { first, look } = await following({ dir, at: noon })
    expect(first).toEqual([])
    mkdirSync(dir)
    expect(await look()).toEqual([])
    writeDay(dir, day, say("first"))
    expect(await look()).toEqual(["first"])
  })

  it("gives what a log writes", async () => {
    const dir = freshDir()
    const { look } = await following({ dir, at: Date.now(), categories: ["upload"] })
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], exitHook: false })
    audit.log("upload", "Uploaded naïve.csv 😀")
    await audit.flush({ timeoutMs: 10_000 })
    expect(await look()).toEqual(["Uploaded naïve.csv 😀"])
    audit.log("upload", "another")
    await audit.close({ timeoutMs: 10_000 })
    expect(await look()).toEqual(["another"])
  })

  it("a line is given when its newline is there, wherever it was split, in the middle of a character as well", async () => {
    const dir = freshDir()
    const bytes = Buffer.from(say("日本語 😀 naïve"))
    const path = writeDay(dir, day, "")
    const { look } = await following({ dir, at: noon })
    for (let split = 1; split < bytes.length; split++) {
      write(path, bytes.subarray(0, split))
      expect(await look(), `split at ${split}`).toEqual([])
      write(path, bytes.subarray(split))
      expect(await look(), `split at ${split}`).toEqual(["日本語 😀 naïve"])
    }
  })

  it("a line that was in progress when following began is given whole", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("old") + say("in progress").slice(0, 30))
    const { look } = await following({ dir, at: noon })
    write(path, say("in progress").slice(30))
    expect(await look()).toEqual(["in progress"])
  })

  it("gives every line once and in order, however the bytes arrive", async () => {
    await forSeeds(15, async (below) => {
      const dir = freshDir()
      const messages = Array.from({ length: 40 }, (_, n) => `${n} ${"é😀x".repeat(below(2_000))}`)
      const bytes = Buffer.from(messages.map((message) => say(message)).join(""))
      const path = writeDay(dir, day, "")
      const { look } = await following({ dir, at: noon })
      const seen: string[] = []
      for (let from = 0; from < bytes.length; ) {
        const to = Math.min(bytes.length, from + 1 + below(40_000))
        write(path, bytes.subarray(from, to))
        from = to
        seen.push(...(await look()))
      }
      expect(seen).toEqual(messages)
    })
  })

  it("merges the sessions of a day by time, and finds a session that begins", async () => {
    const dir = freshDir()
    const { look } = await following({ dir, at: noon, layout: "session" })
    writeSession(dir, day, "aaaaaaaa", say("a 1", `${day}T10:00:01Z`) + say("a 4", `${day}T10:00:04Z`))
    expect(await look()).toEqual(["a 1", "a 4"])
    writeSession(dir, day, "aaaaaaaa", say("a 6", `${day}T10:00:06Z`))
    writeSession(dir, day, "bbbbbbbb", say("b 5", `${day}T10:00:05Z`) + say("b 7", `${day}T10:00:07Z`))
    writeDay(dir, day, say("all 6", `${day}T10:00:06.5Z`))
    expect(await look()).toEqual(["b 5", "a 6", "all 6", "b 7"])
  })

  it("follows one user's own files, and takes filters", async () => {
    const dir = freshDir()
    const ada = await following({ dir, at: noon, user: "ada", text: "FIND" })
    writeUser(dir, "ada", day, say("find me") + say("not me"))
    writeUser(dir, "bob", day, say("find bob"))
    expect(await ada.look()).toEqual(["find me"])
  })

  it("F79 a thousand sessions are followed with no more than 64 files open, and what has not grown is not read", async () => {
    const dir = freshDir()
    const { layer, asked } = countingLayer()
    const { look, stop } = await following({ dir, at: noon }, layer)
    const session = (n: number): string => n.toString(16).padStart(8, "0")
    for (let n = 0; n < 100; n++) writeSession(dir, day, session(n), say(String(n)))
    expect(await look()).toHaveLength(100)
    expect(asked.openMost).toBe(64)
    const { bytes } = asked
    expect(await look()).toEqual([])
    expect(asked.bytes).toBe(bytes)
    for (let n = 0; n < 100; n++) writeSession(dir, day, session(n), say(`${n} again`))
    expect(await look()).toHaveLength(100)
    await stop()
    expect(asked.openNow).toBe(0)
  })
})

describe("days", () => {
  it("F63 across midnight: the old day is finished first, and its late lines are given the whole next day", async () => {
    const dir = freshDir()
    const { layer, asked } = countingLayer()
    const followed = await following({ dir, at: midnight - 1 }, layer)
    writeDay(dir, day, say("before midnight"))
    writeDay(dir, nextDay, say("after midnight"))
    followed.now = midnight + 1
    expect(await followed.look()).toEqual(["before midnight", "after midnight"])
    writeDay(dir, nextDay, say("after midnight again"))
    writeDay(dir, day, say("late"))
    expect(await followed.look()).toEqual(["late", "after midnight again"])
    followed.now = new Date(2026, 2, 6, 23, 59).getTime()
    writeDay(dir, day, `${say("very late")}torn`)
    expect(await followed.look()).toEqual(["very late"])
    followed.now = new Date(2026, 2, 7, 23, 59).getTime()
    expect(await followed.look()).toEqual([expect.stringMatching(/^unterminated at /)])
    expect(asked.openNow).toBe(1)
    writeDay(dir, day, say("too late"))
    expect(await followed.look()).toEqual([])
  })

  it("F67 a writer in another zone may be a day ahead or behind", async () => {
    const dir = freshDir()
    const { look } = await following({ dir, at: noon })
    writeDay(dir, "2026-03-04", say("behind"))
    writeDay(dir, nextDay, say("ahead"))
    expect(await look()).toEqual(["behind", "ahead"])
  })

  it("F65 F66 a reader that was stopped for days gives what was written meanwhile, day by day", async () => {
    const dir = freshDir()
    const followed = await following({ dir, at: noon })
    for (const later of ["2026-03-08", nextDay, day, "2026-03-09"]) writeDay(dir, later, say(later))
    followed.now = new Date(2026, 2, 9, 12).getTime()
    expect(await followed.look()).toEqual([day, nextDay, "2026-03-08", "2026-03-09"])
    writeDay(dir, "2026-03-08", say("still"))
    writeDay(dir, nextDay, say("no more"))
    // A day that is over everywhere is looked at once a minute.
    followed.now += 60_000
    expect(await followed.look()).toEqual(["still"])
  })

  it("F64 a clock that steps back gives nothing twice, and the old day again", async () => {
    const dir = freshDir()
    writeDay(dir, "2026-03-04", say("days ago"))
    const followed = await following({ dir, at: midnight + 1 })
    writeDay(dir, nextDay, say("one"))
    expect(await followed.look()).toEqual(["one"])
    followed.now = midnight - 3_600_000
    writeDay(dir, day, say("two"))
    expect(await followed.look()).toEqual(["two"])
    followed.now = midnight + 2
    writeDay(dir, nextDay, say("three"))
    expect(await followed.look()).toEqual(["three"])
  })
})

describe("F67 days of other zones and of wrong clocks", () => {
  const noonUtc = Date.UTC(2026, 2, 5, 12)

  it("a reader that is 10 days ahead of its writer gets the newest day", async () => {
    const dir = freshDir()
    writeDay(dir, "2026-02-23", say("older"))
    writeDay(dir, "2026-02-24", say("old"))
    const followed = await following({ dir, at: noonUtc, begin: "today" })
    expect(followed.first).toEqual([])
    writeDay(dir, "2026-02-24", say("new"))
    expect(await followed.look()).toEqual(["new"])
    writeDay(dir, "2026-02-25", say("next"))
    writeDay(dir, "2026-02-24", say("late"))
    expect(await followed.look()).toEqual(["late", "next"])
  })

  it("a file from 2099 is followed beside today's, and makes nobody deaf", async () => {
    const dir = freshDir()
    writeDay(dir, "2099-01-01", say("from a wrong clock"))
    const followed = await following({ dir, at: noonUtc, begin: "today" })
    expect(followed.first).toEqual([])
    writeDay(dir, day, say("today"))
    writeDay(dir, "2099-01-01", say("wrong again"))
    expect(await followed.look()).toEqual(["today", "wrong again"])
    writeDay(dir, nextDay, say("tomorrow"))
    expect(await followed.look()).toEqual(["tomorrow"])
  })

  it("today is what it is where the log is written, be it a day ahead or behind", async () => {
    const dir = freshDir()
    for (const name of ["2026-03-03", "2026-03-04", day, nextDay]) writeDay(dir, name, say(name))
    const ahead = await following({ dir, at: Date.UTC(2026, 2, 5, 16), begin: "today" })
    expect(ahead.first).toEqual(expect.arrayContaining([nextDay]))
    rmSync(join(dir, `datatools-${nextDay}.jsonl`))
    rmSync(join(dir, `datatools-${day}.jsonl`))
    const behind = await following({ dir, at: Date.UTC(2026, 2, 5, 2), begin: "today" })
    expect(behind.first).toEqual(["2026-03-04"])
  })
})

describe("F79 a look at which nothing happens", () => {
  it("asks for the directory and the newest files, whatever else there is", async () => {
    moveTo("UTC")
    const files = new Map<string, string>([[join("/srv/logs", `datatools-${day}.jsonl`), say("one")]])
    for (let n = 0; n < 1_000; n++) {
      files.set(join("/srv/logs", `datatools-${day}.jsonl.${n}`), say("moved aside"))
      files.set(
        join("/srv/logs", `datatools-2026-03-04-${n.toString(16).padStart(8, "0")}.jsonl`),
        say("over")
      )
    }
    const { layer, asked } = countingLayer(memoryLayer(files))
    const followed = await following({ dir: "/srv/logs", at: Date.UTC(2026, 2, 5, 12) }, layer)
    const asksOf = async (laterMs: number): Promise<readonly number[]> => {
      const { lists, looks, opened } = asked
      followed.now += laterMs
      expect(await followed.look()).toEqual([])
      return [asked.lists - lists, asked.looks - looks, asked.opened - opened]
    }
    for (let look = 0; look < 9; look++) expect(await asksOf(500)).toEqual([0, 2, 0])
    // Some mounts do not say that a directory has changed.
    expect(await asksOf(500)).toEqual([1, 2, 0])
    expect(await asksOf(55_000)).toEqual([1, 1_002, 0])
    expect(await asksOf(500)).toEqual([0, 2, 0])
    followed.now -= 1_000
    expect(await asksOf(0)).toEqual([1, 1_002, 0])
  })

  it("finds a new file at once where the directory says that it has changed, and where it is a link", async () => {
    const dir = freshDir()
    const linked = join(freshDir(), "link")
    symlinkSync(dir, linked)
    const { layer, asked } = countingLayer()
    utimesSync(dir, 1_000_000, 1_000_000)
    const followed = await following({ dir, at: noon }, layer)
    const behindLink = await following({ dir: linked, at: noon })
    const { lists } = asked
    expect(await followed.look()).toEqual([])
    expect(asked.lists).toBe(lists)
    writeDay(dir, day, say("one"))
    expect(await followed.look()).toEqual(["one"])
    expect(await behindLink.look()).toEqual(["one"])
  })
})

describe("F64 a clock that is wrong for a while", () => {
  const at = (year: number): number => new Date(year, 2, 5, 12).getTime()

  it.each([2036, 2099, 2000, 1970, 2023])(
    "in %i: when it is right again, what is new is given, and nothing twice",
    async (year) => {
      const dir = freshDir()
      writeDay(dir, "2026-02-01", say("weeks ago"))
      writeDay(dir, day, say("before"))
      const followed = await following({ dir, at: noon, begin: "today" })
      expect(followed.first).toEqual(["before"])
      writeDay(dir, day, say("seen"))
      expect(await followed.look()).toEqual(["seen"])
      followed.now = at(year)
      writeDay(dir, `${year}-03-05`, say("wrong"))
      expect(await followed.look()).toEqual(["wrong"])
      writeDay(dir, day, say("meanwhile"))
      writeDay(dir, nextDay, say("of a new day"))
      const inBetween = await followed.look()
      followed.now = midnight + 1
      writeDay(dir, day, say("late"))
      writeDay(dir, "2026-02-01", say("no more"))
      expect([...inBetween, ...(await followed.look())]).toEqual(
        expect.arrayContaining(["meanwhile", "late", "of a new day"])
      )
      writeDay(dir, nextDay, say("and so on"))
      expect(await followed.look()).toEqual(["and so on"])
      expect(await followed.look()).toEqual([])
    }
  )

  it.each(["now", "today"] as const)(
    "at the beginning: what comes then is given, from %s on",
    async (begin) => {
      const dir = freshDir()
      writeDay(dir, day, say("before"))
      const followed = await following({ dir, at: at(2099), begin })
      expect(followed.first).toEqual([])
      writeDay(dir, day, say("meanwhile"))
      expect(await followed.look()).toEqual(["meanwhile"])
      followed.now = noon
      expect(await followed.look()).toEqual([])
      writeDay(dir, day, say("after"))
      expect(await followed.look()).toEqual(["after"])
    }
  )

  it("a line that was in progress then is given whole when it is", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("one"))
    const followed = await following({ dir, at: noon })
    const whole = say("two")
    write(path, whole.slice(0, 30))
    expect(await followed.look()).toEqual([])
    followed.now = at(2036)
    expect(await followed.look()).toEqual([])
    write(path, whole.slice(30))
    followed.now = noon
    expect(await followed.look()).toEqual(["two"])
  })

  it("a file that was replaced or taken away meanwhile is begun anew, or forgotten", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("one"))
    const followed = await following({ dir, at: noon })
    write(path, say("two"))
    expect(await followed.look()).toEqual(["two"])
    followed.now = at(2036)
    await followed.look()
    renameSync(path, join(dir, "elsewhere"))
    write(path, say("three"))
    followed.now = noon
    expect([...(await followed.look()), ...(await followed.look())]).toEqual(["three"])
    followed.now = at(2036)
    await followed.look()
    rmSync(path)
    await followed.look()
    write(path, say("four"))
    followed.now = noon
    expect(await followed.look()).toEqual(["four"])
  })
})

describe("what others do to a file", () => {
  it("F51 renamed and begun anew: the old one is read to its end, later ones too, then the new one", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("one"))
    const { layer, asked } = countingLayer()
    const followed = await following({ dir, at: noon, begin: "today" }, layer)
    write(path, say("two"))
    renameSync(path, `${path}.1`)
    write(path, say("four"))
    expect(await followed.look()).toEqual(["two"])
    // A writer that had it open before it was renamed.
    write(`${path}.1`, say("three"))
    expect(await followed.look()).toEqual(["three", "four"])
    expect(followed.notes).toEqual([{ note: "replaced", file: path, offset: 0 }])
    write(path, say("five"))
    write(`${path}.1`, say("nobody looks there any more"))
    expect(await followed.look()).toEqual(["five"])
    expect(asked.openNow).toBe(1)
  })

  it("F51 a line that the old file never finished is damage, in its place", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("one"))
    const { look } = await following({ dir, at: noon, begin: "today" })
    write(path, "torn")
    renameSync(path, `${path}.1`)
    write(path, say("two"))
    expect(await look()).toEqual([])
    expect(await look()).toEqual([`unterminated at ${say("one").length}`, "two"])
  })

  it("F49 removed and made again: nothing that was written is missed", async () => {
    const dir = freshDir()
    const logs = join(dir, "logs")
    const path = writeDay(logs, day, say("one"))
    const { look } = await following({ dir: logs, at: noon, begin: "today" })
    write(path, say("two"))
    rmSync(logs, { recursive: true })
    expect(await look()).toEqual(["two"])
    expect(await look()).toEqual([])
    writeDay(logs, day, say("three"))
    expect(await look()).toEqual(["three"])
  })

  it("F52 cut short: a row says so, and the file is read again from its front", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("one") + say("two"))
    const { look } = await following({ dir, at: noon, begin: "today" })
    truncateSync(path, 0)
    write(path, say("three"))
    expect(await look()).toEqual([`truncated at ${say("three").length}`, "three"])
    write(path, "in progress")
    expect(await look()).toEqual([])
    truncateSync(path, 0)
    expect(await look()).toEqual(["truncated at 0"])
    write(path, say("four"))
    expect(await look()).toEqual(["four"])
  })

  it("S2.14 F55 something that is no log file is told once, and followed once it is one", async () => {
    const dir = freshDir()
    const path = join(dir, `datatools-${day}.jsonl`)
    symlinkSync("/etc/passwd", path)
    const followed = await following({ dir, at: noon, begin: "today" })
    expect(followed.first).toEqual(["unreadable at 0"])
    expect(await followed.look()).toEqual([])
    rmSync(path)
    writeFileSync(path, say("one"))
    expect(await followed.look()).toEqual(["one"])
    rmSync(path)
    expect(await followed.look()).toEqual([])
    mkdirSync(path)
    await followed.look()
    expect(await followed.look()).toEqual([])
  })

  it("S2.14 a disk that fails is told once each time, and what it held back is given when it is well again", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("one"))
    let isBroken = false
    const layer: ReadLayer = {
      ...nodeReadLayer,
      open: async (name) => {
        const file = await nodeReadLayer.open(name)
        if (file === undefined) return undefined
        const read = (into: Uint8Array, position: number): Promise<number> =>
          isBroken ? Promise.reject(diskError("EIO", -5)) : file.read(into, position)
        return { facts: () => file.facts(), read, close: () => file.close() }
      }
    }
    const { look } = await following({ dir, at: noon, begin: "today" }, layer)
    for (const message of ["two", "three"]) {
      const { size } = statSync(path)
      isBroken = true
      write(path, say(message))
      expect(await look()).toEqual([`unreadable at ${size}`])
      expect(await look()).toEqual([])
      isBroken = false
      expect(await look()).toEqual([message])
    }
  })

  it("F79 a line of 20 MB that arrives over many looks is damage and is not kept", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, say("one"))
    const { look } = await following({ dir, at: noon })
    for (let megabyte = 0; megabyte < 20; megabyte++) {
      appendFileSync(path, "x".repeat(1_000_000))
      expect(await look()).toEqual([])
    }
    write(path, `\n${say("two")}`)
    expect(await look()).toEqual([`too long at ${say("one").length}`, "two"])
  })
})

describe("the end", () => {
  it("comes without an error when the signal aborts, while waiting and before the first look; files are closed", async () => {
    const dir = freshDir()
    writeDay(dir, day, say("one"))
    const { layer, asked } = countingLayer()
    const stop = new AbortController()
    const followed = await following({ dir, at: noon, begin: "today", signal: stop.signal }, layer)
    expect(followed.first).toEqual(["one"])
    expect(asked.openNow).toBe(1)
    expect(await followed.look()).toEqual([])
    stop.abort()
    await followed.stop()
    expect(followed.isOver).toBe(true)
    expect(asked.openNow).toBe(0)
    for await (const row of follow({ app, dir, signal: AbortSignal.abort() })) expect(row).toBeUndefined()
  })

  it("comes when the loop is left, in the middle of a look as well", async () => {
    const dir = freshDir()
    writeDay(dir, day, say("one") + say("two"))
    const { layer, asked } = countingLayer()
    let count = 0
    const clock = { now: () => noon, wait: () => Promise.reject(new Error("nobody waits")) }
    for await (const row of followOn(layer, { app, dir, begin: "today", clock })) {
      count += "damage" in row ? 0 : 1
      break
    }
    expect(count).toBe(1)
    expect(asked).toMatchObject({ opened: 1, openNow: 0 })
  })

  it("comes at once: when the signal aborts, the rows that were already read are not given any more", async () => {
    const dir = freshDir()
    writeDay(dir, day, say("one") + say("two"))
    const stop = new AbortController()
    const clock = { now: () => noon, wait: async () => {} }
    const seen: string[] = []
    for await (const row of follow({ app, dir, begin: "today", clock, signal: stop.signal })) {
      seen.push(briefly(row))
      stop.abort()
    }
    expect(seen).toEqual(["one"])
  })

  it("comes to a reader that waits for a row, with the system's own timer", async () => {
    const dir = freshDir()
    const iterator = follow({ app, dir, pollMs: 2 ** 31 - 1 })[Symbol.asyncIterator]()
    const next = iterator.next()
    await iterator.return?.()
    expect(await next).toEqual({ done: true, value: undefined })
  })

  it("looks every 500 ms unless told otherwise", async () => {
    const dir = freshDir()
    const { waits } = await following({ dir, at: noon })
    expect(waits).toEqual([500])
    expect((await following({ dir, at: noon, pollMs: 20 })).waits).toEqual([20])
    for (const pollMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])
      expect(() => follow({ app, dir, pollMs })).toThrow('follow: option "pollMs" must be')
    expect(() => follow({ app, dir: "logs" })).toThrow(TypeError)
  })

  it("is a rejection for a directory that cannot be listed", async () => {
    const dir = freshDir()
    writeFileSync(join(dir, "file"), "")
    await expect(following({ dir: join(dir, "file"), at: noon })).rejects.toThrow("Cannot read ")
  })
})
