// Everything that this page has logged so far: the same lines that the download holds. It shows that a file's name is recorded
// and its contents are not.
import { useAuditHealth, useAuditPageOpen } from "@daybook/react-hooks"
import { type ReactElement, useState } from "react"
import { recent } from "../audit.ts"
import { type RecentRow, recentRows, rowsMax } from "../history/recent-rows.ts"
import { pages } from "../pages.ts"
import { number } from "../shell/numbers.ts"
import { PageHeading } from "../shell/page-heading.tsx"

export const HistoryPage = (): ReactElement => {
  useAuditPageOpen(pages.history)
  // The exporter in memory has no event for new lines; the log's health changes when lines were written.
  useAuditHealth()
  const [chosen, setChosen] = useState("")
  const rows = recentRows(recent.text())
  const categories = [...new Set(rows.map(({ category }) => category))].toSorted()
  const shown = chosen === "" ? rows : rows.filter(({ category }) => category === chosen)
  return (
    <>
      <PageHeading title="History">
        Everything that this page has logged since it was loaded, newest first. It contains no file contents
        and no pasted text.
      </PageHeading>
      <fieldset className="filter">
        <legend className="visually-hidden">Show</legend>
        {["", ...categories].map((category) => (
          <label key={category}>
            <input
              className="visually-hidden"
              type="radio"
              name="category"
              checked={category === chosen}
              onChange={() => setChosen(category)}
            />
            <span>{category === "" ? "Everything" : category}</span>
          </label>
        ))}
      </fieldset>
      <ol className="history">
        {shown.map((row) => (
          <HistoryRow key={row.id} row={row} />
        ))}
      </ol>
      {recent.kept.lines > rowsMax ? (
        <p className="quiet">
          The newest {rowsMax} of {number(recent.kept.lines)} lines. The download has all of them.
        </p>
      ) : null}
    </>
  )
}

const HistoryRow = ({
  row: { time, level, category, message, fields }
}: {
  row: RecentRow
}): ReactElement => (
  <li data-level={level}>
    <time>{time}</time>
    <span className="tag" data-level={level}>
      {category}
    </span>
    <div className="history-words">
      <p>{message}</p>
      {fields.length === 0 ? null : (
        <details>
          <summary>{fields.length === 1 ? "1 field" : `${fields.length} fields`}</summary>
          <dl className="fields">
            {fields.map(([name, value]) => (
              <div key={name} className="history-field">
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  </li>
)
