// Kill -9 of a deliverer at every step of its work, while several processes commit into the file that it follows and are killed
// themselves: every confirmed event arrives, in a database once, elsewhere more than once only with equal ids.

import { describe, expect, it } from "vitest"
import { needsRoot } from "../../file-exporter/faults/needs.ts"
import type { Receipts } from "../../file-exporter/faults/receipts.ts"
import type { RunningChild } from "../../file-exporter/test/tools/child-process.ts"
import { randomFrom } from "../../file-exporter/test/tools/faulty-file-layer.ts"
import { freshDir } from "../../file-exporter/test/tools/file-bench.ts"
import { openFarEnd } from "./arrivals.ts"
import type { FarEndKind } from "./far-end.ts"
import { type Fatal, killAt } from "./killed-at.ts"
import {
  begin,
  deliverToTheEnd,
  expectAllArrived,
  expectNoLeftovers,
  expectPlaceFits,
  ready,
  startDeliverer,
  tornBytes,
  WriterLane
} from "./trail.ts"
import { type Wire, wireTo } from "./wire.ts"

/** `npm run campaign` has more of them. */
const cycles = Number(process.env.DAYBOOK_CYCLES ?? 25)
const seed = Number(process.env.DAYBOOK_SEED ?? 31)

/** The first calls of one thread of a delivery, up to `within`: the first save of a place is among them. */
type Step = Omit<Fatal, "when"> & { readonly within: number }

/** Lines are read, places are saved and locks are kept on a thread of the pool. */
const ofDeliverer: readonly Step[] = [
  { call: "fdatasync", within: 2 },
  { call: "rename", within: 2 },
  { call: "fsync", within: 1 },
  { call: "openat", within: 12 },
  { call: "write", within: 10 }
]

/** SQLite has its files instead of an answer. */
const ofSqlite: readonly Step[] = [
  { call: "pwrite64", within: 60 },
  { call: "fsync", within: 6 }
]

/** The message whose answer confirms a batch. */
const confirming: Readonly<Record<Exclude<FarEndKind, "SQLite">, string>> = {
  PostgreSQL: "commit",
  MariaDB: "commit",
  "the official collector": "POST "
}

/** Before the write of lines, before their sync, and before their receipt goes out. */
const ofWriter: readonly Step[] = [
  { call: "write", within: 40 },
  { call: "fdatasync", within: 10 }
]

const upTo = (most: number, random: () => number): number => 1 + Math.floor(random() * most)

/** Kills it at its next step of that kind. Returns where that was, or nothing when it is killed otherwise. */
type Kill = (deliverer: RunningChild) => Promise<() => string>

const atAnyMoment =
  (random: () => number): Kill =>
  async ({ process, line }) => {
    let told = upTo(12, random)
    void line(() => told-- === 0).then(
      () => process.kill("SIGKILL"),
      () => undefined
    )
    return () => "any moment"
  }

const atCall =
  ({ call, within }: Step, random: () => number): Kill =>
  async ({ process: { pid } }) =>
    (await killAt(pid, { call, when: upTo(within, random) })).diedAt

const atMessage =
  (wire: Wire, text: string, isSent: boolean, random: () => number): Kill =>
  async ({ process }) => {
    void wire.until({ text, when: upTo(3, random), isSent }).then(() => process.kill("SIGKILL"))
    return () => (isSent ? "an answer that was on its way" : "a message that was on its way")
  }

describe.each<FarEndKind>(["SQLite", "PostgreSQL", "MariaDB", "the official collector"])(
  "a delivery into %s",
  (kind) => {
    it(`F31 F32 F34 F39 F41 F60 S4.18 S4.19 whose deliverer is killed ${cycles} times, at every step, under three writers that are killed too: every line arrives`, {
      timeout: cycles * 10_000 + 60_000
    }, async (test) => {
      needsRoot(test, "strace")
      const farEnd = await openFarEnd(test, kind)
      const wire = kind === "SQLite" ? undefined : await wireTo(farEnd.at)
      const dir = freshDir()
      const random = randomFrom(seed)
      const writers = [new WriterLane(dir), new WriterLane(dir), new WriterLane(dir)] as const
      const kills: readonly Kill[] = [
        ...ofDeliverer.flatMap((step) => [atCall(step, random), atAnyMoment(random)]),
        ...(wire === undefined || kind === "SQLite"
          ? ofSqlite.map((step) => atCall(step, random))
          : [true, false].map((isSent) => atMessage(wire, confirming[kind], isSent, random)))
      ]
      const deaths = new Map<string, number>()
      let writersKilled = 0
      const start = (): RunningChild => startDeliverer(dir, kind, wire?.url ?? farEnd.at)
      let next = start()
      for (let cycle = 1; cycle <= cycles; cycle++) {
        const deliverer = next
        next = start()
        await ready(deliverer)
        // The first one dies behind its first batch: a lock that is half made would be respected for 30 s.
        const diedAt = await (kills[cycle % kills.length] as Kill)(deliverer)
        begin(deliverer, "for ever")
        const { signal, stderr } = await deliverer.ended
        expect(signal, stderr).toBe("SIGKILL")
        const death = diedAt()
        deaths.set(death, (deaths.get(death) ?? 0) + 1)
        expectPlaceFits(dir, `cycle ${cycle}, killed at ${death}`)
        if (cycle % 5 !== 0) continue
        const writer = writers[cycle % 3] as WriterLane
        const isAtCall = cycle % 2 === 0
        if (isAtCall) {
          const { call, within } = ofWriter[(cycle / 10) % 2] as Step
          await killAt(writer.pid, { call, when: upTo(within, random) })
        }
        await writer.next(!isAtCall)
        writersKilled += 1
      }
      for (const writer of writers) await writer.end()
      const receipts: Receipts = new Map()
      for (const writer of writers) writer.addTo(receipts)
      const result = await deliverToTheEnd(next)
      expect(result).toMatchObject({ complete: true, dead: 0, pendingBytes: tornBytes(dir) })
      const arrived = await farEnd.arrived()
      const settled = expectAllArrived(dir, receipts, arrived, `seed ${seed}`)
      if (farEnd.isExact) expect(settled.repeated).toBe(0)
      expect(arrived.size).toBe(settled.lines)
      expect(receipts.size).toBeGreaterThanOrEqual(3)
      expectNoLeftovers(dir)
      const figures = { kind, cycles, writersKilled, ...settled, damaged: result.damaged }
      console.log(JSON.stringify({ ...figures, deaths: Object.fromEntries(deaths) }))
    })
  }
)
