// Options are checked, all of them: a wrong value and a misspelt name are errors that say what to give instead.
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../src/api/audit-log.ts"
import { promiseExporter } from "../src/exporters/promise-exporter.ts"
import { recentExporter } from "../src/exporters/recent-exporter.ts"
import { nearestOf } from "../src/option-rules.ts"
import { memoryExporter } from "../src/testing/index.ts"

const makeLog = createAuditLog as (options: unknown) => unknown
const makeRecent = recentExporter as (options: unknown) => unknown
const makePromised = promiseExporter as (options: unknown) => unknown
const log = (options: object): unknown => makeLog({ app: "x", exporters: [], ...options })

describe("options of plain JavaScript", () => {
  it.each<readonly [string, () => unknown, string]>([
    [
      "a text for a flag",
      () => log({ enabled: "false" }),
      'option "enabled" must be true or false, not a text'
    ],
    [
      "a level that is none",
      () => log({ level: "loud" }),
      '"debug", "info", "warn", "error" or "fatal", not a text'
    ],
    ["a number for a function", () => log({ notice: 7 }), 'option "notice" must be a function, not 7'],
    [
      "a list for an object",
      () => log({ env: [] }),
      'option "env" must be an object such as process.env, not a list'
    ],
    [
      "null",
      () => log({ allow: null }),
      'option "allow" must be "all" or a list of actions and categories, not null'
    ],
    [
      "a misspelt name",
      () => log({ exitHooks: false }),
      'there is no option "exitHooks"; did you mean "exitHook"?'
    ],
    ["another letter case", () => log({ pseudonymkey: "k" }), 'did you mean "pseudonymKey"?'],
    [
      "a name of nothing",
      () => log({ colour: "red" }),
      'there is no option "colour"; the options are app, exporters,'
    ],
    [
      "a queue without room",
      () => log({ exporters: [memoryExporter({ queue: { eventsMax: 0 } })] }),
      'option "exporters[0].queue.eventsMax" must be a number of events from 1 on, or Infinity, not 0'
    ],
    [
      "a queue that lacks a bound",
      () => log({ exporters: [{ ...memoryExporter(), queue: { eventsMax: 1 } }] }),
      'option "exporters[0].queue.bytesMax" is missing: spread defaultQueuePolicy'
    ],
    [
      "what is switched off",
      () => log({ exporters: [false] }),
      "exporters[0] is no exporter; leave out what is switched off"
    ],
    [
      "NaN",
      () => makeRecent({ bytesMax: Number.NaN }),
      'recentExporter: option "bytesMax" must be a number of bytes from 1 on'
    ],
    [
      "an overflow that is none",
      () => makeRecent({ queue: { overflow: "drop_oldest" } }),
      'recentExporter: option "queue.overflow" must be "drop-newest" or "drop-oldest", not a text'
    ],
    [
      "a misspelt bound",
      () => makePromised({ name: "x", send: () => undefined, queue: { eventMax: 5 } }),
      'promiseExporter: there is no option "queue.eventMax"; did you mean "queue.eventsMax"?'
    ]
  ])("%s", (_what, make, message) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  it("never stand in an error themselves", () => {
    const secret = "k-live-4711"
    expect(() => log({ pseudonymKey: { secret } })).toThrow(/^(?!.*4711)/)
    expect(() => log({ level: secret })).toThrow(/^(?!.*4711)/)
  })

  it("that are undefined are as good as absent", () => {
    expect(() => log({ level: undefined, notice: undefined, nothing: undefined })).not.toThrow()
    expect(() => recentExporter({ queue: undefined, bytesMax: undefined })).not.toThrow()
  })
})

it("the nearest name is near: at most a third of the letters differ", () => {
  const names = ["retentionDays", "layout", "sync", "seal"]
  expect(nearestOf("retentiondays", names)).toBe("retentionDays")
  expect(nearestOf("retention_days", names)).toBe("retentionDays")
  expect(nearestOf("lay-out", names)).toBe("layout")
  expect(nearestOf("snyc", names)).toBe(undefined)
  expect(nearestOf("sinc", names)).toBe("sync")
  expect(nearestOf("somethingElse", names)).toBe(undefined)
})
