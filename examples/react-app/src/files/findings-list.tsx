// The findings of a file as a row of small labels; a file without findings says so. The event catalogue defines which kinds
// there are.
import type { ReactElement } from "react"
import type { FindingCounts } from "../events.ts"
import { counted } from "../shell/numbers.ts"

const nouns: Readonly<Record<keyof FindingCounts, string>> = {
  empty_cells: "empty cell",
  duplicate_rows: "repeated row",
  uneven_rows: "uneven row",
  mixed_columns: "mixed column"
}

export const FindingsList = ({ counts }: { counts: FindingCounts }): ReactElement => {
  const found = Object.entries(nouns).flatMap(([name, noun]) => {
    const count = counts[name as keyof FindingCounts]
    return count === 0 ? [] : [counted(count, noun)]
  })
  if (found.length === 0)
    return (
      <span className="tag" data-tone="good">
        Nothing to fix
      </span>
    )
  return (
    <ul className="tags">
      {found.map((words) => (
        <li key={words} className="tag" data-tone="look">
          {words}
        </li>
      ))}
    </ul>
  )
}
