// The built app in a real browser, with a real collector behind its origin: the steps of a person, the lines of the download, and
// what the collector received. Everything ends with the test that opened it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { AuditEvent } from "@daybook/core"
import { type ReceivedEvent, startLocalCollector } from "@daybook/example-node-service/local-collector"
import { readDay } from "@daybook/file-exporter"
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright"
import { afterAll, beforeAll, expect, onTestFinished, vi } from "vitest"
import { launchChromium } from "../../../vitest.page.ts"
import { type BuiltApp, buildApp } from "../src/server/serve-app.ts"

export interface OpenApp {
  readonly page: Page
  readonly url: string
  /** The records that the collector received, in order. */
  readonly received: readonly ReceivedEvent[]
  /** Where the server keeps the page's trail. */
  readonly trailDir: string
  /** Chooses files with the button. */
  upload(...files: readonly (string | UploadedFile)[]): Promise<void>
  /** Presses the button, and waits for the last result. */
  analyze(): Promise<void>
  /** A file's row in the table. */
  row(filename: string): Locator
  /** Goes to a page by the side bar. */
  goTo(name: string): Promise<void>
  /** Opens the diagnostics if they are closed. */
  diagnostics(): Promise<Locator>
  /** Downloads the log as a person does, and reads the file back. */
  downloadLog(): Promise<DownloadedLog>
}

export interface UploadedFile {
  readonly name: string
  readonly content: string | Buffer
}

export interface DownloadedLog {
  readonly filename: string
  readonly text: string
  readonly events: readonly AuditEvent[]
}

/** Long enough for a busy machine. */
export const waitMs = { timeout: 15_000 }

let built: BuiltApp
let browser: Browser

/** Builds the app for production or for development, and starts the browser: once for the tests of a file. */
export const withBuiltApp = (mode: "development" | "production" = "production"): void => {
  beforeAll(async () => {
    // Otherwise vite uses the tests' mode for the app.
    vi.stubEnv("NODE_ENV", mode)
    built = await buildApp()
    vi.unstubAllEnvs()
    browser = await launchChromium()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    built?.remove()
  })
}

/** `collectorUrl` replaces a collector of its own. */
export const openApp = async ({
  collectorUrl,
  ...options
}: BrowserContextOptions & { readonly collectorUrl?: string } = {}): Promise<OpenApp> => {
  const received: ReceivedEvent[] = []
  const trailDir = temporaryDir()
  const url = await serve(collectorUrl ?? (await startCollector(received)), trailDir)
  const context = await browser.newContext({ ...options, permissions: ["clipboard-read", "clipboard-write"] })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(url)
  const diagnostics = page.locator("details.diagnostics")
  const openDiagnostics = async (): Promise<Locator> => {
    if ((await diagnostics.getAttribute("open")) === null) await diagnostics.locator("summary").click()
    return diagnostics
  }
  return {
    page,
    url,
    received,
    trailDir,
    upload: (...files) => page.getByLabel("Choose files").setInputFiles(files.map(toPayload)),
    analyze: async () => {
      await page.getByRole("button", { name: /^Analyze/ }).click()
      await page.getByRole("button", { name: "Analyze again" }).waitFor()
    },
    row: (filename) => page.getByRole("row").filter({ hasText: filename }),
    goTo: async (name) => {
      await page.getByRole("navigation").getByRole("link", { name }).click()
      await page.getByRole("heading", { name, level: 1 }).waitFor()
    },
    diagnostics: openDiagnostics,
    downloadLog: async () => {
      const downloading = page.waitForEvent("download")
      await (await openDiagnostics()).getByRole("button", { name: "Download log" }).click()
      const download = await downloading
      const dir = temporaryDir()
      const filename = download.suggestedFilename()
      await download.saveAs(join(dir, filename))
      return {
        filename,
        text: readFileSync(join(dir, filename), "utf8"),
        events: await readBack(dir, filename)
      }
    }
  }
}

const toPayload = (file: string | UploadedFile): { name: string; mimeType: string; buffer: Buffer } => {
  const { name, content } =
    typeof file === "string" ? { name: file, content: readFileSync(vegaFile(file)) } : file
  return { name, mimeType: "text/csv", buffer: Buffer.from(content) }
}

const serve = async (collectorUrl: string, trailDir: string): Promise<string> => {
  const app = await built.serve({ collectorUrl, port: 0, trailDir })
  onTestFinished(() => app.stop())
  return app.url
}

const startCollector = async (received: ReceivedEvent[]): Promise<string> => {
  const collector = await startLocalCollector((event) => void received.push(event))
  onTestFinished(async () => void (await collector.stop()))
  return collector.url
}

/** Every line is an event or a mark; a damaged one fails here. */
const readBack = async (dir: string, filename: string): Promise<readonly AuditEvent[]> => {
  const day = /^datatools-(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(filename)?.[1]
  if (day === undefined) throw new Error(`"${filename}" is not the name of a day's file`)
  const events: AuditEvent[] = []
  for await (const row of readDay({ app: "datatools", dir, day })) {
    if ("damage" in row) throw new Error(`the downloaded log is damaged: ${row.damage} at ${row.offset}`)
    events.push(row)
  }
  return events
}

export const temporaryDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "react-app-test-"))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

/** A real file of the package vega-datasets. */
export const vegaFile = (name: string): string =>
  join(import.meta.dirname, "../../../node_modules/vega-datasets/data", name)

export const ofCategory = (events: readonly AuditEvent[], category: string): readonly AuditEvent[] =>
  events.filter(({ head }) => head.category === category)

export const messages = (events: readonly AuditEvent[]): readonly string[] =>
  events.map(({ head }) => head.message)

/** Each number from 1 to the last one, once and in order. */
export const expectEverySeq = (events: readonly AuditEvent[]): void => {
  expect(events.map(({ head }) => head.seq)).toEqual(events.map((_, index) => index + 1))
}

/** The ids of the lines that records were made of. */
export const idsOf = (received: readonly ReceivedEvent[]): readonly unknown[] =>
  received.map(({ attributes }) => attributes["log.record.uid"])
