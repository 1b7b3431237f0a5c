// The text cleaner: paste a text, choose the rules, copy the result. The text itself is never logged, only that the tool ran, or
// that nothing was left.
import { useAuditEvent, useAuditPageOpen } from "@daybook/react-hooks"
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react"
import { type Cleaned, cleanText, rules } from "../cleaner/clean-text.ts"
import { FileFailed, ToolRun } from "../events.ts"
import { pages } from "../pages.ts"
import { bringIntoView } from "../shell/bring-into-view.ts"
import { counted } from "../shell/numbers.ts"
import { PageHeading } from "../shell/page-heading.tsx"

const sampleText =
  "  “Customers”   of the week\t \n\n\nAda Lovelace\u00a0 –  London\nGrace Hopper  –  New York\nAda Lovelace\u00a0 –  London\n\u200bKatherine Johnson –   Hampton  \n"

export const CleanerPage = (): ReactElement => {
  useAuditPageOpen(pages.cleaner)
  const toolRun = useAuditEvent(ToolRun)
  const fileFailed = useAuditEvent(FileFailed)
  const [text, setText] = useState("")
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(rules.map(({ id }) => id)))
  const [cleaned, setCleaned] = useState<Cleaned>()
  const result = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (cleaned !== undefined) bringIntoView(result.current)
  }, [cleaned])

  const clean = (event: FormEvent): void => {
    event.preventDefault()
    const next = cleanText(text, chosen)
    setCleaned(next)
    if (next.text.trim() !== "") {
      toolRun({ page: pages.cleaner })
      return
    }
    const outcome = text === "" ? "empty_upload" : "empty_after_repair"
    fileFailed({ filename: "pasted text", outcome, reason: "no text is left" })
  }
  const toggle = (id: string): void => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  return (
    <>
      <PageHeading title="Text cleaner">
        Paste a list from a mail, a page or a sheet, and remove what is invisible or repeated.
      </PageHeading>
      <form className="cleaner" onSubmit={clean}>
        <div className="field">
          <div className="field-heading">
            <label className="field-label" htmlFor="text">
              Your text
            </label>
            <button type="button" className="link" onClick={() => setText(sampleText)}>
              Use a sample
            </button>
          </div>
          <textarea
            id="text"
            rows={9}
            spellCheck={false}
            placeholder="Paste it here"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <fieldset className="rules">
          <legend className="field-label">What to clean</legend>
          {rules.map(({ id, label, hint }) => (
            <label key={id} className="rule">
              <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />
              <span>
                {label}
                <span className="quiet">{hint}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <button type="submit" className="button" data-tone="main">
          Clean text
        </button>
      </form>
      <div ref={result} aria-live="polite">
        {cleaned === undefined ? null : <Result cleaned={cleaned} />}
      </div>
    </>
  )
}

const Result = ({ cleaned: { text, changes } }: { cleaned: Cleaned }): ReactElement => {
  if (text.trim() === "") {
    return (
      <p className="notice">
        No text is left: there were only blanks and invisible characters, or nothing at all.
      </p>
    )
  }
  return (
    <section aria-labelledby="cleaned-heading">
      <div className="section-heading">
        <h2 id="cleaned-heading">Clean text</h2>
        <CopyButton text={text} />
      </div>
      {changes.length === 0 ? (
        <span className="tag" data-tone="good">
          It was already clean
        </span>
      ) : (
        <ul className="tags">
          {changes.map(({ noun, count }) => (
            <li key={noun} className="tag" data-tone="good">
              {counted(count, noun)}
            </li>
          ))}
        </ul>
      )}
      <pre className="cleaned">{text}</pre>
    </section>
  )
}

const CopyButton = ({ text }: { text: string }): ReactElement => {
  const [words, setWords] = useState("Copy")
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setWords("Copied"),
      () => setWords("Copying is not allowed here")
    )
  }
  return (
    <button type="button" className="button" onClick={copy}>
      {words}
    </button>
  )
}
