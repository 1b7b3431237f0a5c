// Old lines through the writer that logs have: what is refused comes back with its reason, what the exporter dies of is looked
// for, a line without an id gets the same one each time, and the exporter may finish. Collectors are in the OTel bridge's tests.
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { type AuditEvent, decodeLine } from "../../src/event/decode-line.ts"
import { countedLinesMax } from "../../src/limits.ts"
import { type Batch, batchOf } from "../../src/pipeline/batch.ts"
import { defaultQueuePolicy, ExportError, type Exporter } from "../../src/pipeline/exporter.ts"
import { LineIds, replay, Sender, type Settled, senderIdentity, unrefClock } from "../../src/replay/index.ts"

const app = "datatools"
const decoder = new TextDecoder()

const line = (n: number): string =>
  `{"ts":"2026-11-22T09:00:00.000Z","category":"case","message":"m","n":${n},"id":"id-${n}"}`
const lines = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index))

const refusal = (divisible = true): ExportError =>
  new ExportError({ reason: "no such value (22P02)", retryable: false, outcome: "failed", divisible })

interface FarEnd extends Exporter {
  readonly taken: string[]
  finished: number
}

/** An end that does with each batch what `answer` says. */
const farEnd = (
  answer: (texts: readonly string[]) => Effect.Effect<void, ExportError>,
  batchEventsMax = 500
): FarEnd => {
  const end: FarEnd = {
    name: "far",
    queue: { ...defaultQueuePolicy, batchEventsMax },
    taken: [],
    finished: 0,
    open: () =>
      Effect.succeed({
        export: (batch: Batch) =>
          Effect.suspend(() => {
            const texts = decoder.decode(batch.bytes()).trimEnd().split("\n")
            return Effect.tap(answer(texts), () => Effect.sync(() => void end.taken.push(...texts)))
          }),
        finish: () =>
          Effect.sync(() => {
            end.finished += 1
          })
      })
  }
  return end
}

const silent = { app, notice: () => undefined }

describe("a replay", () => {
  it("gives back what is refused for good, line by line, with the reason, and lets the exporter finish", async () => {
    const far = farEnd((texts) =>
      texts.some((text) => /"n":(7|70),/.test(text)) ? Effect.fail(refusal()) : Effect.void
    )
    const refused: unknown[] = []
    const result = await replay(lines(1, 100), far, {
      ...silent,
      onRefused: (bytes, reason) => refused.push([decoder.decode(bytes), reason])
    })
    expect(result).toMatchObject({ sent: 98, refused: 2, complete: true })
    expect(refused).toEqual([7, 70].map((n) => [`${line(n)}\n`, "no such value (22P02)"]))
    expect(far.taken).toEqual(
      lines(1, 100).filter((text) => !refused.some((one) => String(one).startsWith(text)))
    )
    expect(far.finished).toBe(1)
  })

  it("F61 does not look for each line of a batch that is refused line after line: behind 64 the rest is refused at once", async () => {
    let attempts = 0
    const far = farEnd(() => {
      attempts += 1
      return Effect.fail(refusal())
    })
    let given = 0
    const count = (bytes: Uint8Array): void => {
      given += decoder.decode(bytes).trimEnd().split("\n").length
    }
    expect(await replay(lines(1, 400), far, { ...silent, onRefused: count })).toMatchObject({ refused: 400 })
    expect(given).toBe(400)
    expect(attempts).toBeLessThan(200)
  })

  it("ends with what keeping the refused throws, and does not hang", async () => {
    const far = farEnd(() => Effect.fail(refusal(false)))
    const onRefused = (): void => {
      throw new Error("no room for letters")
    }
    await expect(replay(lines(1, 3), far, { ...silent, onRefused })).rejects.toThrow("no room for letters")
    expect(far.finished).toBe(1)
  })

  it("keeps its rate though the clock is set back", async () => {
    const far = farEnd(() => Effect.void, 10)
    let now = Date.now()
    const clock = { ...unrefClock, currentTimeMillisUnsafe: () => now }
    const onProgress = (): void => {
      now -= 86_400_000
    }
    const result = await replay(lines(1, 30), far, { ...silent, clock, rateMax: 1_000, onProgress })
    expect(result).toMatchObject({ complete: true, sent: 30 })
  })

  it("S4.10 looks for the line that the exporter dies of, and goes on without it", async () => {
    const far = farEnd((texts) =>
      texts.some((text) => text.includes('"n":3,')) ? Effect.die(new Error("a bug")) : Effect.void
    )
    const refused: string[] = []
    const clock = { ...unrefClock, sleep: () => Effect.yieldNow }
    const result = await replay(lines(1, 8), far, {
      ...silent,
      clock,
      onRefused: (_, reason) => refused.push(reason)
    })
    expect(result).toMatchObject({ sent: 7, refused: 1, complete: true })
    expect(refused).toEqual(["died of Error: a bug"])
    expect(far.taken).toEqual([...lines(1, 2), ...lines(4, 8)])
  })

  it("goes on behind a position in bytes, whatever the lines are made of", async () => {
    const texts = [line(1), "", "{torn", line(2), '{"ts":"","text":"工具 😀"}', line(3)]
    const bytes = new TextEncoder().encode(`${texts.join("\n")}\n`)
    const far = farEnd(() => Effect.void, 2)
    const first = await replay(bytes.subarray(0, bytes.lastIndexOf(0x0a, -2) + 1), far, silent)
    expect(first).toMatchObject({ complete: true, sent: 3, damaged: 1 })
    expect(first.position.bytes).toBe(bytes.lastIndexOf(0x0a, -2) + 1)
    const second = await replay(bytes, far, { ...silent, resume: JSON.parse(JSON.stringify(first.position)) })
    expect(second).toMatchObject({ complete: true, sent: 1, position: { bytes: bytes.length, lines: 6 } })
    await expect(
      replay(bytes, far, { ...silent, resume: { ...first.position, bytes: first.position.bytes - 1 } })
    ).rejects.toThrow("the position is not in this source")
  })

  it("refuses options that are unknown or wrong", async () => {
    const far = farEnd(() => Effect.void)
    await expect(replay([], far, { ...silent, rate: 3 } as never)).rejects.toThrow(
      'there is no option "rate"'
    )
    await expect(replay([], far, { ...silent, from: "today" } as never)).rejects.toThrow(
      'option "from" must be a Date, or ms since 1970'
    )
  })
})

describe("S4.20 ids of lines that have none", () => {
  const named = async (...texts: readonly string[]): Promise<readonly string[]> => {
    const ids = new LineIds()
    const out: string[] = []
    for (const text of texts) {
      const bytes = new TextEncoder().encode(`${text}\n`)
      const event = decodeLine(bytes)
      if ("damage" in event) throw new Error(event.damage)
      const given = await ids.named({ bytes, start: 0, end: bytes.length, event })
      const written = decoder.decode(given.bytes.subarray(given.start, given.end))
      expect(JSON.parse(written).id).toBe(given.event.head.id)
      out.push(written)
    }
    return out
  }

  it("are UUIDs of version 8, the same each time, and differ among equal lines", async () => {
    const first = await named('{"a": 1}', "{}", '{"a": 1}', "{ }", '{"id": 5, "a": 1}')
    expect(await named('{"a": 1}', "{}", '{"a": 1}', "{ }", '{"id": 5, "a": 1}')).toEqual(first)
    const ids = first.map((text) => JSON.parse(text).id)
    expect(new Set(ids).size).toBe(5)
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(first[0]).toMatch(/^\{"a": 1,"id":"[^"]+"\}\n$/)
    expect(first[1]).toMatch(/^\{"id":"[^"]+"\}\n$/)
  })

  it("F79 stay different and the same each time in a file of any length, in bounded memory", async () => {
    const texts = Array.from({ length: 18_000 }, (_, n) => `{"n":${n}}`)
    const repeated = [...texts, ...texts.slice(-100), ...texts.slice(0, 100)]
    const first = await named(...repeated)
    expect(new Set(first).size).toBe(repeated.length)
    expect(await named(...repeated)).toEqual(first)
    const ids = new LineIds()
    for (const text of repeated) {
      const bytes = new TextEncoder().encode(`${text}\n`)
      await ids.named({ bytes, start: 0, end: bytes.length, event: decodeLine(bytes) as AuditEvent })
    }
    const { equalBefore } = ids as unknown as { readonly equalBefore: ReadonlyMap<number, number> }
    expect(equalBefore.size).toBe(countedLinesMax)
  })

  it("leave a line alone that has one", async () => {
    expect(await named(line(1))).toEqual([`${line(1)}\n`])
  })
})

describe("a sender", () => {
  const batch = (texts: readonly string[]): Batch =>
    batchOf(
      texts.map((text) => {
        const bytes = new TextEncoder().encode(`${text}\n`)
        const event = decodeLine(bytes)
        if ("damage" in event) throw new Error(event.damage)
        return { bytes, start: 0, end: bytes.length, event }
      })
    )
  const identity = senderIdentity({ app, notice: () => undefined, clock: unrefClock })

  it("settles lines in their order, pauses instead of refusing where it is told to, and tries the same lines again", async () => {
    let isBroken = true
    const far = farEnd(() => (isBroken ? Effect.fail(refusal()) : Effect.void))
    const pauses: number[] = []
    const sender = new Sender(far, {
      identity,
      clock: unrefClock,
      refusalsMax: Number.POSITIVE_INFINITY,
      pauseFor: (refusedInRow) => {
        if (refusedInRow <= 3) return undefined
        pauses.push(refusedInRow)
        isBroken = false
        return 1
      }
    })
    const settled: Settled[] = []
    expect(await sender.send(batch(lines(1, 8)), (one) => settled.push(one))).toBe(true)
    expect(pauses).toEqual([4])
    expect(settled.reduce((sum, one) => sum + one.lines, 0)).toBe(8)
    expect(settled.slice(0, 3)).toEqual(
      Array(3).fill({ lines: 1, refused: 1, reason: "no such value (22P02)" })
    )
    expect(far.taken).toEqual(lines(4, 8))
    await sender.close(1_000)
    expect(far.finished).toBe(1)
  })

  it("that is closed gives up what was not sent, without settling it, and releases the exporter", async () => {
    let released = 0
    const far: Exporter = {
      ...farEnd(() => Effect.void),
      open: () =>
        Effect.as(
          Effect.acquireRelease(Effect.void, () =>
            Effect.sync(() => {
              released += 1
            })
          ),
          { export: () => Effect.never }
        )
    }
    const sender = new Sender(far, { identity, clock: unrefClock })
    let settled = 0
    const sent = sender.send(batch(lines(1, 2)), () => {
      settled += 1
    })
    while (sender.state !== "writing") await new Promise(setImmediate)
    await sender.close(10)
    expect(await sent).toBe(false)
    expect(await sender.send(batch(lines(1, 2)), () => undefined)).toBe(false)
    while (released === 0) await new Promise(setImmediate)
    expect([settled, released]).toEqual([0, 1])
  })
})
