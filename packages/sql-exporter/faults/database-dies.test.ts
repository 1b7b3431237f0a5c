// Deliveries into real servers that die in the middle of a batch, come and go, lack their table, or refuse rows: every line is a
// row once, or a dead letter, or waits; and health and notices say what to do.

import { randomUUID } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Audit, createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { type DeliveryState, deliver, type RunningDelivery } from "@daybook/file-exporter/delivery"
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import {
  type DatabaseServer,
  type FoundServer,
  startMariadb,
  startPostgres
} from "../../../scripts/database-servers.ts"
import { app, freshDir, numbersTo } from "../../file-exporter/test/tools/file-bench.ts"
import { type HeldClock, heldClockAt } from "../../file-exporter/test/tools/test-clock.ts"
import { sqlExporter, sqlMigrations } from "../src/index.ts"
import { ask } from "./arrivals.ts"
import { dialectOf } from "./far-end.ts"
import { stateOf } from "./trail.ts"
import { wireTo } from "./wire.ts"

/** Long enough for any machine; it is over as soon as all is settled. */
const whole = { timeoutMs: 60_000 }

describe.each(["PostgreSQL", "MariaDB"] as const)("a delivery into %s", (kind) => {
  let found: FoundServer
  let server: Required<DatabaseServer>
  let url: string

  beforeAll(async () => {
    found = await (kind === "PostgreSQL" ? startPostgres() : startMariadb())
  })
  afterAll(async () => {
    if (!("missing" in found)) await found.stop()
  })
  beforeEach(async ({ skip }) => {
    if ("missing" in found) return skip(found.missing)
    const { kill, start } = found
    if (kill === undefined || start === undefined)
      return skip("the server that was given is not ours to kill")
    server = { ...found, kill, start }
    const database = `daybook_${randomUUID().replaceAll("-", "")}`
    await ask(kind, found.url, `create database ${database}`)
    const own = new URL(found.url)
    own.pathname = database
    url = own.href
  })

  const migrate = async (): Promise<void> => {
    for (const sql of sqlMigrations(kind === "PostgreSQL" ? "postgresql" : "mysql")) await ask(kind, url, sql)
  }

  /** `n` of the events that are rows, in the order of their numbers. */
  const rows = async (): Promise<readonly number[]> =>
    (await ask(kind, url, "select seq from audit_events where seq is not null order by seq")).map(({ seq }) =>
      Number(seq)
    )

  /** One trail, its log, and how a delivery of it begins. */
  const trail = () => {
    const dir = freshDir()
    const audit = createAuditLog({ app, exporters: [fileExporter({ dir, sync: "batch" })], exitHook: false })
    onTestFinished(async () => void (await audit.close()))
    const notices: string[] = []
    const begin = (at = url, clock?: HeldClock): RunningDelivery => {
      const to = sqlExporter({ dialect: dialectOf(kind, at), name: "far", queue: { batchEventsMax: 500 } })
      const delivery = deliver({
        app,
        dir,
        to,
        marks: false,
        pollMs: 20,
        notice: (text) => notices.push(text),
        ...(clock === undefined ? { backoff: { minMs: 50, maxMs: 400 } } : { clock })
      })
      onTestFinished(async () => void (await delivery.close({ timeoutMs: 0 })))
      return delivery
    }
    return { dir, audit, notices, begin }
  }

  it.for([
    ["its commit, and before the answer to that", true],
    ["its rows, and before their commit", false]
  ] as const)(
    "F41 F104 S4.17 whose server dies behind %s: the batch of 200 is sent again, and there are 200 rows",
    async ([, isSent]) => {
      await migrate()
      const { audit, begin } = trail()
      await logSome(audit, 200)
      const wire = await wireTo(url)
      const reached = wire.until({ text: "commit", when: 1, isSent })
      const delivery = begin(wire.url)
      await reached
      expect(await rows()).toEqual(isSent ? numbersTo(200) : [])
      await server.kill()
      wire.cut()
      await untilState(delivery, "backing off")
      expect(delivery.health()).toMatchObject({ delivered: 0, dead: 0 })
      await server.start()
      await untilDelivered(delivery, 200)
      expect(delivery.health()).toMatchObject({ delivered: 200, dead: 0, pendingBytes: 0 })
      expect(await rows()).toEqual(numbersTo(200))
    }
  )

  it("F103 F104 S4.18 whose server comes and goes while the log goes on: order and number stay, nothing is refused", async () => {
    await migrate()
    const { audit, begin, notices } = trail()
    const delivery = begin()
    let sent = 0
    for (let outage = 1; outage <= 3; outage++) {
      sent = await logSome(audit, 300, sent)
      await untilDelivered(delivery, sent)
      await server.kill()
      sent = await logSome(audit, 300, sent)
      await untilState(delivery, "backing off")
      const { oldestAgeMs, nextAttemptAt, lastError } = delivery.health()
      expect(oldestAgeMs).toBeGreaterThanOrEqual(0)
      expect(nextAttemptAt).toBeDefined()
      expect(lastError).toMatch(/^Cannot write to table .*(connection|reached|shutting down)/)
      await server.start()
    }
    await untilDelivered(delivery, sent)
    expect(delivery.health()).toMatchObject({ dead: 0, pendingBytes: 0 })
    expect(await rows()).toEqual(numbersTo(sent))
    // An outage is said when it begins and when it ends, and not at each attempt.
    expect(notices.length).toBeLessThanOrEqual(9)
  })

  it("without its table waits for people, says what to do, and goes on by itself when the table is made", async () => {
    const { audit, begin, notices } = trail()
    await logSome(audit, 100)
    const clock = heldClockAt(Date.now())
    const delivery = begin(url, clock)
    await untilState(delivery, "backing off")
    expect(delivery.health().lastError).toContain(
      "the table does not exist; set migrate: true, or run the statements of sqlMigrations()"
    )
    expect(notices.join("\n")).toContain("sqlMigrations()")
    expect(delivery.health()).toMatchObject({ delivered: 0, dead: 0 })
    await migrate()
    expect(await rows()).toEqual([])
    clock.advance(72_000)
    await untilDelivered(delivery, 100)
    expect(await rows()).toEqual(numbersTo(100))
    expect(notices.filter((text) => text.includes("sqlMigrations()"))).toHaveLength(1)
  })

  it("F107 S4.23 that refuses one row of 500 keeps 499, and the one is the only dead letter", async () => {
    await migrate()
    await ask(kind, url, "alter table audit_events add constraint no_217 check (seq <> 217)")
    const { audit, begin, dir } = trail()
    await logSome(audit, 500)
    const delivery = begin()
    expect(await delivery.flush(whole)).toMatchObject({ complete: true, delivered: 499, dead: 1 })
    expect(await rows()).toEqual(numbersTo(500).filter((seq) => seq !== 217))
    const letters = lettersIn(dir)
    expect(letters).toHaveLength(1)
    expect(JSON.parse(letters[0]?.line ?? "")).toMatchObject({ seq: 217 })
    expect(letters[0]?.reason).toMatch(/a row violates a constraint/)
  })

  it("F107 S4.23 that refuses every row pauses, discards nothing, and goes on when it is put right", async () => {
    await migrate()
    await ask(kind, url, "alter table audit_events add constraint none_at_all check (level = 'never')")
    const { audit, begin, dir, notices } = trail()
    await logSome(audit, 500)
    const clock = heldClockAt(Date.now())
    const delivery = begin(url, clock)
    await untilState(delivery, "paused")
    const { dead } = delivery.health()
    expect(dead).toBeLessThanOrEqual(64)
    expect(notices.join("\n")).toMatch(/a row violates a constraint/)
    await ask(kind, url, "alter table audit_events drop constraint none_at_all")
    clock.advance(360_000)
    await untilState(delivery, "idle")
    const letters = lettersIn(dir).map(({ line = "" }) => Number(JSON.parse(line).seq))
    expect(new Set([...letters, ...(await rows())])).toEqual(new Set(numbersTo(500)))
    expect(delivery.health()).toMatchObject({ dead: letters.length, delivered: 500 - letters.length })
  })
})

/** Logs so many events, and waits until they are in their file. Returns how many there are now. */
const logSome = async (audit: Audit, count: number, before = 0): Promise<number> => {
  for (let n = 1; n <= count; n++) audit.log("load", "one of some", { n: before + n })
  expect(await audit.flush(whole)).toMatchObject({ complete: true })
  return before + count
}

const untilState = (delivery: RunningDelivery, state: DeliveryState): Promise<void> =>
  new Promise((resolve) => {
    if (delivery.health().state === state) return resolve()
    const stop = delivery.onHealth((health) => {
      if (health.state !== state) return
      stop()
      resolve()
    })
  })

/** It looks for itself: nothing shortens its waits. */
const untilDelivered = async (delivery: RunningDelivery, count: number): Promise<void> => {
  while (delivery.health().delivered < count) await new Promise(setImmediate)
}

const lettersIn = (dir: string): readonly { readonly line?: string; readonly reason: string }[] => {
  const state = stateOf(dir)
  const names = readdirSync(state).filter((name) => name.startsWith("dead-"))
  return names.flatMap((name) =>
    readFileSync(join(state, name), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
  )
}
