// All libraries side by side: the absolute figures of each, and its ratio to one of them, as in the table that the targets were
// made from. sections.ts chooses the figures.

import type { LibraryName } from "../libraries/catalogue.ts"
import { labelOf } from "../libraries/labels.ts"
import type { Results } from "../results.ts"
import { median } from "../statistics.ts"
import { figure, ratioText } from "./numbers.ts"
import { textTable } from "./text-table.ts"

/** One figure of the table. */
export interface Figure {
  readonly title: string
  /** The first of these cells that has the library counts. */
  readonly cells: readonly string[]
  readonly metric: string
  /** From the metric's unit to the column's. */
  readonly scale?: number
}

interface PeerRow {
  readonly library: LibraryName
  /** A value and its ratio for each figure; NaN where there is none. */
  readonly values: readonly { readonly value: number; readonly ratio: number }[]
}

/**
 * A library's figure. A library of a later cell was measured at another load of the machine: its figure is its ratio there
 * times the reference's figure in the first cell, so that all figures are comparable.
 */
export const peerValue = (
  results: Results,
  { cells, metric, scale = 1 }: Figure,
  library: LibraryName,
  reference: LibraryName
): PeerRow["values"][number] => {
  const cell = cells.find((name) => results.libraries(name).includes(library)) ?? ""
  const [first = ""] = cells
  const ratio = median(results.ratios(cell, metric, library, reference))
  const measured = median(results.numbers(cell, library, metric))
  const scaled = median(results.numbers(first, reference, metric)) * ratio
  const value = cell === first || !Number.isFinite(scaled) ? measured : scaled
  return { value: value * scale, ratio }
}

/** Median values, and medians of the ratios a round to the reference in the same cell. */
export const peerRows = (
  results: Results,
  figures: readonly Figure[],
  reference: LibraryName
): readonly PeerRow[] => {
  const libraries = [
    ...new Set(figures.flatMap(({ cells }) => cells.flatMap((cell) => results.libraries(cell))))
  ]
  return libraries.map((library) => ({
    library,
    values: figures.map((figure) => peerValue(results, figure, library, reference))
  }))
}

export const peerTable = (rows: readonly PeerRow[], figures: readonly Figure[], against: string): string => {
  const titles = ["", ...figures.flatMap(({ title }) => [title, `vs ${against}`])]
  const lines = rows.map(({ library, values }) => [
    labelOf(library),
    ...values.flatMap(({ value, ratio }) => [figure(value), ratioText(ratio)])
  ])
  return textTable(titles, lines)
}
