// One analyzed file, column by column, and its first rows. The page shows the file's contents; the log records only that such a
// page was opened, and not for which file.
import { useAuditPageOpen } from "@daybook/react-hooks"
import type { ReactElement } from "react"
import { Link, useParams } from "react-router"
import { type Analysis, isProblem } from "../analysis/analyze-csv.ts"
import type { Column } from "../analysis/profile-column.ts"
import { useFileShelf } from "../files/file-shelf.tsx"
import { FindingsList } from "../files/findings-list.tsx"
import { pages } from "../pages.ts"
import { Icon } from "../shell/icon.tsx"
import { fileSize, number } from "../shell/numbers.ts"
import { PageHeading } from "../shell/page-heading.tsx"
import { Scroller } from "../shell/scroller.tsx"

export const ColumnsPage = (): ReactElement => {
  useAuditPageOpen(pages.columns)
  const { sha1 } = useParams()
  const file = useFileShelf().files.find((one) => one.sha1 === sha1)
  const result = file?.result
  if (file === undefined || result === undefined || isProblem(result)) return <NoSuchFile />
  return (
    <>
      <BackLink />
      <PageHeading title={file.filename} />
      <div className="facts">
        <Fact name="Rows" value={number(result.rows)} />
        <Fact name="Columns" value={number(result.cols)} />
        <Fact name="Size" value={fileSize(file.bytes)} />
        <Fact name="Fingerprint" value={file.sha1} isCode />
      </div>
      <FindingsList counts={result.counts} />
      <ColumnTable columns={result.columns} rows={result.rows} />
      <Preview analysis={result} />
    </>
  )
}

const BackLink = (): ReactElement => (
  <Link className="back" to={pages.analyze}>
    <Icon name="back" />
    All files
  </Link>
)

const NoSuchFile = (): ReactElement => (
  <>
    <BackLink />
    <PageHeading title="No such file here">
      Files are kept until the page is reloaded. This one is not here, or it is not analyzed yet.
    </PageHeading>
    <Link className="button" data-tone="main" to={pages.analyze}>
      Choose a file
    </Link>
  </>
)

const Fact = ({
  name,
  value,
  isCode = false
}: {
  name: string
  value: string
  isCode?: boolean
}): ReactElement => (
  <dl className="fact">
    <dt>{name}</dt>
    <dd>{isCode ? <code>{value}</code> : value}</dd>
  </dl>
)

const ColumnTable = ({ columns, rows }: { columns: readonly Column[]; rows: number }): ReactElement => (
  <section>
    <h2 id="columns-heading">Columns</h2>
    <Scroller labelledBy="columns-heading">
      <table className="column-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Filled</th>
            <th scope="col" className="numeric">
              Distinct
            </th>
            <th scope="col">From – to</th>
            <th scope="col">Most frequent</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns of a file may have one name, and they never move.
            <ColumnRow key={index} column={column} rows={rows} />
          ))}
        </tbody>
      </table>
    </Scroller>
  </section>
)

const ColumnRow = ({ column, rows }: { column: Column; rows: number }): ReactElement => {
  const { name, kind, strays, filled, distinct, range, mostFrequent } = column
  // Rounded down, so that 100 % means all of them.
  const percent = Math.floor((filled / rows) * 100)
  return (
    <tr>
      <th scope="row" className="column-name">
        {name}
      </th>
      <td>
        <span className="tag" data-kind={kind}>
          {kind}
        </span>
        {strays === 0 ? null : (
          <span className="tag" data-tone="look">
            {number(strays)} other
          </span>
        )}
      </td>
      <td>
        <span className="filled">
          <meter min={0} max={rows} value={filled} aria-label={`${percent} % filled`} />
          <span>{percent} %</span>
        </span>
      </td>
      <td className="numeric">{number(distinct)}</td>
      <td className="values">{range === undefined ? "" : `${range[0]} – ${range[1]}`}</td>
      <td className="values">
        {mostFrequent === undefined ? null : (
          <span className="frequent">
            <span>{mostFrequent.value}</span>
            <span className="quiet">× {number(mostFrequent.count)}</span>
          </span>
        )}
      </td>
    </tr>
  )
}

const Preview = ({ analysis: { columns, preview } }: { analysis: Analysis }): ReactElement => (
  <section>
    <h2 id="preview-heading">The first rows</h2>
    <Scroller labelledBy="preview-heading">
      <table className="preview">
        <thead>
          <tr>
            {columns.map(({ name }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: see above.
              <th key={index} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file may be equal, and they never move.
            <tr key={index}>
              {columns.map((_, cell) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: see above.
                <td key={cell}>{row[cell]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  </section>
)
