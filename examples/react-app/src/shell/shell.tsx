// The frame of every page: the side bar with the pages, the diagnostics and the colours. A page that fails is caught here, so
// that the rest stays usable, the diagnostics most of all.
import { AuditErrorBoundary, DiagnosticsPanel, useAuditErrors, useAuditHealth } from "@daybook/react-hooks"
import type { ReactElement } from "react"
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from "react-router"
import { recent } from "../audit.ts"
import { collectorPath } from "../collector-path.ts"
import { pageTrail } from "../page-trail.ts"
import { pages } from "../pages.ts"
import { bringIntoView } from "./bring-into-view.ts"
import { Icon, type IconName } from "./icon.tsx"
import mark from "./mark.svg"
import { ThemeSwitch } from "./theme-switch.tsx"
import { Trouble } from "./trouble.tsx"

const entries: readonly { readonly path: string; readonly label: string; readonly icon: IconName }[] = [
  { path: pages.analyze, label: "CSV analyzer", icon: "table" },
  { path: pages.cleaner, label: "Text cleaner", icon: "brush" },
  { path: pages.history, label: "History", icon: "clock" },
  { path: pages.trouble, label: "Trouble", icon: "bolt" }
]

export const Shell = (): ReactElement => {
  useAuditErrors()
  const { pathname } = useLocation()
  return (
    <div className="shell">
      <ScrollRestoration />
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <div className="side-bar">
        <header className="side-top">
          <Link className="brand" to={pages.analyze}>
            <img src={mark} alt="" width="30" height="30" />
            Data tools
          </Link>
          <ThemeSwitch />
        </header>
        <nav aria-label="Pages">
          {entries.map(({ path, label, icon }) => (
            <NavLink key={path} to={path}>
              <Icon name={icon} />
              {label}
            </NavLink>
          ))}
        </nav>
        <aside aria-label="Diagnostics">
          <Diagnostics />
        </aside>
      </div>
      <main id="main" tabIndex={-1}>
        <AuditErrorBoundary name="page" resetKeys={[pathname]} FallbackComponent={Trouble}>
          <Outlet />
        </AuditErrorBoundary>
      </main>
    </div>
  )
}

const Diagnostics = (): ReactElement => {
  const { exporters } = useAuditHealth()
  const isWell = exporters.every(({ state }) => state !== "degraded" && state !== "stalled")
  return (
    <details className="diagnostics" onToggle={({ currentTarget }) => bringIntoView(currentTarget)}>
      <summary>
        <Icon name="pulse" />
        Diagnostics
        <span className="dot" data-well={isWell}>
          <span className="visually-hidden">{isWell ? "The log is healthy" : "The log has a problem"}</span>
        </span>
        <Icon name="next" />
      </summary>
      <DiagnosticsPanel
        title="Audit log"
        location={pageTrail?.folder ?? `in this page, and sent to ${collectorPath}`}
        lines={recent}
        onOpenFolder={pageTrail?.openFolder}
      />
    </details>
  )
}
