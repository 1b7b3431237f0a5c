// The fallback for a part of the page that failed: what happened, that it is recorded, and a button to try again.
// The boundary that shows it has recorded the error.
import type { ReactElement } from "react"
import { Icon } from "./icon.tsx"

export const Trouble = ({
  error,
  resetErrorBoundary
}: {
  error: unknown
  resetErrorBoundary: () => void
}): ReactElement => (
  <div className="trouble" role="alert">
    <Icon name="alert" />
    <div>
      <h2>This part failed</h2>
      <p>The error is recorded. The rest of the page still works.</p>
      <p className="trouble-words">{error instanceof Error ? error.message : String(error)}</p>
      <button type="button" className="button" onClick={resetErrorBoundary}>
        Try again
      </button>
    </div>
  </div>
)
