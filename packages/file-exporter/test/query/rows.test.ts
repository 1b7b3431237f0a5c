// Leaving a reader while it looks for rows in files that have no end: it stops, and closes what it has open.

import { describe, expect, it } from "vitest"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import type { Row } from "../../src/index.ts"
import { dayFilePath, userFilePath } from "../../src/place/layout.node.ts"
import { followOn, readAllUsersOn, readDayOn, readRecentOn } from "../../src/readers.node.ts"
import { app, linesOf, noon } from "../tools/file-bench.ts"
import { type Content, countingLayer, memoryLayer } from "../tools/reading.ts"

const day = "2026-03-05"
const dir = "/srv/logs"
const page = Buffer.from(linesOf(1, 1))

/** As long as a number can tell, and the same line all the way. */
const endless: Content = {
  size: Math.floor(Number.MAX_SAFE_INTEGER / page.length) * page.length,
  read: (into, position) => page.copy(into, 0, position % page.length)
}

const files = new Map([
  [dayFilePath(dir, app, day), endless],
  [userFilePath(dir, "ada", day), endless],
  [userFilePath(dir, "bob", day), endless]
])

const options = { app, dir, text: "what nobody says" }
const clock = { now: () => noon, wait: async () => {} }

describe("leaving a reader that finds nothing", () => {
  it.each<[string, (layer: ReadLayer) => AsyncIterable<Row>]>([
    ["readDay", (layer) => readDayOn(layer, { ...options, day })],
    ["readRecent", (layer) => readRecentOn(layer, { ...options, at: noon })],
    ["readRecentAllUsers", (layer) => readAllUsersOn(layer, { ...options, at: noon })],
    ["follow", (layer) => followOn(layer, { ...options, begin: "today", clock })]
  ])("F79 %s ends at the next chunk", async (_name, read) => {
    const { layer, asked } = countingLayer(memoryLayer(files))
    // The readers are loaded by the first look at the disk; from then on they take turns with this test.
    const begun = new Promise<void>((resolve) => {
      const { list } = layer
      Object.assign(layer, { list: (path: string) => list(path).finally(resolve) })
    })
    const iterator = read(layer)[Symbol.asyncIterator]()
    const next = iterator.next()
    await begun
    while (asked.bytes < 100_000) await Promise.resolve()
    await iterator.return?.()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(asked.openNow).toBe(0)
    expect(asked.bytes).toBeLessThan(200_000)
  })
})
