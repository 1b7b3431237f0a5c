// What the people who run an application see on stderr: one line for each change of state, with what, where and why,
// and never one for an event. Each application is a process of its own.

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { answerOf, runChild, startChild } from "../tools/child-process.ts"
import { contentsOf, freshDir, numbersTo } from "../tools/file-bench.ts"
import { expectAllSealed } from "../tools/right-seals.ts"

describe("S0.22 a place that breaks", () => {
  it("is told once when it breaks and once when it works again, however many events and attempts there were", async () => {
    const dir = join(freshDir(), "logs")
    mkdirSync(dir)
    const ended = await runChild("breaks-and-mends", [dir, "3"])
    const { written } = answerOf<{ readonly written: readonly number[] }>(ended)
    expect(written).toEqual([0, 0, 0, 300, 300, 300, 300, 600, 600, 600, 600, 900])
    // A place that is somebody else's now is a thing of its own, and is told once as well.
    const removed = ended.told.filter((line) => line.includes("its directory was removed, and made again"))
    expect(removed).toHaveLength(2)
    const told = ended.told.filter((line) => !removed.includes(line))
    expect(told).toHaveLength(6)
    for (const [index, line] of told.entries()) {
      expect(line).toMatch(/^\[daybook\] datatools: file: /)
      if (index % 2 === 1) expect(line).toMatch(/works again; 0 events were dropped meanwhile$/)
      else
        expect(line).toMatch(
          /Cannot (append to|make the directory) "[^"]*logs[^"]*": .* \((ENOTDIR|EEXIST)\); 100 events waiting/
        )
    }
    // Each round's breaking took the files of the rounds before with it.
    expect(contentsOf(dir).seqs).toEqual(numbersTo(900).slice(600))
  })

  it("says nothing at all while everything works", async () => {
    const dir = freshDir()
    const ended = await runChild("writes-thousands", [dir, "1000"])
    expect(answerOf(ended)).toMatchObject({ complete: true, written: 1_000 })
    expect(ended.told).toEqual([])
  })
})

describe("S0.22 the end of a process whose place is broken", () => {
  it.each(["end", "exit", "throw"])("by %s tells once how many events are lost", async (ending) => {
    const dir = join(freshDir(), "logs")
    writeFileSync(dir, "")
    const { code, told } = await runChild("ends-broken", [dir, ending])
    expect(code).toBe({ end: 0, exit: 7, throw: 1 }[ending])
    // An exception that nobody catches is an event too.
    const lost = ending === "throw" ? 101 : 100
    const ours = told.filter((line) => line.startsWith("[daybook]"))
    expect(ours).toEqual([
      expect.stringMatching(/file: Cannot .*; 100 events waiting/),
      expect.stringContaining(`${lost} events could not be written before the process ended`)
    ])
  })
})

describe("F119 a stderr that nobody reads any more", () => {
  it.each(["end", "exit"])(
    "does not stop the application, which comes to its own end by %s",
    async (ending) => {
      const dir = join(freshDir(), "logs")
      writeFileSync(dir, "")
      const child = startChild("ends-broken", [dir, ending])
      child.process.stderr?.destroy()
      const { code, signal } = await child.ended
      expect({ code, signal }).toEqual({ code: ending === "exit" ? 7 : 0, signal: null })
    }
  )
})

describe("S0.14 a queue of 5,000", () => {
  it("keeps exactly the newest 5,000 of 6,000, and tells the rest in one gap mark when the place is good again", async () => {
    const obstacle = join(freshDir(), "logs")
    writeFileSync(obstacle, "")
    const dir = join(obstacle, "below")
    const ended = await runChild("outgrows-queue", [dir, obstacle])
    const { broken, mended } = answerOf<Record<"broken" | "mended", Record<string, unknown>>>(ended)
    expect(broken).toMatchObject({
      complete: false,
      accepted: 6_000,
      written: 0,
      dropped: 1_000,
      pending: 5_000
    })
    expect(mended).toMatchObject({
      complete: true,
      accepted: 6_000,
      written: 5_000,
      dropped: 1_000,
      pending: 0
    })
    const { lines } = contentsOf(dir)
    expectAllSealed(dir)
    expect(lines).toHaveLength(5_001)
    expect(lines[0]).toMatchObject({
      level: "warn",
      category: "gap",
      count: 1_000,
      first_seq: 1,
      last_seq: 1_000,
      by_category: { load: 1_000 },
      reasons: { overflow: 1_000 },
      exporter: "file"
    })
    expect(lines[0]).not.toHaveProperty("seq")
    expect(lines.slice(1).map(({ seq }) => seq)).toEqual(numbersTo(6_000).slice(1_000))
    expect(ended.told).toHaveLength(2)
    expect(ended.told[1]).toContain("works again; 1000 events were dropped meanwhile")
  })
})

describe("F28 an open that hangs", () => {
  it("F26 makes the exporter stalled, with no second operation, and loses nothing when it comes back", async () => {
    const dir = freshDir()
    const ended = await runChild("hangs-in-open", [dir, "late"])
    const { opensWhileStalled, flushed, closed } = answerOf<Record<string, unknown>>(ended)
    expect(opensWhileStalled).toBe(1)
    expect(flushed).toMatchObject({
      complete: false,
      accepted: 1_000,
      written: 0,
      dropped: 0,
      pending: 1_000
    })
    expect(closed).toMatchObject({ complete: true, accepted: 1_000, written: 1_000, dropped: 0, pending: 0 })
    expect(contentsOf(dir)).toMatchObject({ seqs: numbersTo(1_000), repeated: 0, damaged: [] })
    expect(ended.told[0]).toContain("no answer for 1000 ms; 500 events waiting")
    expect(ended.told.at(-1)).toContain("works again; 0 events were dropped meanwhile")
    expect(new Set(ended.told).size).toBe(ended.told.length)
  })

  it("does not keep the process alive, and its end is told with what is lost", async () => {
    const dir = freshDir()
    const ended = await runChild("hangs-in-open", [dir, "never"])
    const { closed } = answerOf<Record<string, unknown>>(ended)
    expect(closed).toMatchObject({ complete: false, accepted: 1_000, written: 0, dropped: 0, pending: 1_000 })
    expect(contentsOf(dir).seqs).toEqual([])
    expect(ended.told).toHaveLength(2)
    expect(ended.told[1]).toContain("1000 events could not be written before the process ended")
  })
})
