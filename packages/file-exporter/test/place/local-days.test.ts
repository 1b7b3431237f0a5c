// Which file an event belongs to: the local date at which it happened, whenever it is written. Clocks that pass
// midnight, step back or fail, days of 23 and 25 hours, and time zones that change while the application runs.

import { readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { auditLogPath, fileExporter } from "../../src/index.ts"
import { answerOf, runChild } from "../tools/child-process.ts"
import { app, expectEachOnce, filesBelow, freshDir, midnight, numbersTo } from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"
import { clockAt } from "../tools/test-clock.ts"

const flushMs = 10_000
const dayMs = 86_400_000

interface WrittenLine {
  readonly ts: string
  readonly category: string
  readonly message: string
  readonly seq: number
  readonly id: string
}

/** A file's lines, without its seals. */
const linesIn = (path: string): readonly WrittenLine[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as WrittenLine)
    .filter(({ category }) => category !== "seal")

const messagesIn = (path: string): readonly string[] => linesIn(path).map(({ message }) => message)

describe("S0.21 an event is filed under its own local date", () => {
  it("although it is written in a batch with later ones, on another day", async () => {
    const dir = freshDir()
    const clock = clockAt(midnight - 1)
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], clock, exitHook: false })
    audit.log("load", "23:59:59.999")
    clock.now = midnight
    audit.log("load", "00:00:00.000")
    // When the writer comes to it, the clock and the host are both elsewhere.
    clock.now = midnight + 5 * dayMs
    const { written } = await audit.close({ timeoutMs: flushMs })
    expect(written).toBe(2)
    expect(messagesIn(auditLogPath({ app, dir, at: midnight - 1 }))).toEqual(["23:59:59.999"])
    expect(messagesIn(auditLogPath({ app, dir, at: midnight }))).toEqual(["00:00:00.000"])
    expect(filesBelow(dir)).toHaveLength(2)
  })

  it("F63 over midnight no line is lost, doubled or out of order, however the batches fall", async () => {
    const dir = freshDir()
    const clock = clockAt(midnight - 1_000)
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], clock, exitHook: false })
    for (let n = 1; n <= 2_000; n++) {
      audit.log("load", "around midnight")
      clock.now += 1
      if (n % 150 === 0) await audit.flush({ timeoutMs: flushMs })
    }
    await audit.close({ timeoutMs: flushMs })
    expectEachOnce(dir, 2_000)
    // One each day, and the one that closes the session.
    expect(expectAllSealed(dir)).toBe(3)
    const [before, after] = [midnight - 1, midnight].map((at) => linesIn(auditLogPath({ app, dir, at })))
    expect(before?.map(({ seq }) => seq)).toEqual(numbersTo(1_000))
    expect(before?.at(-1)?.ts).toBe(new Date(midnight - 1).toISOString())
    expect(after?.[0]?.ts).toBe(new Date(midnight).toISOString())
  })

  it("F64 a clock that steps back writes to yesterday's file again, behind what is there, and ids go on rising", async () => {
    const dir = freshDir()
    const clock = clockAt(midnight - 1)
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], clock, exitHook: false })
    for (const [at, message] of [
      [midnight - 1, "first"],
      [midnight + 1, "second"],
      [midnight - 60_000, "third, after the clock was set"],
      [midnight + 2, "fourth"]
    ] as const) {
      clock.now = at
      audit.log("load", message)
      await audit.flush({ timeoutMs: flushMs })
    }
    await audit.close({ timeoutMs: flushMs })
    const before = linesIn(auditLogPath({ app, dir, at: midnight - 1 }))
    const after = linesIn(auditLogPath({ app, dir, at: midnight }))
    expect(before.map(({ message }) => message)).toEqual(["first", "third, after the clock was set"])
    expect(after.map(({ message }) => message)).toEqual(["second", "fourth"])
    const ids = [...before, ...after].sort((a, b) => a.seq - b.seq).map(({ id }) => id)
    expect(ids).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(4)
    // Each change of the file closes the other one's stretch.
    expect(expectAllSealed(dir)).toBe(4)
  })

  it("S0.3 S0.12 without a clock an event has no time, and its file is the unknown one", async () => {
    const dir = freshDir()
    const clock = clockAt(midnight)
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir })], clock, exitHook: false })
    audit.log("load", "the clock works")
    clock.currentTimeMillisUnsafe = () => {
      throw new Error("no clock")
    }
    audit.log("load", "the clock fails")
    clock.currentTimeMillisUnsafe = () => midnight
    audit.log("load", "the clock works again")
    await audit.close({ timeoutMs: flushMs })
    expect(messagesIn(auditLogPath({ app, dir, at: midnight }))).toEqual([
      "the clock works",
      "the clock works again"
    ])
    const unknown = linesIn(join(dir, "datatools-unknown.jsonl"))
    expect(unknown).toMatchObject([{ ts: "", message: "the clock fails", seq: 2 }])
  })
})

/** The date of a time in a zone, as the runtime's calendar data has it. */
const dateIn = (zone: string, at: number): string => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit"
  }).formatToParts(at)
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? ""
  return `${of("year")}-${of("month")}-${of("day")}`
}

interface ZoneAnswer {
  readonly events: readonly { readonly at: number; readonly path: string }[]
  readonly written: number
}

describe("time zones", () => {
  it.each([
    ["UTC", "2026-03-05"],
    ["Asia/Kathmandu", "2026-03-05"],
    ["F65 Europe/Berlin", "2026-03-29"],
    ["F65 Europe/Berlin", "2026-10-25"],
    // Clocks go forward at midnight: this day begins at 01:00.
    ["F65 Africa/Cairo", "2026-04-24"],
    ["F65 Australia/Lord_Howe", "2026-04-05"],
    // The day 2011-12-30 did not exist there.
    ["F66 Pacific/Apia", "2011-12-30"],
    ["Pacific/Kiritimati", "2026-03-05"],
    ["Etc/GMT+12", "2026-03-05"]
  ])("S0.12 S0.21 %s around %s: every half hour is in the file of its local date", async (name, day) => {
    const zone = name.split(" ").at(-1) ?? ""
    const dir = freshDir()
    const noonUtc = Date.parse(`${day}T12:00:00Z`)
    const range = [noonUtc - 1.5 * dayMs, noonUtc + 1.5 * dayMs].map(String)
    const ended = await runChild("days-of-a-zone", [dir, ...range], { env: { TZ: zone } })
    const { events, written } = answerOf<ZoneAnswer>(ended)
    expect(written).toBe(145)
    const wanted = new Map<string, string[]>()
    for (const { at, path } of events) {
      const file = `zone-${dateIn(zone, at)}.jsonl`
      expect(path).toBe(join(dir, file))
      wanted.set(file, [...(wanted.get(file) ?? []), new Date(at).toISOString()])
    }
    expect(filesBelow(dir)).toEqual([...wanted.keys()].sort())
    for (const [file, stamps] of wanted) {
      expect(linesIn(join(dir, file)).map(({ ts }) => ts)).toEqual(stamps)
    }
  })

  it("F67 a zone that changes while the application runs: each event follows the zone of its moment", async () => {
    const dir = freshDir()
    const at = Date.UTC(2026, 2, 5, 11)
    const zones = ["Pacific/Kiritimati", "UTC", "Etc/GMT+12", "Pacific/Kiritimati"]
    const ended = await runChild("moves-to-another-zone", [dir, String(at), ...zones])
    expect(answerOf(ended)).toEqual({ written: 4 })
    const found = filesBelow(dir).map((name) => [basename(name), messagesIn(join(dir, name))])
    expect(Object.fromEntries(found)).toEqual({
      "zone-2026-03-06.jsonl": ["Pacific/Kiritimati", "Pacific/Kiritimati"],
      "zone-2026-03-05.jsonl": ["UTC"],
      "zone-2026-03-04.jsonl": ["Etc/GMT+12"]
    })
  })
})
