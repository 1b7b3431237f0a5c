// `withContext` on workerd: it follows `await` where AsyncLocalStorage is there, by a flag or because the worker gave it; elsewhere
// it holds until the first `await`. Never do values of one request stand on another one's events.
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { bundle, startWorker } from "./workerd/start-worker.mjs"

const { code, imports } = await bundle({ file: "context.worker.mjs" })

/** As the guide shows it for `nodejs_als`. */
const given = `
import { AsyncLocalStorage } from "node:async_hooks"
import { entries } from ${JSON.stringify(`${import.meta.dirname}/workerd/context.worker.mjs`)}
globalThis.AsyncLocalStorage = AsyncLocalStorage
export default entries
`
const { code: codeThatGives } = await bundle({ entry: given })

const kinds = [
  { kind: "workerd with nodejs_compat", code, options: { flags: ["nodejs_compat"] }, follows: true },
  {
    kind: "workerd with nodejs_als, given",
    code: codeThatGives,
    options: { flags: ["nodejs_als"] },
    follows: true
  },
  {
    kind: "workerd of 2023 with nodejs_compat, given",
    code: codeThatGives,
    options: { flags: ["nodejs_compat"], date: "2023-06-01" },
    follows: true
  },
  { kind: "workerd without a flag", code, options: {}, follows: false },
  { kind: "workerd with nodejs_als, not given", code, options: { flags: ["nodejs_als"] }, follows: false }
]

test("a worker that uses withContext imports nothing for it", () => {
  assert.deepEqual(imports, [])
})

for (const { kind, code, options, follows } of kinds) {
  describe(kind, () => {
    const requests = Array.from({ length: 20 }, (_, index) => `${index}`)
    test(
      follows
        ? "S2.7 S2.19 withContext holds across await, timers and Promise.all of twenty requests at once; enterContext adds nothing"
        : "S2.7 S2.19 withContext holds until the first await, enterContext adds nothing, and neither leaks to another request",
      async () => {
        const worker = await startWorker(code, options)
        try {
          const answers = await Promise.all(requests.map((id) => worker.ask(`/?request=${id}`)))
          for (const [index, lines] of answers.entries()) {
            const user = `user of ${index}`
            const later = follows ? user : null
            assert.deepEqual(lines, [
              { message: "at once", user, part: null },
              { message: "after a timer", user: later, part: null },
              { message: "in a part", user: later, part: follows ? 1 : null },
              { message: "in a part", user: later, part: follows ? 2 : null },
              { message: "at the end", user: later, part: null },
              { message: "outside", user: null, part: null },
              { message: "entered", user: null, part: null }
            ])
          }
        } finally {
          await worker.stop()
        }
      }
    )
  })
}
