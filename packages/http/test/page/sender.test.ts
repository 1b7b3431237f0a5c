// What each answer of a server means to a page: how long is waited, what is kept, halved and given up. The network is a function
// here; time is the test's.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { pageLimits } from "../../src/page/limits.ts"
import { LineMaker } from "../../src/page/line-maker.ts"
import { Sender } from "../../src/page/sender.ts"
import { WaitingLines } from "../../src/page/waiting-lines.ts"
import type { Envelope } from "../../src/wire.ts"

interface Sent {
  readonly atMs: number
  readonly envelope: Envelope
  readonly lines: readonly Record<string, unknown>[]
}

const begin = Date.UTC(2026, 10, 22, 9)
const settled = (accepted: number, refused: readonly unknown[] = []): Response =>
  Response.json({ accepted, duplicate: 0, refused })

const makePage = (answer: (sent: Sent, count: number) => Response | Promise<Response>) => {
  const sent: Sent[] = []
  vi.stubGlobal("fetch", async (_url: string, { body }: { readonly body: string }) => {
    const [envelope, ...lines] = body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    const one = { atMs: Date.now() - begin, envelope, lines }
    sent.push(one)
    return answer(one, sent.length)
  })
  const maker = new LineMaker(undefined)
  const lines = new WaitingLines((fields) => maker.gap(fields, Date.now()))
  let owner = ""
  const sender = new Sender(
    { app: "shop", url: "/daybook", owner: () => owner, headers: () => ({}), recorded: () => maker.seq },
    lines
  )
  const log = (n: number): void => {
    const text = maker.event({ category: "upload", level: "info", message: "m", extras: { n } }, Date.now())
    lines.add({
      seq: maker.seq,
      text,
      bytes: text.length,
      category: "upload",
      owner,
      at: Date.now(),
      commit: undefined,
      requests: 0,
      isSettled: false
    })
    sender.wake()
  }
  const signIn = (who: string): void => {
    owner = who
  }
  return { sent, lines, sender, log, signIn }
}

/** Lets so many ms pass, and answers come. */
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers({ now: begin, toFake: ["setTimeout", "clearTimeout", "Date"] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe("a page's attempts", () => {
  it("a lone event waits for company, then leaves with an envelope of wire 1", async () => {
    const page = makePage(({ lines }) => settled(lines.length))
    page.log(1)
    page.log(2)
    await pass(pageLimits.lingerMs - 1)
    expect(page.sent).toEqual([])
    await pass(1)
    expect(page.sent).toHaveLength(1)
    expect(page.sent[0]?.envelope).toEqual({
      daybook: 1,
      app: "shop",
      owner: "",
      sent: begin + pageLimits.lingerMs,
      recorded: 2,
      lines: 2
    })
    expect(page.lines).toMatchObject({ accepted: 2, written: 2, pending: 0, isEmpty: true })
    await pass(3_600_000)
    expect(page.sent).toHaveLength(1)
  })

  it.each([
    ["a server error", () => new Response("", { status: 500 })],
    ["no connection", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["a portal's page", () => new Response("<html>", { status: 200 })],
    ["an answer that counts otherwise", () => settled(7)]
  ])("after %s the same lines come again, from 1 s doubling to 60 s", async (_name, answer) => {
    vi.spyOn(Math, "random").mockReturnValue(0.5)
    const page = makePage(answer)
    page.log(1)
    await pass(400_000)
    const waits = page.sent.map(({ atMs }, index) => atMs - (page.sent[index - 1]?.atMs ?? 0)).slice(1, 9)
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    expect(new Set(page.sent.map(({ lines }) => lines[0]?.id)).size).toBe(1)
    expect(page.lines.pending).toBe(1)
    expect(page.sender.lastError).not.toBe(undefined)
  })

  it("S4.9 what is logged meanwhile shortens no wait, and a page that is seen again does not wait for itself", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5)
    const page = makePage((_sent, count) =>
      count === 4
        ? new Response("", { status: 503, headers: { "retry-after": "20" } })
        : new Response("", { status: count > 4 ? 404 : 500 })
    )
    page.log(1)
    await pass(500 + 1_000 + 2_000)
    expect(page.sent).toHaveLength(3)
    for (let n = 2; n < 30; n++) {
      page.log(n)
      await pass(100)
    }
    expect(page.sent).toHaveLength(3)
    page.sender.resume()
    await pass(1)
    expect(page.sent).toHaveLength(4)
    // The server has asked for this one.
    page.sender.resume()
    page.log(31)
    await pass(19_000)
    expect(page.sent).toHaveLength(4)
    await pass(1_000)
    expect(page.sent).toHaveLength(5)
    // There is nothing at this address: a page that is left need not try.
    page.sender.leave()
    await pass(1_000)
    expect(page.sent).toHaveLength(5)
  })

  it.each([401, 403, 404, 405, 415, 302])("after %i everything is kept for five minutes", async (status) => {
    const page = makePage((_sent, count) => (count < 3 ? new Response("", { status }) : settled(2)))
    page.log(1)
    await pass(1_000)
    page.log(2)
    await pass(pageLimits.holdMs - 1_000)
    expect(page.sent).toHaveLength(1)
    await pass(pageLimits.holdMs + 1_000)
    expect(page.sent).toHaveLength(3)
    expect(page.lines).toMatchObject({ written: 2, pending: 0 })
    expect(page.sender.lastError).toContain(String(status))
    expect(page.sender.trouble).toBe(undefined)
  })

  it("after 401 a user who signs in need not wait", async () => {
    const page = makePage(({ envelope }, count) =>
      count === 1 ? new Response("", { status: 401 }) : settled(envelope.lines)
    )
    page.log(1)
    await pass(1_000)
    page.log(2)
    await pass(100_000)
    expect(page.sent).toHaveLength(1)
    page.signIn("ada")
    await pass(pageLimits.ownerLookMs)
    expect(page.sent.map(({ envelope }) => envelope.owner)).toEqual(["", ""])
    expect(page.lines.pending).toBe(0)
  })

  it.each([
    [429, "7", 7_000],
    [503, "2", 2_000],
    [503, "86400", pageLimits.holdMs]
  ])("after %i with retry-after %s it waits %i ms", async (status, retryAfter, waitMs) => {
    const page = makePage((_sent, count) =>
      count === 1 ? new Response("", { status, headers: { "retry-after": retryAfter } }) : settled(1)
    )
    page.log(1)
    await pass(pageLimits.lingerMs + waitMs - 1)
    expect(page.sent).toHaveLength(1)
    await pass(1)
    expect(page.lines.written).toBe(1)
  })

  it.each([
    [400, "refused"],
    [413, "too_large"]
  ] as const)(
    "after %i it halves until one line stands alone, and a gap claim says that it is %s",
    async (status, reason) => {
      const page = makePage(({ lines }) =>
        lines.some(({ n }) => n === 13) ? new Response("", { status }) : settled(lines.length)
      )
      for (let n = 1; n <= 20; n++) page.log(n)
      await pass(10_000)
      const good = page.sent.flatMap(({ lines }) => (lines.some(({ n }) => n === 13) ? [] : lines))
      expect(good.flatMap(({ n }) => (n === undefined ? [] : [n]))).toHaveLength(19)
      expect(good.find(({ category }) => category === "gap")).toMatchObject({
        level: "warn",
        count: 1,
        first_seq: 13,
        last_seq: 13,
        by_category: { upload: 1 },
        reasons: { [reason]: 1 },
        exporter: "server"
      })
      expect(page.lines).toMatchObject({ accepted: 20, written: 19, dropped: 1, pending: 0, isEmpty: true })
      expect(page.lines.droppedBy[reason]).toBe(1)
    }
  )

  it("what the server refuses is counted, and not sent again", async () => {
    const page = makePage(() =>
      settled(1, [
        [0, "unknown_event"],
        [2, "too_large"]
      ])
    )
    for (let n = 1; n <= 3; n++) page.log(n)
    await pass(10_000)
    expect(page.sent).toHaveLength(1)
    expect(page.lines).toMatchObject({ accepted: 3, written: 1, dropped: 2, pending: 0 })
    expect(page.lines.droppedBy).toMatchObject({ refused: 1, too_large: 1 })
  })

  it("a batch has one owner, and the lines of another one wait for him", async () => {
    const page = makePage(({ lines }) => settled(lines.length))
    page.log(1)
    page.signIn("bob")
    page.log(2)
    page.log(3)
    page.signIn("carol")
    page.log(4)
    await pass(5_000)
    expect(page.sent.map(({ envelope, lines }) => [envelope.owner, lines.map(({ n }) => n)])).toEqual([
      ["", [1]],
      ["carol", [4]]
    ])
    expect(page.lines.pending).toBe(2)
    page.signIn("bob")
    page.sender.resume()
    await pass(5_000)
    expect(page.sent.at(-1)).toMatchObject({ envelope: { owner: "bob" }, lines: [{ n: 2 }, { n: 3 }] })
  })
})

describe("a page's queue", () => {
  it("S0.14 when it is full the oldest give way, a claim stands in their place, and what is awaited stays", async () => {
    const page = makePage(({ lines }) => settled(lines.length))
    const over = 10
    page.lines.add({
      seq: 1,
      text: "{}\n",
      bytes: 3,
      category: "pay",
      owner: "",
      at: begin,
      commit: { written: () => undefined, lost: () => undefined },
      requests: 0,
      isSettled: false
    })
    for (let n = 1; n < pageLimits.eventsMax + over; n++) page.log(n)
    expect(page.lines).toMatchObject({
      accepted: pageLimits.eventsMax + over,
      pending: pageLimits.eventsMax,
      dropped: over
    })
    const [first, hole] = page.lines.next("", 10_000, 2)
    expect(first).toMatchObject({ seq: 1 })
    expect(hole).toMatchObject({ fields: { count: over, reasons: { overflow: over } } })
  })

  it("a claim that was sent does not grow: the next hole is a claim of its own", () => {
    const maker = new LineMaker(undefined)
    const lines = new WaitingLines((fields) => maker.gap(fields, begin))
    lines.addLost(1, "a", "", "defect")
    lines.addLost(2, "b", "", "defect")
    const [claim] = lines.next("", 1_000, 10)
    lines.textsOf([claim as never])
    lines.addLost(3, "a", "", "closed")
    const [, second] = lines.next("", 10_000, 10)
    expect(claim).toMatchObject({
      fields: { count: 2, first_seq: 1, last_seq: 2, by_category: { a: 1, b: 1 } }
    })
    expect(second).toMatchObject({ fields: { count: 1, first_seq: 3 } })
    expect(lines).toMatchObject({ accepted: 3, dropped: 3, pending: 0 })
  })
})
