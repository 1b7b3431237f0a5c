// The rows of exactly-once/rows.ts that need a whole page: modules that a real Vite replaces, and a real way back. Their page
// has everything that records errors, and a log whose records the test reads.
import { describe, expect, it } from "vitest"
import { rows } from "../exactly-once/rows.ts"
import type { ReactMajor } from "../react-versions.ts"
import { openReactPage, type ReactPage } from "./react-page.ts"

const main = `
import { makeTestAudit } from "@daybook/core/testing"
import { AuditErrorBoundary, AuditProvider, auditRootErrorHandlers, useAuditErrors } from "@daybook/react-hooks"
import { createRoot } from "react-dom/client"
import { Page } from "./page.tsx"

const audit = makeTestAudit()
const thrown = new URLSearchParams(location.search).get("thrown")
const same = new Error("on purpose: again")

const Throws = () => {
  throw thrown === "again" ? same : new Error("on purpose: anew")
}

const App = () => {
  useAuditErrors()
  return (
    <Page>
      <AuditErrorBoundary fallback="failed">{thrown ? <Throws /> : "fine"}</AuditErrorBoundary>
    </Page>
  )
}

window.records = () => audit.events.map(({ head, fields }) => [head.category, fields.page ?? fields.caught_by])
addEventListener("pageshow", (event) => {
  window.wasKept = event.persisted
})
createRoot(document.getElementById("root"), auditRootErrorHandlers(audit, { onCaughtError: () => {} })).render(
  <AuditProvider audit={audit}>
    <App />
  </AuditProvider>
)
`

/** With a number of edits; a component that calls other hooks than before is mounted anew. */
const pageFile = (edits: number, hooks = ""): string => `
import { useAuditPageOpen } from "@daybook/react-hooks"
import { useRef, useState } from "react"

const edits = ${edits}

export const Page = ({ children }) => {
  useAuditPageOpen("orders")
  const [mountedAt] = useState(edits)
  ${hooks}
  return <main>{"edits " + edits + ", mounted at " + mountedAt}{children}</main>
}
`

const shown = (page: ReactPage["page"], text: string): Promise<unknown> =>
  page.waitForFunction(
    (expected) =>
      (document.querySelector("main") as { readonly innerText: string } | null)?.innerText.startsWith(
        expected
      ),
    text
  )

const moves: Readonly<Record<string, (at: ReactPage) => Promise<void>>> = {
  HMR: async ({ page, edit }) => {
    await shown(page, "edits 0, mounted at 0")
    edit("page.tsx", pageFile(1))
    await shown(page, "edits 1, mounted at 0")
    edit("page.tsx", pageFile(2, "useRef(null)"))
    await shown(page, "edits 2, mounted at 2")
  },
  "bfcache return": async ({ page, origin }) => {
    await shown(page, "edits 0")
    await page.goto(`${origin}elsewhere.html`)
    await page.goBack({ waitUntil: "commit" })
    await shown(page, "edits 0")
    expect(await page.evaluate("wasKept")).toBe(true)
  }
}

const versions: readonly ReactMajor[] = [19, 18]
const ofPages = rows.filter((row) => row.by === "page")

describe.each(versions)("React %i, exactly once", (react) => {
  it.each(ofPages)(
    "S0.9 S1.11 S0.10 $name: the page is opened once, and its error recorded once",
    async (row) => {
      for (const isFailing of [false, true]) {
        const files = { "main.tsx": main, "page.tsx": pageFile(0) }
        const at = await openReactPage({ react, files, isHot: row.name === "HMR" })
        if (isFailing) await at.page.goto(`${at.origin}?thrown=${row.thrown}`)
        await moves[row.name]?.(at)
        const records = (await at.page.evaluate("records()")) as readonly (readonly [string, unknown])[]
        const of = (category: string): readonly unknown[] =>
          records.filter(([recorded]) => recorded === category).map(([, what]) => what)
        expect(of("nav")).toEqual(row.opened)
        // An error says on which page it was.
        expect(of("error")).toEqual(Array.from({ length: isFailing ? row.errors : 0 }, () => "orders"))
      }
    }
  )
})
