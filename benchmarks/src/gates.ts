// The targets, as a table: what Daybook must reach, in which cell, against which library. A gate reads its values from the
// results and checks whether their median reaches the bound. measures/ has the measurements.

import type { LibraryName } from "./libraries/catalogue.ts"
import { exitEvents, exitWays } from "./probes/exit.ts"
import type { Results } from "./results.ts"
import { type Spread, spreadOf } from "./statistics.ts"

export interface Bound {
  readonly side: "at most" | "at least"
  readonly value: number
}

/** The unit of a value. */
export type Unit = "ratio" | "ms" | "MB" | "kB" | "events" | "%"

interface Gate {
  /** The measure that must have run. */
  readonly measure: string
  /** The cell that it reads. */
  readonly cell: string
  readonly label: string
  readonly bound: Bound
  readonly unit: Unit
  values(results: Results): readonly number[]
}

export type Verdict = "met" | "NOT MET" | "not measured" | "not built yet"

export interface GateRow {
  readonly measure: string
  readonly label: string
  readonly bound: Bound
  readonly unit: Unit
  readonly spread: Spread
  readonly verdict: Verdict
}

const atMost = (value: number): Bound => ({ side: "at most", value })
const atLeast = (value: number): Bound => ({ side: "at least", value })

const A: LibraryName = "pino-async"
const W: LibraryName = "pino-worker"

/** The other side of a ratio, as labels name it. */
const rivals: Readonly<Partial<Record<LibraryName, string>>> = {
  [A]: "A",
  [W]: "W",
  "pino-unpaced": "A without waiting",
  "daybook-unsealed": "without seals",
  "pino-buffered": "pino flush()",
  "raw-sync": "raw write + fdatasync"
}

interface RatioForm {
  readonly measure: string
  readonly cell: string
  readonly metric: string
  readonly what: string
  readonly ours?: LibraryName
}

const ratio = (
  { measure, cell, metric, what, ours = "daybook" }: RatioForm,
  theirs: LibraryName,
  bound: Bound
): Gate => ({
  measure,
  cell,
  label: `${what} / ${rivals[theirs] ?? theirs}`,
  bound,
  unit: "ratio",
  values: (results) => results.ratios(cell, metric, ours, theirs)
})

/** Against pino in both forms: without and with a worker thread. */
const bothRatios = (form: RatioForm, boundOfA: Bound, boundOfW: Bound): readonly Gate[] => [
  ratio(form, A, boundOfA),
  ratio(form, W, boundOfW)
]

const producerGates = (shape: string, ofA: number, ofW: number): readonly Gate[] =>
  bothRatios(
    {
      measure: "producer",
      cell: `producer ${shape}`,
      metric: "nsPerCall",
      what: `producer ns/call, ${shape}`
    },
    atMost(ofA),
    atMost(ofW)
  )

const flowForm = (shape: string, metric: string, what: string): RatioForm => ({
  measure: "throughput",
  cell: `throughput ${shape}`,
  metric,
  what: `${what}, ${shape}`
})

const rateGates = (shape: string, ofA: number, ofW: number): readonly Gate[] =>
  bothRatios(flowForm(shape, "eventsPerSecond", "events/s with 0 dropped"), atLeast(ofA), atLeast(ofW))

const cpuGates = (shape: string, ofA: number, ofW: number): readonly Gate[] =>
  bothRatios(flowForm(shape, "cpuMicrosPerEvent", "CPU per event"), atMost(ofA), atMost(ofW))

interface FigureForm {
  readonly measure: string
  readonly cell: string
  readonly metric: string
  readonly label: string
  readonly unit: Unit
}

const perUnit: Readonly<Record<Unit, number>> = {
  ratio: 1,
  ms: 1,
  MB: 1024 * 1024,
  kB: 1_000,
  events: 1,
  "%": 1
}

/** A figure of Daybook's own. */
const own = (
  { measure, cell, metric, label, unit }: FigureForm,
  bound: Bound,
  library: LibraryName = "daybook"
): Gate => ({
  measure,
  cell,
  label,
  bound,
  unit,
  values: (results) => results.numbers(cell, library, metric).map((value) => value / perUnit[unit])
})

const exitGates = exitWays.flatMap((way) => {
  const cell = `exit ${way}`
  const form = { measure: "exit", cell, unit: "events" } as const
  return [
    own({ ...form, metric: "kept", label: `${way}: kept of 1,000` }, atLeast(exitEvents)),
    own({ ...form, metric: "repeated", label: `${way}: there twice` }, atMost(0))
  ]
})

const bundleGate = (entry: string, kilobytes: number): Gate =>
  own(
    {
      measure: "bundle",
      cell: `bundle ${entry}`,
      metric: "gzipBytes",
      label: `browser: ${entry}`,
      unit: "kB"
    },
    atMost(kilobytes)
  )

const deliveryGate = (cell: string, metric: string, label: string, unit: Unit, value: number): Gate =>
  own({ measure: "delivery", cell: `delivery ${cell}`, metric, label, unit }, atMost(value))

/** The file exporter's queue of 8 MiB, and 16 MB for everything else. */
const overloadGrowth = 8 + 16

export const gates: readonly Gate[] = [
  ...producerGates("small", 0.2, 0.4),
  ...producerGates("tool", 0.45, 0.6),
  ...producerGates("error", 0.35, 0.6),
  own(
    {
      measure: "longest-call",
      cell: "longest call",
      metric: "longestMs",
      label: "longest call, any value of 100,000 keys or 20 MB",
      unit: "ms"
    },
    atMost(50)
  ),
  ...rateGates("small", 5, 2.5),
  ...rateGates("tool", 3, 1.5),
  ...rateGates("mixed", 2.5, 1.3),
  ...cpuGates("small", 0.2, 0.4),
  ...cpuGates("tool", 0.4, 0.65),
  ratio(
    { measure: "steady", cell: "steady small", metric: "cpuPercent", what: "CPU at 20,000 events/s" },
    A,
    atMost(0.8)
  ),
  ratio(flowForm("small", "peakBytes", "peak memory, 1 M events"), "pino-unpaced", atMost(0.5)),
  own(
    {
      measure: "overload",
      cell: "overload small",
      metric: "growthBytes",
      label: "growth under overload",
      unit: "MB"
    },
    atMost(overloadGrowth)
  ),
  own(
    {
      measure: "overload",
      cell: "overload small",
      metric: "unaccounted",
      label: "overload: unaccounted for",
      unit: "events"
    },
    atMost(0)
  ),
  ratio(
    {
      measure: "commit",
      cell: "commit 100",
      metric: "commitsPerSecond",
      what: "commits/s, 100 waiters",
      ours: "daybook-durable"
    },
    "pino-buffered",
    atLeast(3)
  ),
  ratio(
    {
      measure: "commit",
      cell: "commit 1",
      metric: "p50Micros",
      what: "commit p50, 1 waiter",
      ours: "daybook-durable"
    },
    "raw-sync",
    atMost(1.3)
  ),
  ratio(
    { measure: "seals", cell: "seals small", metric: "cpuMicrosPerEvent", what: "CPU per event" },
    "daybook-unsealed",
    atMost(1.3)
  ),
  ...exitGates,
  own(
    { measure: "day", cell: "day", metric: "recentMs", label: "readRecent(200), 1 GB day", unit: "ms" },
    atMost(20)
  ),
  own(
    {
      measure: "command-line",
      cell: "command-line",
      metric: "startRatio",
      label: "daybook --help / bare Node",
      unit: "ratio"
    },
    atMost(1.5)
  ),
  own(
    {
      measure: "command-line",
      cell: "command-line",
      metric: "queryRatio",
      label: "query --level error / grep, 1 GB",
      unit: "ratio"
    },
    atMost(5)
  ),
  own(
    {
      measure: "command-line",
      cell: "command-line",
      metric: "queryPeakBytes",
      label: "query of 1 GB, peak memory",
      unit: "MB"
    },
    atMost(256)
  ),
  deliveryGate("sqlite", "cpuRatio", "delivery into SQLite, CPU a line / bare loop", "ratio", 2.5),
  deliveryGate("postgres", "cpuRatio", "delivery into PostgreSQL, CPU a line / bare loop", "ratio", 2.5),
  // How far the process itself grows is V8's choice: it depends on the flags and on the load, also in the bare loop.
  deliveryGate("backlog", "usedGrowthBytes", "delivery of 1 GB, growth of what is in use", "MB", 64),
  deliveryGate("looks", "cpuPercent", "delivery at rest, 7,000 users, of one core", "%", 1),
  own(
    {
      measure: "import",
      cell: "import",
      metric: "importMs",
      label: "import core + file exporter",
      unit: "ms"
    },
    atMost(120),
    // Typed events also load Schema.
    "daybook-untyped"
  ),
  own(
    {
      measure: "first-call",
      cell: "first call",
      metric: "firstMs",
      label: "first call of a process",
      unit: "ms"
    },
    atMost(0.5)
  ),
  bundleGate("hooks", 3),
  bundleGate("page client", 9.5),
  bundleGate("hooks + page client, typed", 12)
]

const verdictOf = ({ side, value }: Bound, { median, rounds }: Spread): Verdict => {
  if (rounds === 0 || Number.isNaN(median)) return "not measured"
  const isMet = side === "at most" ? median <= value : median >= value
  return isMet ? "met" : "NOT MET"
}

/** The rows of the measures that ran. A bundle without a cell needs a package that does not exist yet. */
export const judge = (results: Results, measures: readonly string[]): readonly GateRow[] =>
  gates
    .filter(({ measure }) => measures.includes(measure))
    .map(({ measure, cell, label, bound, unit, values }) => {
      const spread = spreadOf(values(results))
      const isAbsent = measure === "bundle" && !results.hasCell(cell)
      return {
        measure,
        label,
        bound,
        unit,
        spread,
        verdict: isAbsent ? "not built yet" : verdictOf(bound, spread)
      }
    })
