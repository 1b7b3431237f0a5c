// An exporter as a worker would have one: a batch is a POST, and a 200 is its acknowledgement. It has all duties of the contract and
// nothing more; core keeps a batch whose request has ended.
import { defaultQueuePolicy, ExportError } from "@daybook/core"
import * as Effect from "effect/Effect"

/** Sends to `url()`, which is asked at each batch: a worker has no environment before its first request. */
export const postExporter = (url, options = {}) => ({
  name: "post",
  queue: { ...defaultQueuePolicy, ...options.queue },
  required: true,
  durability: "remote",
  open: () =>
    Effect.succeed({
      export: (batch) =>
        Effect.tryPromise({
          try: async (signal) => {
            options.onExport?.()
            const { status } = await fetch(url(), { method: "POST", body: batch.bytes().slice(), signal })
            if (status !== 200) throw new Error(`it answers ${status}`)
          },
          catch: (cause) =>
            new ExportError({
              reason: `Cannot post a batch: ${cause instanceof Error ? cause.message : String(cause)}`,
              retryable: true,
              outcome: "unknown",
              cause
            })
        })
    })
})
