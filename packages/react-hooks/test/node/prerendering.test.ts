// Pages that nobody sees yet: one that the browser prerenders for a link that may be followed, by real speculation rules, and
// one in a tab that was opened in the background.
import { describe, expect, it } from "vitest"
import type { ReactMajor } from "../react-versions.ts"
import { openOnItsOwn, reportingScript } from "./page-on-its-own.ts"

const main = `
${reportingScript}
import { makeTestAudit } from "@daybook/core/testing"
import { AuditErrorBoundary, AuditProvider, auditRootErrorHandlers, useAuditErrors, useAuditPageOpen } from "@daybook/react-hooks"
import { StrictMode, useState } from "react"
import { flushSync } from "react-dom"
import { createRoot } from "react-dom/client"

const audit = makeTestAudit()
const way = new URLSearchParams(location.search).get("way")

const Page = ({ slug, fields, children }) => {
  useAuditPageOpen(slug, { fields })
  return children ?? null
}

const Throws = () => {
  throw new Error("on purpose: " + way)
}

let setPage, setRows
const App = () => {
  const [at, setAt] = useState(way === "nested" ? "orders with lines" : "orders")
  const [rows, setRowsNow] = useState(0)
  setPage = (page) => flushSync(() => setAt(page))
  setRows = (count) => flushSync(() => setRowsNow(count))
  useAuditErrors()
  if (at === "orders with lines") return <Page slug="orders"><Page slug="orders/lines" /></Page>
  return (
    <Page key={at} slug={at} fields={{ rows }}>
      {way === "failing" && <AuditErrorBoundary fallback="failed"><Throws /></AuditErrorBoundary>}
    </Page>
  )
}

const tell = async (moment) => {
  // A record may be made at the end of its task.
  await new Promise((resolve) => setTimeout(resolve))
  const records = audit.events.map(({ head, fields }) => [head.category, fields.page, fields.rows].filter((one) => one !== undefined))
  await window.report(moment, { prerendering: document.prerendering, visibility: document.visibilityState, records })
}

const root = createRoot(document.getElementById("root"), auditRootErrorHandlers(audit, { onCaughtError: () => {} }))
flushSync(() =>
  root.render(
    <StrictMode>
      <AuditProvider audit={audit}>
        <App />
      </AuditProvider>
    </StrictMode>
  )
)
document.addEventListener("prerenderingchange", async () => {
  await tell("shown")
  setPage("customers")
  setPage("orders")
  await tell("used")
})
setRows(17)
if (way === "redirecting") {
  setPage("customers")
  setPage("invoices")
}
await tell("loaded")
`

const html = (script: string): string =>
  `<!doctype html><html lang="en"><title>start</title><body><script type="module">${reportingScript}${script}</script></body></html>`

/** Prerenders the page, and follows the link to it when it has loaded. */
const prerendering = (way: string): string => {
  const address = `/index.html?way=${way}`
  const rules = { prerender: [{ source: "list", urls: [address], eagerness: "immediate" }] }
  return html(`
    const rules = document.createElement("script")
    rules.type = "speculationrules"
    rules.text = ${JSON.stringify(JSON.stringify(rules))}
    document.head.append(rules)
    await reported("loaded")
    location.href = ${JSON.stringify(address)}
  `)
}

/** Opens a tab in front of itself, and loads the page behind it. */
const inBackground = html(`
  if (location.hash === "#front") report("front", document.visibilityState)
  else {
    open("/background.html#front")
    document.addEventListener("visibilitychange", () => {
      location.href = "/index.html?way=background"
    })
  }
`)

const versions: readonly ReactMajor[] = [19, 18]

describe.each(versions)("React %i, a page that is prerendered", (react) => {
  const prerender = (way: string) =>
    openOnItsOwn({ react, files: { "main.tsx": main, "start.html": prerendering(way) }, start: "start.html" })

  it("S0.9 S1.11 is opened when it is shown, once, with the fields of then, and other pages after it at once", async () => {
    const { reported } = await prerender("plain")
    expect(await reported("loaded")).toEqual({ prerendering: true, visibility: "hidden", records: [] })
    const opened = ["nav", "orders", 17]
    expect(await reported("shown")).toEqual({ prerendering: false, visibility: "visible", records: [opened] })
    const records = [opened, ["nav", "customers", 17], opened]
    expect(await reported("used")).toMatchObject({ records })
  })

  it("S0.9 is the page that is shown then, not those that it has left before", async () => {
    const { reported } = await prerender("redirecting")
    expect(await reported("loaded")).toMatchObject({ prerendering: true, records: [] })
    expect(await reported("shown")).toMatchObject({ records: [["nav", "invoices", 17]] })
  })

  it("S0.9 is several pages when it shows one inside another", async () => {
    const { reported } = await prerender("nested")
    const records = [
      ["nav", "orders/lines"],
      ["nav", "orders"]
    ]
    expect(await reported("shown")).toMatchObject({ records })
  })

  it("S0.10 has its errors recorded at once, with its page, because they happened", async () => {
    const { reported } = await prerender("failing")
    const error = ["error", "orders"]
    expect(await reported("loaded")).toMatchObject({ prerendering: true, records: [error] })
    expect(await reported("shown")).toMatchObject({ records: [error, ["nav", "orders", 17]] })
  })
})

it("S0.9 a page in a tab that a person opened in the background is opened as it loads", async () => {
  const files = { "main.tsx": main, "background.html": inBackground }
  const { reported } = await openOnItsOwn({ react: 19, files, start: "background.html" })
  expect(await reported("front")).toBe("visible")
  const records = [["nav", "orders", 0]]
  expect(await reported("loaded")).toEqual({ prerendering: false, visibility: "hidden", records })
})
