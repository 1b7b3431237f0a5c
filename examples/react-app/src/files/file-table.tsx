// The files of the shelf, one row each: name, result, and a button to remove it. On a narrow screen the style sheet turns rows
// into cards.
import type { ReactElement } from "react"
import { generatePath, Link } from "react-router"
import { isProblem } from "../analysis/analyze-csv.ts"
import { pages } from "../pages.ts"
import { Icon } from "../shell/icon.tsx"
import { fileSize, number } from "../shell/numbers.ts"
import { type ShelfFile, useFileShelf } from "./file-shelf.tsx"
import { FindingsList } from "./findings-list.tsx"
import { problemWords } from "./problem-words.ts"

export const FileTable = (): ReactElement => {
  const { files, remove, isRunning } = useFileShelf()
  return (
    <table className="file-table">
      <caption className="visually-hidden">Files and their results</caption>
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col" className="numeric">
            Rows
          </th>
          <th scope="col" className="numeric">
            Columns
          </th>
          <th scope="col">Findings</th>
          <th scope="col">
            <span className="visually-hidden">Details</span>
          </th>
          <th scope="col">
            <span className="visually-hidden">Remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {files.map((file) => (
          <tr key={file.key}>
            <th scope="row">
              <span className="file-name">{file.filename}</span>
              <span className="file-facts">
                {fileSize(file.bytes)}
                {file.sha1 === "" ? null : <code title="Fingerprint of the bytes">{file.sha1}</code>}
              </span>
            </th>
            <Result file={file} />
            <td className="file-remove">
              <button
                type="button"
                className="icon-button"
                aria-label={`Remove ${file.filename}`}
                disabled={isRunning}
                onClick={() => remove(file)}
              >
                <Icon name="close" />
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Result = ({ file: { sha1, filename, isWorking, result } }: { file: ShelfFile }): ReactElement => {
  if (isWorking || result === undefined) {
    return (
      <td colSpan={4} className="quiet">
        {isWorking ? "Analyzing …" : "Not analyzed yet"}
      </td>
    )
  }
  if (isProblem(result)) {
    const { title, advice } = problemWords(result)
    return (
      <td colSpan={4}>
        <div className="file-problem">
          <Icon name="alert" />
          <p>
            <strong>{title}.</strong> {advice}
          </p>
        </div>
      </td>
    )
  }
  return (
    <>
      <td className="numeric" data-label="Rows">
        {number(result.rows)}
      </td>
      <td className="numeric" data-label="Columns">
        {number(result.cols)}
      </td>
      <td className="file-findings">
        <FindingsList counts={result.counts} />
      </td>
      <td className="file-more">
        <Link
          className="more"
          to={generatePath(pages.columns, { sha1 })}
          aria-label={`Look inside ${filename}`}
        >
          Look inside
          <Icon name="next" />
        </Link>
      </td>
    </>
  )
}
