// The table of targets: what must be reached, what was measured, how far the rounds lie apart, and the verdict. What the
// targets are is in gates.ts.

import type { Bound, GateRow, Unit } from "../gates.ts"
import { figure } from "./numbers.ts"
import { type Column, textTable } from "./text-table.ts"

const columns: readonly Column[] = [
  { title: "gate", align: "left" },
  { title: "target", align: "right" },
  { title: "measured", align: "right" },
  { title: "min–max of rounds", align: "right" },
  { title: "rounds", align: "right" },
  { title: "verdict", align: "left" }
]

export const withUnit = (value: number, unit: Unit): string =>
  unit === "ratio" ? `×${figure(value)}` : `${figure(value)} ${unit}`

export const boundText = ({ side, value }: Bound, unit: Unit): string =>
  `${side === "at most" ? "≤" : "≥"} ${withUnit(value, unit)}`

export const gateTable = (rows: readonly GateRow[]): string =>
  textTable(
    columns,
    rows.map(({ label, bound, unit, spread, verdict }) => [
      label,
      boundText(bound, unit),
      spread.rounds === 0 ? "–" : withUnit(spread.median, unit),
      spread.rounds < 2 ? "" : `${figure(spread.min)}–${figure(spread.max)}`,
      String(spread.rounds),
      verdict
    ])
  )
