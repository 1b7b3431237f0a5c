// A worker that does on each request what its query asks, in the order of the query: tests say what a request logs, waits for and
// leaves unfinished. One log for all requests, made at the top of the module, as applications do.
import { createAuditLog, withAudit } from "@daybook/core"
import { postExporter } from "./post-exporter.mjs"

let receiver = ""
let announce = () => undefined
let begun = new Promise((resolve) => {
  announce = resolve
})

const audit = createAuditLog({
  app: "edge",
  exporters: [postExporter(() => receiver, { onExport: () => announce(), queue: { eventsMax: 64 } })]
})

const numbers = ({ complete, accepted, written, dropped, pending }) => ({
  complete,
  accepted,
  written,
  dropped,
  pending
})

/** One step of a request. Answers are collected under the step's name. */
const steps = {
  log: (message) => audit.log("case", message),
  many: (count) => {
    for (let n = 1; n <= Number(count); n++) audit.log("case", `event ${n}`)
  },
  session: () => audit.sessionStart(),
  flush: async (timeoutMs) => numbers(await audit.flush({ timeoutMs: Number(timeoutMs) })),
  close: async (timeoutMs) => numbers(await audit.close({ timeoutMs: Number(timeoutMs) })),
  commit: (message) =>
    audit.commit("case", message, {}, { timeoutMs: 20_000 }).then(
      ({ durability, seq }) => ({ durability, seq }),
      (error) => ({ failed: error.message })
    ),
  room: () => audit.room(),
  hasRoom: () => audit.hasRoom(),
  health: () => audit.health().exporters[0],
  /** Started without waiting, as in an application that forgot `waitUntil`. */
  forgetFlush: () => void audit.flush({ timeoutMs: 20_000 }),
  forgetCommit: (message) => void audit.commit("case", message).catch(() => undefined),
  /** Until an export of this request, or another one, has begun. */
  begun: () => begun,
  expect: () => {
    begun = new Promise((resolve) => {
      announce = resolve
    })
  },
  /** Until the exporter is in this state. */
  state: (wanted) =>
    new Promise((resolve) => {
      const look = () => {
        if (audit.health().exporters[0].state === wanted) resolve()
      }
      audit.onHealth(look)
      look()
    }),
  throw: (message) => {
    throw new RangeError(message)
  }
}

const run = async (request, env) => {
  receiver = env.RECEIVER
  const answers = {}
  for (const [name, value] of new URL(request.url).searchParams) {
    const answer = await steps[name](value)
    if (answer !== undefined) answers[name] = answer
  }
  return Response.json(answers)
}

const withFetch = withAudit(audit, run, { where: "fetch" })

export const entries = {
  /** Below /audited through `withAudit`, else bare. */
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname.startsWith("/audited") ? withFetch(request, env, ctx) : run(request, env),
  scheduled: withAudit(
    audit,
    ({ cron }, env) => {
      receiver = env.RECEIVER
      audit.log("case", `scheduled ${cron}`)
    },
    { where: "scheduled" }
  ),
  queue: withAudit(audit, (batch, env) => {
    receiver = env.RECEIVER
    for (const { body } of batch.messages) audit.log("case", `queued ${body}`)
    batch.ackAll()
  })
}
