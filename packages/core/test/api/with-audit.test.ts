// One entry of a worker as `withAudit` wraps it, with contexts that a test makes. What becomes of it on the runtime that
// has workers is shown in conformance/, on workerd itself.

import { describe, expect, expectTypeOf, it } from "vitest"
import type { Audit } from "../../src/api/audit.ts"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { disabledAuditLog } from "../../src/api/disabled-audit-log.ts"
import { type WorkerContext, withAudit } from "../../src/api/with-audit.ts"
import { writerLimits } from "../../src/limits.ts"
import { memoryExporter } from "../../src/testing/index.ts"

const makeBench = () => {
  const exporter = memoryExporter()
  const audit = createAuditLog({ app: "shop", exporters: [exporter], exitHook: false })
  const held: Promise<unknown>[] = []
  const ctx: WorkerContext = { waitUntil: (promise) => void held.push(promise) }
  const messages = () => exporter.events.map(({ head }) => head.message)
  return { audit, exporter, held, ctx, messages }
}

/** A log that records nothing, and keeps the limits of its flushes. */
const makeFlushLog = () => {
  const limits: unknown[] = []
  const audit: Audit = {
    ...disabledAuditLog,
    flush: (options) => {
      limits.push(options?.timeoutMs)
      return disabledAuditLog.flush(options)
    }
  }
  return { audit, limits }
}

describe("withAudit", () => {
  it("returns what the entry returned, and holds the request until its events have left", async () => {
    const { audit, held, ctx, messages } = makeBench()
    const response = { status: 200 }
    const seen: unknown[] = []
    const entry = withAudit(audit, async (...given: [string, { readonly key: string }, WorkerContext]) => {
      seen.push(...given)
      audit.log("order", "Order placed")
      return response
    })
    const env = { key: "value" }
    expect(await entry("request", env, ctx)).toBe(response)
    expect(seen).toEqual(["request", env, ctx])
    expect(held).toHaveLength(1)
    expect(await held[0]).toMatchObject({ complete: true, written: 1 })
    expect(messages()).toEqual(["Order placed"])
  })

  it("asks for the flush after the entry, not before", async () => {
    const { audit, held, ctx } = makeBench()
    const entry = withAudit(audit, async (_request: string, _env: unknown, _ctx: WorkerContext) => {
      await Promise.resolve()
      return held.length
    })
    expect(await entry("request", {}, ctx)).toBe(0)
    expect(held).toHaveLength(1)
  })

  const failure = new RangeError("on purpose")
  const failing = [
    {
      how: "throws",
      run: (): string => {
        throw failure
      }
    },
    { how: "rejects", run: (): Promise<string> => Promise.reject(failure) }
  ]
  it.each(failing)(
    "records what an entry $how, holds the request, and throws it on untouched",
    async ({ run }) => {
      const { audit, exporter, held, ctx } = makeBench()
      const entry = withAudit(audit, run, { where: "queue" })
      await expect(entry(undefined, undefined, ctx)).rejects.toBe(failure)
      expect(await held[0]).toMatchObject({ complete: true, written: 1 })
      expect(exporter.events[0]).toMatchObject({
        head: { level: "error", category: "error", message: "queue: RangeError: on purpose" }
      })
    }
  )

  it("says of an error that it was thrown in the worker, unless it is told where", async () => {
    const { audit, held, ctx, messages } = makeBench()
    const entry = withAudit(audit, () => Promise.reject(failure))
    await expect(entry(undefined, undefined, ctx)).rejects.toBe(failure)
    await held[0]
    expect(messages()).toEqual(["worker: RangeError: on purpose"])
  })

  const contexts: readonly { readonly what: string; readonly ctx: unknown }[] = [
    { what: "no context", ctx: undefined },
    { what: "null", ctx: null },
    { what: "one without waitUntil", ctx: {} },
    {
      what: "one whose waitUntil throws",
      ctx: {
        waitUntil: () => {
          throw new Error("the request is over")
        }
      }
    }
  ]
  it.each(contexts)("flushes all the same, and disturbs nobody, with $what", async ({ ctx }) => {
    const { audit, limits } = makeFlushLog()
    const entry = withAudit(audit, (_request: string, _env: unknown, _ctx: unknown) => "done")
    expect(await entry("request", {}, ctx)).toBe("done")
    expect(limits).toHaveLength(1)
  })

  it("calls waitUntil as a method: a worker's own refuses to be called without its context", async () => {
    const { audit } = makeFlushLog()
    class Context {
      readonly held: Promise<unknown>[] = []
      waitUntil(promise: Promise<unknown>): void {
        this.held.push(promise)
      }
    }
    const ctx = new Context()
    await withAudit(audit, (_request: string, _env: unknown, _ctx: Context) => "done")("request", {}, ctx)
    expect(ctx.held).toHaveLength(1)
  })

  it("gives the flush 25 s, or what it is told: workerd ends a request 30 s after its response", async () => {
    const { audit, limits } = makeFlushLog()
    const { ctx } = makeBench()
    await withAudit(audit, () => "done")(undefined, undefined, ctx)
    await withAudit(audit, () => "done", { timeoutMs: 100 })(undefined, undefined, ctx)
    expect(limits).toEqual([writerLimits.workerFlushTimeoutMs, 100])
    expect(writerLimits.workerFlushTimeoutMs).toBe(25_000)
  })

  it("keeps the types of fetch, scheduled and queue, and needs none of Cloudflare's", () => {
    interface Cloudflare extends WorkerContext {
      passThroughOnException(): void
    }
    interface Environment {
      readonly DB: string
    }
    /** What a worker's module may export, as its platform types it. */
    interface Entries {
      fetch(request: Request, env: Environment, ctx: Cloudflare): Response | Promise<Response>
      scheduled(event: { readonly cron: string }, env: Environment, ctx: Cloudflare): void | Promise<void>
      queue(batch: { readonly queue: string }, env: Environment, ctx: Cloudflare): void | Promise<void>
    }
    const entries = {
      fetch: withAudit(disabledAuditLog, async (request, env, ctx) => {
        ctx.passThroughOnException()
        return new Response(`${request.url} ${env.DB}`)
      }),
      scheduled: withAudit(disabledAuditLog, (event) => void event.cron),
      queue: withAudit(disabledAuditLog, async (batch) => void batch.queue)
    } satisfies Entries
    expectTypeOf(entries.fetch).toEqualTypeOf<
      (input: Request, env: Environment, ctx: Cloudflare) => Promise<Response>
    >()
    const bare = withAudit(disabledAuditLog, (request: Request, _env: unknown, ctx) => {
      expectTypeOf(ctx).toEqualTypeOf<WorkerContext>()
      return request.url
    })
    expectTypeOf(bare).toEqualTypeOf<(input: Request, env: unknown, ctx: WorkerContext) => Promise<string>>()
  })
})
