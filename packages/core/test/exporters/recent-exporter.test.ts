// The newest lines in memory: what is kept, what gives way, and that what gave way is told where it was.
import { describe, expect, it } from "vitest"
import { createAuditLog, decodeLine, recentExporter } from "../../src/index.ts"
import { exporterCases } from "../../src/testing/index.ts"

const numbered = async (exporter: ReturnType<typeof recentExporter>, count: number) => {
  const audit = createAuditLog({ app: "page", exporters: [exporter], exitHook: false })
  for (let n = 1; n <= count; n++) audit.log(n % 2 === 0 ? "even" : "odd", `event ${n}`, { n })
  await audit.flush()
  return audit
}

const linesOf = (exporter: ReturnType<typeof recentExporter>) =>
  exporter
    .text()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const event = decodeLine(line)
      if ("damage" in event) throw new Error(event.damage)
      return event
    })

describe("recentExporter", () => {
  it("keeps every line as it is, in order, as a file would", async () => {
    const recent = recentExporter()
    await numbered(recent, 100)
    const events = linesOf(recent)
    expect(events.map(({ head }) => head.seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(recent.kept).toEqual({ lines: 100, bytes: recent.bytes().length, forgotten: 0 })
    expect(new TextDecoder().decode(recent.bytes())).toBe(recent.text())
  })

  it("gives up the oldest lines, never a part of one, and tells them in a gap mark that counts", async () => {
    const recent = recentExporter({ linesMax: 10 })
    await numbered(recent, 100)
    const [mark, ...events] = linesOf(recent)
    expect(events.map(({ head }) => head.seq)).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99, 100])
    expect(mark?.kind).toBe("gap")
    expect(mark?.fields).toEqual({
      count: 90,
      first_seq: 1,
      last_seq: 90,
      by_category: { odd: 45, even: 45 },
      reasons: { overflow: 90 },
      exporter: "recent"
    })
    expect(recent.kept).toMatchObject({ lines: 10, forgotten: 90 })
  })

  it("stays within its bytes, whatever the lines", async () => {
    const recent = recentExporter({ bytesMax: 1_000 })
    await numbered(recent, 50)
    expect(recent.kept.bytes).toBeLessThanOrEqual(1_000)
    expect(recent.kept.lines + recent.kept.forgotten).toBe(50)
  })

  it("tells of a gap that gave way too: its events were dropped, and are missing", async () => {
    const recent = recentExporter({
      linesMax: 8,
      queue: { eventsMax: 4, overflow: "drop-oldest" }
    })
    const audit = await numbered(recent, 20)
    expect(linesOf(recent)[0]?.fields).toMatchObject({ count: 16, first_seq: 1, last_seq: 16 })
    for (let n = 21; n <= 28; n++) {
      audit.log("late", `event ${n}`)
      await audit.flush()
    }
    const [mark, ...events] = linesOf(recent)
    expect(events.map(({ head }) => head.seq)).toEqual([21, 22, 23, 24, 25, 26, 27, 28])
    expect(mark?.fields).toMatchObject({ count: 20, first_seq: 1, last_seq: 20, reasons: { overflow: 20 } })
  })

  it("tells two logs that share it apart", async () => {
    const recent = recentExporter({ linesMax: 2 })
    await numbered(recent, 3)
    await numbered(recent, 3)
    const marks = linesOf(recent).filter(({ kind }) => kind === "gap")
    expect(marks.map(({ fields }) => fields.count)).toEqual([3, 1])
    expect(new Set(marks.map(({ head }) => head.session)).size).toBe(2)
  })

  it("keeps the newest of a burst that is larger than its queue", async () => {
    const recent = recentExporter({ queue: { eventsMax: 10 } })
    await numbered(recent, 100)
    expect(linesOf(recent).at(-1)?.head.seq).toBe(100)
  })

  it("tells one hole by one mark, as long as nothing more gives way", async () => {
    const recent = recentExporter({ linesMax: 5 })
    const audit = await numbered(recent, 20)
    expect(recent.text()).toBe(recent.text())
    const before = linesOf(recent)[0]?.head.id
    audit.log("case", "one more")
    await audit.flush()
    expect(linesOf(recent)[0]?.fields.count).toBe(16)
    expect(linesOf(recent)[0]?.head.id).not.toBe(before)
  })

  it("forgets the oldest of many sessions of which no line is left", async () => {
    const recent = recentExporter({ linesMax: 2 })
    for (let session = 0; session < 70; session++) await numbered(recent, 2)
    const marks = linesOf(recent).filter(({ kind }) => kind === "gap")
    expect(marks).toHaveLength(63)
    expect(recent.kept).toMatchObject({ lines: 2, forgotten: 138 })
  })

  it.each(["bytesMax", "linesMax"] as const)("does not take %s below 1", (bound) => {
    for (const value of [0, -1, Number.NaN]) {
      expect(() => recentExporter({ [bound]: value })).toThrow(`recentExporter: option "${bound}"`)
    }
  })

  // Memory cannot be made to fail.
  for (const exporterCase of exporterCases.filter(({ needs }) => needs === undefined)) {
    it(`keeps the exporter contract: ${exporterCase.name}`, async () => {
      let recent = recentExporter()
      await exporterCase.run({
        make: () => {
          recent = recentExporter()
          return recent
        },
        readBack: async () => {
          const lines = recent.text().split("\n").slice(0, -1)
          return lines.map((line) => new TextEncoder().encode(line))
        }
      })
    })
  }
})
