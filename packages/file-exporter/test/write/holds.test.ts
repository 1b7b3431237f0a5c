// What deliveries hold: retention keeps what they have not settled, up to a bound, and deletes it when they have.

import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promiseExporter } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { deliver } from "../../src/deliver.node.ts"
import type { FileExporterOptions } from "../../src/file-exporter.node.ts"
import { dayBefore } from "../../src/place/day.ts"
import { userFilePath } from "../../src/place/layout.node.ts"
import {
  app,
  contentsOf,
  fileBench,
  filesBelow,
  freshDir,
  linesOf,
  noon,
  silentLog
} from "../tools/file-bench.ts"
import { dayFile, daysBefore, noonOf, noteDays, putDay, sweptDir, today } from "../tools/old-days.ts"
import { putPlace, putPlaceText, settle, settledTo } from "../tools/places.ts"
import { clockAt } from "../tools/test-clock.ts"

const dayMs = 24 * 60 * 60 * 1_000
let sessions = 0

interface Start extends FileExporterOptions {
  readonly dir: string
  readonly atMs?: number
}

/** A start, and what it said. */
const start = async ({ dir, atMs = noon, ...options }: Start): Promise<readonly string[]> => {
  const log = silentLog({}, (++sessions).toString(16).padStart(8, "4"))
  log.atMs = atMs
  await fileBench({ ...options, dir, log }).open()
  return log.notices
}

const old = ["2026-02-20", "2026-02-21", "2026-02-22"] as const
const newest = daysBefore(2)
const oldFiles = old.map(dayFile)

/** A folder with three days that are too old, and two that are not, of one line each. */
const dirWithOld = (): string => sweptDir([...old, ...newest])
const oldIn = (dir: string): readonly string[] =>
  filesBelow(dir).filter((name) => name < dayFile(newest[0] ?? ""))
const marksIn = (dir: string) => contentsOf(dir).lines.filter(({ category }) => category === "retention")
const lineBytes = linesOf(1, 1).length

describe("S4.25 what a delivery holds is kept beyond its age", () => {
  it("as far as it is not settled, and goes with the first sweep that finds it settled", async () => {
    const dir = dirWithOld()
    settle(dir, oldFiles.slice(0, 1))
    expect(await start({ dir })).toEqual([])
    expect(oldIn(dir)).toEqual(oldFiles.slice(1))
    expect(marksIn(dir)).toMatchObject([{ count: 1, oldest: old[0], newest: old[0], days: 7, reason: "age" }])
    expect(marksIn(dir)[0]).not.toHaveProperty("undelivered_bytes")
    settle(dir, oldFiles.slice(1))
    await start({ dir })
    expect(oldIn(dir)).toEqual([])
  })

  it("also where only its last line is not settled, in a file of the user layout too", async () => {
    const dir = freshDir()
    const file = userFilePath("", "ada", old[0])
    putDay(join(dir, file), old[0])
    for (const day of newest) putDay(userFilePath(dir, "ada", day), day)
    writeFileSync(join(dir, file), linesOf(1, 3, noonOf(old[0])))
    noteDays(dir, [old[0]])
    const options = { dir, layout: "user", retentionDays: 7 } as const
    putPlace(dir, { [file]: settledTo(join(dir, file), 2 * lineBytes) })
    await start(options)
    expect(filesBelow(dir)).toContain(file)
    settle(dir, [file])
    await start(options)
    expect(filesBelow(dir)).not.toContain(file)
  })

  it("by the delivery that is furthest behind; one that does not hold holds nothing", async () => {
    const dir = dirWithOld()
    settle(dir, oldFiles, { name: "sql" })
    settle(dir, oldFiles.slice(0, 1), { name: "otel" })
    putPlace(dir, {}, { name: "sidecar", holds: false })
    await start({ dir })
    expect(oldIn(dir)).toEqual(oldFiles.slice(1))
  })

  it("and nothing is before a place was saved", async () => {
    const dir = dirWithOld()
    putPlaceText(dir, "", "sql")
    renameSync(
      join(dir, ".daybook/datatools/delivery/sql/place.json"),
      join(dir, ".daybook/datatools/delivery/sql/lock.json")
    )
    await start({ dir })
    expect(oldIn(dir)).toEqual([])
  })

  it("F51 a rotated name is known by its first line, and a name alone settles nothing", async () => {
    const dir = dirWithOld()
    const [first, second, third] = oldFiles as [string, string, string]
    // The entry of the first file is of another one that had its name; the second file's stands under another name.
    writeFileSync(join(dir, "other"), linesOf(7, 7, noonOf(old[0]), "0dd1e5e0"))
    const other = settledTo(join(dir, "other"))
    putPlace(dir, {
      [first]: other,
      [`${second}.1`]: settledTo(join(dir, second)),
      [third]: settledTo(join(dir, third))
    })
    await start({ dir })
    expect(oldIn(dir)).toEqual([first])
  })

  it("F51 nor does a last line that stands at the same place in another file", async () => {
    const dir = dirWithOld()
    const path = join(dir, oldFiles[0] ?? "")
    const atMs = noonOf(old[0])
    writeFileSync(path, linesOf(1, 2, atMs, "0dd1e5e0"))
    settle(dir, oldFiles)
    writeFileSync(path, linesOf(3, 3, atMs, "0dd1e5e0") + linesOf(2, 2, atMs, "0dd1e5e0"))
    noteDays(dir, [...old])
    await start({ dir })
    expect(oldIn(dir)).toEqual(oldFiles.slice(0, 1))
  })

  it("F52 F76 a file that was cut or written anew since is not settled", async () => {
    const dir = dirWithOld()
    settle(dir, oldFiles)
    const path = join(dir, oldFiles[0] ?? "")
    const text = readFileSync(path, "utf8")
    writeFileSync(path, text.replace("one of many", "one of some"))
    await start({ dir })
    expect(oldIn(dir)).toEqual(oldFiles.slice(0, 1))
  })

  it.each([
    ["F78 of a newer version", '{"v":2,"app":"datatools"}', "it is of a newer version of Daybook"],
    ["F76 without a form", "\0\0\0\0", "it does not have the form of one"]
  ])("a place %s holds everything, and that is said once", async (_what, text, why) => {
    const dir = dirWithOld()
    putPlaceText(dir, text)
    const log = silentLog()
    const open = await fileBench({ dir, log }).open()
    expect(oldIn(dir)).toEqual(oldFiles)
    log.atMs += dayMs
    await open.write(1, 1, log.atMs)
    expect(oldIn(dir)).toEqual(oldFiles)
    expect(log.notices).toEqual([
      expect.stringContaining(
        `delivery/sql" cannot be used: ${why}; all files count as not delivered until it can`
      )
    ])
  })
})

it("S4.25 a real delivery holds what its far end does not take, and no more when it has taken it", async () => {
  const dir = dirWithOld()
  const clock = clockAt(noon)
  let isDown = true
  const far = promiseExporter({
    name: "sql",
    send: async (batch) => {
      if (isDown && batch.events().some(({ head }) => head.ts.startsWith(old[1]))) throw new Error("down")
    },
    queue: { batchEventsMax: 1 }
  })
  const delivery = deliver({ app, dir, to: far, clock, notice: () => undefined })
  // The first day is delivered, and the place is saved before the wait.
  await new Promise<void>((resolve) => {
    const stop = delivery.onHealth(({ state }) => {
      if (state !== "backing off") return
      stop()
      resolve()
    })
  })
  await start({ dir })
  expect(oldIn(dir)).toEqual(oldFiles.slice(1))
  isDown = false
  await delivery.flush({ timeoutMs: 10_000 })
  await delivery.close({ timeoutMs: 10_000 })
  await start({ dir, sweepDelivered: true })
  expect(filesBelow(dir)).toEqual([dayFile(today)])
})

describe("S4.25 a place that was not saved for 30 days holds nothing", () => {
  const savedMs = noonOf(dayBefore(today, 31))

  /** Starts on days behind each other, each of which leaves a file. */
  const liveOn = async (dir: string, days: number): Promise<readonly string[]> => {
    const notices: string[] = []
    for (let day = 1; day <= days; day++) {
      const atMs = noon + day * dayMs
      putDay(join(dir, dayFile(dayBefore(today, 1 - day))), dayBefore(today, 1 - day))
      notices.push(...(await start({ dir, atMs })))
    }
    return notices
  }

  it("but not with the first sweep that finds it so: the next day's has to agree, and says it", async () => {
    const dir = dirWithOld()
    putPlace(dir, {}, { savedMs })
    expect(await start({ dir })).toEqual([])
    expect(await start({ dir })).toEqual([])
    expect(oldIn(dir)).toEqual(oldFiles)
    const notices = await liveOn(dir, 1)
    expect(notices).toEqual([
      expect.stringContaining(
        `delivery/sql" was not saved for more than 30 days, the last time at ${new Date(savedMs).toISOString()}: what is not delivered there is not kept for it any more`
      )
    ])
    expect(oldIn(dir)).toEqual([])
  })

  it("and holds again when it is saved", async () => {
    const dir = dirWithOld()
    putPlace(dir, {}, { savedMs })
    await start({ dir })
    putPlace(dir, {}, { savedMs: noon })
    expect(await liveOn(dir, 3)).toEqual([])
    expect(oldIn(dir)).toEqual([...oldFiles])
  })

  it("29 days are not 30", async () => {
    const dir = dirWithOld()
    putPlace(dir, {}, { savedMs: noonOf(dayBefore(today, 29)) })
    await start({ dir })
    expect(await liveOn(dir, 1)).toEqual([])
    expect(oldIn(dir)).toEqual(oldFiles)
  })

  it.each([
    ["2099, for one start", new Date(2099, 0, 1, 12).getTime()],
    ["60 days ahead, for one start", noon + 60 * dayMs]
  ])("F64 no single reading of a clock ends a hold: %s", async (_what, wrongMs) => {
    const dir = dirWithOld()
    putPlace(dir, {}, { savedMs: noon })
    await start({ dir, atMs: wrongMs })
    await start({ dir, atMs: wrongMs })
    expect(oldIn(dir)).toEqual(oldFiles)
    expect(await liveOn(dir, 2)).toEqual([])
    expect(oldIn(dir)).toEqual(oldFiles)
  })

  it("F64 a place that was saved by a clock in 1970, or in 2099, holds until another one is saved", async () => {
    for (const wrongMs of [0, new Date(2099, 0, 1, 12).getTime()]) {
      const dir = dirWithOld()
      putPlace(dir, {}, { savedMs: wrongMs })
      await start({ dir })
      putPlace(dir, {}, { savedMs: noon + dayMs / 2 })
      expect(await liveOn(dir, 2)).toEqual([])
      expect(oldIn(dir)).toEqual(oldFiles)
    }
  })

  it("F64 one that says a day to come, and is saved no more, ends 30 days after it was seen so", async () => {
    const dir = dirWithOld()
    putPlace(dir, {}, { savedMs: new Date(2099, 0, 1, 12).getTime() })
    await start({ dir })
    expect(await liveOn(dir, 30)).toEqual([])
    // What grew old meanwhile is held as well.
    expect(oldIn(dir)).toEqual(oldFiles)
    putDay(join(dir, dayFile(dayBefore(today, -30))), dayBefore(today, -30))
    const notices = await start({ dir, atMs: noon + 31 * dayMs })
    expect(notices).toEqual([
      expect.stringContaining("was not saved for more than 30 days, the last time at 2099-")
    ])
    expect(oldIn(dir)).toEqual([])
  })
})

describe("S4.25 F103 beyond the bound of undelivered bytes the hold lapses", () => {
  it("for the oldest days, which is counted in the mark and noticed once; the rest is held", async () => {
    const dir = dirWithOld()
    putPlace(dir, Object.fromEntries(newest.map(dayFile).map((name) => [name, settledTo(join(dir, name))])))
    const notices = await start({ dir, undelivered: { bytesMax: 2 * lineBytes } })
    expect(oldIn(dir)).toEqual(oldFiles.slice(1))
    expect(notices).toEqual([
      `${JSON.stringify(dir)}: 1 file of ${old[0]} was deleted with ${lineBytes} bytes that were not delivered to "sql": more than ${2 * lineBytes} bytes waited there; the option "undelivered" says how much may`
    ])
    expect(marksIn(dir)).toMatchObject([
      {
        message: `Deleting 1 file of ${old[0]}: older than 7 days, with ${lineBytes} bytes that were not delivered`,
        ...{ count: 1, oldest: old[0], newest: old[0], days: 7, reason: "age", undelivered_bytes: lineBytes }
      }
    ])
  })

  it("but nothing goes that is not old, however much is undelivered", async () => {
    const dir = sweptDir(daysBefore(6))
    putPlace(dir, {})
    expect(await start({ dir, undelivered: { bytesMax: 0 } })).toEqual([])
    expect(filesBelow(dir)).toEqual(daysBefore(6).map(dayFile))
  })

  it("of several bounds that were asked for the greatest counts, and the default beats none of them", async () => {
    const dir = dirWithOld()
    putPlace(dir, {})
    await start({ dir, undelivered: { bytesMax: 100 * lineBytes } })
    await start({ dir, undelivered: { bytesMax: 0 } })
    expect(oldIn(dir)).toEqual(oldFiles)
  })
})
