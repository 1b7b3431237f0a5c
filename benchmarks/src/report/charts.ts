// The charts of a whole run, as SVG files for the README and the page on performance: the same figures as in the tables,
// fewer of them. Colours are of middle lightness on no background, so that they read on white and on black.

import { mkdirSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import type { EChartsOption } from "echarts"
import type { LibraryName } from "../libraries/catalogue.ts"
import { labelOf } from "../libraries/labels.ts"
import type { Results } from "../results.ts"
import { barPanels, type Panel, type PanelBar } from "./bar-panels.ts"
import { peerValue } from "./peer-table.ts"
import { renderSvg } from "./render-svg.ts"

const dir = join(import.meta.dirname, "../../../docs/internals/performance")

const megabyte = 1 / 1024 / 1024

interface ChartFile {
  readonly name: string
  readonly option: EChartsOption
  readonly width: number
  readonly height: number
}

const shown: readonly LibraryName[] = [
  "daybook",
  "pino-worker",
  "pino-async",
  "otel",
  "evlog",
  "winston-daily",
  "logtape",
  "effect"
]

/** One bar a library, in the order of `shown`; libraries without a number have none. */
const bars = (
  results: Results,
  cells: readonly string[],
  metric: string,
  scale: number
): readonly PanelBar[] =>
  shown.map((library) => ({
    label: labelOf(library),
    value: peerValue(results, { title: "", cells, metric, scale }, library, "pino-async").value,
    isOurs: library === "daybook"
  }))

export const smallEventsChart = (results: Results): ChartFile => {
  const panels: readonly Panel[] = [
    {
      title: "Nanoseconds a call takes",
      better: "less",
      bars: bars(results, ["producer small", "producer peers"], "nsPerCall", 1)
    },
    {
      title: "Thousand events/s, written",
      better: "more",
      bars: bars(results, ["throughput small", "throughput peers"], "eventsPerSecond", 1 / 1_000)
    },
    {
      title: "CPU microseconds an event",
      better: "less",
      bars: bars(results, ["throughput small", "throughput peers"], "cpuMicrosPerEvent", 1)
    }
  ]
  return { name: "small-events.svg", ...barPanels(panels) }
}

const overloadChart = (results: Results): ChartFile => {
  const panels: readonly Panel[] = [
    {
      title: "MB of memory that 5 s of overload add",
      better: "less",
      bars: bars(results, ["overload small"], "growthBytes", megabyte)
    },
    {
      title: "Events lost without a word",
      better: "less",
      bars: bars(results, ["overload small"], "lost", 1)
    }
  ]
  return { name: "overload.svg", ...barPanels(panels) }
}

const exitChart = (results: Results): ChartFile => {
  const panel = (title: string, way: string): Panel => ({
    title,
    better: "more",
    bars: bars(results, [`exit ${way}`], "kept", 1)
  })
  const panels = [
    panel("Kept of 1,000 after process.exit", "process.exit"),
    panel("… before the file is open", "exit at once")
  ]
  return { name: "exit.svg", ...barPanels(panels) }
}

/** Writes all of them and returns their paths. */
export const writeCharts = (results: Results): readonly string[] => {
  mkdirSync(dir, { recursive: true })
  return [smallEventsChart(results), overloadChart(results), exitChart(results)].map((chart) => {
    const file = join(dir, chart.name)
    writeFileSync(file, renderSvg(chart.option, chart.width, chart.height))
    return relative(process.cwd(), file)
  })
}
