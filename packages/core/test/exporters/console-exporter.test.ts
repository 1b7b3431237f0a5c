// Events on the console: in this process, and in Chromium's. conformance/console.conformance.mjs looks at the bytes that a process
// of each runtime writes.
import { afterEach, describe, expect, it, vi } from "vitest"
import { openPage } from "../../../../vitest.page.ts"
import { type AuditLogOptions, consoleExporter, createAuditLog, type Exporter } from "../../src/index.ts"
import { replay } from "../../src/replay/index.ts"
import { memoryExporter } from "../../src/testing/index.ts"

afterEach(() => void vi.restoreAllMocks())

/** What is written on stderr, by line. `write` may refuse a write, as a full or closed pipe does, or take a part of it. */
const watchStderr = (
  write: (bytes: Uint8Array) => number = ({ length }) => length
): (() => readonly string[]) => {
  let text = ""
  vi.spyOn(process.getBuiltinModule("node:fs"), "writeSync").mockImplementation((_, given) => {
    const bytes = given as unknown as Uint8Array
    const taken = write(bytes)
    text += Buffer.from(bytes.subarray(0, taken)).toString("latin1")
    return taken
  })
  return () => Buffer.from(text, "latin1").toString("utf8").split("\n").slice(0, -1)
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: write`), { code })

const logTo = (exporter: Exporter, options: Partial<AuditLogOptions<readonly Exporter[]>> = {}) =>
  createAuditLog({ app: "datatools", exporters: [exporter], exitHook: false, env: {}, ...options })

describe("consoleExporter", () => {
  it("prints each event once, in order, and counts it as handed over", async () => {
    const lines = watchStderr()
    const audit = logTo(consoleExporter())
    for (let n = 1; n <= 1_000; n++) audit.log("case", `event ${n}`)
    expect(await audit.flush()).toMatchObject({ complete: true, handedOver: 1_000, written: 0, dropped: 0 })
    expect(lines().map((line) => line.slice("hh:mm:ss.mmm ".length))).toEqual(
      Array.from({ length: 1_000 }, (_, n) => `info  case       event ${n + 1}`)
    )
  })

  it("prints what it accepts", async () => {
    const lines = watchStderr()
    const audit = logTo(consoleExporter({ accepts: ({ category }) => category === "wanted" }))
    audit.log("wanted", "one")
    audit.log("other", "two")
    await audit.flush()
    expect(lines()).toEqual([expect.stringContaining("one")])
  })

  it("prints a gap mark where events are missing, and it counts", async () => {
    const lines = watchStderr()
    const exporter = consoleExporter()
    const audit = logTo({ ...exporter, queue: { ...exporter.queue, eventsMax: 10 } })
    for (let n = 1; n <= 30; n++) audit.log("case", `event ${n}`)
    await audit.flush()
    audit.log("case", "later")
    await audit.flush()
    const dropped = audit.health().exporters[0]?.dropped ?? 0
    expect(dropped).toBeGreaterThan(0)
    expect(lines().filter((line) => line.includes("───── gap"))).toEqual([
      expect.stringContaining(`${dropped} events are missing here: overflow`)
    ])
  })

  it("goes on where a full pipe stopped it, and loses and repeats nothing", async () => {
    let calls = 0
    const lines = watchStderr(({ length }) => {
      calls += 1
      if (calls % 2 === 0) throw failure("EAGAIN")
      return Math.min(length, 1_000)
    })
    const audit = logTo(consoleExporter(), { notice: () => undefined })
    for (let n = 1; n <= 100; n++) audit.log("case", `événement ${n}`)
    for (let tries = 0; tries < 20; tries++) await audit.flush()
    expect(audit.health().exporters[0]).toMatchObject({ handedOver: 100, dropped: 0, pending: 0 })
    expect(lines().map((line) => line.split("événement ")[1])).toEqual(
      Array.from({ length: 100 }, (_, n) => String(n + 1))
    )
  })

  it("counts what a closed stderr did not take, and no call throws", async () => {
    const notices: string[] = []
    watchStderr(() => {
      throw failure("EPIPE")
    })
    const audit = logTo(consoleExporter(), { notice: (line) => void notices.push(line) })
    for (let n = 1; n <= 5; n++) audit.log("case", `event ${n}`)
    expect(await audit.flush()).toMatchObject({ handedOver: 0, dropped: 5, pending: 0 })
    expect(notices).toEqual([expect.stringContaining("Cannot print: stderr is closed (EPIPE)")])
  })

  it.each([
    { env: {}, isColorful: false },
    { env: { FORCE_COLOR: "1" }, isColorful: true },
    { env: { FORCE_COLOR: "" }, isColorful: true },
    { env: { FORCE_COLOR: "0" }, isColorful: false },
    { env: { FORCE_COLOR: "1", NO_COLOR: "1" }, isColorful: false },
    { env: { FORCE_COLOR: "1", NO_COLOR: "" }, isColorful: true }
  ])("$env gives colours: $isColorful", async ({ env, isColorful }) => {
    const lines = watchStderr()
    const audit = logTo(consoleExporter(), { env })
    audit.log("case", "event")
    await audit.flush({ timeoutMs: 10_000 })
    expect(lines()[0]?.includes("\u001b[")).toBe(isColorful)
  })

  it("shows old lines by a replay", async () => {
    const memory = memoryExporter()
    const audit = logTo(memory)
    audit.log("case", "old")
    await audit.flush()
    const lines = watchStderr()
    await replay(memory.lines, consoleExporter(), { app: "datatools", env: {} })
    expect(lines()).toEqual([expect.stringContaining("info  case       old")])
  })

  it("refuses an option that it does not have", () => {
    expect(() => consoleExporter({ color: true } as never)).toThrow('there is no option "color"')
  })

  it("in a page uses the console's levels, without control codes and formats", async () => {
    const { page } = await openPage(
      import.meta.dirname,
      `import { consoleExporter, createAuditLog } from "@daybook/core"
       window.told = []
       const notice = (line) => window.told.push(line)
       window.audit = createAuditLog({ app: "page", exporters: [consoleExporter()], notice })`
    )
    const seen: (readonly [type: string, text: string])[] = []
    page.on("console", (message) => seen.push([message.type(), message.text()]))
    await page.evaluate(`(async () => {
      for (const level of ["debug", "info", "warn", "error", "fatal"])
        audit.log("case", "100 %c%s " + level, { format: "%o" }, { level })
      await audit.flush()
    })()`)
    expect(seen.map(([type, text]) => [type, text.slice("hh:mm:ss.mmm ".length)])).toEqual([
      ["debug", "debug case       100 %c%s debug  format=%o"],
      ["info", "info  case       100 %c%s info  format=%o"],
      ["warning", "warn  case       100 %c%s warn  format=%o"],
      ["error", "error case       100 %c%s error  format=%o"],
      ["error", "fatal case       100 %c%s fatal  format=%o"]
    ])
  })

  it("in a page whose tools break its console counts the events that they cost", async () => {
    const { page } = await openPage(
      import.meta.dirname,
      `import { consoleExporter, createAuditLog } from "@daybook/core"
       const notice = () => undefined
       window.audit = createAuditLog({ app: "page", exporters: [consoleExporter()], notice })
       console.warn = () => { throw new Error("a tool's bug") }`
    )
    const seen: string[] = []
    page.on("console", (message) => seen.push(message.text()))
    const counts = await page.evaluate(`(async () => {
      for (const level of ["info", "warn", "info"]) audit.log("case", "event " + level, {}, { level })
      const { handedOver, dropped, pending } = await audit.flush()
      return { handedOver, dropped, pending }
    })()`)
    expect(counts).toEqual({ handedOver: 2, dropped: 1, pending: 0 })
    expect(seen.filter((text) => text.includes("event info")).length).toBe(2)
  })
})
