// The table of targets: the bound, the measured median, the range of the rounds, and the verdict. gates.ts has the targets.
// A figure is shown with its unit.

import type { Bound, GateRow, Unit } from "../gates.ts"
import { figure } from "./numbers.ts"
import { textTable } from "./text-table.ts"

const titles = ["gate", "target", "measured", "min–max of rounds", "rounds", "verdict"]

const withUnit = (value: number, unit: Unit): string =>
  unit === "ratio" ? `×${figure(value)}` : `${figure(value)} ${unit}`

const boundText = ({ side, value }: Bound, unit: Unit): string =>
  `${side === "at most" ? "≤" : "≥"} ${withUnit(value, unit)}`

export const gateTable = (rows: readonly GateRow[]): string =>
  textTable(
    titles,
    rows.map(({ label, bound, unit, spread, verdict }) => [
      label,
      boundText(bound, unit),
      spread.rounds === 0 ? "–" : withUnit(spread.median, unit),
      spread.rounds < 2 ? "" : `${figure(spread.min)}–${figure(spread.max)}`,
      String(spread.rounds),
      verdict
    ])
  )
