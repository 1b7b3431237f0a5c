// Panels of horizontal bars side by side, one bar a library, the labels left of the first panel only. Ours stands out by
// its colour; every bar has its number, so there are no axes to read.

import type { EChartsOption } from "echarts"
import { figure } from "./numbers.ts"

export interface PanelBar {
  readonly label: string
  /** NaN: no bar. */
  readonly value: number
  readonly isOurs: boolean
}

export interface Panel {
  readonly title: string
  readonly better: "less" | "more"
  readonly bars: readonly PanelBar[]
}

// Of middle lightness: at least 3:1 on white and on black.
const colours = { text: "#7d8590", ours: "#d9622b", theirs: "#6b8fb5" }
const fontFamily = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"

const size = { left: 178, panel: 250, gap: 34, top: 52, row: 27, bottom: 10, valueRoom: 62 }

export interface SizedOption {
  readonly option: EChartsOption
  readonly width: number
  readonly height: number
}

export const barPanels = (panels: readonly Panel[]): SizedOption => {
  const rows = Math.max(...panels.map(({ bars }) => bars.length))
  const leftOf = (index: number): number => size.left + index * (size.panel + size.gap)
  const height = size.top + rows * size.row + size.bottom
  const width = leftOf(panels.length) - size.gap + 8
  const option: EChartsOption = {
    animation: false,
    backgroundColor: "transparent",
    textStyle: { fontFamily, color: colours.text },
    title: panels.map(({ title, better }, index) => ({
      text: title,
      subtext: `${better} is better`,
      left: leftOf(index),
      top: 4,
      padding: 0,
      itemGap: 3,
      textStyle: { fontFamily, fontSize: 14, fontWeight: 600, color: colours.text },
      subtextStyle: { fontFamily, fontSize: 11, color: colours.text }
    })),
    grid: panels.map((_, index) => ({
      left: leftOf(index),
      top: size.top,
      width: size.panel - size.valueRoom,
      height: rows * size.row
    })),
    xAxis: panels.map((_, index) => ({ type: "value", gridIndex: index, show: false, min: 0 })),
    yAxis: panels.map(({ bars }, index) => ({
      type: "category",
      gridIndex: index,
      inverse: true,
      data: bars.map(({ label }) => label),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { show: index === 0, fontFamily, fontSize: 12, color: colours.text, margin: 10 }
    })),
    series: panels.map(({ bars }, index) => ({
      type: "bar",
      xAxisIndex: index,
      yAxisIndex: index,
      barWidth: 15,
      data: bars.map(({ value, isOurs }) => ({
        value: Number.isFinite(value) ? value : 0,
        itemStyle: { color: isOurs ? colours.ours : colours.theirs, borderRadius: [0, 3, 3, 0] },
        label: {
          show: true,
          position: "right",
          formatter: figure(value),
          fontFamily,
          fontSize: 12,
          fontWeight: isOurs ? 700 : 400,
          color: isOurs ? colours.ours : colours.text
        }
      }))
    }))
  }
  return { option, width, height }
}
