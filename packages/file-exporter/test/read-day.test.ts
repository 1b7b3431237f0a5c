// Reading a day file, whatever became of it: good lines are read to the last one, and every damaged line is one row that
// says why and where. The bytes of each file are written by the test itself.

import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { auditLogPath, fileExporter, type Row, readDay } from "../src/index.ts"
import { app, freshDir, linesOf, noon, numbersTo } from "./day-files.ts"

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
        id: "0193a000-0000-7000-81a2-c00000000005"
      },
      fields: {},
      rest: {}
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
    expect(bytes.filter((byte) => byte === 0x0a)).toHaveLength(2)
    expect(bytes.at(-1)).toBe(0x0a)
    expect(
      bytes.includes('"message":"Uploaded naïve.csv 😀","bytes":24813,"nested":{"list":[1,null]},"seq":1')
    ).toBe(true)
    expect(bytes.includes('"message":"two\\nlines","text":"日本語 \\"quoted\\"\\r\\n","seq":2')).toBe(true)
    const rows: Row[] = []
    for await (const row of readDay({ app, day: path.slice(-16, -6), dir })) rows.push(row)
    expect(rows).toMatchObject([
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

  it.each(["2026-3-5", "../2026-03-05", "2026-03-05/..", "2026-03-05\n", "", "today"])(
    "F58 refuses %j as a day: it becomes part of a path",
    (wrong) => {
      expect(() => readDay({ app, day: wrong, dir: "/srv/logs" })).toThrow(TypeError)
    }
  )

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

  it("says what stands in the way of reading a file that is there", async () => {
    const dir = freshDir()
    writeFileSync(join(dir, "file"), "")
    const logs = join(dir, "file", "logs")
    const path = auditLogPath({ app, dir: logs, at: noon })
    await expect(rowsOf(logs)).rejects.toThrow(
      `Cannot read ${JSON.stringify(path)}: a part of the path is not a directory (ENOTDIR)`
    )
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
    expect(brief(await rowsOf(freshDir(), `${one}${line}\n${two}`))).toEqual([1, wanted, 2])
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
})
