// What sweeps of all processes keep for each other in `.daybook`: which days were asked for, what was announced, and
// everything that can go wrong with that file, to which nothing is ever lost.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { dirname, join } from "node:path"
import process from "node:process"
import { describe, expect, it } from "vitest"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import type { FileExporterOptions } from "../../src/file-exporter.node.ts"
import { verify } from "../../src/index.ts"
import { dayBefore } from "../../src/place/day.ts"
import { notePath } from "../../src/state/retention-note.node.ts"
import { diskError, faultyFileLayer } from "../tools/faulty-file-layer.ts"
import { app, contentsOf, fileBench, filesBelow, freshDir, noon, silentLog } from "../tools/file-bench.ts"
import {
  dayFile,
  daysBefore,
  dirWithDays,
  noonOf,
  noteDays,
  noteIn,
  putNote,
  sweptDir,
  today
} from "../tools/old-days.ts"
import { watchedFileLayer } from "../tools/watched-file-layer.ts"

const dayMs = 24 * 60 * 60 * 1_000
let sessions = 0

/** A start, and what it said. */
const start = async (
  dir: string,
  {
    atMs = noon,
    ...options
  }: Omit<FileExporterOptions, "dir"> & { readonly atMs?: number; readonly layer?: FileLayer } = {}
): Promise<readonly string[]> => {
  const log = silentLog({}, (++sessions).toString(16).padStart(8, "5"))
  log.atMs = atMs
  await fileBench({ dir, log, ...options }).open()
  return log.notices
}

const filesOf = (days: readonly string[]): readonly string[] => days.map(dayFile)
/** The daily files, without the one that has the marks. */
const keptIn = (dir: string): readonly string[] => filesBelow(dir).filter((name) => name !== dayFile(today))

describe("S0.24 a default never beats a wish", () => {
  it("one line from a script cuts nothing of a folder of 365 days that an application keeps", async () => {
    const days = daysBefore(365)
    const dir = sweptDir(days)
    await start(dir, { retentionDays: 365 })
    await start(dir)
    await start(dir, { atMs: noon + 7 * dayMs, retentionDays: 7 })
    expect(keptIn(dir)).toEqual(filesOf(days))
    expect(noteIn(dir)).toContain('"asked":{"7":"2026-03-12","365":"2026-03-05"}')
  })

  it("for ever is a wish as well", async () => {
    const dir = sweptDir(daysBefore(20))
    await start(dir, { retentionDays: Number.POSITIVE_INFINITY })
    await start(dir, { retentionDays: 0 })
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(20)))
  })

  it("a wish counts for eight days after it was asked for last, then the next greatest, then the default", async () => {
    const days = daysBefore(40)
    const dir = sweptDir(days)
    noteDays(
      dir,
      days,
      new Map([
        [30, dayBefore(today, 9)],
        [20, dayBefore(today, 8)],
        [3, today]
      ])
    )
    await start(dir)
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(20)))
    expect(noteIn(dir)).toContain('"asked":{"3":"2026-03-05","20":"2026-02-25"}')
    noteDays(dir, days, new Map([[20, dayBefore(today, 9)]]))
    await start(dir)
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(7)))
  })

  it("a clock in the future neither ends a wish nor makes one for ever", async () => {
    const days = daysBefore(40)
    const dir = sweptDir(days)
    await start(dir, { retentionDays: 30, atMs: noon - dayMs })
    await start(dir, { atMs: noonOf("2099-01-01") })
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(31)))
    await start(dir, { retentionDays: 1_000, atMs: noonOf("2099-01-01") })
    await start(dir, { retentionDays: 30 })
    expect(noteIn(dir)).toContain('"asked":{"30":"2026-03-05","1000":"2026-03-05"}')
  })

  it("a log that runs asks again at each change of the day", async () => {
    const dir = sweptDir(daysBefore(3))
    const log = silentLog()
    const open = await fileBench({ dir, log, retentionDays: 30 }).open()
    await open.write(1, 1)
    log.atMs += dayMs
    await open.write(2, 2, log.atMs)
    expect(noteIn(dir)).toContain('"asked":{"30":"2026-03-06"}')
  })

  it("another process that asks for more while a sweep is under way keeps the files", async () => {
    const days = daysBefore(20)
    const dir = sweptDir(days)
    const layer: FileLayer = {
      ...nodeFileLayer,
      replace: async (path, by) => {
        await nodeFileLayer.replace(path, by)
        noteDays(dir, days, new Map([[30, today]]))
      }
    }
    await start(dir, { layer, retentionDays: 7 })
    expect(keptIn(dir)).toEqual(filesOf(days))
  })
})

describe("S0.24 the first sweep of a folder", () => {
  it("says once what it is going to delete, deletes nothing, and the next start deletes it", async () => {
    const days = daysBefore(365)
    const dir = dirWithDays(days)
    expect(await start(dir)).toEqual([
      `${JSON.stringify(dir)}: 358 files of ${days[0]} to ${days[357]} are older than 7 days. ` +
        'The next start deletes what is so old, unless the option "retentionDays" keeps it'
    ])
    expect(keptIn(dir)).toEqual(filesOf(days))
    expect(await start(dir)).toEqual([])
    expect(keptIn(dir)).toEqual(filesOf(days.slice(358)))
    const marks = contentsOf(dir).lines.filter(({ category }) => category === "retention")
    expect(marks).toMatchObject([{ count: 358, oldest: days[0], newest: days[357] }])
    expect((await verify({ app, dir })).problems).toEqual([])
  })

  it("leaves what it announced to the next start also at a change of the day, and deletes what was not announced", async () => {
    const dir = dirWithDays(daysBefore(10))
    const log = silentLog()
    const open = await fileBench({ dir, log, seal: false }).open()
    expect(log.notices).toHaveLength(1)
    for (let day = 0; day < 3; day++) {
      await open.write(day + 1, day + 1, log.atMs)
      log.atMs += dayMs
    }
    const days = daysBefore(10)
    // Three were announced; one became old at the first change of the day, and one at the second.
    expect(filesOf(days).filter((name) => !filesBelow(dir).includes(name))).toEqual(filesOf(days.slice(3, 5)))
    expect(log.notices).toHaveLength(1)
    await start(dir, { atMs: log.atMs - dayMs })
    expect(filesOf(days).filter((name) => !filesBelow(dir).includes(name))).toEqual(filesOf(days.slice(0, 5)))
  })

  it("a process that is killed between the announcement and the deletion has deleted nothing, and is not repeated", async () => {
    const dir = dirWithDays(daysBefore(20))
    const layer = faultyFileLayer(({ operation }) => (operation === "remove" ? "fail" : undefined))
    expect(await start(dir)).toHaveLength(1)
    // This one is killed before its first deletion.
    expect(await start(dir, { layer })).toEqual([])
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(20)))
    expect(await start(dir)).toEqual([])
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(7)))
  })

  it("says nothing where nothing is old, and a folder that grew under our own sweeps is never announced", async () => {
    const dir = freshDir()
    for (let day = 0; day < 12; day++) {
      const log = silentLog({}, (++sessions).toString(16).padStart(8, "5"))
      log.atMs = noon + day * dayMs
      const open = await fileBench({ dir, log }).open()
      await open.write(1, 1, log.atMs)
      expect(log.notices).toEqual([])
    }
    expect(filesBelow(dir)).toHaveLength(8)
  })

  it("several processes at once: each file is deleted once, a mark tells it before, and nobody stumbles", async () => {
    const days = daysBefore(60)
    const dir = sweptDir(days)
    const logs = ["aaaaaaaa", "bbbbbbbb", "cccccccc"].map((session) => silentLog({}, session))
    await Promise.all(logs.map((log) => fileBench({ dir, log, seal: false, retentionDays: 7 }).open()))
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(7)))
    const marks = contentsOf(dir).lines.filter(({ category }) => category === "retention")
    const told = marks.flatMap(({ files }) =>
      (files as readonly { readonly file: string }[]).map(({ file }) => file)
    )
    expect([...new Set(told)].sort()).toEqual(filesOf(days.slice(0, 53)))
    expect(logs.flatMap(({ notices }) => notices)).toEqual([])
    expect(JSON.parse(noteIn(dir))).toMatchObject({ v: 1, asked: { 7: today } })
    expect(readdirSync(dirname(notePath(dir, app)))).toEqual(["retention.json"])
  })
})

describe("S0.24 what sweeps keep for each other", () => {
  it("stands in a file of the owner's alone, is put there at once, and holds numbers and days only", async () => {
    const dir = dirWithDays(daysBefore(4))
    const layer = watchedFileLayer(nodeFileLayer)
    await start(dir, { layer, retentionDays: 30 })
    const path = notePath(dir, app)
    const [first = "", second = ""] = daysBefore(4)
    const bytes = readFileSync(join(dir, dayFile(first))).length
    expect(noteIn(dir)).toBe(
      `{"v":1,"asked":{"30":"${today}"},"days":{"${first}":[${bytes},"${first}"],"${second}":[${bytes},"${second}"],"2026-03-03":[${bytes},"2026-03-03"]}}`
    )
    const changed = layer.asked.filter(({ operation }) => /append|openNew|replace|remove/i.test(operation))
    expect(changed.map(({ operation }) => operation)).toEqual(["openNew", "append", "replace"])
    expect(changed.at(-1)?.path).toBe(path)
    expect([statMode(path), statMode(dirname(path)), statMode(dirname(dirname(path)))]).toEqual([
      0o600, 0o700, 0o700
    ])
  })

  it("is written when it changes, and otherwise only read", async () => {
    const dir = sweptDir(daysBefore(4))
    await start(dir, { retentionDays: 30 })
    const layer = watchedFileLayer(nodeFileLayer)
    await start(dir, { layer, retentionDays: 30, seal: false })
    expect(layer.news()).toEqual([
      ...["makeDir", "nameFacts", "list", "nameFacts", "nameFacts", "openRead", "facts", "read", "close"]
    ])
  })

  it("costs a sweep the names, and the ends of the files of one day and of those that are old, and of those that go", async () => {
    const dir = sweptDir(daysBefore(300))
    const layer = watchedFileLayer(nodeFileLayer)
    noteDays(dir, daysBefore(300).slice(0, -2), new Map([[298, today]]))
    await start(dir, { layer, seal: false })
    const opened = layer.asked.filter(
      ({ operation, path }) => operation === "openRead" && path.endsWith(".jsonl")
    )
    const [one = "", two = ""] = daysBefore(300)
    expect(opened.map(({ path }) => path)).toEqual(
      [one, two, "2026-03-03", one, two].map((day) => join(dir, dayFile(day)))
    )
    expect(layer.atOnceMax()).toBe(1)
  })

  it.each([
    ["cut short", '{"v":1,"asked":{"30":"2026-'],
    ["empty", ""],
    ["no object", "[]"],
    ["null", "null"],
    ["of wrong forms", '{"v":1,"asked":{"many":"2026-03-05"}}'],
    ["of wrong days", '{"v":1,"asked":{},"days":{"2026-02-31":[1,"2026-02-01"]}}'],
    ["of wrong bytes", '{"v":1,"asked":{},"days":{"2026-02-01":["1","2026-02-01"]}}'],
    ["of no version", "{}"],
    ["huge", " ".repeat(2 * 1024 * 1024)]
  ])(
    "counts as absent where it is %s: that is said once, and then it is as for a first sweep",
    async (_, text) => {
      const dir = dirWithDays(daysBefore(20))
      putNote(dir, text)
      const log = silentLog({}, (++sessions).toString(16).padStart(8, "5"))
      const open = await fileBench({ dir, log, seal: false }).open()
      expect(log.notices).toEqual([
        expect.stringMatching(
          /^Cannot read ".*retention\.json": .*; it counts as absent, and is written anew$/
        ),
        expect.stringMatching(/13 files of .* are older than 7 days/)
      ])
      expect(log.notices[0]).not.toContain("many")
      expect(keptIn(dir)).toEqual(filesOf(daysBefore(20)))
      await open.write(1, 1)
      expect(await start(dir)).toEqual([])
      expect(keptIn(dir)).toEqual(filesOf(daysBefore(7)))
    }
  )

  it("of a newer version is left alone, and nothing is deleted", async () => {
    const dir = dirWithDays(daysBefore(20))
    putNote(dir, '{"v":2,"rules":[]}')
    expect(await start(dir)).toEqual([expect.stringMatching(/is of a newer version of Daybook/)])
    expect(keptIn(dir)).toEqual(filesOf(daysBefore(20)))
    expect(noteIn(dir)).toBe('{"v":2,"rules":[]}')
  })

  it.each(["replace", "append", "makeDir"])(
    "that cannot be written (%s) deletes nothing, and says so once a session",
    async (broken) => {
      const dir = dirWithDays(daysBefore(20))
      const log = silentLog()
      const fail = () => Promise.reject(diskError("ENOSPC", -28))
      const layer: FileLayer = {
        ...nodeFileLayer,
        ...(broken === "makeDir"
          ? { makeDir: (path) => (path === dir ? nodeFileLayer.makeDir(path) : fail()) }
          : { [broken]: fail })
      }
      const bench = fileBench({ dir, log, layer, seal: false })
      await bench.open()
      log.atMs += dayMs
      await bench.open()
      expect(keptIn(dir)).toEqual(filesOf(daysBefore(20)))
      expect(log.notices.filter((text) => text.startsWith("Cannot write"))).toEqual([
        expect.stringMatching(/retention\.json": .*\(ENOSPC\); no old files are deleted$/)
      ])
    }
  )

  it("F55 is not looked for behind a link", async () => {
    for (const name of [".daybook", `.daybook/${app}`]) {
      const dir = dirWithDays(daysBefore(20))
      const elsewhere = freshDir()
      mkdirSync(dirname(join(dir, name)), { recursive: true })
      symlinkSync(elsewhere, join(dir, name))
      for (let again = 0; again < 2; again++)
        expect(await start(dir)).toContainEqual(expect.stringMatching(/is not a directory, or a link to one/))
      expect(keptIn(dir)).toEqual(filesOf(daysBefore(20)))
      expect(readdirSync(elsewhere, { recursive: true }).filter((found) => found !== app)).toEqual([])
    }
  })

  it("F39 a part that a killed process has left is cleared away", async () => {
    const dir = sweptDir(daysBefore(4))
    const left = join(dirname(notePath(dir, app)), "retention-deadbeef.tmp")
    writeFileSync(left, '{"v":1,"asked":{"7":')
    await start(dir, { retentionDays: 30 })
    expect(existsSync(left)).toBe(false)
    expect(JSON.parse(noteIn(dir)).asked).toEqual({ 30: today })
  })

  it("that another process clears away under way is written again", async () => {
    const dir = sweptDir(daysBefore(4))
    let cleared = 0
    const layer: FileLayer = {
      ...nodeFileLayer,
      replace: (path, by) => {
        if (++cleared === 1) rmSync(by)
        return nodeFileLayer.replace(path, by)
      }
    }
    expect(await start(dir, { layer, retentionDays: 30 })).toEqual([])
    expect(JSON.parse(noteIn(dir)).asked).toEqual({ 30: today })
  })

  it("a folder that nobody may write to is left as it is", async (test) => {
    test.skip(process.getuid?.() === 0, "root may write everywhere")
    const dir = dirWithDays(daysBefore(20))
    chmodSync(dir, 0o500)
    await start(dir)
    expect(readdirSync(dir)).toEqual(filesOf(daysBefore(20)))
    chmodSync(dir, 0o700)
  })

  it("a folder on a read-only file system is left as it is, and nothing is written elsewhere", async () => {
    const dir = dirWithDays(daysBefore(20))
    const changing = /^(makeDir|openAppend|append|replace|remove|setMode)$/
    const layer = faultyFileLayer(
      ({ operation }) => (changing.test(operation) ? "fail" : undefined),
      () => Object.assign(new Error("read-only"), { code: "EROFS", errno: -30 })
    )
    const log = silentLog()
    const whole: FileLayer = {
      ...layer,
      makeDir: (path) => (path === dir ? nodeFileLayer.makeDir(path) : layer.makeDir(path))
    }
    await fileBench({ dir, log, layer: whole }).open()
    expect(readdirSync(dir)).toEqual(filesOf(daysBefore(20)))
    expect(log.notices).toContainEqual(expect.stringMatching(/read-only \(EROFS\); no old files are deleted/))
  })
})

const statMode = (path: string): number => statSync(path).mode & 0o777
