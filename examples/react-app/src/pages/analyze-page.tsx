// The first page: add files, analyze them, see the results. The file shelf does the work.
// It records its own opening, as every page does.
import { useAudit, useAuditPageOpen } from "@daybook/react-hooks"
import { type ReactElement, useEffect, useRef, useState } from "react"
import { DropZone } from "../files/drop-zone.tsx"
import { useFileShelf } from "../files/file-shelf.tsx"
import { FileTable } from "../files/file-table.tsx"
import { fetchSample, type Sample, samples } from "../files/samples.ts"
import { pages } from "../pages.ts"
import { bringIntoView } from "../shell/bring-into-view.ts"
import { counted } from "../shell/numbers.ts"
import { PageHeading } from "../shell/page-heading.tsx"

export const AnalyzePage = (): ReactElement => {
  useAuditPageOpen(pages.analyze)
  const { files, isRunning, said, add, analyze } = useFileShelf()
  const fresh = files.filter(({ result }) => result === undefined).length
  const section = useRef<HTMLElement>(null)
  // A file that came, or the last result: not what was there before, when a person comes back to this page.
  const shown = useRef({ files: files.length, isRunning })
  useEffect(() => {
    const hasNews = files.length > shown.current.files || (shown.current.isRunning && !isRunning)
    shown.current = { files: files.length, isRunning }
    if (hasNews) bringIntoView(section.current)
  }, [files.length, isRunning])
  return (
    <>
      <PageHeading title="CSV analyzer">
        See what is in a table before you trust it: its size, its columns, and what is worth a second look.
      </PageHeading>
      <DropZone onFiles={(chosen) => void add(chosen)} />
      <Samples onFiles={(chosen) => void add(chosen)} />
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {files.length === 0 ? null : (
        <section ref={section} aria-labelledby="files-heading">
          <div className="section-heading">
            <h2 id="files-heading">Your files</h2>
            <button
              type="button"
              className="button"
              data-tone="main"
              disabled={isRunning}
              onClick={() => void analyze()}
            >
              {isRunning ? "Analyzing …" : fresh > 0 ? `Analyze ${counted(fresh, "file")}` : "Analyze again"}
            </button>
          </div>
          <FileTable />
        </section>
      )}
    </>
  )
}

const Samples = ({ onFiles }: { onFiles: (files: readonly File[]) => void }): ReactElement => {
  const audit = useAudit()
  const [trouble, setTrouble] = useState("")
  const bring = (sample: Sample): void => {
    setTrouble("")
    fetchSample(sample).then(onFiles, (error: unknown) => {
      audit.exception("fetchSample", error)
      setTrouble(`“${sample.title}” could not be fetched. Check that the server is running.`)
    })
  }
  return (
    <section className="samples" aria-labelledby="samples-heading">
      <h2 id="samples-heading">Or try a sample</h2>
      <ul>
        {samples.map((sample) => (
          <li key={sample.title}>
            <button type="button" className="sample" onClick={() => bring(sample)}>
              <span>{sample.title}</span>
              <span className="quiet">{sample.note}</span>
            </button>
          </li>
        ))}
      </ul>
      <p role="alert">{trouble}</p>
    </section>
  )
}
