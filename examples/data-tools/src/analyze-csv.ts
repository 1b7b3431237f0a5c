// From the bytes of a file to its analysis, or to the reason why there is none. Pure: process-files.ts reads the bytes and
// logs the result.
import { isProblem, type Problem, readTable, type Table } from "./csv-table.ts"

export interface Analysis {
  /** Without the header. */
  readonly rows: number
  readonly cols: number
  readonly findings: number
  readonly empty_cells: number
  readonly duplicate_rows: number
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
  const duplicateRows = records.length - distinctRows
  return {
    rows: records.length,
    cols,
    findings: emptyCells + duplicateRows,
    empty_cells: emptyCells,
    duplicate_rows: duplicateRows
  }
}
