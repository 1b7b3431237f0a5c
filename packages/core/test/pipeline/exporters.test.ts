// The shared exporter cases on the memory exporter, and what the log asks of exporters: filters, routes, facts, marks.
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { batchFromLines } from "../../src/pipeline/batch.ts"
import type { Exporter } from "../../src/pipeline/exporter.ts"
import { exporterCases, type MemoryExporter, memoryExporter } from "../../src/testing/index.ts"

describe("the memory exporter passes the exporter cases", () => {
  for (const exporterCase of exporterCases) {
    it(exporterCase.name, async () => {
      let made: MemoryExporter = memoryExporter()
      const encoder = new TextEncoder()
      await exporterCase.run({
        make: () => {
          made = memoryExporter()
          return made
        },
        readBack: async () => made.lines.map((line) => encoder.encode(line)),
        // An answer that is lost is the harder failure: the lines have arrived.
        break: (how) => made.break(how === "fail" ? "unknown" : how),
        heal: () => made.heal()
      })
    })
  }
})

describe("the exporter cases find a bad exporter", () => {
  const failing = async (
    spoil: (exporter: MemoryExporter) => Exporter,
    drop: (lines: readonly string[]) => readonly string[]
  ) => {
    const found: string[] = []
    for (const exporterCase of exporterCases) {
      let made = memoryExporter()
      const run = exporterCase.run({
        make: () => {
          made = memoryExporter()
          return spoil(made)
        },
        readBack: async () => drop(made.lines).map((line) => new TextEncoder().encode(line)),
        break: (how) => made.break(how),
        heal: () => made.heal()
      })
      await run.catch(() => found.push(exporterCase.name))
    }
    return found
  }

  it("one that loses a line, one that swaps two, one that repeats", async () => {
    expect(
      await failing(
        (it) => it,
        (lines) => lines.slice(1)
      )
    ).toHaveLength(exporterCases.length)
    expect(
      (
        await failing(
          (it) => it,
          ([first = "", second = "", ...rest]) => [second, first, ...rest]
        )
      ).length
    ).toBeGreaterThan(3)
    expect(
      (
        await failing(
          (it) => it,
          (lines) => [...lines, ...lines.slice(-1)]
        )
      ).length
    ).toBeGreaterThan(2)
  })
})

describe("what the log asks of an exporter", () => {
  it("accepts: what it refuses is not offered to it; one that throws accepts; session lines always come", async () => {
    const errorsOnly = memoryExporter({ name: "errors", accepts: ({ level }) => level === "error" })
    const throwing = memoryExporter({
      name: "throwing",
      accepts: () => {
        throw new Error("no")
      }
    })
    const audit = createAuditLog({ app: "filters", exporters: [errorsOnly, throwing], exitHook: false })
    audit.sessionStart()
    audit.log("a", "one")
    audit.log("a", "two", undefined, { level: "error" })
    const { exporters } = await audit.flush()
    expect(exporters).toMatchObject([
      { accepted: 2, written: 2 },
      { accepted: 3, written: 3 }
    ])
    expect(errorsOnly.events.map(({ head }) => head.seq)).toEqual([1, 3])
    expect(throwing.events).toHaveLength(3)
  })

  it("route: computed at the call from head and fields, and stands in the column", async () => {
    const routes: string[] = []
    const memory = memoryExporter({ route: ({ level }, fields) => `${level}/${String(fields.user)}` })
    const exporter: Exporter = {
      ...memory,
      lastWrite: (_log, batch) => {
        const { route, names } = batch.columns
        routes.push(...[...route].map((index) => names.route[index] ?? ""))
        return { written: batch.count }
      }
    }
    const audit = createAuditLog({ app: "routes", exporters: [exporter], exitHook: true })
    const fields = { user: "ada" }
    audit.log("a", "one", fields)
    fields.user = "bob"
    audit.log("a", "two", fields)
    for (const listener of process.listeners("exit").slice(-1)) listener.call(process, 0)
    expect(routes).toEqual(["info/ada", "info/bob"])
    await audit.close()
  })

  it("F82 a routed event whose values throw is recorded; the route sees what could be read", async () => {
    const seen: unknown[] = []
    const exporter = memoryExporter({
      route: (_head, fields) => {
        seen.push(Object.keys(fields))
        return "r"
      }
    })
    const audit = createAuditLog({ app: "routes", exporters: [exporter], exitHook: false })
    const throwing = {
      user: "ada",
      get bad() {
        throw new Error("no")
      }
    }
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    audit.log("a", "throws", throwing)
    audit.log("a", "revoked", proxy as Record<string, unknown>)
    await audit.close()
    expect(exporter.events.map(({ head }) => head.message)).toEqual(["throws", "revoked"])
    expect(seen).toEqual([["user"], ["extra"]])
  })

  it("facts go into the session start line; an exporter that throws there does no harm", async () => {
    const memory = memoryExporter()
    const telling: Exporter = { ...memory, facts: ({ app }) => ({ log_file: `/logs/${app}.jsonl`, seq: 99 }) }
    const throwing: Exporter = {
      ...memoryExporter({ name: "bad" }),
      facts: () => {
        throw new Error("no")
      }
    }
    const audit = createAuditLog({ app: "facts", exporters: [telling, throwing], exitHook: false })
    audit.sessionStart()
    await audit.flush()
    expect(memory.events[0]).toMatchObject({ head: { seq: 1 }, fields: { log_file: "/logs/facts.jsonl" } })
  })

  it("handedOver: an exporter that hands events to another pipeline does not count them as written", async () => {
    const audit = createAuditLog({
      app: "hand",
      exporters: [{ ...memoryExporter(), handsOver: true }],
      exitHook: false
    })
    audit.log("a", "b")
    expect(await audit.close()).toMatchObject({ complete: true, accepted: 1, written: 0, handedOver: 1 })
  })

  it("the exit hook goes when the log has ended, and eleven logs share one pair of listeners", async () => {
    const before = process.listenerCount("exit")
    const logs = Array.from({ length: 11 }, () =>
      createAuditLog({ app: "hooks", exporters: [memoryExporter()] })
    )
    for (const audit of logs) audit.log("a", "b")
    expect(process.listenerCount("exit")).toBe(before + 1)
    for (const audit of logs) await audit.close()
    expect(process.listenerCount("exit")).toBe(before)
  })
})

describe("batchFromLines", () => {
  it("gives the columns of lines that were written before, and tells apart what is no event", async () => {
    const exporter = memoryExporter()
    const audit = createAuditLog({ app: "again", exporters: [exporter], exitHook: false })
    audit.log("a", "one")
    audit.log("b", "two", undefined, { level: "fatal" })
    await audit.close()
    const text = `${exporter.lines[0]}\nnot json\n${exporter.lines[1]}`
    const damage: unknown[] = []
    const batch = batchFromLines(new TextEncoder().encode(text), (line, why) => damage.push([line, why]))
    expect(damage).toEqual([[1, "not JSON"]])
    expect(batch).toMatchObject({ count: 2, firstSeq: 1, lastSeq: 2 })
    expect(new TextDecoder().decode(batch.bytes())).toBe(`${exporter.lines.join("\n")}\n`)
    const { columns } = batch
    expect([...columns.seq]).toEqual([1, 2])
    expect([...columns.level]).toEqual([1, 4])
    expect([...columns.category].map((index) => columns.names.category[index])).toEqual(["a", "b"])
    expect(new Date(columns.time[0] ?? 0).toISOString()).toBe(exporter.events[0]?.head.ts)
    expect(batch.events().map(({ head }) => head.message)).toEqual(["one", "two"])
    expect(batch.events()).toBe(batch.events())
  })
})
