// Plain tables for a terminal: columns as wide as their widest cell, the first one left-aligned, the others right-aligned.
// Callers provide all texts.

/** One line a row, the titles first, a rule below them. */
export const textTable = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = titles.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, at) => (at === 0 ? (cells[at] ?? "").padEnd(width) : (cells[at] ?? "").padStart(width)))
      .join("  ")
      .trimEnd()
  const rule = widths.map((width) => "─".repeat(width)).join("  ")
  return [line(titles), rule, ...rows.map(line)].join("\n")
}
