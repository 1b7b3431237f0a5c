// The queue against its promises: exact counts, exact bounds, and a stream in which every missing seq is told in the
// place where it is missing. Random programs over both policies; a few cases by hand.
import { describe, expect, it } from "vitest"
import { decodeLine } from "../../src/event/decode-line.ts"
import { lineKindNumber } from "../../src/event/mark.ts"
import { writerLimits } from "../../src/limits.ts"
import type { Batch, LooseLine } from "../../src/pipeline/batch.ts"
import { defaultQueuePolicy, type QueuePolicy } from "../../src/pipeline/exporter.ts"
import type { Gap } from "../../src/pipeline/gap.ts"
import { LineQueue } from "../../src/pipeline/line-queue.ts"
import { PageStore } from "../../src/pipeline/page-store.ts"
import type { TakenBatch } from "../../src/pipeline/writer-queue.ts"
import { forSeeds } from "../tools/random.ts"

const session = "1a2c3d4e"

/** A queue on a page store of its own, fed with lines of chosen sizes. */
class Bench {
  readonly store = new PageStore()
  readonly queue: LineQueue
  seq = 0

  constructor(policy: Partial<QueuePolicy>) {
    this.queue = new LineQueue(this.store, { ...defaultQueuePolicy, ...policy }, session, true)
  }

  offer(bytes = 200, committed = false, route = `r${(this.seq + 1) % 2}`): void {
    const { store } = this
    this.seq += 1
    if (store.isFull || store.current.startOf(store.current.lines) + bytes > store.current.bytes.length)
      store.turn()
    const page = store.current
    const category = `c${this.seq % 3}`
    const end = page.startOf(page.lines) + bytes
    page.bytes.fill(0x78, page.startOf(page.lines), end - 1)
    page.bytes[end - 1] = 0x0a
    const ref = store.keep(
      { kind: 0, time: this.seq, day: 20_261_122, level: 1, seq: this.seq, category },
      end
    )
    const refused = this.queue.offer(ref, { seq: this.seq, category, routes: [route] }, 0, committed)
    if (refused !== undefined) store.forgetLast()
  }

  take(): TakenBatch | undefined {
    return this.queue.take(markOf)
  }

  /** Takes and confirms everything; returns the stream as numbers: events, and gaps as [first, last]. */
  drain(): (number | readonly [number, number])[] {
    const stream: (number | readonly [number, number])[] = []
    for (let taken = this.take(); taken !== undefined; taken = this.take()) {
      stream.push(...toStream(taken.batch))
      this.queue.confirm(taken, false)
    }
    return stream
  }
}

const markOf = (gap: Gap): LooseLine => {
  const fields = gap.fields("test")
  const bytes = new TextEncoder().encode(`${JSON.stringify({ category: "gap", id: "x", ...fields })}\n`)
  return { bytes, kind: lineKindNumber.gap, time: 0, day: 0, level: 2, seq: 0, category: "gap", session }
}

// The marks at the front of a batch tell one hole, each the part of its own route: here the odd or the even numbers.
const toStream = (batch: Batch): (number | readonly [number, number])[] => {
  const { kind, seq, route, names } = batch.columns
  const lines = Array.from({ length: batch.count }, (_, line) => line)
  const events = lines.filter((line) => kind[line] === lineKindNumber.event)
  const marks = lines.slice(0, batch.count - events.length)
  const gaps = marks.map((line) => {
    const mark = decodeLine(batch.bytes(line, line + 1))
    if ("damage" in mark) throw new Error("a gap mark must be readable")
    const { count, first_seq, last_seq, by_category } = mark.fields as unknown as GapLine
    expect(count).toBe((last_seq - first_seq) / 2 + 1)
    expect(names.route[route[line] ?? -1]).toBe(`r${first_seq % 2}`)
    expect(Object.values(by_category).reduce((sum, some) => sum + some, 0)).toBe(count)
    return { count, first: first_seq, last: last_seq }
  })
  const told = events.map((line) => seq[line] ?? 0)
  if (gaps.length === 0) return told
  const first = Math.min(...gaps.map((gap) => gap.first))
  const last = Math.max(...gaps.map((gap) => gap.last))
  expect(gaps.reduce((sum, { count }) => sum + count, 0)).toBe(last - first + 1)
  return [[first, last], ...told]
}

interface GapLine {
  readonly count: number
  readonly first_seq: number
  readonly last_seq: number
  readonly by_category: Record<string, number>
}

/** Follows a stream: every seq from 1 on is there, or told by the gap in its place. Returns the last one. */
const follow = (stream: readonly (number | readonly [number, number])[]): number => {
  let next = 1
  for (const item of stream) {
    const first = typeof item === "number" ? item : item[0]
    if (first !== next) throw new Error(`expected seq ${next}, found ${JSON.stringify(item)}`)
    next = (typeof item === "number" ? item : item[1]) + 1
  }
  return next - 1
}

const expectIdentity = ({ queue }: Bench): void => {
  const { accepted, written, handedOver, dropped, pending } = queue.counts
  if (accepted !== written + handedOver + dropped + pending) throw new Error(JSON.stringify(queue.counts))
}

describe("the queue", () => {
  it("F61 random programs: exact counts, exact bounds, and every missing seq is told in its place", () => {
    forSeeds(400, (random) => {
      const policy = {
        eventsMax: 1 + Math.floor(random() * 20),
        bytesMax: 500 + Math.floor(random() * 5_000),
        overflow: random() < 0.5 ? ("drop-oldest" as const) : ("drop-newest" as const),
        batchEventsMax: 1 + Math.floor(random() * 8),
        batchBytesMax: 300 + Math.floor(random() * 2_000)
      }
      const bench = new Bench(policy)
      const stream: (number | readonly [number, number])[] = []
      let inFlight: TakenBatch | undefined
      for (let step = 0; step < 200; step++) {
        const choice = random()
        if (choice < 0.7)
          bench.offer(150 + Math.floor(random() * (random() < 0.1 ? 3_000 : 300)), random() < 0.05)
        else if (inFlight === undefined) inFlight = bench.take()
        else if (random() < 0.7) {
          stream.push(...toStream(inFlight.batch))
          bench.queue.confirm(inFlight, random() < 0.5)
          inFlight = undefined
        } else {
          bench.queue.giveUp(inFlight, "refused")
          inFlight = undefined
        }
        expectIdentity(bench)
        if (bench.queue.length > policy.eventsMax || bench.queue.bytes > policy.bytesMax)
          throw new Error("bound broken")
      }
      if (inFlight !== undefined) {
        stream.push(...toStream(inFlight.batch))
        bench.queue.confirm(inFlight, false)
      }
      stream.push(...bench.drain())
      if (follow(stream) !== bench.seq) throw new Error(`${bench.seq} offered, told up to ${follow(stream)}`)
      const written = stream.filter((item) => typeof item === "number").length
      if (written !== bench.queue.written + bench.queue.handedOver)
        throw new Error("written is not what came out")
      if (bench.store.pagesInUse !== 1) throw new Error(`${bench.store.pagesInUse} pages are still held`)
    })
  })

  it("S0.14 drop-oldest: exactly eventsMax are left, and the newest survive", () => {
    const bench = new Bench({ eventsMax: 5_000, overflow: "drop-oldest" })
    for (let n = 0; n < 6_000; n++) bench.offer()
    expect(bench.queue.counts).toMatchObject({ accepted: 6_000, dropped: 1_000, pending: 5_000 })
    expect(bench.drain()).toEqual([[1, 1_000], ...Array.from({ length: 5_000 }, (_, n) => n + 1_001)])
  })

  it("drop-newest: the oldest survive, and a full queue opens again when a quarter of it is free", () => {
    const bench = new Bench({ eventsMax: 8, overflow: "drop-newest", batchEventsMax: 1 })
    for (let n = 0; n < 10; n++) bench.offer()
    const first = bench.take()
    bench.offer()
    expect(bench.queue.counts.dropped).toBe(3)
    const second = bench.take()
    bench.offer()
    expect(bench.queue.counts).toMatchObject({ dropped: 3, pending: 9 })
    for (const taken of [first, second]) if (taken !== undefined) bench.queue.confirm(taken, false)
    expect(bench.drain()).toEqual([3, 4, 5, 6, 7, 8, [9, 11], 12])
  })

  it("the bounds are exact: one below fits, one above does not", () => {
    const byBytes = new Bench({ bytesMax: 1_000, overflow: "drop-oldest" })
    for (let n = 0; n < 5; n++) byBytes.offer(200)
    expect(byBytes.queue.counts).toMatchObject({ pending: 5, dropped: 0 })
    byBytes.offer(1)
    expect(byBytes.queue.counts).toMatchObject({ pending: 5, dropped: 1 })
    const tooLarge = new Bench({ batchBytesMax: 500 })
    tooLarge.offer(500)
    tooLarge.offer(501)
    expect(tooLarge.queue.counts).toMatchObject({ pending: 1, dropped: 1 })
    expect(tooLarge.queue.dropped.too_large).toBe(1)
  })

  it("a committed line is never evicted: the newest gives way", () => {
    const bench = new Bench({ eventsMax: 2, overflow: "drop-oldest" })
    bench.offer(200, true)
    bench.offer()
    bench.offer()
    expect(bench.drain()).toEqual([1, 2, [3, 3]])
  })

  it("a hole on many routes is told on each; on more than the limit, the rest on none", () => {
    const bench = new Bench({ eventsMax: 1, overflow: "drop-newest", batchEventsMax: 1 })
    const routes = writerLimits.gapRoutesMax + 10
    for (let n = 0; n <= 3 * routes; n++) bench.offer(200, false, `user-${n % routes}`)
    expect(bench.take()?.batch).toMatchObject({ count: 1, firstSeq: 1 })
    const { columns, count } = bench.take()?.batch ?? { columns: undefined, count: 0 }
    const told = [...(columns?.route ?? [])].map((index) => columns?.names.route[index])
    expect(count).toBe(writerLimits.gapRoutesMax + 1)
    expect(new Set(told).size).toBe(count)
    expect(told).toContain("")
  })

  it("a batch never spans a hole, and columns say what its bytes say", () => {
    const bench = new Bench({ eventsMax: 4, overflow: "drop-newest", batchEventsMax: 3 })
    for (let n = 0; n < 6; n++) bench.offer(150 + n)
    const taken = bench.take()
    expect(taken?.batch).toMatchObject({ count: 3, eventCount: 3, firstSeq: 1, lastSeq: 3 })
    const { columns } = taken?.batch ?? { columns: undefined }
    expect([...(columns?.end ?? [])]).toEqual([150, 301, 453])
    expect([...(columns?.category ?? [])].map((index) => columns?.names.category[index])).toEqual([
      "c1",
      "c2",
      "c0"
    ])
    expect([...(columns?.route ?? [])].map((index) => columns?.names.route[index])).toEqual([
      "r1",
      "r0",
      "r1"
    ])
    expect(columns?.names.session).toEqual([session])
    expect(taken?.batch.bytes(1, 2)).toHaveLength(151)
    expect(bench.take()?.batch).toMatchObject({ count: 1, firstSeq: 4 })
    expect(bench.take()?.batch).toMatchObject({ count: 2, eventCount: 0, firstSeq: 0 })
  })

  it("many categories: a fresh table begins with a fresh page, and no line is told under another name", () => {
    const bench = new Bench({})
    const { store, queue } = bench
    for (let n = 1; n <= 12_000; n++) {
      if (store.isFull) store.turn()
      const page = store.current
      const end = page.startOf(page.lines) + 1
      const ref = store.keep({ kind: 0, time: 0, day: 0, level: 1, seq: n, category: `c${n}` }, end)
      queue.offer(ref, { seq: n, category: `c${n}`, routes: [] }, 0, false)
    }
    for (let taken = bench.take(); taken !== undefined; taken = bench.take()) {
      const { category, seq, names } = taken.batch.columns
      for (let line = 0; line < taken.batch.count; line++) {
        if (names.category[category[line] ?? -1] !== `c${seq[line]}`)
          throw new Error(`line ${line} has another name`)
      }
      queue.confirm(taken, false)
    }
    expect(queue.written).toBe(12_000)
  })

  it("holes stay few under a steady overload", () => {
    const bench = new Bench({ eventsMax: 100, overflow: "drop-newest", batchEventsMax: 1 })
    for (let n = 0; n < 10_000; n++) {
      bench.offer()
      if (n % 2 === 0) {
        const taken = bench.take()
        if (taken !== undefined) bench.queue.confirm(taken, false)
      }
    }
    const gaps = bench.drain().filter((item) => typeof item !== "number")
    expect(gaps.length).toBeLessThanOrEqual(1 / writerLimits.reopenShare + 1)
  })
})
