// What is logged of files that a person adds, analyzes and removes: read back from the log that the page offers as a download,
// and compared with what a real collector received.
import { createHash } from "node:crypto"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  expectEverySeq,
  idsOf,
  messages,
  ofCategory,
  openApp,
  temporaryDir,
  type UploadedFile,
  vegaFile,
  waitMs,
  withBuiltApp
} from "./open-app.ts"

withBuiltApp()

const sha1Of = (content: string | Buffer): string =>
  createHash("sha1").update(content).digest("hex").slice(0, 12)

describe("files that are brought and analyzed", () => {
  it("S1.3 S1.7 S1.10 each step is one event, in the order in which things happened", async () => {
    const { page, upload, analyze, downloadLog } = await openApp()
    await upload("stocks.csv", "seattle-weather.csv")
    await analyze()
    await page.getByRole("button", { name: "Remove stocks.csv" }).click()
    const { events } = await downloadLog()

    expect(events.map(({ head }) => [head.category, head.level, head.message])).toEqual([
      ["session", "info", "Session started"],
      ["nav", "info", "Opened /analyze"],
      ["upload", "info", "Uploaded stocks.csv"],
      ["upload", "info", "Uploaded seattle-weather.csv"],
      ["analyze", "info", "Analyzing 2 files"],
      ["analyze", "info", "Analyzed stocks.csv: 560 rows, 3 columns"],
      ["analyze", "info", "Analyzed seattle-weather.csv: 1461 rows, 6 columns"],
      ["tool_run", "info", "Ran /analyze"],
      ["upload", "info", "Removed stocks.csv"]
    ])
    expect(ofCategory(events, "analyze")[0]?.fields).toEqual({ files: 2 })
  })

  it("S1.17 the downloaded log has every event once, and the collector has the same ones", async () => {
    const { upload, analyze, goTo, downloadLog, received } = await openApp()
    await upload("stocks.csv", { name: "empty.csv", content: "" })
    await analyze()
    await goTo("Text cleaner")
    const { events } = await downloadLog()

    expectEverySeq(events)
    const ids = events.map(({ head }) => head.id)
    expect(new Set(ids).size).toBe(ids.length)
    await expect.poll(() => idsOf(received), waitMs).toEqual(ids)
    expect(received.map(({ message }) => message)).toEqual(messages(events))
    expect(received.map(({ name }) => name)).toEqual(events.map(({ head }) => `datatools.${head.category}`))
  })

  it("S1.4 S1.8 upload, analyze and tool_run have their fields, and findings is the number of those of the file", async () => {
    const content = "n,when,who\n1,2026-11-22,Ada\nx,2026-11-23,\n3,2026-11-24\n1,2026-11-22,Ada\n4,5,6,7\n"
    const { page, upload, analyze, downloadLog, row } = await openApp()
    await upload({ name: "odd.csv", content })
    await analyze()
    const { events } = await downloadLog()

    const [uploaded] = ofCategory(events, "upload")
    expect(uploaded?.fields).toEqual({ filename: "odd.csv", bytes: content.length, sha1: sha1Of(content) })
    const counts = { empty_cells: 2, duplicate_rows: 1, uneven_rows: 2, mixed_columns: 2 }
    const [, analyzed] = ofCategory(events, "analyze")
    expect(analyzed?.fields).toEqual({ filename: "odd.csv", rows: 5, cols: 3, findings: 7, ...counts })
    expect(ofCategory(events, "tool_run")[0]?.fields).toEqual({ page: "/analyze" })

    for (const words of ["2 empty cells", "1 repeated row", "2 uneven rows", "2 mixed columns"]) {
      await row("odd.csv").getByText(words).waitFor()
    }
    await row("odd.csv").getByRole("link", { name: "Look inside odd.csv" }).click()
    await page.getByRole("row", { name: /^n number 1 other/ }).waitFor()
  })

  it("S1.6 each new file and each removal is an upload event, dropped files as well, and the same file is new once", async () => {
    const { page, upload, downloadLog } = await openApp()
    const dropped = "a,b\n1,2\n"
    const files = await page.evaluateHandle((content) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([content], "dropped.csv", { type: "text/csv" }))
      return transfer
    }, dropped)
    await page.dispatchEvent(".drop-zone", "drop", { dataTransfer: files })
    await page.getByText("1 file added.").waitFor()
    await upload({ name: "dropped.csv", content: dropped })
    await page.getByText("0 files added. 1 was here already.").waitFor()
    await upload({ name: "another-name.csv", content: dropped }, { name: "dropped.csv", content: "a\n1\n" })
    await page.getByText("2 files added.").waitFor()
    await page.getByRole("button", { name: "Remove another-name.csv" }).click()

    const uploads = ofCategory((await downloadLog()).events, "upload")
    const file = { filename: "dropped.csv", bytes: dropped.length, sha1: sha1Of(dropped) }
    expect(uploads.map(({ fields }) => fields)).toEqual([
      file,
      { ...file, filename: "another-name.csv" },
      { filename: "dropped.csv", bytes: 4, sha1: sha1Of("a\n1\n") },
      { ...file, filename: "another-name.csv", removed: true }
    ])
  })

  it("the samples are the real files", async () => {
    const { page, analyze, downloadLog } = await openApp()
    await page.getByRole("button", { name: "Bird strikes" }).click()
    await page.getByText("1 file added.").waitFor()
    await analyze()
    const { events } = await downloadLog()
    const content = readFileSync(vegaFile("birdstrikes.csv"))
    const file = { filename: "birdstrikes.csv", bytes: content.length, sha1: sha1Of(content) }
    expect(ofCategory(events, "upload")[0]?.fields).toEqual(file)
    expect(ofCategory(events, "analyze")[1]?.fields).toMatchObject({
      rows: 10_000,
      cols: 14,
      empty_cells: 2836,
      duplicate_rows: 24
    })
  })
})

describe("a file that cannot be analyzed", () => {
  const utf16 = Buffer.from("\ufeffa,b\n1,2\n", "utf16le")
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")
  const cases: readonly (UploadedFile & { readonly outcome: string; readonly told: string })[] = [
    { name: "empty.csv", content: "", outcome: "empty_upload", told: "This file is empty." },
    {
      name: "blank.csv",
      content: '\n,,\n"",""\n',
      outcome: "empty_after_repair",
      told: "There is no data in it."
    },
    { name: "header.csv", content: "only,a,header\n", outcome: "no_data", told: "Only a header." },
    { name: "png.csv", content: png, outcome: "not_csv", told: "This is not a CSV file." },
    {
      name: "latin1.csv",
      content: Buffer.from("city\nZürich\n", "latin1"),
      outcome: "wrong_encoding",
      told: "The text cannot be read."
    },
    { name: "utf16.csv", content: utf16, outcome: "wrong_encoding", told: "The text cannot be read." },
    {
      name: "quote.csv",
      content: 'a,b\n1,"2\n',
      outcome: "failed",
      told: "This file cannot be parsed."
    }
  ]

  it("S1.4 S1.9 each case has its outcome on record and its words on the page, and there is no tool_run", async () => {
    const { upload, analyze, downloadLog, row } = await openApp()
    await upload(...cases)
    await analyze()
    for (const { name, told } of cases) await row(name).getByText(told).waitFor()
    const { events } = await downloadLog()
    const errors = ofCategory(events, "error")
    expect(errors.map(({ fields: { filename, outcome } }) => ({ name: filename, outcome }))).toEqual(
      cases.map(({ name, outcome }) => ({ name, outcome }))
    )
    for (const { head, fields } of errors) {
      expect(head.level).toBe("error")
      expect(head.message).toBe(`Cannot analyze ${fields.filename}: ${fields.reason}`)
    }
    expect(ofCategory(events, "tool_run")).toEqual([])
  })

  it("S1.9 a file that is gone when it is analyzed is an error like any other, and its neighbour is analyzed", async () => {
    const dir = temporaryDir()
    const path = join(dir, "gone.csv")
    writeFileSync(path, "a\n1\n")
    const { page, upload, analyze, downloadLog, row } = await openApp()
    await page.getByLabel("Choose files").setInputFiles(path)
    await row("gone.csv").waitFor()
    await upload("stocks.csv")
    await row("stocks.csv").waitFor()
    rmSync(path)
    await analyze()
    await row("gone.csv").getByText("The file is gone.").waitFor()
    const { events } = await downloadLog()
    expect(ofCategory(events, "error").map(({ fields }) => fields)).toEqual([
      { filename: "gone.csv", outcome: "missing", reason: "it was moved or changed" }
    ])
    expect(ofCategory(events, "tool_run")).toHaveLength(1)
  })
})

describe("what is in a file", () => {
  it("S1.14 no line and no record holds a cell, a header or a pasted word: only name, size and fingerprint", async () => {
    const canary = "Canary4711"
    const good = `name,${canary}Header\n${canary}Cell,2\n${canary}Cell,2\n`
    // The parser's own message about such a quote contains the cell.
    const broken = `name,age\n${canary}"Quote,2\n`
    const { page, upload, analyze, goTo, downloadLog, row, received } = await openApp()
    await upload({ name: "good.csv", content: good }, { name: "broken.csv", content: broken })
    await analyze()
    await row("good.csv").getByRole("link").click()
    await page.getByText(`${canary}Cell`).first().waitFor()
    await goTo("Text cleaner")
    await page.getByLabel("Your text").fill(`  ${canary}Pasted  `)
    await page.getByRole("button", { name: "Clean text" }).click()
    await page.getByText(`${canary}Pasted`, { exact: true }).last().waitFor()
    await page.getByLabel("Your text").fill("\u200b \n")
    await page.getByRole("button", { name: "Clean text" }).click()
    await page.getByText("No text is left").waitFor()

    const { text, events } = await downloadLog()
    expect(text).not.toContain(canary)
    await expect.poll(() => received.length, waitMs).toBe(events.length)
    expect(JSON.stringify(received)).not.toContain(canary)
    expect(ofCategory(events, "upload").map(({ fields }) => fields)).toEqual([
      { filename: "good.csv", bytes: good.length, sha1: sha1Of(good) },
      { filename: "broken.csv", bytes: broken.length, sha1: sha1Of(broken) }
    ])
    expect(messages(events).slice(-4)).toEqual([
      "Opened /analyze/:sha1",
      "Opened /cleaner",
      "Ran /cleaner",
      "Cannot analyze pasted text: no text is left"
    ])
  })
})
