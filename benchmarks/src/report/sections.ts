// The tables below the targets: all libraries side by side, how each loses events, and how Daybook's cost grows. A section whose
// cells did not run is left out.

import type { LibraryName } from "../libraries/catalogue.ts"
import { labelOf } from "../libraries/labels.ts"
import { exitWays } from "../probes/exit.ts"
import { longestCallDoors } from "../probes/longest-call.ts"
import type { Results } from "../results.ts"
import { median } from "../statistics.ts"
import { figure } from "./numbers.ts"
import { type Figure, peerRows, peerTable } from "./peer-table.ts"
import { textTable } from "./text-table.ts"

const megabyte = 1 / 1024 / 1024

/** All costs of a small event. */
const smallFigures: readonly Figure[] = [
  { title: "ns/call", cells: ["producer small", "producer peers"], metric: "nsPerCall" },
  { title: "events/s", cells: ["throughput small", "throughput peers"], metric: "eventsPerSecond" },
  { title: "CPU µs/event", cells: ["throughput small", "throughput peers"], metric: "cpuMicrosPerEvent" },
  { title: "peak MB", cells: ["throughput small", "throughput peers"], metric: "peakBytes", scale: megabyte },
  { title: "CPU % at 20 k/s", cells: ["steady small", "steady peers"], metric: "cpuPercent" }
]

const shapeFigures: readonly Figure[] = [
  ...["tool", "error", "mixed", "non-ascii"].map((shape) => ({
    title: `${shape} ns/call`,
    cells: [`producer ${shape}`],
    metric: "nsPerCall"
  })),
  ...["tool", "mixed"].map((shape) => ({
    title: `${shape} events/s`,
    cells: [`throughput ${shape}`],
    metric: "eventsPerSecond"
  }))
]

const commitFigures: readonly Figure[] = [
  ...[1, 10, 100].map((waiters) => ({
    title: `commits/s, ${waiters}`,
    cells: [`commit ${waiters}`],
    metric: "commitsPerSecond"
  })),
  { title: "p50 µs, 1", cells: ["commit 1"], metric: "p50Micros" },
  { title: "p99 µs, 1", cells: ["commit 1"], metric: "p99Micros" }
]

const importFigures: readonly Figure[] = [
  { title: "import ms", cells: ["import"], metric: "importMs" },
  { title: "import MB", cells: ["import"], metric: "importBytes", scale: megabyte }
]

const firstCallFigures: readonly Figure[] = [
  { title: "first ms", cells: ["first call"], metric: "firstMs" },
  { title: "second ms", cells: ["first call"], metric: "secondMs" },
  { title: "first ms, at once", cells: ["first call at once"], metric: "firstMs" }
]

export interface Section {
  readonly title: string
  readonly text: string
}

/** Figures whose cells have run, as a table; ratios to the first of the references that ran. */
const figures = (
  results: Results,
  title: string,
  all: readonly Figure[],
  reference: LibraryName,
  against: string
): Section | undefined => {
  const ran = all.filter(({ cells }) => cells.some((cell) => results.hasCell(cell)))
  if (ran.length === 0) return undefined
  return { title, text: peerTable(peerRows(results, ran, reference), ran, against) }
}

/** Rows of plain medians. */
const plainTable = (
  results: Results,
  cell: string,
  columns: readonly (readonly [title: string, metric: string, scale?: number])[]
): string => {
  const titles = ["", ...columns.map(([title]) => title)]
  const rows = results
    .libraries(cell)
    .map((library) => [
      labelOf(library),
      ...columns.map(([, metric, scale = 1]) =>
        figure(median(results.numbers(cell, library, metric)) * scale)
      )
    ])
  return textTable(titles, rows)
}

const overloadSection = (results: Results): Section | undefined => {
  const cell = "overload small"
  if (!results.hasCell(cell)) return undefined
  const text = plainTable(results, cell, [
    ["growth MB", "growthBytes", megabyte],
    ["events logged", "logged"],
    ["arrived", "writtenEvents"],
    ["reported as dropped", "toldDropped"],
    ["lost silently", "lost"]
  ])
  return { title: "Overload: 50,000 events/s into 2 MB/s, without waiting", text }
}

const exitSection = (results: Results): Section | undefined => {
  const ways = exitWays.filter((way) => results.hasCell(`exit ${way}`))
  if (ways.length === 0) return undefined
  const libraries = [...new Set(ways.flatMap((way) => results.libraries(`exit ${way}`)))]
  const keptText = (way: string, library: LibraryName): string => {
    const kept = median(results.numbers(`exit ${way}`, library, "kept"))
    const repeated = median(results.numbers(`exit ${way}`, library, "repeated"))
    return repeated > 0 ? `${figure(kept)} (+${figure(repeated)} twice)` : figure(kept)
  }
  const rows = libraries.map((library) => [labelOf(library), ...ways.map((way) => keptText(way, library))])
  return { title: "Exit: how many of the last 1,000 events are there", text: textTable(["", ...ways], rows) }
}

/** Daybook alone. */
const daySection = (results: Results): Section | undefined => {
  if (!results.hasCell("day")) return undefined
  const text = plainTable(results, "day", [
    ["day MB", "dayBytes", megabyte],
    ["readRecent(200) ms", "recentMs"],
    ["the first time", "recentFirstMs"],
    ["verify s", "verifyMs", 1 / 1_000],
    ["verify peak MB", "verifyPeakBytes", megabyte]
  ])
  return { title: "A large day", text }
}

/** Daybook's command line, beside Node and grep. */
const commandLineSection = (results: Results): Section | undefined => {
  if (!results.hasCell("command-line")) return undefined
  const text = plainTable(results, "command-line", [
    ["day MB", "dayBytes", megabyte],
    ["node ms", "nodeMs"],
    ["--help ms", "helpMs"],
    ["grep ms", "grepMs"],
    ["query ms", "queryMs"],
    ["query peak MB", "queryPeakBytes", megabyte]
  ])
  return { title: "The command line", text }
}

/** A delivery, and the bare loop. */
const rowsSection = (results: Results): Section | undefined => {
  const all = [
    ["SQLite", "sqlite"],
    ["PostgreSQL", "postgres"],
    ["SQLite, 1 GB", "backlog"]
  ] as const
  const rows = all
    .map(([title, name]) => [title, `delivery ${name}`] as const)
    .filter(([, cell]) => results.hasCell(cell))
  if (rows.length === 0) return undefined
  const metrics = [
    ["lines/s", "linesPerSecond", 1],
    ["bare lines/s", "bareLinesPerSecond", 1],
    ["ratio", "rateRatio", 1],
    ["CPU µs/line", "cpuMicrosPerLine", 1],
    ["bare CPU µs/line", "bareCpuMicrosPerLine", 1],
    ["ratio", "cpuRatio", 1],
    ["growth MB", "growthBytes", megabyte],
    ["bare loop's MB", "bareGrowthBytes", megabyte],
    ["of it in use MB", "usedGrowthBytes", megabyte]
  ] as const
  const text = textTable(
    ["", ...metrics.map(([title]) => title)],
    rows.map(([title, cell]) => [
      title,
      ...metrics.map(([, metric, scale]) => figure(median(results.numbers(cell, "daybook", metric)) * scale))
    ])
  )
  return {
    title: "A delivery into a database, beside a bare loop",
    text: `${text}${skippedPostgres(results)}`
  }
}

const commitToRowSection = (results: Results): Section | undefined => {
  const rows = (["same", "other"] as const)
    .filter((from) => results.hasCell(`delivery commit ${from}`))
    .map((from) => {
      const of = (metric: string): string =>
        figure(median(results.numbers(`delivery commit ${from}`, "daybook", metric)))
      return [`committed in the ${from} process`, of("p50Ms"), of("p95Ms")]
    })
  if (rows.length === 0) return undefined
  return { title: "From a commit to its row", text: textTable(["", "p50 ms", "p95 ms"], rows) }
}

const looksSection = (results: Results): Section | undefined => {
  const cell = "delivery looks"
  if (!results.hasCell(cell)) return undefined
  const text = plainTable(results, cell, [
    ["files", "files"],
    ["first start s", "firstMs", 1 / 1_000],
    ["CPU % at rest", "cpuPercent"],
    ["MB", "restBytes", megabyte]
  ])
  return { title: "A delivery at rest, of many users' files", text }
}

const skippedPostgres = (results: Results): string => {
  const cell = "delivery postgres"
  const isSkipped = results.hasCell(cell) && results.numbers(cell, "daybook", "lines").length === 0
  return isSkipped
    ? "\nPostgreSQL was skipped: its programs are not on this machine, and there is no DAYBOOK_POSTGRES_URL."
    : ""
}

const linearitySection = (results: Results): Section | undefined => {
  const cells = results.cellNames().filter((name) => name.startsWith("linearity "))
  if (cells.length === 0) return undefined
  const of = (cell: string, metric: string): number => median(results.numbers(cell, "daybook", metric))
  const rows = cells.map((cell) => [
    cell.slice("linearity ".length),
    figure(of(cell, "cpuMicrosPerEvent")),
    figure(of(cell, "peakBytes") * megabyte)
  ])
  return { title: "How Daybook's cost grows", text: textTable(["", "CPU µs/event", "peak MB"], rows) }
}

const longestCallSection = (results: Results): Section | undefined => {
  const cell = "longest call"
  if (!results.hasCell(cell)) return undefined
  const rows = longestCallDoors.map((door) => [door, figure(median(results.numbers(cell, "daybook", door)))])
  return { title: "The longest call, by what it was given as", text: textTable(["", "ms"], rows) }
}

const toolCallsSection = (results: Results): Section | undefined => {
  const cells = results.cellNames().filter((name) => name.startsWith("tool call "))
  if (cells.length === 0) return undefined
  const of = (cell: string, metric: string): string =>
    figure(median(results.numbers(cell, "daybook", metric)))
  const rows = cells.map((cell) => [
    cell.slice("tool call ".length),
    of(cell, "plainMicros"),
    of(cell, "recordedMicros"),
    of(cell, "overheadMicros")
  ])
  return { title: "A tool call, CPU", text: textTable(["", "µs", "µs, recorded", "more"], rows) }
}

const bundleSection = (results: Results): Section | undefined => {
  const cells = results.cellNames().filter((name) => name.startsWith("bundle "))
  if (cells.length === 0) return undefined
  const of = (cell: string, metric: string): string =>
    figure(median(results.numbers(cell, "daybook", metric)) / 1_000)
  const rows = cells.map((cell) => [
    cell.slice("bundle ".length),
    of(cell, "minifiedBytes"),
    of(cell, "gzipBytes")
  ])
  return { title: "In a browser", text: textTable(["", "min kB", "min + gzip kB"], rows) }
}

/** Compared with A on Node; elsewhere only Daybook runs, and is compared with JSON.stringify of the same event. */
export const sections = (results: Results, isNode: boolean): readonly Section[] => {
  const [reference, against] = isNode ? (["pino-async", "A"] as const) : (["stringify", "stringify"] as const)
  return [
    figures(results, "Small events", smallFigures, reference, against),
    figures(results, "Other shapes", shapeFigures, reference, against),
    figures(results, "Durable events, by number of waiters", commitFigures, "pino-buffered", "pino"),
    longestCallSection(results),
    toolCallsSection(results),
    overloadSection(results),
    exitSection(results),
    daySection(results),
    commandLineSection(results),
    rowsSection(results),
    commitToRowSection(results),
    looksSection(results),
    figures(results, "Import", importFigures, reference, against),
    figures(results, "The first event of a process", firstCallFigures, reference, against),
    bundleSection(results),
    linearitySection(results)
  ].filter((section) => section !== undefined)
}
