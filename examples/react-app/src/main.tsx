// The start: the session's first line, then React with the log around it. The root records errors that no boundary catches;
// app.tsx has the pages.
import { AuditProvider, auditRootErrorHandlers } from "@daybook/react-hooks"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./app.tsx"
import { audit } from "./audit.ts"
import { applyTheme, readTheme } from "./shell/theme.ts"
import "@daybook/react-hooks/diagnostics.css"
import "./styles/colours.css"
import "./styles/shell.css"
import "./styles/parts.css"
import "./styles/files.css"
import "./styles/pages.css"

applyTheme(readTheme())
audit.sessionStart()

const root = document.getElementById("root")
if (root === null) throw new Error("index.html has no element with the id root")

createRoot(root, auditRootErrorHandlers(audit)).render(
  <StrictMode>
    <AuditProvider audit={audit}>
      <App />
    </AuditProvider>
  </StrictMode>
)
