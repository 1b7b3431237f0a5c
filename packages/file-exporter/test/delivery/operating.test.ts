// Deliveries as people see them who operate them: how far each has got, what is set aside, and that once more.
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { listDeliveries, readDeadLetters, retryDeadLetters } from "../../src/delivery.ts"
import {
  append,
  dayFile,
  deliverFrom,
  down,
  farEnd,
  refusing,
  stateOf,
  texts,
  whole
} from "../tools/deliveries.ts"
import { app, freshDir } from "../tools/file-bench.ts"

const day = "2026-03-05"

describe("the deliveries of an app, seen from outside", () => {
  it("S4.22 each says how far it has got, what waits, and who works for it", async () => {
    const dir = freshDir()
    expect(await listDeliveries({ app, dir })).toEqual([])
    append(dir, dayFile(day), texts(1, 100))
    const to = farEnd()
    const { delivery } = deliverFrom(dir, to)
    await delivery.flush(whole)
    const [running] = await listDeliveries({ app, dir })
    expect(running).toMatchObject({
      name: "far",
      holds: true,
      pendingBytes: 0,
      letters: 0,
      counts: { delivered: 100 },
      owner: { pid: process.pid, is: "lives" }
    })
    await delivery.close(whole)
    const more = texts(101, 110)
    append(dir, dayFile(day), more)
    const [closed] = await listDeliveries({ app, dir })
    expect(closed).toMatchObject({ pendingBytes: more.join("\n").length + 1 })
    expect(closed?.owner).toBeUndefined()
  })

  it("S4.15 what is set aside is sent once more, and set aside again when it is refused again", async () => {
    const dir = freshDir()
    append(dir, dayFile(day), [...texts(1, 6), "torn {"])
    const to = farEnd()
    to.answer = refusing('"seq":2,', '"seq":5,')
    const { delivery } = deliverFrom(dir, to)
    expect(await delivery.close(whole)).toMatchObject({ delivered: 4, dead: 2, damaged: 1 })
    const reasons = (await readDeadLetters({ app, dir, name: "far" })).map(({ reason }) => reason)
    expect(reasons).toHaveLength(3)
    const retry = (): ReturnType<typeof retryDeadLetters> => retryDeadLetters({ app, dir, name: "far", to })
    to.answer = refusing('"seq":5,')
    expect(await retry()).toEqual({ delivered: 1, dead: 2, complete: true })
    expect(to.lines.filter((line) => line.includes('"seq":2,'))).toHaveLength(1)
    to.answer = () => undefined
    expect(await retry()).toEqual({ delivered: 1, dead: 1, complete: true })
    const left = await readDeadLetters({ app, dir, name: "far" })
    expect(left.map(({ line }) => line)).toEqual(["torn {"])
    expect((await listDeliveries({ app, dir }))[0]).toMatchObject({ letters: 1 })
  })

  it("S4.15 a retry that was ended loses no letter, and the next one goes on with it", async () => {
    const dir = freshDir()
    append(dir, dayFile(day), texts(1, 3))
    const to = farEnd()
    to.answer = refusing('"seq":2,')
    await deliverFrom(dir, to).delivery.close(whole)
    const end = new AbortController()
    to.answer = (lines) => {
      end.abort()
      return down(lines)
    }
    const options = { app, dir, name: "far", to, notice: () => undefined }
    expect(await retryDeadLetters({ ...options, signal: end.signal })).toMatchObject({ complete: false })
    expect(await readDeadLetters({ app, dir, name: "far" })).toHaveLength(1)
    expect(readdirSync(stateOf(dir)).filter((name) => name.startsWith("retry-"))).toHaveLength(1)
    to.answer = () => undefined
    expect(await retryDeadLetters(options)).toEqual({ delivered: 1, dead: 0, complete: true })
    expect(await readDeadLetters({ app, dir, name: "far" })).toEqual([])
  })

  it("a place that cannot be read says why", async () => {
    const dir = freshDir()
    append(dir, join(".daybook", app, "delivery", "sql", "place.json"), "no json")
    expect(await listDeliveries({ app, dir })).toMatchObject([
      { name: "sql", trouble: expect.stringMatching(/form/) }
    ])
    rmSync(join(dir, ".daybook"), { recursive: true })
    expect(await listDeliveries({ app, dir })).toEqual([])
  })
})
