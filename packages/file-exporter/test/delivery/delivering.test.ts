// A delivery from end to end on real files: every line once, in the order of the files, through restarts; what is skipped, set
// aside or damaged is counted; a far end that is down holds up nothing but itself.
import { mkdirSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog, defineEvent, ExportError } from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { Delivery, deliver, forgetDelivery } from "../../src/delivery.ts"
import { fileExporter } from "../../src/index.ts"
import {
  append,
  dayFile,
  deliverFrom,
  down,
  farEnd,
  refusing,
  stateOf,
  texts,
  untilState,
  whole
} from "../tools/deliveries.ts"
import { app, filesBelow, freshDir, noon } from "../tools/file-bench.ts"
import { clockAt, type HeldClock, heldClockAt } from "../tools/test-clock.ts"

const Placed = defineEvent({ category: "order", fields: { total: Schema.Number }, message: () => "placed" })

const today = dayFile("2026-03-05")
const yesterday = dayFile("2026-03-04")

/** Moves the clock on until it is so, and lets the disk work meanwhile. */
const advanceUntil = async (clock: HeldClock, isEnough: () => boolean): Promise<void> => {
  while (!isEnough()) {
    for (let turns = 0; turns < 30; turns++) await new Promise(setImmediate)
    clock.advance(1_000)
  }
}

describe("a delivery", () => {
  it("S4.16 S4.18 sends every line of every file once, the oldest day first, and what comes meanwhile", async () => {
    const dir = freshDir()
    append(dir, today, texts(11, 20))
    append(dir, yesterday, texts(1, 10))
    append(dir, "ada/tool_audit/2026-03-04.jsonl", texts(1, 3, "aaaaaaaa"))
    append(dir, `${app}-2026-03-05-bbbbbbbb.jsonl`, texts(1, 2, "bbbbbbbb"))
    const far = farEnd({ queue: { batchEventsMax: 7 } })
    far.answer = () => {
      if (far.attempts.length === 2) append(dir, today, texts(21, 25))
      return undefined
    }
    const { delivery } = deliverFrom(dir, far)
    await delivery.flush(whole)
    const result = await delivery.flush(whole)
    // What came to a file while it was read is of the next round.
    expect(far.lines).toEqual([
      ...texts(1, 3, "aaaaaaaa"),
      ...texts(1, 20),
      ...texts(1, 2, "bbbbbbbb"),
      ...texts(21, 25)
    ])
    expect(result).toEqual({
      complete: true,
      delivered: 30,
      skipped: 0,
      dead: 0,
      damaged: 0,
      pendingBytes: 0
    })
    expect(Math.max(...far.attempts)).toBe(7)
  })

  it("F41 goes on where its place says: another run sends only what is new", async () => {
    const dir = freshDir()
    const far = farEnd()
    for (let run = 0; run < 4; run++) {
      append(dir, today, texts(10 * run + 1, 10 * run + 10))
      const { delivery } = deliverFrom(dir, far)
      expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 10 * run + 10 })
    }
    expect(far.lines).toEqual(texts(1, 40))
  })

  it("is woken by the exporter of its process, and its lines are there when a flush has ended", async () => {
    const dir = freshDir()
    const files = fileExporter({ dir, sync: "batch", required: true, seal: false })
    const audit = createAuditLog({ app, exporters: [files], exitHook: false, notice: () => undefined })
    const far = farEnd()
    // Its clock stands still, so nothing but being woken makes it look.
    const { delivery } = deliverFrom(dir, far, { source: files, clock: heldClockAt(Date.now()) })
    await untilState(delivery, "idle")
    const arrived = untilState(delivery, "sending")
    await audit.commit(Placed({ total: 12 }))
    await arrived
    await untilState(delivery, "idle")
    expect(far.lines.map((line) => JSON.parse(line).message)).toEqual(["placed"])
    await audit.close()
  })

  it("leaves out what its filter does not want, and marks where they are not wanted", async () => {
    const dir = freshDir()
    const files = fileExporter({ dir })
    const audit = createAuditLog({ app, exporters: [files], exitHook: false, notice: () => undefined })
    audit.sessionStart()
    audit.log("order", "wanted")
    audit.log("noise", "not wanted")
    await audit.close()
    const far = farEnd()
    const { delivery } = deliverFrom(dir, far, {
      marks: false,
      accepts: ({ category }) => category === "order"
    })
    // The other event, and the seal.
    expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 3, skipped: 2 })
    expect(far.lines.map((line) => JSON.parse(line).category)).toEqual(["session", "order", "session"])
  })

  it('begins at the end where it is told to: "now" leaves what is there', async () => {
    const dir = freshDir()
    append(dir, yesterday, texts(1, 10))
    append(dir, today, `${texts(11, 12).join("\n")}\n${texts(13, 13)[0]?.slice(0, 40)}`)
    const far = farEnd()
    const first = deliverFrom(dir, far, { begin: "now", clock: clockAt(noon) })
    await first.delivery.flush(whole)
    append(dir, today, `${texts(13, 13)[0]?.slice(40)}\n`)
    append(dir, today, texts(14, 15))
    await first.delivery.close(whole)
    append(dir, today, texts(16, 16))
    await deliverFrom(dir, far, { begin: "now", clock: clockAt(noon) }).delivery.close(whole)
    expect(far.lines).toEqual(texts(13, 16))
  })

  it('begins at the end though a file cannot be read, and only once: "now" is the first start', async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    symlinkSync(join(dir, today), join(dir, yesterday))
    const clock = heldClockAt(noon)
    const far = farEnd()
    const { delivery, notices } = deliverFrom(dir, far, { begin: "now", clock })
    await untilState(delivery, "idle")
    append(dir, today, texts(4, 5))
    await delivery.flush(whole)
    expect(far.lines).toEqual(texts(4, 5))
    expect(notices).toEqual([expect.stringContaining("it is a symbolic link (ELOOP)")])
    // What it keeps is lost while the far end is down, and more lines come: nothing of them may be left.
    far.answer = down
    append(dir, today, texts(6, 7))
    await delivery.flush()
    rmSync(stateOf(dir), { recursive: true })
    await advanceUntil(clock, () => notices.some((text) => text.includes("was removed: begun again")))
    far.answer = () => undefined
    await advanceUntil(clock, () => delivery.health().state === "idle")
    expect(far.lines).toEqual(expect.arrayContaining([...texts(6, 7)]))
  })

  it("F107 S4.15 sets poison aside alone: it is looked for, kept with its reason, and the others arrive in their order", async () => {
    const dir = freshDir()
    const lines = texts(1, 500)
    append(dir, today, lines)
    const far = farEnd()
    const poison = [lines[123] ?? "", lines[499] ?? ""]
    far.answer = refusing('"seq":124,', '"seq":500,')
    const seen: unknown[] = []
    const { delivery, letters, notices } = deliverFrom(dir, far, { onDead: (letter) => seen.push(letter) })
    expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 498, dead: 2 })
    expect(far.lines).toEqual(lines.filter((line) => !poison.includes(line)))
    expect(letters()).toMatchObject(
      poison.map((line) => ({
        file: today,
        offset: lines.slice(0, lines.indexOf(line)).reduce((sum, { length }) => sum + length + 1, 0),
        reason: "Cannot insert a row: no such value (22P02)",
        line
      }))
    )
    expect(seen).toEqual(letters())
    expect(Object.keys(letters()[0] ?? {})).toEqual(["at", "file", "offset", "reason", "line"])
    // One notice, without a value of the line.
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain(JSON.stringify(stateOf(dir)))
  })

  it("takes a far end that refuses all for an outage: 64 lines are set aside, the rest waits and is tried again", async () => {
    const dir = freshDir()
    const lines = texts(1, 200)
    append(dir, today, lines)
    const clock = heldClockAt(Date.now())
    const far = farEnd()
    far.answer = refusing('"seq"')
    const { delivery, letters } = deliverFrom(dir, far, { clock })
    await untilState(delivery, "paused")
    expect(delivery.health()).toMatchObject({
      lastError: "Cannot insert a row: no such value (22P02)",
      nextAttemptAt: expect.any(Number)
    })
    const waitMs = (delivery.health().nextAttemptAt ?? 0) - clock.now
    expect(waitMs).toBeGreaterThanOrEqual(300_000)
    expect(far.attempts.length).toBeLessThan(200)
    far.answer = () => undefined
    clock.advance(waitMs)
    await untilState(delivery, "idle")
    expect(far.lines).toEqual(lines.slice(64))
    expect(letters().map(({ line }) => line)).toEqual(lines.slice(0, 64))
    expect(delivery.health()).toMatchObject({ delivered: 136, dead: 64, pendingBytes: 0 })
  })

  it("takes no batch of which some were refused for an outage, however large it is", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 100))
    const far = farEnd()
    const answer = (refusedEvents: number) => () =>
      new ExportError({ reason: "Cannot keep some", retryable: false, outcome: "failed", refusedEvents })
    far.answer = answer(2)
    const { delivery } = deliverFrom(dir, far, { clock: heldClockAt(noon) })
    await untilState(delivery, "idle")
    expect(delivery.health()).toMatchObject({ delivered: 98, dead: 2, pendingBytes: 0 })
    far.answer = answer(100)
    append(dir, today, texts(101, 200))
    delivery.wake()
    await untilState(delivery, "paused")
    expect(delivery.health()).toMatchObject({ delivered: 98, dead: 2 })
  })

  it("goes on when people have taken away letters that were too many", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    mkdirSync(stateOf(dir), { recursive: true })
    const many = join(stateOf(dir), "dead-2026-03-01.jsonl")
    writeFileSync(many, "")
    truncateSync(many, 65 * 1024 * 1024)
    const clock = heldClockAt(noon)
    const far = farEnd()
    far.answer = refusing('"seq":2')
    const { delivery } = deliverFrom(dir, far, { clock })
    await untilState(delivery, "paused")
    expect(far.lines).toEqual(texts(1, 1))
    unlinkSync(many)
    await advanceUntil(clock, () => delivery.health().state === "idle")
    expect(far.lines).toEqual([...texts(1, 1), ...texts(3, 3)])
    expect(delivery.health()).toMatchObject({ dead: 1, pendingBytes: 0 })
  })

  it("delivers to an exporter whose switch and filter throw, and keeps its counts where the clock fails", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const far = farEnd()
    const broken = (): never => {
      throw new Error("a bug")
    }
    Object.defineProperty(far, "accepts", { get: broken })
    const clock = { ...clockAt(noon), currentTimeMillisUnsafe: broken }
    const { delivery, notices } = deliverFrom(dir, Object.assign(far, { isOn: broken }), { clock })
    expect(await delivery.flush(whole)).toMatchObject({ complete: true, delivered: 3 })
    expect(notices).toEqual([])
  })

  it("that waits for people is not hurried by new lines", async () => {
    let asked = 0
    const isOn = (): boolean => {
      asked += 1
      return false
    }
    const { delivery } = deliverFrom(freshDir(), Object.assign(farEnd(), { isOn }), {
      clock: heldClockAt(noon)
    })
    await untilState(delivery, "paused")
    for (let wakes = 0; wakes < 20; wakes++) {
      delivery.wake()
      await new Promise(setImmediate)
    }
    expect(asked).toBe(1)
    await delivery.flush()
    expect(asked).toBe(2)
  })

  it("keeps all lines of a batch of which some were refused and it is not said which", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 5))
    const far = farEnd()
    far.answer = () =>
      new ExportError({ reason: "Cannot keep some", retryable: false, outcome: "failed", refusedEvents: 2 })
    const { delivery, letters } = deliverFrom(dir, far)
    expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 3, dead: 2 })
    expect(letters().map(({ line }) => line)).toEqual(texts(1, 5))
    expect(letters()[0]?.reason).toBe(
      "2 of these 5 lines were refused, and it is not said which: Cannot keep some"
    )
  })

  it("S4.9 waits 1, 2, 4 … 300 s while the far end is down for an hour, and sends everything once it is back", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 50))
    const clock = heldClockAt(Date.now())
    const begin = clock.now
    const far = farEnd()
    far.answer = down
    const { delivery, notices } = deliverFrom(dir, far, { clock })
    const waits: number[] = []
    while (clock.now - begin < 3_600_000) {
      await untilState(delivery, "backing off")
      const { nextAttemptAt = 0 } = delivery.health()
      waits.push(nextAttemptAt - clock.now)
      const attempts = far.attempts.length
      // A wake ends idling only.
      delivery.wake()
      clock.advance(nextAttemptAt - clock.now)
      while (far.attempts.length === attempts || delivery.health().nextAttemptAt === nextAttemptAt)
        await new Promise(setImmediate)
      while (delivery.health().nextAttemptAt === undefined) await new Promise(setImmediate)
    }
    for (const [number, wait] of waits.entries()) {
      const doubled = Math.min(300_000, 1_000 * 2 ** number)
      expect(wait).toBeGreaterThanOrEqual(0.8 * doubled - 1)
      expect(wait).toBeLessThanOrEqual(1.2 * doubled + 1)
    }
    expect(waits.length).toBeLessThan(30)
    append(dir, today, texts(51, 60))
    far.answer = () => undefined
    expect(await delivery.flush({ timeoutMs: 1 })).toBeDefined()
    await untilState(delivery, "idle")
    clock.advance(1_000)
    const flushed = delivery.flush()
    expect(await flushed).toMatchObject({ complete: true, delivered: 60, pendingBytes: 0 })
    expect(far.lines).toEqual(texts(1, 60))
    expect(notices).toEqual([
      expect.stringContaining("no connection (ECONNREFUSED)"),
      expect.stringContaining("works again")
    ])
  })

  it("S4.10 takes a bug of its exporter for a failed attempt, and goes on when it is gone", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const dying = memoryExporter({ name: "far", breakage: "die" })
    const { delivery, notices } = deliverFrom(dir, dying as never, { clock: heldClockAt(Date.now()) })
    await untilState(delivery, "backing off")
    expect(delivery.health()).toMatchObject({ delivered: 0, nextAttemptAt: expect.any(Number) })
    dying.heal()
    expect(await delivery.flush(whole)).toMatchObject({ complete: true, delivered: 3 })
    expect(dying.lines).toEqual(texts(1, 3))
    expect(notices[0]).toContain("died of Error")
  })

  it("answers a flush at once when its attempt fails, says what waits, and keeps everything", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const far = farEnd()
    far.answer = down
    const { delivery } = deliverFrom(dir, far, { clock: heldClockAt(Date.now()) })
    const bytes = texts(1, 3).join("\n").length + 1
    expect(await delivery.flush(whole)).toMatchObject({ complete: false, delivered: 0, pendingBytes: bytes })
    expect(delivery.health()).toMatchObject({
      state: "backing off",
      pendingBytes: bytes,
      oldestAgeMs: expect.any(Number)
    })
    far.answer = () => undefined
    expect(await delivery.flush(whole)).toMatchObject({ complete: true, delivered: 3, pendingBytes: 0 })
  })

  it("S4.9 says how far it is behind while the far end is down, with what comes meanwhile", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const clock = heldClockAt(Date.now())
    const far = farEnd()
    far.answer = down
    const { delivery } = deliverFrom(dir, far, { clock })
    await untilState(delivery, "backing off")
    append(dir, today, texts(4, 30))
    const bytes = texts(1, 30).join("\n").length + 1
    while (delivery.health().pendingBytes < bytes) {
      clock.advance(100)
      await new Promise(setImmediate)
    }
    expect(delivery.health()).toMatchObject({ state: "backing off", delivered: 0, pendingBytes: bytes })
  })

  it("S4.18 what it is woken for while the far end is down is sent as soon as that is back", async () => {
    const dir = freshDir()
    const files = fileExporter({ dir, sync: "batch", required: true, seal: false })
    const audit = createAuditLog({ app, exporters: [files], exitHook: false, notice: () => undefined })
    const far = farEnd()
    far.answer = down
    const clock = heldClockAt(Date.now())
    const { delivery } = deliverFrom(dir, far, { source: files, clock })
    await untilState(delivery, "idle")
    await audit.commit(Placed({ total: 1 }))
    await untilState(delivery, "backing off")
    // The far end's next attempt and the next look at what waits: what was there has been read.
    await clock.asleep(2)
    await audit.commit(Placed({ total: 2 }))
    for (const answer of [down, () => undefined]) {
      far.answer = answer
      const { nextAttemptAt = 0 } = delivery.health()
      const attempts = far.attempts.length
      clock.advance(nextAttemptAt - clock.now)
      while (far.attempts.length === attempts) await new Promise(setImmediate)
      if (answer === down) await clock.asleep(2)
    }
    // From here on its clock stands still: it does not find the second one by looking from time to time.
    while (far.lines.length < 2) await new Promise(setImmediate)
    expect(far.lines.map((line) => JSON.parse(line).total)).toEqual([1, 2])
    await audit.close()
  })

  it("S4.12 S4.3 an empty or missing folder is fine, and nothing is there before it is made", async () => {
    const dir = join(freshDir(), "not", "yet")
    const far = farEnd()
    const { delivery, notices } = deliverFrom(dir, far)
    expect(await delivery.flush(whole)).toMatchObject({ complete: true, delivered: 0 })
    append(dir, today, texts(1, 2))
    expect(await delivery.close(whole)).toMatchObject({ complete: true, delivered: 2 })
    expect(notices).toEqual([])
  })

  it("S4.11 closes in time though the far end hangs, and the next run sends the line", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 1))
    const hanging = memoryExporter({ name: "far", breakage: "hang" })
    const { delivery } = deliverFrom(dir, hanging as never)
    expect(await delivery.close({ timeoutMs: 50 })).toMatchObject({ complete: false, delivered: 0 })
    await untilState(delivery, "closed")
    const far = farEnd()
    expect(await deliverFrom(dir, far).delivery.close(whole)).toMatchObject({ delivered: 1 })
    expect(await delivery.flush()).toMatchObject({ complete: false })
  })

  it("as a layer is closed with its scope", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 2))
    const far = farEnd()
    const flushed = Effect.gen(function* () {
      const delivery = yield* Delivery
      return yield* Effect.promise(() => delivery.flush(whole))
    })
    const result = await Effect.runPromise(Effect.provide(flushed, Delivery.layer({ app, dir, to: far })))
    expect(result).toMatchObject({ complete: true, delivered: 2 })
    expect(filesBelow(stateOf(dir))).toEqual(["place.json"])
  })

  it("that is forgotten holds nothing more, and another one of its name begins at the front", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 2))
    const far = farEnd()
    await deliverFrom(dir, far).delivery.close(whole)
    await forgetDelivery({ app, dir, name: "far" })
    expect(filesBelow(stateOf(dir))).toEqual([])
    await deliverFrom(dir, far).delivery.close(whole)
    expect(far.lines).toEqual([...texts(1, 2), ...texts(1, 2)])
    await expect(forgetDelivery({ app, dir, name: "other" })).rejects.toThrow(
      'Cannot forget the delivery "other"'
    )
  })

  it("delivers elsewhere than where it keeps its place, so that a folder may be read-only", async () => {
    const [dir, placeDir] = [freshDir(), freshDir()]
    append(dir, today, texts(1, 2))
    const far = farEnd()
    const { delivery, place } = deliverFrom(dir, far, { placeDir })
    await delivery.close(whole)
    expect(filesBelow(dir)).toEqual([today])
    expect(place()).toMatchObject({ holds: false, name: "far" })
  })

  it("refuses options that are unknown, wrong or unsafe, at the call", () => {
    const dir = freshDir()
    const far = farEnd()
    const wrong: readonly [Record<string, unknown>, string][] = [
      [{ too: far }, 'there is no option "too"; did you mean "to"?'],
      [{ to: undefined }, 'option "to" is missing'],
      [{ to: { ...far, handsOver: true } }, 'option "to" must be an exporter that answers'],
      [{ name: "../x" }, 'option "name" must be a name such as "sql"'],
      [{ name: "." }, 'option "name" must be a name such as "sql"'],
      [{ source: far }, 'option "source" must be what fileExporter(…) returns'],
      [{ backoff: { minMs: 0, maxMs: 1 } }, 'option "backoff.minMs" must be'],
      [{ backoff: { minMs: 1 } }, 'option "backoff" must be an object such as'],
      [{ to: { ...far, queue: undefined } }, 'option "to" must be an exporter whose queue says'],
      [
        { to: { ...far, queue: { ...far.queue, batchEventsMax: 0 } } },
        'option "to" must be an exporter whose'
      ],
      [{ dir: "logs" }, 'option "dir" must be an absolute path']
    ]
    for (const [options, message] of wrong)
      expect(() => deliver({ app, dir, to: far, ...options } as never)).toThrow(message)
    expect(filesBelow(dir)).toEqual([])
  })

  it("F76 F78 leaves a place of a newer version alone, and one that is broken is begun again, each with a notice", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 2))
    mkdirSync(stateOf(dir), { recursive: true })
    const path = join(stateOf(dir), "place.json")
    writeFileSync(path, '{"v":2,"files":"another way"}')
    const far = farEnd()
    const newer = deliverFrom(dir, far)
    expect(await newer.delivery.close(whole)).toMatchObject({ complete: false })
    expect(newer.notices[0]).toContain("is of a newer version of Daybook: nothing is delivered")
    expect(far.lines).toEqual([])
    for (const broken of [
      "\u0000\u0000\u0000\u0000",
      "",
      '{"v":1}',
      '{"v":1,"app":"a","name":"far","saved":"","files":{"x":{"at":-1}},"counts":{}}'
    ]) {
      writeFileSync(path, broken)
      far.lines.length = 0
      const again = deliverFrom(dir, far)
      expect(await again.delivery.close(whole)).toMatchObject({ complete: true })
      expect(again.notices).toEqual([expect.stringContaining("cannot be used")])
      expect(far.lines).toEqual(texts(1, 2))
    }
  })
})
