// An application's tests replace timers and the clock. The log goes on: only the date on its lines is the test's.
import { afterEach, expect, it, vi } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { memoryExporter } from "../../src/testing/index.ts"

afterEach(() => void vi.useRealTimers())

it("flush, commit and close answer while an application's test has fake timers", async () => {
  vi.useFakeTimers({ now: Date.UTC(2031, 0, 2) })
  const exporter = memoryExporter({ required: true })
  const audit = createAuditLog({ app: "faked", exporters: [exporter], exitHook: false })
  audit.log("visit", "one")
  expect(await audit.flush()).toMatchObject({ complete: true, written: 1 })
  exporter.break("hang")
  audit.log("visit", "two")
  expect(await audit.flush({ timeoutMs: 20 })).toMatchObject({ complete: false, pending: 1 })
  exporter.heal()
  expect(await audit.close()).toMatchObject({ complete: true, written: 2 })
  expect(exporter.events.map(({ head }) => head.ts)).toEqual(Array(2).fill("2031-01-02T00:00:00.000Z"))
})
