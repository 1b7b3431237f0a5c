// The handler without a server: how it starts, what it remembers, and what it answers when the log cannot write.
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import {
  type AuditLogOptions,
  type CommittingAudit,
  createAuditLog,
  defineEvent,
  type Exporter,
  promiseExporter
} from "@daybook/core"
import { makeTestAudit, memoryExporter } from "@daybook/core/testing"
import * as Schema from "effect/Schema"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { ingestLimits } from "../../src/ingest/limits.ts"
import { SeenLines } from "../../src/ingest/seen-lines.ts"
import { createIngest, type IngestOptions } from "../../src/ingest.ts"
import { batchRequest, eventLine, makeKey } from "./ingest-request.ts"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String },
  message: "Uploaded"
})

setFlagsFromString("--expose-gc")
const gc = runInNewContext("gc") as () => void
const key = makeKey(7)
const authorize = () => ({ user: "ada" })
const accepted = (count: number) => ({ accepted: count, duplicate: 0, refused: [] })

const makeIngest = (more: Partial<IngestOptions> = {}) => {
  const audit = makeTestAudit()
  const ingest = createIngest({ audit, events: [Uploaded], authorize, ...more } as IngestOptions)
  const send = async (lines: readonly string[], envelope?: object) => {
    const response = await ingest(batchRequest(lines, envelope))
    return { status: response.status, body: await response.json(), headers: response.headers }
  }
  return { audit, ingest, send }
}

const committing = (exporter: Exporter & { readonly required: true }): CommittingAudit =>
  createAuditLog({ app: "shop", exporters: [exporter], exitHook: false, env: {} } satisfies AuditLogOptions<
    readonly [Exporter & { readonly required: true }]
  >)

afterEach(() => void vi.useRealTimers())

describe("createIngest", () => {
  it("refuses to start with what could only fail later", () => {
    const audit = makeTestAudit()
    const good = { audit, events: [Uploaded], authorize }
    const Sealed = defineEvent({ category: "seal", fields: {}, message: "Sealed" })
    const Opened = defineEvent({ category: "nav", fields: {}, message: "Opened" })
    const { commit: _none, ...queueing } = audit
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ audit, events: [] }, /"authorize" is missing/],
      [{ events: [], authorize }, /"audit" is missing/],
      [{ audit, authorize }, /"events" is missing/],
      [{ ...good, authorise: authorize }, /did you mean "authorize"/],
      [{ ...good, events: [Uploaded, Sealed] }, /events\[1\] has the category "seal", which is core's own/],
      [{ ...good, events: [Opened] }, /events\[0\] has the category "nav"/],
      [{ ...good, events: [{}] }, /events\[0\] is no event/],
      [{ ...good, untyped: ["error"] }, /"untyped" must be "any" or a list of categories/],
      [{ ...good, untyped: ["Not One"] }, /"untyped"/],
      [{ ...good, origins: ["https://shop.example/"] }, /"origins" must be a list of origins/],
      [{ ...good, origins: ["*"] }, /"origins"/],
      [
        { ...good, rate: { perSecond: 50, atOnce: 10 } },
        /"rate.atOnce" must be a number of events from 2000 on/
      ],
      [{ ...good, misfits: "drop" }, /"misfits"/],
      [{ ...good, audit: queueing }, /cannot commit: give it a log with a required exporter/]
    ]
    for (const [options, words] of wrong) expect(() => createIngest(options as IngestOptions)).toThrow(words)
    expect(() => createIngest({ ...good, audit: queueing, acknowledge: "queued" })).not.toThrow()
  })

  it("asks authorize before it touches the body", async () => {
    let used: boolean | undefined
    const { ingest } = makeIngest({
      authorize: (request) => {
        used = request.bodyUsed
        return undefined
      }
    })
    const request = batchRequest([eventLine(key, 1)])
    expect((await ingest(request)).status).toBe(401)
    expect(used).toBe(false)
    expect(request.bodyUsed).toBe(false)
  })

  it("an authorize that throws is 500 for the page, and one event for us until it works again", async () => {
    let isBroken = true
    const { audit, send } = makeIngest({
      authorize: () => {
        if (isBroken) throw new Error("the session store is away")
        return { user: "ada" }
      }
    })
    expect((await send([eventLine(key, 1)])).status).toBe(500)
    expect((await send([eventLine(key, 1)])).status).toBe(500)
    isBroken = false
    expect((await send([eventLine(key, 1)])).status).toBe(200)
    isBroken = true
    expect((await send([eventLine(key, 2)])).status).toBe(500)
    expect(audit.events.map(({ head }) => head.category)).toEqual(["error", "upload", "error"])
  })

  it("answers when the log has written, also where another exporter hangs", async () => {
    const required = memoryExporter({ name: "required", required: true })
    const hanging = memoryExporter({ name: "hanging", breakage: "hang" })
    const audit = createAuditLog({ app: "shop", exporters: [required, hanging], exitHook: false, env: {} })
    const ingest = createIngest({ audit, events: [Uploaded], authorize })
    const response = await ingest(batchRequest([eventLine(key, 1)]))
    expect(await response.json()).toEqual(accepted(1))
    expect(required.lines).toHaveLength(1)
  })

  it("a line that is not written in time is 503, and neither lost nor twice when it comes again", async () => {
    let write: () => void = () => undefined
    const lines: string[] = []
    const exporter = promiseExporter({
      name: "slow",
      required: true,
      send: async (batch) => {
        await new Promise<void>((resolve) => {
          write = resolve
        })
        lines.push(...new TextDecoder().decode(batch.bytes()).trim().split("\n"))
      }
    })
    const audit = committing(exporter)
    const ingest = createIngest({ audit, events: [Uploaded], authorize })
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const first = ingest(batchRequest([eventLine(key, 1)]))
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1))
    vi.advanceTimersByTime(ingestLimits.answerMs)
    const late = await first
    expect(late.status).toBe(503)
    expect(late.headers.get("retry-after")).toBe("2")
    expect((await ingest(batchRequest([eventLine(key, 1)]))).status).toBe(503)
    vi.useRealTimers()
    write()
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    await vi.waitFor(async () => {
      const again = await ingest(batchRequest([eventLine(key, 1)]))
      expect(await again.json()).toEqual({ accepted: 0, duplicate: 1, refused: [] })
    })
    expect(lines).toHaveLength(1)
  })

  it("a log without room is 503, and what it did take is known when the batch comes again", async () => {
    const exporter = memoryExporter({ required: true, queue: { eventsMax: 3 }, breakage: "fail" })
    const audit = committing(exporter)
    const ingest = createIngest({ audit, events: [Uploaded], authorize })
    const lines = [1, 2, 3, 4, 5].map((seq) => eventLine(key, seq))
    const first = ingest(batchRequest(lines))
    await vi.waitFor(() => expect(audit.health().exporters[0]?.lastError).toBeDefined())
    exporter.heal()
    expect((await first).status).toBe(503)
    const second = await ingest(batchRequest(lines))
    expect(await second.json()).toEqual({ accepted: 2, duplicate: 3, refused: [] })
    expect(exporter.events.filter(({ kind }) => kind === "event")).toHaveLength(5)
  })

  it("what an exporter refuses for good is refused, and the others are accepted", async () => {
    const { audit, send } = makeIngest()
    audit.exporter.break("refuse")
    expect((await send([eventLine(key, 1)])).body).toEqual({
      accepted: 0,
      duplicate: 0,
      refused: [[0, "forbidden"]]
    })
    audit.exporter.heal()
    expect((await send([eventLine(key, 2)])).body).toEqual(accepted(1))
  })

  it("what our own rules leave out is settled, and not recorded", async () => {
    const audit = makeTestAudit({ allow: ["upload", "recall"], level: "info" })
    const ingest = createIngest({ audit, events: [Uploaded], authorize, untyped: "any" })
    const lines = [
      eventLine(key, 1, { category: "other" }),
      eventLine(key, 2, { level: "debug" }),
      eventLine(key, 3, { category: "operation", action: "recall" }),
      eventLine(key, 4)
    ]
    const response = await ingest(batchRequest(lines, { recorded: 4 }))
    expect(await response.json()).toEqual(accepted(4))
    expect(audit.events.map(({ head }) => head.category)).toEqual(["operation", "upload"])
    expect(ingest.missing()).toEqual([])
  })

  it("with misfits refused, an event that does not fit is not recorded", async () => {
    const { audit, send } = makeIngest({ misfits: "refuse" })
    const { body } = await send([eventLine(key, 1, { filename: 7 }), eventLine(key, 2)])
    expect(body).toEqual({ accepted: 1, duplicate: 0, refused: [[0, "misfit"]] })
    expect(audit.events).toHaveLength(1)
  })

  it("of several events of one category the one that fits is meant", async () => {
    const Removed = defineEvent({
      category: "upload",
      fields: { removed: Schema.Finite },
      message: "Removed"
    })
    const { audit, send } = makeIngest({ events: [Uploaded, Removed], misfits: "refuse" })
    await send([eventLine(key, 1, { filename: undefined, removed: 3 })])
    expect(audit.eventsOf(Removed)[0]?.fields).toEqual({ removed: 3 })
  })

  it("without a user the page's owner is only claimed, and its lines are its own", async () => {
    const { audit, send } = makeIngest({ authorize: () => ({ tenant: "t-7" }) })
    await send([eventLine(key, 1)], { owner: "ada" })
    await send([eventLine(key, 1)], { owner: "bob" })
    expect(audit.events.map(({ fields }) => fields)).toEqual([
      { tenant: "t-7", claimed_owner: "ada", skew_ms: expect.any(Number) },
      { tenant: "t-7", claimed_owner: "bob", skew_ms: expect.any(Number) }
    ])
  })

  it("after a restart, what it recalls is known", async () => {
    const before = makeIngest()
    await before.send([eventLine(key, 1), eventLine(key, 2)])
    await before.send([
      JSON.stringify({
        ...JSON.parse(eventLine(key, 9)),
        seq: undefined,
        category: "gap",
        first_seq: 3,
        last_seq: 5
      })
    ])
    const { events } = before.audit
    const after = makeIngest({
      recall: async function* () {
        yield { kind: "damaged" }
        yield* events.toReversed()
      }
    })
    const { body } = await after.send([1, 2, 3, 4, 5, 6].map((seq) => eventLine(key, seq)))
    expect(body).toEqual({ accepted: 1, duplicate: 5, refused: [] })
  })

  it("a trail that cannot be read again stops no page, and is an event", async () => {
    const { audit, send } = makeIngest({
      recall: async function* () {
        yield { kind: "event" }
        throw new Error("EACCES")
      }
    })
    expect((await send([eventLine(key, 1)])).status).toBe(200)
    expect(audit.events.map(({ head }) => head.message)).toEqual([
      "createIngest: recall: Error: EACCES",
      "Uploaded"
    ])
  })

  it("acknowledges at once where it was asked to", async () => {
    const audit = makeTestAudit()
    audit.exporter.break("hang")
    const ingest = createIngest({ audit, events: [Uploaded], authorize, acknowledge: "queued" })
    expect(await (await ingest(batchRequest([eventLine(key, 1)]))).json()).toEqual(accepted(1))
    expect(await (await ingest(batchRequest([eventLine(key, 1)]))).json()).toMatchObject({ duplicate: 1 })
    onTestFinished(() => audit.exporter.heal())
  })
})

describe("SeenLines", () => {
  it("knows each line of any order of arrival, and counts what is missing", () => {
    const seed = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
    let state = seed
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return state % below
    }
    for (let round = 0; round < 200; round++) {
      const seen = new SeenLines()
      const truth = new Set<number>()
      for (let step = 0; step < 60; step++) {
        const first = 1 + random(100)
        const last = first + random(4)
        seen.add("ada", key, first, last)
        for (let seq = first; seq <= last; seq++) truth.add(seq)
        const asked = 1 + random(104)
        expect(seen.has("ada", key, asked, asked), `seed ${seed}`).toBe(truth.has(asked))
      }
      seen.tell("ada", key, 104)
      expect(seen.missing()[0]?.count ?? 0, `seed ${seed}`).toBe(104 - truth.size)
    }
  })

  it("has one stretch for neighbours, in whatever order they come", () => {
    const seen = new SeenLines()
    for (let seq = 200; seq >= 1; seq -= 2) seen.add("ada", key, seq, seq)
    for (let seq = 199; seq >= 1; seq -= 2) seen.add("bob", key, seq, seq + 1)
    expect(seen.has("bob", key, 1, 200)).toBe(true)
    expect(seen.missing()).toEqual([expect.objectContaining({ user: "ada", count: 100 })])
  })

  it("forgets the oldest stretch of a session full of holes, and never fills a hole", () => {
    const seen = new SeenLines()
    const stretches = 2 * ingestLimits.stretchesMax
    for (let n = 1; n <= stretches; n++) seen.add("ada", key, 2 * n, 2 * n)
    expect(seen.has("ada", key, 2, 2)).toBe(false)
    expect(seen.has("ada", key, 2 * stretches, 2 * stretches)).toBe(true)
    for (let n = 1; n <= stretches; n++) expect(seen.has("ada", key, 2 * n + 1, 2 * n + 1)).toBe(false)
    expect(seen.missing()[0]?.count).toBe(stretches)
  })

  it("keeps within its memory under 1,000,000 sessions", () => {
    const seen = new SeenLines()
    const fill = (from: number, to: number): void => {
      for (let n = from; n < to; n++) seen.add(`user-${n}`, makeKey(n), 1, 1 + (n % 7))
    }
    fill(0, 20_000)
    gc()
    const before = process.memoryUsage().heapUsed
    fill(20_000, 1_000_000)
    gc()
    expect(seen.size).toBeLessThanOrEqual(ingestLimits.sessionsMax)
    expect(seen.has("user-999999", makeKey(999_999), 1, 1)).toBe(true)
    expect(seen.has("user-20000", makeKey(20_000), 1, 1)).toBe(false)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024)
  })
})
