// The panel that answers "is anything recorded, and where?": the log's health in words, with buttons to copy it, to download
// the log and to open its folder. diagnostics.css is its optional style sheet, diagnostics-words.ts its texts.
"use client"

import type { ExporterHealth } from "@daybook/core"
import { type ReactElement, useId, useState } from "react"
import { useAudit } from "../audit-provider.tsx"
import { useAuditHealth } from "../use-audit-health.ts"
import { countsInWords, exporterInWords, healthAsText, inDigits, logInWords } from "./diagnostics-words.ts"
import { linesFileName, saveLines } from "./save-lines.ts"

export interface DiagnosticsPanelProps {
  /** Where the log is: a path or an address. Default "in this page" when `lines` is given. */
  readonly location?: string | undefined
  /** Opens the log's folder, where the host can: shows the button "Open log folder". */
  readonly onOpenFolder?: (() => void | Promise<void>) | undefined
  /** The page's own lines, of core's `recentExporter`: shows the button "Download log". */
  readonly lines?: { bytes(): Uint8Array } | undefined
  /** Heading. Default "Diagnostics". */
  readonly title?: string | undefined
}

/** Shows the provider's log: its app and session, its place, and the health of each exporter. */
export const DiagnosticsPanel = ({
  lines,
  location = lines === undefined ? undefined : "in this page",
  onOpenFolder,
  title = "Diagnostics"
}: DiagnosticsPanelProps): ReactElement => {
  const audit = useAudit()
  const health = useAuditHealth()
  const [feedback, act] = useFeedback()
  const headingId = useId()
  const { verdict, words } = logInWords(health)

  const copy = act("Copied", "Cannot copy", () => {
    const { clipboard }: { readonly clipboard?: Clipboard } = navigator
    if (clipboard === undefined) throw new Error("the clipboard needs a secure page (https)")
    return clipboard.writeText(healthAsText(title, audit.health(), location))
  })
  const download = act("Downloaded", "Cannot download", async () => {
    await audit.flush()
    if (lines !== undefined) saveLines(lines.bytes(), linesFileName(health.app, new Date()))
  })
  const openFolder = act("Opened", "Cannot open the folder", async () => onOpenFolder?.())

  return (
    <section className="daybook-diagnostics" aria-labelledby={headingId}>
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
            // biome-ignore lint/suspicious/noArrayIndexKey: two exporters may have one name; their order never changes.
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
          {feedback.count > 0 && (
            <span key={feedback.count} ref={bringIntoView}>
              {feedback.words}
            </span>
          )}
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
  /** Makes a second "Copied" a new text, for screen readers too. */
  readonly count: number
}

/** The result may be below the window, and the button would seem to do nothing. jsdom cannot scroll. */
const bringIntoView = (element: Element | null): void => element?.scrollIntoView?.({ block: "nearest" })

type Act = (done: string, failed: string, run: () => Promise<void>) => () => void

/** The result of the last action in words, and a way to make an action that reports its result. */
const useFeedback = (): readonly [Feedback, Act] => {
  const [feedback, setFeedback] = useState<Feedback>({ words: "", hasFailed: false, count: 0 })
  const show = (words: string, hasFailed: boolean): void =>
    setFeedback(({ count }) => ({ words, hasFailed, count: count + 1 }))
  const act: Act = (done, failed, run) => () => {
    // An async function turns what is thrown at once into a rejection.
    const started = (async () => run())()
    started.then(
      () => show(done, false),
      (error: unknown) => show(`${failed}: ${reasonOf(error)}`, true)
    )
  }
  return [feedback, act]
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.message !== "" ? error.message : "no reason given"
