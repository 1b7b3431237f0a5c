// Reading a day file, whatever became of it: good lines are read to the last one, and every damaged line is one row that
// says why and where. The bytes of each file are written by the test itself.

import { Buffer } from "node:buffer"
import { execFileSync } from "node:child_process"
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync
} from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import {
  auditLogPath,
  fileExporter,
  type ReadNote,
  type Row,
  readDay,
  readRecent,
  verify
} from "../../src/index.ts"
import { dayFilePath } from "../../src/place/layout.node.ts"
import { readDayOn } from "../../src/readers.node.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import { app, freshDir, linesOf, noon, numbersTo } from "../tools/file-bench.ts"
import { following } from "../tools/following.ts"
import {
  briefly,
  forSeeds,
  line,
  memoryLayer,
  rowsFrom,
  write,
  writeSession,
  writeUser
} from "../tools/reading.ts"

const day = "2026-03-05"

const rowsOf = async (dir: string, text?: string | Uint8Array): Promise<readonly Row[]> => {
  if (text !== undefined) writeFileSync(auditLogPath({ app, dir, at: noon }), text)
  const rows: Row[] = []
  for await (const row of readDay({ app, day, dir })) rows.push(row)
  return rows
}

/** `seq` of an event, or the damage with its offset. */
const brief = (rows: readonly Row[]): readonly (number | string | undefined)[] =>
  rows.map((row) => ("damage" in row ? `${row.damage} at ${row.offset}` : row.head.seq))

describe("S2.12 readDay", () => {
  it("gives the lines of a day in the order in which they were written", async () => {
    const rows = await rowsOf(freshDir(), linesOf(1, 5))
    expect(brief(rows)).toEqual([1, 2, 3, 4, 5])
    expect(rows[4]).toEqual({
      kind: "event",
      head: {
        ts: new Date(noon).toISOString(),
        level: "info",
        category: "load",
        session: "1a2c3d4e",
        message: "one of many",
        seq: 5,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/)
      },
      fields: {}
    })
  })

  it("S0.20 gives back what a log wrote: one line an event, in UTF-8, with nothing escaped that people can read", async () => {
    const dir = freshDir()
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], exitHook: false })
    audit.log("upload", "Uploaded naïve.csv 😀", { bytes: 24_813, nested: { list: [1, null] } })
    audit.log("upload", "two\nlines", { text: '日本語 "quoted"\r\n' })
    await audit.close({ timeoutMs: 10_000 })
    const path = auditLogPath({ app, dir, at: Date.now() })
    const bytes = readFileSync(path)
    expect(bytes.at(-1)).toBe(0x0a)
    expect(
      bytes.includes('"message":"Uploaded naïve.csv 😀","bytes":24813,"nested":{"list":[1,null]},"seq":1')
    ).toBe(true)
    expect(bytes.includes('"message":"two\\nlines","text":"日本語 \\"quoted\\"\\r\\n","seq":2')).toBe(true)
    const rows: Row[] = []
    for await (const row of readDay({ app, day: path.slice(-16, -6), dir })) rows.push(row)
    expect(bytes.filter((byte) => byte === 0x0a)).toHaveLength(rows.length)
    expect(rows.filter((row) => !("damage" in row) && row.kind === "event")).toMatchObject([
      {
        kind: "event",
        head: { category: "upload", message: "Uploaded naïve.csv 😀", seq: 1 },
        fields: { bytes: 24_813, nested: { list: [1, null] } }
      },
      { kind: "event", head: { message: "two\nlines" }, fields: { text: '日本語 "quoted"\r\n' } }
    ])
  })

  it("is empty for a day without a file, and for a directory that is not there", async () => {
    const dir = freshDir()
    expect(await rowsOf(dir)).toEqual([])
    expect(await rowsOf(join(dir, "missing"))).toEqual([])
    expect(await rowsOf(dir, "")).toEqual([])
  })

  it("finds the directory as the exporter does", async () => {
    const home = freshDir()
    const logs = join(home, ".datatools", "logs")
    mkdirSync(logs, { recursive: true })
    writeFileSync(auditLogPath({ app, dir: logs, at: noon }), linesOf(1, 2))
    const rows: Row[] = []
    for await (const row of readDay({ app, day, env: { HOME: home } })) rows.push(row)
    expect(brief(rows)).toEqual([1, 2])
  })

  it.each([
    "2026-3-5",
    "../2026-03-05",
    "2026-03-05/..",
    "2026-03-05\n",
    "",
    "today",
    "2026-13-45",
    "2026-02-29",
    "2026-00-01"
  ])("F58 S2.15 refuses %j as a day: it becomes part of a path", (wrong) => {
    expect(() => readDay({ app, day: wrong, dir: "/srv/logs" })).toThrow(TypeError)
  })

  it("S0.12 reads the events without a clock under the day unknown", async () => {
    const dir = freshDir()
    writeFileSync(join(dir, "datatools-unknown.jsonl"), linesOf(1, 1).replace(/"ts":"[^"]*"/, '"ts":""'))
    const rows: Row[] = []
    for await (const row of readDay({ app, day: "unknown", dir })) rows.push(row)
    expect(rows).toMatchObject([{ head: { ts: "", seq: 1 } }])
  })

  it("takes a moment for its local day", async () => {
    const dir = freshDir()
    writeFileSync(auditLogPath({ app, dir, at: noon }), linesOf(1, 2))
    for (const moment of [noon, new Date(noon)]) {
      const rows: Row[] = []
      for await (const row of readDay({ app, day: moment, dir })) rows.push(row)
      expect(brief(rows)).toEqual([1, 2])
    }
  })

  it("rejects for a directory that cannot be listed, and says why", async () => {
    const dir = freshDir()
    writeFileSync(join(dir, "file"), "")
    const logs = join(dir, "file", "logs")
    await expect(rowsOf(logs)).rejects.toThrow(
      `Cannot read ${JSON.stringify(logs)}: a part of the path is not a directory (ENOTDIR)`
    )
  })

  it.each([
    ["a directory", (path: string) => mkdirSync(path), "it is not a regular file"],
    ["a FIFO", (path: string) => void execFileSync("mkfifo", [path]), "it is not a regular file"],
    ["a link", (path: string) => symlinkSync("/etc/passwd", path), "it is a symbolic link (ELOOP)"]
  ])(
    "S2.14 %s in the file's place is a row with its reason, and hides no other",
    async (_name, put, reason) => {
      const dir = freshDir()
      const path = auditLogPath({ app, dir, at: noon })
      put(path)
      writeFileSync(path.replace(".jsonl", "-1a2c3d4e.jsonl"), linesOf(1, 1))
      expect(await rowsOf(dir)).toMatchObject([
        { damage: "unreadable", file: path, offset: 0, reason },
        { head: { seq: 1 } }
      ])
    }
  )

  it("S2.14 F79 what a failing disk gave is kept, and the place where it failed is told", async () => {
    const path = auditLogPath({ app, dir: "/srv/logs", at: noon })
    const text = Buffer.from(linesOf(1, 1_000))
    const read = (into: Uint8Array, position: number): number => {
      if (position > 100_000) throw diskError("EIO", -5)
      return text.copy(into, 0, position)
    }
    const layer = memoryLayer(new Map([[path, { size: text.length, read }]]))
    const rows = await rowsFrom(readDayOn(layer, { app, day, dir: "/srv/logs" }))
    expect(rows.at(-1)).toEqual({
      damage: "unreadable",
      file: path,
      offset: 131_072,
      reason: "input/output error (EIO)"
    })
    expect(brief(rows.slice(0, -1))).toEqual(numbersTo(rows.length - 1))
    expect(rows.length).toBeGreaterThan(500)
  })

  it("may be iterated again, and then reads again", async () => {
    const dir = freshDir()
    const rows = readDay({ app, day, dir })
    expect(await rowsFrom(rows)).toEqual([])
    writeFileSync(auditLogPath({ app, dir, at: noon }), linesOf(1, 2))
    expect(brief(await rowsFrom(rows))).toEqual([1, 2])
  })

  it("F63 gives what was filed under the day, whatever the day in UTC was", async () => {
    const dir = freshDir()
    for (const [filed, ts] of [
      ["2026-03-04", "2026-03-05T00:30:00.000Z"],
      [day, "2026-03-04T23:30:00.000Z"],
      [day, "2026-03-06T01:30:00.000Z"]
    ] as const)
      write(join(dir, `datatools-${filed}.jsonl`), line({ ts, message: ts }))
    const rows = await rowsFrom(readDay({ app, day, dir }))
    expect(rows.map(briefly)).toEqual(["2026-03-04T23:30:00.000Z", "2026-03-06T01:30:00.000Z"])
  })

  it("S2.12 reads one user's own files, and S2.15 no name leads out of the directory", async () => {
    const dir = freshDir()
    const logs = join(dir, "logs")
    write(join(dir, "tool_audit", `${day}.jsonl`), linesOf(9, 9))
    for (const [index, user] of ["ada", "..", "../..", "/etc", "a/b", "CON", "", "\0"].entries()) {
      expect(brief(await rowsFrom(readDay({ app, day, dir: logs, user })))).toEqual([])
      writeUser(logs, user, day, linesOf(index + 1, index + 1))
      expect(brief(await rowsFrom(readDay({ app, day, dir: logs, user })))).toEqual([index + 1])
    }
    expect(readdirSync(dir).sort()).toEqual(["logs", "tool_audit"])
    expect(() => readDay({ app, day, dir, layout: "user" })).toThrow(
      'readDay: the layout "user" needs the option "user"'
    )
  })

  it("S1.1 merges a day's sessions by time, each file in its own order, damage beside its neighbour", async () => {
    const dir = freshDir()
    const timed = (name: string, ...times: readonly string[]): string =>
      times.map((time) => line({ ts: `${day}T${time}Z`, message: `${name} ${time}` })).join("")
    writeSession(dir, day, "aaaaaaaa", `${timed("a", "10:00:01")}garbage\n${timed("a", "10:00:05")}`)
    // This one's clock stepped back, and one of its events has no time.
    const back =
      timed("b", "10:00:03", "10:00:02") + line({ ts: "", message: "b ?" }) + timed("b", "10:00:06")
    writeSession(dir, day, "bbbbbbbb", back)
    write(join(dir, `datatools-${day}.jsonl`), timed("all", "10:00:01", "10:00:04"))
    write(join(dir, `datatools-${day}-notes.jsonl`), timed("no session", "10:00:01"))
    write(join(dir, `other-${day}.jsonl`), timed("other", "10:00:01"))
    const rows = await rowsFrom(readDay({ app, day, dir }))
    expect(rows.map(briefly)).toEqual([
      "all 10:00:01",
      "a 10:00:01",
      `not JSON at ${timed("a", "10:00:01").length}`,
      "b 10:00:03",
      "b 10:00:02",
      "b ?",
      "all 10:00:04",
      "a 10:00:05",
      "b 10:00:06"
    ])
  })

  it("S1.1 gives each line of many sessions once and in its session's order, for any times", async () => {
    await forSeeds(30, async (below) => {
      const files = new Map<string, string>()
      const wanted: string[] = []
      for (let session = 0; session < 1 + below(8); session++) {
        let text = ""
        let second = below(1_000)
        for (let n = below(40); n > 0; n--) {
          second += below(10) - 2
          const message = `${session} ${n}`
          wanted.push(message)
          text += line({ ts: new Date(noon + second * 1_000).toISOString(), message })
        }
        files.set(dayFilePath("/srv/logs", app, day, `0000000${session}`), text)
      }
      const rows = await rowsFrom(readDayOn(memoryLayer(files), { app, day, dir: "/srv/logs" }))
      const found = rows.map(briefly)
      expect([...found].sort()).toEqual([...wanted].sort())
      for (const session of files.keys()) {
        const own = (all: readonly string[]): readonly string[] =>
          all.filter((message) => message.startsWith(`${session.at(-7)} `))
        expect(own(found)).toEqual(own(wanted))
      }
    })
  })

  it("lets a reader stop early", async () => {
    const dir = freshDir()
    writeFileSync(auditLogPath({ app, dir, at: noon }), linesOf(1, 10_000))
    let read = 0
    for await (const row of readDay({ app, day, dir })) {
      read += 1
      if (!("damage" in row) && row.head.seq === 3) break
    }
    expect(read).toBe(3)
  })

  it("reads lines across the borders of its chunks", async () => {
    const rows = await rowsOf(freshDir(), linesOf(1, 5_000))
    expect(brief(rows)).toEqual(numbersTo(5_000))
  })
})

describe("S2.14 damage", () => {
  const one = linesOf(1, 1)
  const two = linesOf(2, 2)

  it.each([
    ["a line that is no JSON", "garbage\n", "not JSON"],
    ["a line that is JSON and no object", "[1,2]\n", "not an object"],
    ["null", "null\n", "not an object"],
    ["F75 bytes that are no UTF-8", Buffer.from('{"message":"\xff\xfe"}\n', "latin1"), "not UTF-8"],
    ["F38 a run of NUL", `${"\0".repeat(70_000)}\n`, "not JSON"],
    ["half a line", `${one.slice(0, 40)}\n`, "not JSON"]
  ])(
    "%s is one row with its reason, its file and its place, and its neighbours are read",
    async (_name, bytes, damage) => {
      const dir = freshDir()
      const rows = await rowsOf(dir, Buffer.concat([Buffer.from(one), Buffer.from(bytes), Buffer.from(two)]))
      expect(rows).toHaveLength(3)
      expect(rows[1]).toEqual({ damage, file: auditLogPath({ app, dir, at: noon }), offset: one.length })
      expect(brief([rows[0], rows[2]] as readonly Row[])).toEqual([1, 2])
    }
  )

  it("F74 an editor's byte order mark and CR LF are no damage, and blank lines are nothing", async () => {
    const text = `\ufeff${linesOf(1, 3).replaceAll("\n", "\r\n")}\n\n${linesOf(4, 4)}`
    expect(brief(await rowsOf(freshDir(), text))).toEqual([1, 2, 3, 4])
  })

  it("F74 an editor's traces are told once a file, with their place, and lines of blanks are nothing", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const notes: ReadNote[] = []
    writeFileSync(path, `\ufeff\r\n${linesOf(1, 3).replaceAll("\n", "\r\n")}\r\n \t\r\n${linesOf(4, 4)}`)
    const rows = await rowsFrom(readDay({ app, day, dir, onNote: (note) => notes.push(note) }))
    expect(brief(rows)).toEqual([1, 2, 3, 4])
    expect(notes).toEqual([
      { note: "byte order mark", file: path, offset: 0 },
      { note: "carriage returns", file: path, offset: 0 }
    ])
  })

  it("F74 a byte order mark where two files were joined is noted at its place, and its line is read", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    writeFileSync(path, `${linesOf(1, 2)}\ufeff${linesOf(3, 3)}\ufeff\n${linesOf(4, 4)}`)
    for (const read of ["readDay", "readRecent"]) {
      const notes: ReadNote[] = []
      const options = { app, dir, onNote: (note: ReadNote) => void notes.push(note) }
      const rows = read === "readDay" ? readDay({ ...options, day }) : readRecent({ ...options, at: noon })
      expect([...brief(await rowsFrom(rows))].sort()).toEqual([1, 2, 3, 4])
      const [first = 0, second = 0] = [linesOf(1, 2).length, linesOf(1, 3).length + 3]
      expect(notes).toEqual([
        { note: "byte order mark", file: path, offset: read === "readDay" ? first : second }
      ])
    }
  })

  it.each([
    [
      "F38 a hole in the middle of a line",
      (text: string) => text.replace("one of many", "\0".repeat(5_000)),
      "not JSON"
    ],
    [
      "F38 a hole of more than a line",
      (text: string) => `${"\0".repeat(2 * 1024 * 1024)}${text}`,
      "too long"
    ],
    [
      "a file that somebody saved in UTF-16",
      (text: string) => Buffer.from(`\ufeff${text}`, "utf16le"),
      "not UTF-8"
    ],
    ["a line with the line ends of an old Macintosh", (text: string) => `${text.trim()}\r${text}`, "not JSON"]
  ])("%s is told at its place by each reader, and hides no neighbour", async (_name, harm, damage) => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const followed = await following({ dir, at: noon })
    writeFileSync(
      path,
      Buffer.concat(
        [linesOf(1, 1), harm(linesOf(2, 2)), "\n", linesOf(3, 3)].map((part) => Buffer.from(part))
      )
    )
    const told = `${damage} at ${linesOf(1, 1).length}`
    const rows = brief(await rowsFrom(readDay({ app, day, dir })))
    expect([rows[0], rows[1], rows.at(-1)]).toEqual([1, told, 3])
    expect([...brief(await rowsFrom(readRecent({ app, dir, at: noon })))].reverse()).toEqual(rows)
    expect((await followed.look()).filter((row) => row === told)).toEqual([told])
  })

  it("F78 lines of a newer version are read with all that they say, told once, and the file is left as it is", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const newer = line({ ts: `${day}T10:00:00Z`, message: "from the future", shape: { of: "things" } })
    const text = linesOf(1, 1) + newer.replace('"seq"', '"v":2,"seq"').repeat(2)
    writeFileSync(path, text)
    const notes: ReadNote[] = []
    const rows = await rowsFrom(readDay({ app, day, dir, onNote: (note) => notes.push(note) }))
    expect(rows[1]).toMatchObject({ head: { v: 2 }, fields: { shape: { of: "things" } } })
    expect(rows).toHaveLength(3)
    expect(notes).toEqual([{ note: "newer version", file: path, offset: linesOf(1, 1).length }])
    expect(readFileSync(path, "utf8")).toBe(text)
  })

  it("F71 a file cut at any byte gives every line before the cut, and at most one damaged one", async () => {
    const dir = freshDir()
    const bytes = Buffer.from(linesOf(1, 5))
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = bytes.subarray(0, cut)
      const lines = whole.toString("latin1").split("\n").length - 1
      const rest = cut - (whole.lastIndexOf("\n") + 1)
      const torn = rest === 0 ? [] : [`unterminated at ${cut - rest}`]
      expect(brief(await rowsOf(dir, whole)), `cut at ${cut}`).toEqual([...numbersTo(lines), ...torn])
    }
  })

  it("F73 every damaged line is counted, and only those", async () => {
    const lines = linesOf(1, 500).split("\n").slice(0, -1)
    const broken = new Set([0, 1, 77, 250, 499])
    const text = lines
      .map((line, index) => (broken.has(index) ? line.replace(/[{":]/g, "?") : line))
      .join("\n")
    const rows = brief(await rowsOf(freshDir(), `${text}\n`))
    expect(rows).toHaveLength(500)
    expect(rows.flatMap((row, index) => (typeof row === "string" ? [index] : []))).toEqual([...broken])
  })

  const lineBytesMax = 1024 * 1024
  const longLine = (bytes: number): string => {
    const [head = "", tail = ""] = linesOf(7, 7).trimEnd().split("one of many")
    return `${head}${"x".repeat(bytes - head.length - tail.length)}${tail}`
  }

  it.each([
    ["one byte below", lineBytesMax - 1, 7],
    ["at", lineBytesMax, 7],
    ["one byte above", lineBytesMax + 1, `too long at ${one.length}`]
  ])("F79 a line %s the limit of 1 MiB", async (_name, bytes, wanted) => {
    const line = longLine(bytes)
    expect(Buffer.byteLength(line)).toBe(bytes)
    const dir = freshDir()
    const followed = await following({ dir, at: noon })
    expect(brief(await rowsOf(dir, `${one}${line}\n${two}`))).toEqual([1, wanted, 2])
    expect(brief(await rowsFrom(readRecent({ app, dir, at: noon })))).toEqual([2, wanted, 1])
    expect((await followed.look()).filter((row) => row.startsWith("too long"))).toEqual(
      wanted === 7 ? [] : [wanted]
    )
    const { notes } = await verify({ app, dir })
    expect(notes.some(({ kind }) => kind === "torn")).toBe(wanted !== 7)
  })

  it("F79 a line of 200 MiB is too long, is not kept in memory, and the next one is read", async () => {
    const dir = freshDir()
    const path = auditLogPath({ app, dir, at: noon })
    const bytes = 200 * 1024 * 1024
    writeFileSync(path, one)
    // A hole in the file: NULs that take no room on the disk.
    truncateSync(path, one.length + bytes)
    const fd = openSync(path, "a")
    writeSync(fd, `\n${two}`)
    closeSync(fd)
    const before = process.memoryUsage().rss
    let peak = before
    const rows: Row[] = []
    for await (const row of readDay({ app, day, dir })) {
      peak = Math.max(peak, process.memoryUsage().rss)
      rows.push(row)
    }
    expect(brief(rows)).toEqual([1, `too long at ${one.length}`, 2])
    expect(peak - before).toBeLessThan(64 * 1024 * 1024)
  })

  it("F79 a day of 1 GB with a line of 20 MB in it is read in less than 64 MiB", async () => {
    // One long line again and again: what counts is memory, not decoding.
    const [head = "", tail = ""] = linesOf(7, 7).split("one of many")
    const page = Buffer.from(`${head}${"x".repeat(32 * 1024 - head.length - tail.length)}${tail}`)
    const pages = 32_768
    const long = { from: 20_000, to: 20_000 + 640 }
    const read = (into: Uint8Array, position: number): number => {
      const index = Math.floor(position / page.length)
      if (index >= pages) return 0
      const count = page.copy(into, 0, position % page.length)
      // Pages without their newline.
      if (index >= long.from && index < long.to) into.subarray(0, count).fill(0x78)
      return count
    }
    const path = auditLogPath({ app, dir: "/srv/logs", at: noon })
    const layer = memoryLayer(new Map([[path, { size: pages * page.length, read }]]))
    const before = process.memoryUsage().rss
    let peak = before
    let events = 0
    const damaged: Row[] = []
    for await (const row of readDayOn(layer, { app, day, dir: "/srv/logs" })) {
      if (events % 16 === 0) peak = Math.max(peak, process.memoryUsage().rss)
      if ("damage" in row) damaged.push(row)
      else events += 1
    }
    expect(damaged).toEqual([{ damage: "too long", file: path, offset: long.from * page.length }])
    expect(events).toBe(pages - (long.to - long.from) - 1)
    expect(peak - before).toBeLessThan(64 * 1024 * 1024)
    // Decoding a gigabyte takes its time on a busy machine.
  }, 120_000)
})
