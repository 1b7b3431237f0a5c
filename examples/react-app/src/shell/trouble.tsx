// What stands where a part of the page has broken: what happened, that it is on record, and a way on.
// It was recorded by the boundary that shows it.
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
      <h2>This part has broken</h2>
      <p>It is on record, and the rest of the page works on.</p>
      <p className="trouble-words">{error instanceof Error ? error.message : String(error)}</p>
      <button type="button" className="button" onClick={resetErrorBoundary}>
        Try again
      </button>
    </div>
  </div>
)
