// Which files are deleted, and when: by the date in their name, only names that this log gives, at the start and at each
// change of the day, in folders that sweeps know and with a clock that is right. Clocks that are wrong are in
// wrong-clocks.test.ts, what sweeps keep for each other in retention-note.test.ts, users' directories in
// user-retention.test.ts.

import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { createAuditLog, toLocalDay } from "@daybook/core"
import { replay } from "@daybook/core/replay"
import { describe, expect, it, onTestFinished } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { type FileExporterOptions, makeFileExporter } from "../../src/file-exporter.node.ts"
import { auditLogPath, fileExporter, verify } from "../../src/index.ts"
import { dayBefore, dayText } from "../../src/place/day.ts"
import { diskError, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import {
  app,
  batchOf,
  contentsOf,
  fileBench,
  filesBelow,
  freshDir,
  linesOf,
  midnight,
  noon,
  silentLog
} from "../tools/file-bench.ts"
import { dayFile, noteDays, today } from "../tools/old-days.ts"
import { expectAllSealed, expectSealsRight } from "../tools/right-seals.ts"
import { clockAt } from "../tools/test-clock.ts"

/** The two days before today, by which the clock is believed. */
const newest = ["2026-03-03", "2026-03-04"]

/** A directory with these files, each of one line, and the two newest days; sweeps know it. */
const dirWith = (...names: readonly string[]): string => {
  const dir = freshDir()
  const all = [...new Set([...names, ...newest.map(dayFile)])]
  for (const name of all) writeFileSync(join(dir, name), "old\n", { mode: 0o600 })
  noteDays(dir, [...new Set(all.flatMap((name) => /\d{4}-\d\d-\d\d/.exec(name) ?? []))])
  return dir
}

/** Opens the exporter of one log and leaves it. */
const sweepIn = async (dir: string, options: FileExporterOptions = {}) => {
  const log = silentLog()
  const open = await fileBench({ ...options, dir, log }).open()
  return { open, log }
}

describe("S0.24 retention", () => {
  it("keeps seven days before today, and deletes what is older", async () => {
    const kept = ["2026-02-26", ...newest, today].map(dayFile)
    const dir = dirWith(...["2025-11-30", "2026-02-24", "2026-02-25"].map(dayFile), ...kept)
    await sweepIn(dir)
    expect(filesBelow(dir)).toEqual(kept)
  })

  it.each([
    [0, [today]],
    [1, ["2026-03-04", today]],
    [30, ["2026-02-03", ...newest, today]],
    [Number.POSITIVE_INFINITY, ["1999-12-31", "2026-02-02", "2026-02-03", ...newest, today]]
  ])("keeps %d days where it is told so", async (retentionDays, kept) => {
    const dir = dirWith(...["1999-12-31", "2026-02-02", "2026-02-03", today].map(dayFile))
    await sweepIn(dir, { retentionDays })
    expect(filesBelow(dir)).toEqual(kept.map(dayFile))
  })

  it.each([-1, Number.NaN])("refuses %d days where the exporter is made", (retentionDays) => {
    expect(() => fileExporter({ retentionDays })).toThrow(TypeError)
  })

  it("F69 goes by the date in the name, whatever was touched, and never takes the file of today or of the future", async () => {
    const dir = dirWith(...["2026-02-20", today, "2026-03-06", "2999-01-01"].map(dayFile))
    const touch = (day: string, at: Date): void => utimesSync(join(dir, dayFile(day)), at, at)
    touch("2026-02-20", new Date(2030, 0, 1))
    touch("2026-03-04", new Date(1990, 0, 1))
    touch(today, new Date(1990, 0, 1))
    await sweepIn(dir)
    expect(filesBelow(dir)).toEqual([...newest, today, "2026-03-06", "2999-01-01"].map(dayFile))
  })

  it("F69 takes daily and per-session files of this application, and no other name", async () => {
    const others = [
      // Other applications, also those whose names begin like ours.
      "data-2020-01-01.jsonl",
      "datatools-extra-2020-01-01.jsonl",
      "datatools-2020-01-01-extra-2020-01-01.jsonl",
      "datatools2-2020-01-01.jsonl",
      "Datatools-2020-01-01.jsonl",
      // What rotation, editors and people make of our names.
      "datatools-2020-01-01.jsonl.1",
      "datatools-2020-01-01.json",
      "datatools-2020-01-01-backup.jsonl",
      "datatools-2020-1-1.jsonl",
      "datatools-20200101.jsonl",
      "datatools-2020-01-01-1A2C3D4E.jsonl",
      "datatools-2020-01-01-1a2c3d4.jsonl",
      "copy of datatools-2020-01-01.jsonl",
      ".datatools-2020-01-01.jsonl",
      "datatools-unknown.jsonl"
    ]
    const ours = ["datatools-2020-01-01.jsonl", "datatools-2020-01-01-1a2c3d4e.jsonl"]
    const dir = dirWith(...others, ...ours)
    await sweepIn(dir)
    expect(filesBelow(dir)).toEqual([...others, ...[...newest, today].map(dayFile)].sort())
  })

  it("leaves what cannot be deleted, though its mark has told it, and tells no directory", async () => {
    const dir = dirWith(...["2026-01-01", "2026-01-02", "2026-01-03"].map(dayFile))
    mkdirSync(join(dir, dayFile("2026-01-04")))
    noteDays(dir, ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"])
    let removals = 0
    const layer = faultyFileLayer(({ operation }) =>
      operation === "remove" && ++removals === 2 ? "fail" : undefined
    )
    const log = silentLog()
    const open = await fileBench({ dir, seal: false, layer, log }).open()
    await open.write(1, 1)
    expect(removals).toBe(3)
    const text = readFileSync(join(dir, dayFile(today)), "utf8")
    expect(JSON.parse(text.split("\n")[0] ?? "")).toMatchObject({ category: "retention", count: 3 })
    expect(filesBelow(dir)).toContain(dayFile("2026-01-02"))
    expect(statSync(join(dir, dayFile("2026-01-04"))).isDirectory()).toBe(true)
    expect(log.notices).toEqual([])
  })

  it("deletes a link and not what it leads to", async () => {
    const dir = dirWith()
    const elsewhere = dirWith("precious")
    const link = join(dir, dayFile("2020-01-01"))
    symlinkSync(join(elsewhere, "precious"), link)
    noteDays(dir, ["2020-01-01"])
    await sweepIn(dir)
    expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined()
    expect(readFileSync(join(elsewhere, "precious"), "utf8")).toBe("old\n")
  })

  it("tells what it deletes in today's file, by a mark that is under a seal and names each file", async () => {
    const dir = dirWith(...["2026-01-31", "2026-02-01", "2026-02-02"].map(dayFile))
    const log = silentLog()
    const open = await fileBench({ dir, log }).openHeld()
    await open.write(1, 2)
    await open.close()
    const { lines, names } = open.contents()
    expect(readFileSync(open.path(), "utf8").split("\n")[0]).toBe(JSON.stringify(lines[0]))
    expect(names).toEqual([...newest, today].map(dayFile))
    expect(lines[0]).toMatchObject({
      category: "retention",
      session: log.session,
      message: "Deleting 3 files of 2026-01-31 to 2026-02-02: older than 7 days",
      ...{ count: 3, oldest: "2026-01-31", newest: "2026-02-02", days: 7, reason: "age" },
      files: ["2026-01-31", "2026-02-01", "2026-02-02"].map((day) => ({
        file: dayFile(day),
        size: 4,
        seals: []
      }))
    })
    expect(lines[0]).not.toHaveProperty("seq")
    // Its own seal is in the same append: until then, the deletion would look like a theft.
    expect(expectAllSealed(dir)).toBe(2)
  })

  it("says nothing, and makes no file, where nothing is old", async () => {
    const dir = dirWith(dayFile("2026-03-01"))
    const { log } = await sweepIn(dir)
    expect(filesBelow(dir)).toEqual(["2026-03-01", ...newest].map(dayFile))
    expect(log.notices).toEqual([])
  })

  it("sweeps again at each change of the day, and only then", async () => {
    const dir = dirWith(...["2026-02-25", "2026-02-26", "2026-02-27"].map(dayFile))
    const { open, log } = await sweepIn(dir, { seal: false })
    writeFileSync(join(dir, dayFile("2026-02-25")), "again\n")
    await open.write(1, 1)
    expect(filesBelow(dir)).toEqual(["2026-02-25", "2026-02-26", "2026-02-27", ...newest, today].map(dayFile))
    log.atMs = midnight
    noteDays(dir, ["2026-02-25", "2026-02-26"])
    await open.write(2, 2, midnight)
    expect(filesBelow(dir)).toEqual(["2026-02-27", ...newest, today, "2026-03-06"].map(dayFile))
    const marks = readFileSync(join(dir, dayFile("2026-03-06")), "utf8")
    expect(marks.split("\n")[1]).toContain('"count":2,"oldest":"2026-02-25","newest":"2026-02-26","days":7')
  })

  it("sweeps in the life of a log, on its clock", async () => {
    const dir = dirWith(...["2026-02-25", "2026-02-26"].map(dayFile))
    const clock = clockAt(noon)
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], clock, exitHook: false })
    audit.log("load", "before midnight")
    await audit.flush({ timeoutMs: 10_000 })
    expect(filesBelow(dir)).toEqual(["2026-02-26", ...newest, today].map(dayFile))
    clock.now = midnight
    audit.log("load", "after midnight")
    const { written } = await audit.close({ timeoutMs: 10_000 })
    expect(written).toBe(2)
    expect(filesBelow(dir)).toEqual([...newest, today, "2026-03-06"].map(dayFile))
    const marks = contentsOf(dir).lines.filter(({ category }) => category === "retention")
    expect(marks).toMatchObject([{ oldest: "2026-02-25" }, { oldest: "2026-02-26" }])
    expectAllSealed(dir)
  })

  it("a mark that cannot be written holds up neither the opening nor a batch for ever", async () => {
    const dir = dirWith(dayFile("2020-01-01"))
    let appends = 0
    const layer = faultyFileLayer(({ operation }) =>
      operation === "append" && ++appends === 1 ? "fail" : undefined
    )
    const exporter = makeFileExporter(layer, { dir, seal: false })
    const log = silentLog()
    const open = await fileBench({ dir, exporter, log })
      .open()
      .catch(() => fileBench({ dir, exporter, log }).open())
    await open.write(1, 2)
    expect(readFileSync(join(dir, dayFile(today)), "utf8")).toContain(linesOf(1, 2))
  })

  it("tries the mark again with the next batch, for a deletion that no file tells of looks like a theft", async () => {
    const dir = dirWith(dayFile("2020-01-01"))
    let appends = 0
    const layer = faultyFileLayer(({ operation }) =>
      operation === "append" && ++appends <= 2 ? "fail" : undefined
    )
    const open = await fileBench({ dir, layer }).openHeld()
    for (const seq of [1, 2]) await open.write(seq, seq).catch(() => open.write(seq, seq))
    await open.close()
    const told = open.contents().lines.filter(({ category }) => category === "retention")
    expect(told).toMatchObject([{ count: 1, oldest: "2020-01-01" }])
    expectAllSealed(dir)
  })

  it("is down, under its seal, before anything is deleted", async () => {
    const dir = dirWith(dayFile("2020-01-01"))
    const before: boolean[] = []
    const layer: FileLayer = {
      ...nodeFileLayer,
      remove: (path) => {
        const text = readFileSync(join(dir, dayFile(today)), "utf8")
        before.push(/"category":"retention".*\n.*"category":"seal"/.test(text))
        return nodeFileLayer.remove(path)
      }
    }
    await fileBench({ dir, layer }).open()
    expect(before).toEqual([true])
  })

  it("names the newest seals of a file, so that no other of its name is taken for it", async () => {
    const dir = dirWith()
    const log = silentLog({}, "9a8b7c6d")
    log.atMs = noon - 30 * 86_400_000
    const old = await fileBench({ dir, log, retentionDays: Number.POSITIVE_INFINITY }).openHeld()
    await old.export(batchOf(1, 40, log.atMs, "9a8b7c6d"))
    await old.close()
    const [name = ""] = filesBelow(dir)
    const size = statSync(join(dir, name)).size
    const { seals } = contentsOf(dir)
    noteDays(dir, [name.slice(-16, -6)])
    const open = await fileBench({ dir, retentionDays: 7 }).openHeld()
    await open.close()
    const [mark] = contentsOf(dir).lines.filter(({ category }) => category === "retention")
    expect(mark?.files).toMatchObject([
      { file: name, size, seals: [{ session: "9a8b7c6d", k: seals.at(-1)?.k }] }
    ])
  })

  it("deletes nothing where the mark cannot be written, and says so once", async () => {
    const dir = dirWith(dayFile("2020-01-01"))
    const layer: FileLayer = { ...nodeFileLayer, append: () => Promise.reject(diskError("EIO", -5)) }
    const log = silentLog()
    await fileBench({ dir, layer, log }).open()
    expect(filesBelow(dir)).toContain(dayFile("2020-01-01"))
    expect(log.notices).toEqual([expect.stringMatching(/^no old files are deleted, for the mark .*EIO/)])
  })

  it("makes room on a full disk all the same, and tells people where no mark can be written, after some tries", async () => {
    const dir = dirWith(dayFile("2020-01-01"))
    const layer: FileLayer = {
      ...nodeFileLayer,
      append: (fd, bytes) =>
        new TextDecoder().decode(bytes).includes('"category":"retention"')
          ? Promise.reject(diskError("ENOSPC", -28))
          : nodeFileLayer.append(fd, bytes)
    }
    const log = silentLog()
    const open = await fileBench({ dir, layer, log }).open()
    expect(filesBelow(dir)).not.toContain(dayFile("2020-01-01"))
    for (let seq = 1; seq <= 6; seq++) await open.write(seq, seq)
    expect(log.notices).toEqual([
      expect.stringMatching(
        /^Deleting 1 file of 2020-01-01: older than 7 days, and its retention mark cannot be written: /
      )
    ])
  })

  it("sweeps nothing without a clock", async () => {
    const dir = dirWith(dayFile("2020-01-01"))
    const log = silentLog()
    log.atMs = Number.NaN
    await fileBench({ dir, log }).open()
    expect(filesBelow(dir)).toEqual(["2020-01-01", ...newest].map(dayFile))
  })

  it.each([
    // Days of 23 and of 25 hours, and one that was left out.
    ["Europe/Berlin", [2026, 2, 30, 0, 30], 1, "2026-03-29"],
    ["Europe/Berlin", [2026, 2, 29, 23, 30], 1, "2026-03-28"],
    ["Europe/Berlin", [2026, 9, 26, 0, 30], 1, "2026-10-25"],
    ["Europe/Berlin", [2026, 9, 25, 23, 30], 1, "2026-10-24"],
    ["Africa/Cairo", [2026, 3, 25, 0, 30], 1, "2026-04-24"],
    ["Pacific/Apia", [2011, 11, 31, 12], 2, "2011-12-29"],
    ["UTC", [2026, 2, 1, 12], 7, "2026-02-22"]
  ] as const)("F65 F66 counts days by the calendar: %s %j less %i is %s", (zone, at, days, wanted) => {
    const before = process.env.TZ
    onTestFinished(() => {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    })
    process.env.TZ = zone
    const [year, month, day, hour = 0, minute = 0] = at
    const today = dayText(toLocalDay(new Date(year, month, day, hour, minute).getTime()))
    expect(dayBefore(today, days)).toBe(wanted)
  })

  it.each([1_000_000, 1e9, 1e300, Number.POSITIVE_INFINITY])(
    "keeps everything for %d days, which reach back before any calendar",
    async (retentionDays) => {
      const kept = ["0001-01-01", "2020-01-01", ...newest, today].map(dayFile)
      const dir = dirWith(...kept)
      await sweepIn(dir, { retentionDays })
      expect(filesBelow(dir)).toEqual(kept)
    }
  )

  it("leaves its mark, sealed, also when the lines come from a replay", async () => {
    const dir = dirWith(dayFile("2020-01-01"), dayFile("2020-01-02"))
    const source = new TextEncoder().encode(linesOf(1, 3))
    const result = await replay(source, fileExporter({ dir }), { app, clock: clockAt(noon) })
    expect(result).toMatchObject({ complete: true, sent: 3 })
    expect(contentsOf(dir)).toMatchObject({
      names: [...newest, today].map(dayFile),
      seqs: [1, 2, 3],
      damaged: ["old", "old"],
      lines: [
        { category: "retention", count: 2, oldest: "2020-01-01", newest: "2020-01-02", days: 7 },
        {},
        {},
        {}
      ]
    })
    // The sweep is the replay's own doing: its mark is under a seal of the replay's own session, which ends with it.
    const { lines, seals } = contentsOf(dir)
    const { session } = lines[0] ?? {}
    expect(seals).toMatchObject([
      { session, k: 1, lines: 1 },
      { session, k: 2, lines: 0, closed: true }
    ])
    expectSealsRight(dir)
    expect((await verify({ app, dir })).problems).toEqual([])
  })

  it("keeps today's own file, which is where the path of the log says", async () => {
    const dir = dirWith(dayFile("2020-01-01"))
    const { open } = await sweepIn(dir, { retentionDays: 0 })
    await open.write(1, 1)
    expect(filesBelow(dir).map((name) => join(dir, name))).toEqual([auditLogPath({ app, dir, at: noon })])
  })
})
