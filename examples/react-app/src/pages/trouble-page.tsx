// Errors at the press of a button, to see that each is caught and recorded once: while rendering, in a promise that is not
// awaited, in a click. And a secret that does not reach the log.
import { AuditErrorBoundary, useAudit, useAuditPageOpen } from "@daybook/react-hooks"
import { type ReactElement, type ReactNode, useState } from "react"
import { Link } from "react-router"
import { pages } from "../pages.ts"
import { PageHeading } from "../shell/page-heading.tsx"
import { Trouble } from "../shell/trouble.tsx"

export const TroublePage = (): ReactElement => {
  useAuditPageOpen(pages.trouble)
  const audit = useAudit()
  const [said, setSaid] = useState<{ readonly by: string; readonly words: string }>()
  const sayOf = (by: string): string => (said?.by === by ? said.words : "")

  const reject = (): void => {
    setSaid({ by: "reject", words: "A promise was rejected, and no code handled it." })
    void Promise.reject(new Error("The server did not answer"))
  }
  const throwNow = (): void => {
    setSaid({ by: "throw", words: "The click threw an error. The page still works." })
    throw new TypeError("Cannot read what is not there")
  }
  const logSecret = (): void => {
    audit.log("settings", "Saved the settings", { theme: "dark", license_key: "DT-4711-0815" })
    setSaid({ by: "secret", words: "The settings are in the log, without the licence key." })
  }
  return (
    <>
      <PageHeading title="Trouble">
        Break something on purpose. Each error is caught, recorded once, and shown in the{" "}
        <Link to={pages.history}>history</Link>.
      </PageHeading>
      <div className="cards">
        <AuditErrorBoundary name="chart" FallbackComponent={Trouble}>
          <BrokenChart />
        </AuditErrorBoundary>
        <Card
          title="A promise that is not awaited"
          note="The window reports an unhandled rejection."
          said={sayOf("reject")}
        >
          <button type="button" className="button" onClick={reject}>
            Reject a promise
          </button>
        </Card>
        <Card
          title="A click that throws"
          note="React passes the error on to the window."
          said={sayOf("throw")}
        >
          <button type="button" className="button" onClick={throwNow}>
            Throw in a click
          </button>
        </Card>
        <Card
          title="A secret"
          note="It is logged under a key that names a secret, so its value is left out."
          said={sayOf("secret")}
        >
          <button type="button" className="button" onClick={logSecret}>
            Log a licence key
          </button>
        </Card>
      </div>
    </>
  )
}

const BrokenChart = (): ReactElement => {
  const [isBroken, setBroken] = useState(false)
  if (isBroken) throw new RangeError("The chart has no values to draw")
  return (
    <Card title="A part that breaks while rendering" note="The boundary around it shows a fallback.">
      <button type="button" className="button" onClick={() => setBroken(true)}>
        Throw while rendering
      </button>
    </Card>
  )
}

const Card = ({
  title,
  note,
  said,
  children
}: {
  title: string
  note: string
  /** What its button has just done. */
  said?: string
  children: ReactNode
}): ReactElement => (
  <section className="card">
    <h2>{title}</h2>
    <p className="quiet">{note}</p>
    <div>
      {children}
      {said === undefined ? null : (
        <p className="said" role="status">
          {said}
        </p>
      )}
    </div>
  </section>
)
