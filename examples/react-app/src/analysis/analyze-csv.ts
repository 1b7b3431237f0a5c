// From the bytes of a file to its analysis, or to the reason why there is none. Pure; the command line tool reads tables by the
// same rules. files/file-shelf.tsx reads the bytes and logs the result.
import { isProblem, type Problem, readTable, type Table } from "@daybook/example-data-tools/csv-table"
import type { FindingCounts } from "../events.ts"
import { type Column, profileColumn } from "./profile-column.ts"

export { isProblem, type Problem }

export interface Analysis {
  /** Without the header. */
  readonly rows: number
  readonly cols: number
  /** The sum of the counts. */
  readonly findings: number
  readonly counts: FindingCounts
  readonly columns: readonly Column[]
  /** The first rows as they are. */
  readonly preview: readonly (readonly string[])[]
}

/** While a file is parsed, a page holds it in memory several times. */
const bytesMax = 50 * 1024 * 1024
const previewRowsMax = 8

export const analyzeCsv = (bytes: Uint8Array): Analysis | Problem => {
  if (bytes.length > bytesMax) return { outcome: "failed", reason: "it is larger than 50 MB" }
  const table = readTable(bytes)
  return isProblem(table) ? table : analyzeTable(table)
}

const analyzeTable = ({ header, records }: Table): Analysis => {
  const columns = header.map((name, index) =>
    profileColumn(
      name.trim() || `Column ${index + 1}`,
      records.map((record) => record[index] ?? "")
    )
  )
  const distinctRows = new Set(records.map((record) => JSON.stringify(record))).size
  const counts = {
    empty_cells: columns.reduce((total, { empty }) => total + empty, 0),
    duplicate_rows: records.length - distinctRows,
    uneven_rows: records.filter(({ length }) => length !== header.length).length,
    mixed_columns: columns.filter(({ strays }) => strays > 0).length
  }
  return {
    rows: records.length,
    cols: header.length,
    findings: Object.values(counts).reduce((total, count) => total + count, 0),
    counts,
    columns,
    preview: records.slice(0, previewRowsMax)
  }
}
