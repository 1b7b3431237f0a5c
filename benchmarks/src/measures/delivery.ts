// Deliveries: a million events into a database, as a ratio to a bare loop over the same files; memory while a gigabyte waits; from
// a commit to its row; and what a delivery costs while nothing happens. Every line must be a row, once.

import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { type FoundServer, startPostgres } from "../../../scripts/database-servers.ts"
import type { Job, Sample } from "../job.ts"
import { type Cell, type Context, type Measure, scaled } from "../measure.ts"
import { inTempDir } from "../processes.ts"
import { runChildIn } from "../run-child.ts"
import { inRoundOrder } from "../statistics.ts"

/** A gigabyte into a database takes minutes on a busy machine. */
const timeoutMs = 1_800_000

/** Runs a probe over the files of a folder. */
type Ask = (probe: string, settings?: Job["settings"], events?: number) => Promise<Sample>

const withFiles = <A>(use: (ask: Ask, place: string) => Promise<A>): Promise<A> =>
  inTempDir(async (place) => {
    const dir = join(place, "files")
    await mkdir(dir)
    const ask: Ask = (probe, settings = {}, events = 0) =>
      runChildIn(
        { probe, library: "daybook", shape: "small", events, settings, dir, receiverUrl: undefined },
        { timeoutMs }
      )
    return use(ask, place)
  })

const checked = (what: string, { lines, rows, ...sample }: Sample): Sample => {
  if (lines === undefined || lines !== rows) throw new Error(`${what}: ${rows} rows of ${lines} lines`)
  return { ...sample, lines }
}

/** The files are written, and then read by both; which of the two is the first changes with each round. */
const compare = async (database: string, ask: Ask, round: number, context: Context): Promise<Sample> => {
  const events = scaled(context, 2_000, 1_000_000)
  const { dayBytes = 0 } = await ask("make-day", { dayBytes: 0 }, events)
  const samples: Record<string, Sample> = {}
  for (const probe of inRoundOrder(["deliver-all", "bare-insert"], round))
    samples[probe] = checked(probe, await ask(probe, { database, dayBytes }))
  const { "deliver-all": ours = {}, "bare-insert": bare = {} } = samples
  if (bare.lines !== ours.lines)
    throw new Error(`the bare loop found ${bare.lines} lines, the delivery ${ours.lines}`)
  return {
    ...ours,
    bareLinesPerSecond: bare.linesPerSecond ?? Number.NaN,
    bareCpuMicrosPerLine: bare.cpuMicrosPerLine ?? Number.NaN,
    rateRatio: ratioOf(ours, bare, "linesPerSecond"),
    cpuRatio: ratioOf(ours, bare, "cpuMicrosPerLine")
  }
}

const ratioOf = (ours: Sample, bare: Sample, metric: string): number =>
  (ours[metric] ?? Number.NaN) / (bare[metric] ?? Number.NaN)

const sqlite = (context: Context): Cell => {
  let round = 0
  return {
    name: "delivery sqlite",
    libraries: ["daybook"],
    roundsMax: 3,
    run: () => withFiles((ask, place) => compare(join(place, "audit.db"), ask, round++, context))
  }
}

/** A sample without figures where there is no server: the tables say so. */
const postgres = (context: Context): Cell => {
  let round = 0
  return {
    name: "delivery postgres",
    libraries: ["daybook"],
    roundsMax: 3,
    run: async () => {
      const server: FoundServer = await startPostgres()
      if ("missing" in server) return {}
      try {
        return await withFiles((ask) => compare(server.url, ask, round++, context))
      } finally {
        await server.stop()
      }
    }
  }
}

const backlog = (context: Context): Cell => ({
  name: "delivery backlog",
  libraries: ["daybook"],
  roundsMax: 1,
  run: () =>
    withFiles(async (ask, place) => {
      const made = await ask("make-day", { dayBytes: scaled(context, 2 * 1024 * 1024, 1024 ** 3) })
      const dayBytes = made.dayBytes ?? 0
      const bare = checked("bare loop", await ask("bare-insert", { database: join(place, "bare.db") }))
      const ours = await ask("deliver-all", { database: join(place, "audit.db"), dayBytes })
      return { ...checked("backlog", ours), bareGrowthBytes: bare.growthBytes ?? Number.NaN }
    })
})

const commitToRow = (from: "same" | "other", context: Context): Cell => ({
  name: `delivery commit ${from}`,
  libraries: ["daybook"],
  roundsMax: 3,
  run: () =>
    withFiles((ask, place) =>
      ask("commit-to-row", { from, database: join(place, "audit.db") }, scaled(context, 10, 300))
    )
})

const looks = (context: Context): Cell => ({
  name: "delivery looks",
  libraries: ["daybook"],
  roundsMax: 1,
  run: () =>
    withFiles((ask) =>
      ask("delivery-looks", {
        users: scaled(context, 20, 7_000),
        days: scaled(context, 2, 7),
        settleMs: scaled(context, 10, 60_000),
        measureMs: scaled(context, 100, 300_000)
      })
    )
})

export const delivery: Measure = {
  name: "delivery",
  about:
    "day files into a database by a delivery, beside a bare loop; memory with a gigabyte waiting; commit to row; looks at rest",
  cells: (context) => [
    sqlite(context),
    postgres(context),
    backlog(context),
    commitToRow("same", context),
    commitToRow("other", context),
    looks(context)
  ]
}
