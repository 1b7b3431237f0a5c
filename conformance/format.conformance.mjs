// Bytes that runtimes could make differently: text beyond ASCII, halves of surrogate pairs, escapes, numbers, and the
// local date of each time zone. Everything is read back from the file as bytes.
import assert from "node:assert/strict"
import { Buffer } from "node:buffer"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import test from "node:test"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { linesOf, namesIn, runFixture, withDir } from "./child-run.mjs"
import { declareTextCases } from "./text-cases.mjs"

/** Logs one event for each value, as message and field, and returns the file's bytes and its lines. */
const write = (values) =>
  withDir(async (dir) => {
    const audit = createAuditLog({ app: "format", exporters: [fileExporter({ dir })], exitHook: false })
    for (const value of values) audit.log("text", String(value), { value })
    await audit.close({ timeoutMs: 10_000 })
    const bytes = Buffer.concat(namesIn(dir).map((name) => readFileSync(join(dir, name))))
    return { bytes, lines: linesOf(dir) }
  })

declareTextCases(write)

/** The date and offset of a moment in a time zone, as the runtime's calendar data has them. */
const calendar = (zone, at) => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    timeZoneName: "longOffset"
  }).formatToParts(at)
  const of = (type) => parts.find((part) => part.type === type).value
  const offset = of("timeZoneName").replace("GMT", "")
  return { date: `${of("year")}-${of("month")}-${of("day")}`, offset: offset === "" ? "+00:00" : offset }
}

// The first two are 26 hours apart: at any moment, one of them has another date than UTC.
for (const zone of ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/St_Johns", "UTC"]) {
  test(`S0.12 in ${zone} the file has the local date, and the line UTC`, () =>
    withDir(async (dir) => {
      const { code, stderr } = await runFixture("one-event-now.mjs", [dir], { TZ: zone })
      assert.equal(code, 0, stderr)
      for (const name of namesIn(dir)) {
        for (const line of readFileSync(join(dir, name), "utf8").trimEnd().split("\n")) {
          const { ts, message, tz_offset } = JSON.parse(line)
          assert.match(ts, /Z$/)
          assert.ok(Math.abs(Date.parse(ts) - Date.now()) < 3_600_000, ts)
          const { date, offset } = calendar(zone, Date.parse(ts))
          assert.equal(name, `zone-${date}.jsonl`)
          if (message === "Session started") assert.equal(tz_offset, offset)
        }
      }
      assert.equal(linesOf(dir).length, 3)
    }))
}
