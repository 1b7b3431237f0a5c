// What every exporter must do, as data: run each case against a subject and report what it throws. The cases drive a
// real log, so they judge the exporter as an application meets it. The duties are those of pipeline/exporter.ts.
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { createAuditLog } from "../api/audit-log.ts"
import { type AuditEvent, decodeLine } from "../event/decode-line.ts"
import { makeStreamKey } from "../event/stream-id.ts"
import { type Batch, batchFromLines } from "../pipeline/batch.ts"
import type { Exporter, LogIdentity, OpenExporter } from "../pipeline/exporter.ts"
import { memoryExporter } from "./memory-exporter.ts"

/** How a far side can be made to fail: in a way that may be retried, for good, or by never answering. */
export type FarSideBreakage = "fail" | "refuse" | "hang"

/** An exporter under judgement. */
export interface ExporterSubject {
  /** A fresh exporter on a fresh far side. */
  make(): Exporter | Promise<Exporter>
  /** The lines that the far side of the exporter made last has now, one array a line, without newlines. */
  readBack(): Promise<readonly Uint8Array[]>
  /** Makes the far side fail. A case whose `needs` it cannot produce stands in `skip`. */
  break?(how: FarSideBreakage): void | Promise<void>
  heal?(): void | Promise<void>
  /** Cases that cannot hold here, by name, each with its reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/** One duty. A test runner runs each case unless the subject's `skip` names it, and shows the reason if it does. */
export interface ExporterCase {
  readonly name: string
  /** What the subject's `break` must be able to do. */
  readonly needs?: FarSideBreakage
  /** Rejects with an `Error` that says what was expected. */
  run(subject: ExporterSubject): Promise<void>
}

const app = "exporter-cases"
const timeoutMs = 10_000

export const exporterCases: readonly ExporterCase[] = [
  {
    name: "1. export succeeds only when the far side has the whole batch",
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      for (let n = 1; n <= 100; n++) audit.log("case", `event ${n}`, { n })
      const result = await audit.flush({ timeoutMs })
      expectEqual(result.written + result.handedOver, 100, "confirmed events")
      expectSequence(await seqs(subject), 100)
      await audit.close({ timeoutMs })
    }
  },
  {
    name: "1. bytes arrive as they were written, whatever they hold",
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      const texts = [
        "naïve café",
        "日本語",
        "😀",
        'a "quote"',
        "line\nbreak",
        "\u2028\u0085\u202e",
        "",
        "x".repeat(8_000)
      ]
      for (const text of texts) audit.log("case", text, { text })
      await audit.flush({ timeoutMs })
      const read = await decoded(subject)
      expectEqual(
        JSON.stringify(read.map(({ fields }) => fields.text)),
        JSON.stringify(texts),
        "texts read back"
      )
      await audit.close({ timeoutMs })
    }
  },
  {
    name: "2. batches arrive in order, and none is delivered twice on a good day",
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      for (let n = 1; n <= 3_000; n++) {
        audit.log("case", "event", { n })
        if (n % 100 === 0) await audit.room()
      }
      await audit.flush({ timeoutMs })
      expectSequence(await seqs(subject), 3_000)
      await audit.close({ timeoutMs })
    }
  },
  {
    name: "3. a far side that fails and comes back loses nothing",
    needs: "fail",
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      for (let n = 1; n <= 10; n++) audit.log("case", "before", { n })
      await audit.flush({ timeoutMs })
      await breakFarSide(subject, "fail")
      for (let n = 11; n <= 20; n++) audit.log("case", "meanwhile", { n })
      const broken = await audit.flush({ timeoutMs })
      expectEqual(broken.complete, false, "complete while broken")
      expectEqual(broken.pending, 10, "pending while broken")
      await subject.heal?.()
      const healed = await audit.flush({ timeoutMs })
      expectEqual(healed.complete, true, "complete after healing")
      expectEqual(healed.dropped, 0, "dropped")
      expectSequence([...new Set(await seqs(subject))], 20)
      await audit.close({ timeoutMs })
    }
  },
  {
    name: "3. what the far side refuses for good is counted and not tried again, and the rest goes on",
    needs: "refuse",
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      await breakFarSide(subject, "refuse")
      for (let n = 1; n <= 5; n++) audit.log("case", "refused", { n })
      await audit.flush({ timeoutMs })
      expectEqual(audit.health().exporters[0]?.droppedBy.refused, 5, "dropped as refused")
      await subject.heal?.()
      for (let n = 6; n <= 10; n++) audit.log("case", "taken", { n })
      const result = await audit.flush({ timeoutMs })
      expectEqual(result.pending, 0, "pending")
      expectEqual((await seqs(subject)).join(), "6,7,8,9,10", "seq of the events that were taken")
      const gaps = (await decoded(subject)).filter(({ kind }) => kind === "gap")
      expectEqual(gaps.map(({ fields }) => fields.count).join(), "5", "events counted by gap marks")
      await audit.close({ timeoutMs })
    }
  },
  {
    name: "4. an export that was interrupted leaves an exporter that works",
    needs: "hang",
    async run(subject) {
      const exporter = await subject.make()
      const batch = await someLines(10)
      await withOpen(exporter, (open) =>
        Effect.gen(function* () {
          yield* Effect.promise(async () => breakFarSide(subject, "hang"))
          const hanging = yield* Effect.forkChild(open.export(batch))
          yield* Effect.yieldNow
          yield* Fiber.interrupt(hanging)
          yield* Effect.promise(async () => subject.heal?.())
          yield* open.export(batch)
        })
      )
      expectSequence([...new Set(await seqs(subject))], 10)
    }
  },
  {
    name: "5. a repeated batch carries the same ids",
    needs: "fail",
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      await breakFarSide(subject, "fail")
      for (let n = 1; n <= 10; n++) audit.log("case", "event", { n })
      await audit.flush({ timeoutMs })
      await audit.flush({ timeoutMs })
      await subject.heal?.()
      await audit.flush({ timeoutMs })
      const ids = (await decoded(subject)).map(({ head }) => head.id)
      expectEqual(new Set(ids).size, 10, "distinct ids")
      await audit.close({ timeoutMs })
    }
  },
  {
    name: "6. it never logs events to the log it serves",
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      for (let n = 1; n <= 10; n++) audit.log("case", "event", { n })
      await audit.flush({ timeoutMs })
      expectEqual((await audit.close({ timeoutMs })).accepted, 10, "events of the log")
      expectSequence(await seqs(subject), 10)
    }
  },
  {
    name: "7. its resources belong to its scope: after each closing it can be opened again",
    async run(subject) {
      const exporter = await subject.make()
      const batches = [await someLines(3), await someLines(3), await someLines(3)]
      for (const batch of batches) await withOpen(exporter, (open) => open.export(batch))
      expectEqual(await textOf(subject), batches.map(toText).join(""), "the lines of three openings")
    }
  },
  {
    name: "marks arrive as they were written, in their place among the events",
    async run(subject) {
      const batch = await someLines(5, { withGap: true })
      await withOpen(await subject.make(), (open) => open.export(batch))
      expectEqual(await textOf(subject), toText(batch), "lines read back")
      expectEqual(batch.count - batch.eventCount, 1, "marks")
    }
  },
  {
    name: "a last write needs no opening, keeps the order, and says how many lines are down",
    async run(subject) {
      const exporter = await subject.make()
      const batch = await someLines(20)
      // Not every exporter has a synchronous way out.
      if (exporter.lastWrite === undefined) return
      const { written } = exporter.lastWrite(identity(), batch, { inFlight: false, deadlineMs: timeoutMs })
      expectEqual(written, 20, "lines that it says are down")
      expectEqual(await textOf(subject), toText(batch), "lines read back")
    }
  },
  {
    name: "finishing in the last moment needs no opening, may come twice, and adds no event",
    async run(subject) {
      const exporter = await subject.make()
      const at = { inFlight: false, deadlineMs: timeoutMs }
      exporter.finishNow?.(identity(), at)
      const batch = await someLines(20)
      await withOpen(exporter, (open) => open.export(batch))
      exporter.finishNow?.(identity(), at)
      exporter.finishNow?.(identity(), at)
      expectEqual(await textOf(subject), toText(batch), "lines read back")
    }
  },
  {
    name: "7. one value serves several logs, one after the other and side by side",
    async run(subject) {
      const exporter = await subject.make()
      const logs = [1, 2, 3].map(() => createAuditLog({ app, exporters: [exporter], exitHook: false }))
      for (const [index, audit] of logs.entries()) {
        for (let n = 1; n <= 50; n++) audit.log("case", "event", { log: index })
      }
      for (const audit of logs) await audit.close({ timeoutMs })
      const late = createAuditLog({ app, exporters: [exporter], exitHook: false })
      for (let n = 1; n <= 50; n++) late.log("case", "event", { log: 3 })
      await late.close({ timeoutMs })
      const read = await decoded(subject)
      for (const log of [0, 1, 2, 3]) {
        const ofLog = read.filter(({ fields }) => fields.log === log).map(({ head }) => head.seq ?? 0)
        expectSequence(ofLog, 50)
      }
    }
  }
]

const breakFarSide = async (subject: ExporterSubject, how: FarSideBreakage): Promise<void> => {
  if (subject.break === undefined) throw new Error(`the subject cannot ${how}: skip this case, with a reason`)
  await subject.break(how)
}

const identity = (): LogIdentity => {
  const streamKey = makeStreamKey()
  const session = streamKey.slice(0, 8)
  const mark = (): Uint8Array => new Uint8Array()
  const monotonicMs = (): number => performance.now()
  return { app, session, streamKey, env: {}, now: Date.now, monotonicMs, notice: () => undefined, mark }
}

const withOpen = <E>(
  exporter: Exporter,
  use: (open: OpenExporter) => Effect.Effect<void, E>
): Promise<void> => Effect.runPromise(Effect.scoped(Effect.flatMap(exporter.open(identity()), use)))

// Lines of a real log. With a gap, the third of them is a mark.
const someLines = async (count: number, { withGap = false } = {}): Promise<Batch> => {
  const memory = memoryExporter({ queue: { eventsMax: withGap ? 2 : count } })
  const audit = createAuditLog({ app, exporters: [memory], exitHook: false })
  const log = (n: number): void => audit.log("case", "event", { n })
  for (let n = 1; n <= (withGap ? 3 : count); n++) log(n)
  await audit.flush({ timeoutMs })
  if (withGap) for (const n of [4, 5]) log(n)
  await audit.close({ timeoutMs })
  return batchFromLines(new TextEncoder().encode(memory.lines.join("\n")))
}

const toText = (batch: Batch): string => new TextDecoder().decode(batch.bytes())

const textOf = async (subject: ExporterSubject): Promise<string> => {
  const decoder = new TextDecoder()
  return (await subject.readBack()).map((line) => `${decoder.decode(line)}\n`).join("")
}

const decoded = async (subject: ExporterSubject): Promise<readonly AuditEvent[]> => {
  const lines = await subject.readBack()
  return lines.map((line) => {
    const event = decodeLine(line)
    if ("damage" in event) throw new Error(`the far side holds a line that is ${event.damage}`)
    return event
  })
}

const seqs = async (subject: ExporterSubject): Promise<readonly number[]> =>
  (await decoded(subject)).filter(({ kind }) => kind === "event").map(({ head }) => head.seq ?? 0)

const expectSequence = (actual: readonly number[], count: number): void => {
  const expected = Array.from({ length: count }, (_, index) => index + 1)
  expectEqual(actual.join(), expected.join(), "seq of the events, in order")
}

const expectEqual = (actual: unknown, expected: unknown, what: string): void => {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`)
}
