// Rendering on a server, with React 19 and 18: markup, no records, and nothing that only a browser has.
import { makeTestAudit } from "@daybook/core/testing"
import { type ReactNode, version } from "react"
import { renderToPipeableStream, renderToString } from "react-dom/server"
import { describe, expect, it } from "vitest"
import {
  AuditErrorBoundary,
  AuditProvider,
  auditRootErrorHandlers,
  DiagnosticsPanel,
  useAudit,
  useAuditErrors,
  useAuditHealth,
  useAuditPageOpen
} from "../../src/index.ts"

const Page = ({ children }: { readonly children?: ReactNode }) => {
  useAuditPageOpen("orders")
  useAuditErrors()
  const { exporters } = useAuditHealth()
  return (
    <main>
      <p>{exporters.length} exporters</p>
      <AuditErrorBoundary fallback="failed">{children}</AuditErrorBoundary>
    </main>
  )
}

describe(`React ${version.split(".")[0]} on a server`, () => {
  it("S1.12 renders markup and records nothing, within a provider", () => {
    const audit = makeTestAudit()
    auditRootErrorHandlers(audit)
    const markup = renderToString(
      <AuditProvider audit={audit}>
        <Page>orders</Page>
      </AuditProvider>
    )
    expect(markup).toMatch(/^<main><p>0(<!-- -->)? exporters<\/p>orders<\/main>$/)
    expect(audit.events).toEqual([])
    expect(audit.exporter.opened).toBe(0)
  })

  it("S1.12 renders without a provider, and the log does nothing", () => {
    const Logs = () => {
      useAudit().log("case", "nothing")
      return <p>fine</p>
    }
    expect(
      renderToString(
        <Page>
          <Logs />
        </Page>
      )
    ).toContain("<p>fine</p>")
  })

  it("S1.5 renders the panel without a session, so that the markup fits every reader", () => {
    const audit = makeTestAudit()
    const markup = renderToString(
      <AuditProvider audit={audit}>
        <DiagnosticsPanel location="in this page" />
      </AuditProvider>
    )
    expect(markup).toContain("No log is connected")
    expect(markup).not.toContain(audit.health().session)
  })

  it("leaves errors to the server's own callbacks", async () => {
    const audit = makeTestAudit()
    const Fails = (): ReactNode => {
      throw new Error("on purpose: on the server")
    }
    const told = await new Promise((resolve) => {
      renderToPipeableStream(
        <AuditProvider audit={audit}>
          <AuditErrorBoundary fallback="failed">
            <Fails />
          </AuditErrorBoundary>
        </AuditProvider>,
        { onError: resolve, onShellError: () => undefined }
      )
    })
    expect(told).toEqual(new Error("on purpose: on the server"))
    expect(audit.events).toEqual([])
  })
})
