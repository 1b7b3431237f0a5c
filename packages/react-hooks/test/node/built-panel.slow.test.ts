// The panel as an application's production build shows it. Vite minifies style sheets with lightningcss, as Next does: it
// lowers what the build's browsers may not know, and must change nothing that a person sees.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import reactPlugin from "@vitejs/plugin-react"
import type { Browser, Page } from "playwright"
import { build, type InlineConfig, preview } from "vite"
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { launchChromium } from "../../../../vitest.page.ts"

const pkg = join(import.meta.dirname, "../..")
const sheet = readFileSync(join(pkg, "src/diagnostics/diagnostics.css"), "utf8")

/** A log in each of the three states that have a colour. */
const main = `
import "@daybook/react-hooks/diagnostics.css"
import { makeTestAudit } from "@daybook/core/testing"
import { AuditProvider, DiagnosticsPanel } from "@daybook/react-hooks"
import { createRoot } from "react-dom/client"

const droppedBy = { overflow: 0, closed: 0, too_large: 0, refused: 0, gave_up: 0, defect: 0 }
const counts = { state: "idle", accepted: 9, written: 9, handedOver: 0, dropped: 0, pending: 0, droppedBy }
const exporters = [
  { ...counts, name: "good" },
  { ...counts, name: "waiting", pending: 3, oldestAgeMs: 60_000 },
  { ...counts, name: "bad", state: "degraded", lastError: "disk is full" }
]
const audit = { ...makeTestAudit(), health: () => ({ app: "datatools", session: "1a2c3d4e", exporters }) }
createRoot(document.getElementById("root")).render(
  <AuditProvider audit={audit}>
    <DiagnosticsPanel location="/home/ada/.datatools/logs" />
  </AuditProvider>
)
`

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const openBuilt = async (config: InlineConfig): Promise<Page> => {
  const scratch = join(pkg, ".vitest")
  mkdirSync(scratch, { recursive: true })
  const root = mkdtempSync(join(scratch, "built-"))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const html =
    '<!doctype html><title>x</title><div id="root"></div><script type="module" src="/main.tsx"></script>'
  writeFileSync(join(root, "index.html"), html)
  writeFileSync(join(root, "main.tsx"), main)
  const common: InlineConfig = { root, configFile: false, logLevel: "error" }
  vi.stubEnv("NODE_ENV", "production")
  await build({
    ...common,
    ...config,
    plugins: [reactPlugin()],
    resolve: { conditions: ["@daybook/source", "module", "browser"] }
  })
  vi.unstubAllEnvs()
  const server = await preview({ ...common, preview: { host: "127.0.0.1", port: 0 } })
  onTestFinished(() => server.close())
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  await page.goto(server.resolvedUrls?.local[0] ?? "")
  await page.getByRole("heading", { name: "Diagnostics" }).waitFor()
  return page
}

const replaceSheet = async (page: Page, content: string): Promise<void> => {
  await page.evaluate('for (const link of document.querySelectorAll("link, style")) link.remove()')
  await page.addStyleTag({ content })
}

/** What the panel shows, as Chromium computes it. */
const looksOf = (page: Page): Promise<Looks> => page.evaluate(looks)

interface Looks {
  readonly border: string
  readonly surface: string
  readonly text: string
  readonly quiet: string
  readonly raised: string
  readonly good: string
  readonly waiting: string
  readonly bad: string
  readonly button: string
}

const looks = `(() => {
  const panel = document.querySelector(".daybook-diagnostics")
  const of = (selector) => getComputedStyle(panel.querySelector(selector))
  const borderOf = ({ borderTopWidth, borderTopStyle, borderTopColor }) =>
    [borderTopWidth, borderTopStyle, borderTopColor].join(" ")
  const own = getComputedStyle(panel)
  return {
    border: borderOf(own),
    surface: own.backgroundColor,
    text: own.color,
    quiet: of("dt").color,
    raised: of("li").backgroundColor,
    good: of("li [data-verdict=good]").color,
    waiting: of("li [data-verdict=waiting]").color,
    bad: of("li [data-verdict=bad]").color,
    button: borderOf(of("button"))
  }
})()`

interface Case {
  readonly system: "light" | "dark"
  readonly colorScheme?: string
  readonly theme?: string
  readonly nearerTheme?: string
  readonly shown: "light" | "dark"
}

const cases: readonly Case[] = [
  { system: "light", shown: "light" },
  { system: "dark", shown: "light" },
  { system: "dark", colorScheme: "light dark", shown: "dark" },
  { system: "light", colorScheme: "light dark", shown: "light" },
  { system: "light", colorScheme: "dark", shown: "dark" },
  { system: "light", theme: "dark", shown: "dark" },
  { system: "dark", colorScheme: "light dark", theme: "light", shown: "light" },
  { system: "light", theme: "dark", nearerTheme: "light", shown: "light" },
  { system: "light", theme: "light", nearerTheme: "dark", shown: "dark" }
]

const arrange = async (page: Page, { system, colorScheme, theme, nearerTheme }: Case): Promise<void> => {
  await page.emulateMedia({ colorScheme: system })
  const given = JSON.stringify({ colorScheme, theme, nearerTheme })
  await page.evaluate(`(({ colorScheme = "", theme, nearerTheme }) => {
    const { documentElement: top, body } = document
    top.style.colorScheme = colorScheme
    for (const [element, value] of [[top, theme], [body, nearerTheme]]) {
      if (value === undefined) delete element.dataset.theme
      else element.dataset.theme = value
    }
  })(${given})`)
}

const builds: readonly (readonly [string, InlineConfig])[] = [
  ["as Vite does by itself", {}],
  ["for Chrome 100 and Safari 15", { build: { cssTarget: ["chrome100", "safari15"] } }],
  [
    "with lightningcss alone, as Next does",
    { css: { transformer: "lightningcss" }, build: { cssTarget: ["chrome100", "safari15"] } }
  ]
]

describe.each(builds)("the panel in an application that is built %s", (_how, config) => {
  it("S1.5 has its borders and the colours of its states, light and dark, as the style sheet says", async () => {
    const page = await openBuilt(config)
    const built = new Map<Case, Looks>()
    for (const one of cases) {
      await arrange(page, one)
      built.set(one, await looksOf(page))
    }
    const shownAs = { light: built.get(cases[0] as Case), dark: built.get(cases[2] as Case) }
    expect(shownAs.light).toMatchObject({ surface: "rgb(255, 255, 255)", text: "rgb(0, 0, 0)" })
    expect(shownAs.dark).toMatchObject({ text: "rgb(255, 255, 255)" })
    for (const [one, looks] of built) {
      expect(looks, JSON.stringify(one)).toEqual(shownAs[one.shown])
      expect(looks.border).toMatch(/^1px solid rgb/)
      expect(looks.button).toMatch(/^1px solid rgb/)
      const { text, quiet, good, waiting, bad } = looks
      expect(new Set([text, quiet, good, waiting, bad]).size).toBe(5)
    }

    // The same page with the sheet as it is written.
    await replaceSheet(page, sheet)
    for (const [one, looks] of built) {
      await arrange(page, one)
      expect(looks, JSON.stringify(one)).toEqual(await looksOf(page))
    }
  })
})

it("S1.5 the panel in a browser without color-mix() has its borders, and the text's colour for every state", async () => {
  const page = await openBuilt({})
  await replaceSheet(page, sheet.replaceAll("color-mix(", "unknown-mix("))
  const { border, button, text, quiet, good, waiting, bad } = await looksOf(page)
  expect(border).toMatch(/^1px solid rgb/)
  expect(button).toBe(border)
  expect([quiet, good, waiting, bad]).toEqual([text, text, text, text])
})
