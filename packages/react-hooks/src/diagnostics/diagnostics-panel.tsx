// The panel for people who ask "is anything recorded, and where?": the log's health in words, and what they can do with
// it. It has no styles of its own; diagnostics.css is optional. The words are diagnostics-words.ts's business.
"use client"

import type { ExporterHealth } from "@daybook/core"
import { type ReactElement, useId, useState } from "react"
import { useAudit } from "../audit-provider.tsx"
import { useAuditHealth } from "../use-audit-health.ts"
import { countsInWords, exporterInWords, healthAsText, inDigits, logInWords } from "./diagnostics-words.ts"
import { linesFileName, saveLines } from "./save-lines.ts"

export interface DiagnosticsPanelProps {
  /** Where the log is, in the host's words: a path or an address. Default "in this page" when `lines` is given. */
  readonly location?: string | undefined
  /** Where the host can open the log's folder: shows "Open log folder". */
  readonly onOpenFolder?: (() => void | Promise<void>) | undefined
  /** The page's own lines, of core's `recentExporter`: shows "Download log". */
  readonly lines?: { bytes(): Uint8Array } | undefined
  /** Heading. Default "Diagnostics". */
  readonly title?: string | undefined
  /** Beside `daybook-diagnostics`. */
  readonly className?: string | undefined
  /** As in `useAuditHealth`. */
  readonly refreshMs?: number | undefined
}

/** Shows the provider's log: its app and session, where it is, each exporter's health; copies, downloads, opens. */
export const DiagnosticsPanel = ({
  lines,
  location = lines === undefined ? undefined : "in this page",
  onOpenFolder,
  title = "Diagnostics",
  className,
  refreshMs
}: DiagnosticsPanelProps): ReactElement => {
  const audit = useAudit()
  const health = useAuditHealth({ refreshMs })
  const [feedback, act] = useFeedback()
  const headingId = useId()
  const { verdict, words } = logInWords(health)

  const copy = act("Copied", "Cannot copy", () => {
    const { clipboard }: { readonly clipboard?: Clipboard } = navigator
    if (clipboard === undefined) throw new Error("browsers give a clipboard only to a secure page (https)")
    return clipboard.writeText(healthAsText(title, audit.health(), location))
  })
  const download = act("Downloaded", "Cannot download", async () => {
    await audit.flush()
    if (lines !== undefined) saveLines(lines.bytes(), linesFileName(health.app, new Date()))
  })
  const openFolder = act("Opened", "Cannot open the folder", async () => onOpenFolder?.())

  return (
    <section
      className={className === undefined ? "daybook-diagnostics" : `daybook-diagnostics ${className}`}
      aria-labelledby={headingId}
    >
      <h2 className="daybook-diagnostics-title" id={headingId}>
        {title}
      </h2>
      <p className="daybook-diagnostics-state" data-verdict={verdict} role="status">
        {words}
      </p>
      <dl className="daybook-diagnostics-facts">
        <Fact label="App" value={health.app} />
        <Fact label="Session" value={health.session} />
        {location !== undefined && <Fact label="Log" value={location} />}
      </dl>
      {health.exporters.length > 0 && (
        <ul className="daybook-diagnostics-exporters">
          {health.exporters.map((exporter, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may have one name; they stay in the order they were given in.
            <Exporter key={`${n} ${exporter.name}`} exporter={exporter} />
          ))}
        </ul>
      )}
      <div className="daybook-diagnostics-actions">
        <button type="button" onClick={copy}>
          Copy
        </button>
        {lines !== undefined && (
          <button type="button" onClick={download}>
            Download log
          </button>
        )}
        {onOpenFolder !== undefined && (
          <button type="button" onClick={openFolder}>
            Open log folder
          </button>
        )}
        <p className="daybook-diagnostics-feedback" data-failed={feedback.hasFailed} role="status">
          <span key={feedback.count}>{feedback.words}</span>
        </p>
      </div>
    </section>
  )
}

const Fact = ({ label, value }: { readonly label: string; readonly value: string }): ReactElement => (
  <div>
    <dt>{label}</dt>
    <dd>{value === "" ? "–" : value}</dd>
  </div>
)

const Exporter = ({ exporter }: { readonly exporter: ExporterHealth }): ReactElement => {
  const { verdict, words } = exporterInWords(exporter)
  return (
    <li>
      <h3 className="daybook-diagnostics-exporter">{exporter.name}</h3>
      <p className="daybook-diagnostics-words" data-verdict={verdict}>
        {words}
      </p>
      <dl className="daybook-diagnostics-counts">
        {countsInWords(exporter).map(([label, count]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{inDigits(count)}</dd>
          </div>
        ))}
      </dl>
    </li>
  )
}

interface Feedback {
  readonly words: string
  readonly hasFailed: boolean
  /** A second "Copied" is a new one, for the screen reader as well. */
  readonly count: number
}

type Act = (done: string, failed: string, run: () => Promise<void>) => () => void

/** What came of the last action, and how to make one that says it. */
const useFeedback = (): readonly [Feedback, Act] => {
  const [feedback, setFeedback] = useState<Feedback>({ words: "", hasFailed: false, count: 0 })
  const tell = (words: string, hasFailed: boolean): void =>
    setFeedback(({ count }) => ({ words, hasFailed, count: count + 1 }))
  const act: Act = (done, failed, run) => () => {
    // Started inside a function of its own: what throws at once is a failure like any other.
    const started = (async () => run())()
    started.then(
      () => tell(done, false),
      (error: unknown) => tell(`${failed}: ${reasonOf(error)}`, true)
    )
  }
  return [feedback, act]
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.message !== "" ? error.message : "no reason given"
