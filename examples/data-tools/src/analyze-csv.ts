// From the bytes of a file to its analysis, or to the reason why there is none. Pure: process-files.ts reads the bytes and
// logs the result.
import { isProblem, type Problem, readTable, type Table } from "./csv-table.ts"
import type { Findings } from "./events.ts"

export interface Analysis {
  /** Without the header. */
  readonly rows: number
  readonly cols: number
  readonly findings: Findings
}

export const analyzeCsv = (bytes: Uint8Array): Analysis | Problem => {
  const table = readTable(bytes)
  return isProblem(table) ? table : analyzeTable(table)
}

const analyzeTable = ({ header, records }: Table): Analysis => {
  const cols = header.length
  let emptyCells = 0
  for (const record of records) {
    const cells = record.slice(0, cols)
    emptyCells += cols - cells.length + cells.filter((cell) => cell.trim() === "").length
  }
  const distinctRows = new Set(records.map((record) => JSON.stringify(record))).size
  const findings = { empty_cells: emptyCells, duplicate_rows: records.length - distinctRows }
  return { rows: records.length, cols, findings }
}
