// TanStack Router: the route's own path as the page, and not the address. `/orders/17` is recorded as `/orders/$id`.
import { useAuditPageOpen } from "@daybook/react-hooks"
import { useMatches } from "@tanstack/react-router"

/** Once, in the component of the root route: `<AuditPages />`. */
export const AuditPages = () => {
  const matches = useMatches()
  useAuditPageOpen(matches.at(-1)?.fullPath)
  return null
}
