// One chart as the text of an SVG file, without a browser. Only the parts of the chart library that the charts need are loaded;
// charts.ts has the charts.

import { BarChart } from "echarts/charts"
import { GridComponent, TitleComponent } from "echarts/components"
import * as echarts from "echarts/core"
import { SVGRenderer } from "echarts/renderers"

echarts.use([BarChart, GridComponent, TitleComponent, SVGRenderer])

export const renderSvg = (option: echarts.EChartsCoreOption, width: number, height: number): string => {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height })
  try {
    chart.setOption(option)
    return `${chart.renderToSVGString()}\n`
  } finally {
    chart.dispose()
  }
}
