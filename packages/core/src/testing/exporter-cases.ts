// What every exporter must do, as data: run each case against a subject and report what it throws. The cases drive a
// real log, so they judge the exporter as an application meets it. The duties are those of pipeline/exporter.ts.
import { createAuditLog } from "../audit-log.ts"
import { type AuditEvent, decodeLine } from "../event/decode-line.ts"
import type { Exporter } from "../pipeline/exporter.ts"

/** An exporter under judgement. */
export interface ExporterSubject {
  /** A fresh exporter on a fresh far side. */
  make(): Exporter | Promise<Exporter>
  /** The lines that the far side of the exporter made last has now, one array a line, without newlines. */
  readBack(): Promise<readonly Uint8Array[]>
  /** Makes the far side fail in a way that may be retried. Cases that need it are skipped without it. */
  break?(): void | Promise<void>
  heal?(): void | Promise<void>
  /** Cases that cannot hold here, by name, each with its reason. */
  readonly skip?: Readonly<Record<string, string>>
}

export interface ExporterCase {
  readonly name: string
  /** True when the case cannot run without `break` and `heal`. */
  readonly needsBreak: boolean
  run(subject: ExporterSubject): Promise<void>
}

const app = "exporter-cases"
const timeoutMs = 10_000

export const exporterCases: readonly ExporterCase[] = [
  {
    name: "1. export succeeds only when the far side has the whole batch",
    needsBreak: false,
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
    needsBreak: false,
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
    needsBreak: false,
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
    needsBreak: true,
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      for (let n = 1; n <= 10; n++) audit.log("case", "before", { n })
      await audit.flush({ timeoutMs })
      await subject.break?.()
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
    name: "5. a repeated batch carries the same ids",
    needsBreak: true,
    async run(subject) {
      const audit = createAuditLog({ app, exporters: [await subject.make()], exitHook: false })
      await subject.break?.()
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
    name: "7. one value serves several logs, one after the other and side by side",
    needsBreak: false,
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
