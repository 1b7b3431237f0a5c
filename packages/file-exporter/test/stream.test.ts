// The readers as Effect Streams: the same rows, failures as typed errors, and files that are closed when a stream ends,
// however it ends.

import { readdirSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { describe, expect, it } from "vitest"
import type { Row } from "../src/index.ts"
import { follow, ReadFailed, readDay, readRecent, readRecentAllUsers } from "../src/stream.ts"
import { app, freshDir, noon } from "./tools/file-bench.ts"
import { briefly, line, writeDay, writeUser } from "./tools/reading.ts"

const day = "2026-03-05"

const collect = async (rows: Stream.Stream<Row, ReadFailed>): Promise<readonly string[]> =>
  (await Effect.runPromise(Stream.runCollect(rows))).map(briefly)

describe("streams", () => {
  it("S2.11 S2.12 S2.13 give what the iterables give", async () => {
    const dir = freshDir()
    const text = ["a", "b", "c"].map((message) => line({ ts: `${day}T10:00:00Z`, message })).join("")
    writeDay(dir, day, text)
    writeUser(dir, "ada", day, text)
    expect(await collect(readDay({ app, dir, day }))).toEqual(["a", "b", "c"])
    expect(await collect(readRecent({ app, dir, at: noon, limit: 2 }))).toEqual(["c", "b"])
    expect(await collect(readRecentAllUsers({ app, dir, at: noon, limit: 2 }))).toEqual(["c", "b"])
    expect(await collect(readDay({ app, dir, day }).pipe(Stream.take(1)))).toEqual(["a"])
  })

  it("fail with ReadFailed where an iterable rejects", async () => {
    const dir = freshDir()
    writeFileSync(join(dir, "file"), "")
    const failed = Effect.flip(Stream.runDrain(readDay({ app, day, dir: join(dir, "file") })))
    const error = await Effect.runPromise(failed)
    expect(error).toBeInstanceOf(ReadFailed)
    expect(error.message).toBe(
      `Cannot read ${JSON.stringify(join(dir, "file"))}: a part of the path is not a directory (ENOTDIR)`
    )
  })

  it("die of options that are none", async () => {
    const exit = await Effect.runPromiseExit(Stream.runDrain(readDay({ app, day: "today", dir: "/srv" })))
    expect(Exit.isFailure(exit) && exit.cause.reasons.map((reason) => reason._tag)).toEqual(["Die"])
  })

  it("follow looks on the fiber's clock, and has closed its files when its fiber was interrupted", async () => {
    const dir = freshDir()
    const path = writeDay(dir, day, line({ ts: `${day}T11:00:00Z`, message: "old" }))
    const seen: string[] = []
    const program = Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      const rows = follow({ app, dir, pollMs: 1_000, begin: "today" })
      const fiber = yield* Effect.forkChild(
        Stream.runForEach(rows, (row) => Effect.sync(() => void seen.push(briefly(row))))
      )
      yield* hasSeen(seen, 1)
      writeDay(dir, day, line({ ts: `${day}T12:00:00Z`, message: "new" }))
      yield* hasSeen(seen, 2)
      expect(openFiles()).toContain(path)
      yield* Fiber.interrupt(fiber)
      expect(openFiles()).not.toContain(path)
    })
    await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(TestClock.layer())))
    expect(seen).toEqual(["old", "new"])
  })
})

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Lets the clock run until so many rows were seen. */
const hasSeen = (seen: readonly string[], count: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let turns = 0; seen.length < count; turns++) {
      if (turns > 100_000) return yield* Effect.die(new Error(`never saw ${count} rows: ${seen.join()}`))
      yield* turn
      if (turns % 50 === 49) yield* TestClock.adjust(1_000)
    }
  })

/** Paths of the files that this process has open, as Linux tells them. */
const openFiles = (): readonly string[] =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
