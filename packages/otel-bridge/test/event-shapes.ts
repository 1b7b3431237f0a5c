// Events of every level and shape, and what must arrive at the far end of a real collector: the same lines, in the order of
// their session, each once. The unit test and the large run in faults/ share it.
import { type Audit, createAuditLog, defineEvent, type Exporter, levels } from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"
import * as Schema from "effect/Schema"
import { expect } from "vitest"
import type { PlainRecord } from "./plain-record.ts"
import { lineOf } from "./plain-record.ts"

export const app = "datatools"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Number, tags: Schema.Array(Schema.String) },
  message: ({ filename }) => `Uploaded ${filename}`
})

/**
 * Without `null`, because its form depends on the encoding: the tests of the mapping have it. Without numbers of full
 * precision, because the JSON reader of this collector changes their last digit: the exporter cases have them.
 */
const shapes: readonly ((audit: Audit, n: number) => void)[] = [
  (audit, n) => audit.log(Uploaded({ filename: `customers ${n}.csv`, bytes: n * 4096, tags: ["a", "b"] })),
  (audit) => audit.log("plain", "nothing beside"),
  (audit) => audit.log("text", 'naïve 日本語 😀 "quoted" \\ \n \u2028 \u202e', { empty: "", lang: "日本語" }),
  (audit, n) =>
    audit.log("number", "numbers", { n, float: n / 8, negative: -n, large: 2 ** 52 + n, tiny: 5e-324 }),
  (audit) => audit.log("boolean", "flags", { yes: true, no: false }),
  (audit, n) =>
    audit.log("nested", "deep", { a: { b: [{ c: [n, "x", { d: true }] }, [], {}] }, list: [1, 2.5, "z"] }),
  (audit, n) =>
    audit.exception(`analyze(${n})`, new TypeError(`no columns in ${n}`), { filename: "weird.csv" }),
  (audit, n) => audit.log("user", "of a user", { user: `u${n % 7}`, outcome: "denied", reason: "no role" }),
  (audit, n) =>
    audit.relay(
      {
        ts: "2020-01-01T00:00:00.000Z",
        session: "11112222",
        seq: n,
        message: "from a page",
        category: "page",
        x: n
      },
      { tenant: "t1" }
    ),
  (audit) => audit.log("long", "x".repeat(2_000), { text: "y".repeat(3_000) }),
  (audit, n) => audit.log("levels", "each in turn", { n }, { level: levels[n % levels.length] ?? "info" })
]

/** Logs `count` events with room for each, in two sessions side by side, and returns the lines that they became. */
export const logShapes = async (make: () => Exporter, count: number): Promise<readonly string[]> => {
  const logs = [1, 2].map(() => {
    const memory = memoryExporter({ queue: { eventsMax: 2 * count, bytesMax: 2 ** 32 } })
    return { memory, audit: createAuditLog({ app, exporters: [make(), memory], exitHook: false, env: {} }) }
  })
  const { length } = shapes
  await Promise.all(
    logs.map(async ({ audit }) => {
      for (let n = 0; n < count / 2; n++) {
        if (n % 50 === 0) await audit.room()
        shapes[n % length]?.(audit, n)
      }
      expect(await audit.close({ timeoutMs: 120_000 })).toMatchObject({
        complete: true,
        dropped: 0,
        pending: 0
      })
    })
  )
  return logs.flatMap(({ memory }) => memory.lines)
}

/**
 * The requests hold these lines: none missing, none twice, each session in its order within a request. Collectors send on
 * several requests at once, so across requests the rising ids give the order.
 */
export const expectLines = (
  requests: readonly (readonly PlainRecord[])[],
  lines: readonly string[]
): void => {
  const arrived = requests.map((records) => records.map((record) => lineOf(record, app)))
  for (const own of arrived) {
    for (const stream of new Set(own.map(streamOf))) {
      const session = own.filter((line) => streamOf(line) === stream)
      expect(session).toEqual(inOrder(session))
    }
  }
  const there = inOrder(arrived.flat())
  const wanted = inOrder(lines)
  const at = wanted.findIndex((line, index) => line !== there[index])
  expect(at === -1 ? undefined : there[at]).toBe(at === -1 ? undefined : wanted[at])
  expect(there.length).toBe(wanted.length)
}

// A line ends with its id, and that with the stream key.
const idOf = (line: string): string => line.slice(-38, -2)
const streamOf = (line: string): string => idOf(line).slice(-16)
const inOrder = (lines: readonly string[]): readonly string[] => {
  const keyed = lines.map((line) => [streamOf(line) + idOf(line), line] as const)
  return keyed.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line)
}
