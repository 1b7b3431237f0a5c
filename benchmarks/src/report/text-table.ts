// Plain tables for a terminal: columns as wide as their widest cell, numbers to the right. What stands in them is for
// others to say.

export type Align = "left" | "right"

export interface Column {
  readonly title: string
  readonly align: Align
}

/** One line a row, the titles first, a rule below them. */
export const textTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0))
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? ""
        return align === "left" ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)
      })
      .join("  ")
      .trimEnd()
  const rule = widths.map((width) => "─".repeat(width)).join("  ")
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join("\n")
}
