// The app as its developers run it: React in development, where StrictMode mounts each component twice. The records are the same
// as in production.
import { expect, it } from "vitest"
import { messages, openApp, withBuiltApp } from "./open-app.ts"

withBuiltApp("development")

it("S1.6 S1.10 S1.11 mounted twice, a page is opened once, a file uploaded once, a run told once, an error recorded once", async () => {
  const { page, upload, analyze, goTo, row, downloadLog } = await openApp()
  await upload("stocks.csv")
  await row("stocks.csv").waitFor()
  await analyze()
  await goTo("Trouble")
  await page.getByRole("button", { name: "Throw while rendering" }).click()
  await page.getByRole("alert").getByText("The chart has no values to draw").waitFor()
  await page.getByRole("button", { name: "Throw in a click" }).click()
  await page.getByText("The click threw").waitFor()
  await page.getByRole("button", { name: "Reject a promise" }).click()
  await page.getByText("A promise was rejected").waitFor()
  expect(messages((await downloadLog()).events)).toEqual([
    "Session started",
    "Opened /analyze",
    "Uploaded stocks.csv",
    "Analyzing 1 file",
    "Analyzed stocks.csv: 560 rows, 3 columns",
    "Ran /analyze",
    "Opened /trouble",
    "chart: RangeError: The chart has no values to draw",
    "window: TypeError: Cannot read what is not there",
    "promise: Error: The server did not answer"
  ])
})
