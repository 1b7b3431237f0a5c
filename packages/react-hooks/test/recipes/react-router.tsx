// React Router: the route's own path as the page, and not the address. `/orders/17` is recorded as `/orders/:id`.
import { useAuditPageOpen } from "@daybook/react-hooks"
import { matchRoutes, type RouteObject, useLocation } from "react-router"

/** Once, in the layout of all pages: `<AuditPages routes={routes} />`. */
export const AuditPages = ({ routes }: { readonly routes: RouteObject[] }) => {
  const { pathname } = useLocation()
  const matches = matchRoutes(routes, pathname)
  const paths = matches?.flatMap(({ route: { path = "" } }) => (path === "" ? [] : [path]))
  // A path that begins with "/" is whole, also below others.
  const whole = paths?.reduce((above, path) => (path.startsWith("/") ? path : `${above}/${path}`), "/")
  useAuditPageOpen(whole?.replace(/\/+/g, "/"))
  return null
}
