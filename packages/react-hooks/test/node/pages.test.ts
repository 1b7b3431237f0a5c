// What only a whole page shows of the panel: a download that is a file, and a text in the clipboard.
import { readFileSync } from "node:fs"
import { decodeLine } from "@daybook/core"
import { expect, it } from "vitest"
import { openReactPage } from "./react-page.ts"

const main = `
import "@daybook/react-hooks/diagnostics.css"
import { createAuditLog, recentExporter } from "@daybook/core"
import { AuditProvider, DiagnosticsPanel } from "@daybook/react-hooks"
import { createRoot } from "react-dom/client"

const lines = recentExporter()
const audit = createAuditLog({ app: "datatools", exporters: [lines] })
for (let n = 1; n <= 3; n++) audit.log("case", "event " + n)
createRoot(document.getElementById("root")).render(
  <AuditProvider audit={audit}>
    <DiagnosticsPanel lines={lines} />
  </AuditProvider>
)
`

/** The local day. */
const today = (): string => {
  const now = new Date()
  const digits = (n: number): string => String(n).padStart(2, "0")
  return `${now.getFullYear()}-${digits(now.getMonth() + 1)}-${digits(now.getDate())}`
}

it("S1.5 S1.17 Download log is a day's file with every line, and Copy is in the clipboard", async () => {
  const { page } = await openReactPage({ react: 19, files: { "main.tsx": main }, isHot: false })
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
  const before = today()
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download log" }).click()
  ])
  expect([`datatools-${before}.jsonl`, `datatools-${today()}.jsonl`]).toContain(download.suggestedFilename())
  const text = readFileSync(await download.path(), "utf8")
  expect(text.endsWith("\n")).toBe(true)
  const lines = text.trimEnd().split("\n").map(decodeLine)
  expect(lines.map((line) => ("damage" in line ? line.damage : line.head.message))).toEqual([
    "event 1",
    "event 2",
    "event 3"
  ])
  await page.getByText("Downloaded").waitFor()

  await page.getByRole("button", { name: "Copy" }).click()
  await page.getByText("Copied").waitFor()
  const copied: unknown = await page.evaluate("navigator.clipboard.readText()")
  expect(copied).toContain("App: datatools")
  expect(copied).toContain("Log: in this page")
  expect(copied).toContain("recent (idle): Works\nAccepted: 3, Written: 3,")
})
