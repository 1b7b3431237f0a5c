// A host without Web Crypto: jest's jsdom, a Node that was started without the global.
import { afterEach, expect, it, vi } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { memoryExporter } from "../../src/testing/index.ts"

afterEach(() => void vi.unstubAllGlobals())

it("a log without Web Crypto records, and its sessions and ids differ", async () => {
  vi.stubGlobal("crypto", undefined)
  const sessions = new Set<string>()
  for (let log = 0; log < 100; log++) {
    const exporter = memoryExporter()
    const notices: string[] = []
    const notice = (line: string): void => void notices.push(line)
    const audit = createAuditLog({ app: "bare", exporters: [exporter], exitHook: false, notice })
    audit.log("visit", "one")
    audit.log("visit", "two")
    expect(await audit.close()).toMatchObject({ complete: true, written: 2 })
    const [one, two] = exporter.events.map(({ head }) => head)
    expect(one?.session).toMatch(/^[0-9a-f]{8}$/)
    expect(one?.id).not.toBe(two?.id)
    sessions.add(one?.session ?? "")
    expect(notices).toEqual([])
  }
  expect(sessions.size).toBe(100)
})
