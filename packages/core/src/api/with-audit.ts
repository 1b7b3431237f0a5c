// One entry of a worker, wrapped: what it throws is recorded, and what it logged leaves under the worker's `waitUntil`.
// How lines leave where no fiber outlives a request is in pipeline/attendance.ts.

import { writerLimits } from "../limits.ts"
import type { Audit, WaitOptions } from "./audit.ts"

/** What a worker's third argument must offer. */
export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void
}

/**
 * How an entry ends. `timeoutMs` is the limit of its flush: default 25,000, because workerd ends what is
 * left of a request 30 s after its response.
 */
export interface WithAuditOptions extends WaitOptions {
  /** What an error's event says of where it was thrown. Default "worker". */
  readonly where?: string | undefined
}

/**
 * Wraps one entry of a worker: `fetch`, `scheduled` or `queue`. The response does not wait: after the entry has returned,
 * `ctx.waitUntil` gets a flush. What it throws is recorded as an exception first, and thrown on.
 *
 * On workerd nothing is sent without a flush, because nothing may outlive a request. What is logged later, while a
 * response streams, leaves with the next request's flush, or with one of your own: `ctx.waitUntil(audit.flush())`.
 *
 * @example
 * ```ts
 * import { createAuditLog, withAudit } from "@daybook/core"
 * import { exporter } from "./exporter.ts"
 *
 * const audit = createAuditLog({ app: "shop", exporters: [exporter] })
 *
 * export default {
 *   fetch: withAudit(audit, async (request: Request) => {
 *     const order = new URL(request.url).searchParams.get("order")
 *     if (order === null) throw new TypeError("no order")
 *     audit.log("order", "Order placed", { order })
 *     return new Response(`thanks for ${order}`)
 *   })
 * }
 * ```
 */
export const withAudit =
  <Input, Env, Result, Context = WorkerContext>(
    audit: Audit,
    run: (input: Input, env: Env, ctx: Context) => Result | PromiseLike<Result>,
    options?: WithAuditOptions
  ): ((input: Input, env: Env, ctx: Context) => Promise<Result>) =>
  async (input, env, ctx) => {
    try {
      return await run(input, env, ctx)
    } catch (error) {
      audit.exception(options?.where ?? "worker", error)
      throw error
    } finally {
      hold(ctx, audit.flush({ timeoutMs: options?.timeoutMs ?? writerLimits.workerFlushTimeoutMs }))
    }
  }

// A context that cannot hold the request costs its lines a wait, not the entry its result: the next flush sends them.
const hold = (ctx: unknown, flushed: Promise<unknown>): void => {
  try {
    ;(ctx as Partial<WorkerContext> | null | undefined)?.waitUntil?.(flushed)
  } catch {
    // The request is over for the host already.
  }
}
