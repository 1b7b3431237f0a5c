// How the app looks: pictures in artefacts/ for a person to judge, and what a program can judge: nothing is wider than the window,
// axe finds no barrier, the colours are the person's choice, and the keyboard reaches everything.
import { mkdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import type { FileChooser, Page } from "playwright"
import { describe, expect, it } from "vitest"
import { openApp, waitMs, withBuiltApp } from "./open-app.ts"

withBuiltApp()

const artefacts = join(import.meta.dirname, "../artefacts")
const sizes = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } } as const
const colours = ["light", "dark"] as const
const looks = colours.flatMap((colour) =>
  (["wide", "narrow"] as const).map((size) => ({ colour, size }) as const)
)

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** What hinders a person with a screen reader or poor sight: contrast, names, roles, order. */
const obstacles = async (page: Page): Promise<readonly unknown[]> => {
  await page.evaluate(axe)
  return page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))"
  )
}

const paperOf = (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.body).backgroundColor)

describe("every page", () => {
  it.each(looks)("in $colour and on a $size screen is no wider than its window", async ({ colour, size }) => {
    mkdirSync(artefacts, { recursive: true })
    const app = await openApp({ colorScheme: colour, viewport: sizes[size], reducedMotion: "reduce" })
    const { page, upload, analyze, goTo, row, diagnostics } = app
    const show = async (name: string): Promise<void> => {
      await page.getByRole("heading", { level: 1 }).waitFor()
      const { scrollWidth, clientWidth, scrollHeight } = await page.evaluate(() => {
        const { scrollWidth, clientWidth, scrollHeight } = document.documentElement
        return { scrollWidth, clientWidth, scrollHeight }
      })
      expect(scrollWidth, name).toBe(clientWidth)
      expect(await obstacles(page), name).toEqual([])
      // As high as the page, so that sticky parts are where people see them.
      await page.setViewportSize({ ...sizes[size], height: Math.max(sizes[size].height, scrollHeight) })
      await page.screenshot({ path: join(artefacts, `${name}-${colour}-${size}.png`) })
      await page.setViewportSize(sizes[size])
    }
    await show("1-start")
    await upload("seattle-weather.csv", "birdstrikes.csv", { name: "empty.csv", content: "" })
    await analyze()
    await show("2-analyzed")
    await diagnostics()
    await show("3-diagnostics")
    await page.locator("details.diagnostics summary").click()
    await row("birdstrikes.csv").getByRole("link").click()
    await show("4-columns")
    await goTo("Text cleaner")
    await page.getByRole("button", { name: "Use a sample" }).click()
    await page.getByRole("button", { name: "Clean text" }).click()
    await page.getByRole("heading", { name: "Clean text" }).waitFor()
    await show("5-cleaner")
    await goTo("Trouble")
    await page.getByRole("button", { name: "Throw while rendering" }).click()
    await page.getByRole("alert").waitFor()
    await show("6-trouble")
    await goTo("History")
    await page.getByText("Opened /history").waitFor()
    await show("7-history")
    await (await diagnostics()).locator(".daybook-diagnostics").screenshot({
      path: join(artefacts, `panel-${colour}-${size}.png`)
    })
  })
})

describe("light and dark", () => {
  it("are the system's choice until the person makes one, which is remembered, for the panel as well", async () => {
    const { page, diagnostics } = await openApp({ colorScheme: "light" })
    const panel = (await diagnostics()).locator(".daybook-diagnostics")
    const panelInk = (): Promise<string> => panel.evaluate((element) => getComputedStyle(element).color)
    const light = { paper: await paperOf(page), ink: await panelInk() }
    await page.emulateMedia({ colorScheme: "dark" })
    const dark = { paper: await paperOf(page), ink: await panelInk() }
    expect(dark.paper).not.toBe(light.paper)
    expect(dark.ink).not.toBe(light.ink)

    await page.getByRole("radio", { name: "Light" }).check({ force: true })
    expect({ paper: await paperOf(page), ink: await panelInk() }).toEqual(light)
    await page.reload()
    await page.getByRole("radio", { name: "Light" }).waitFor({ state: "attached" })
    expect(await paperOf(page)).toBe(light.paper)
    await page.getByRole("radio", { name: "As the system" }).check({ force: true })
    expect(await paperOf(page)).toBe(dark.paper)
  })
})

describe("the keyboard", () => {
  it("skips to the page, opens the file chooser, and begins at the heading of another page", async () => {
    const { page } = await openApp()
    // Requested early: the browser needs a moment before it reports file choosers.
    const choosers: FileChooser[] = []
    page.on("filechooser", (chooser) => choosers.push(chooser))
    await page.getByRole("heading", { name: "CSV analyzer" }).waitFor()
    await page.keyboard.press("Tab")
    await page.locator("a:focus", { hasText: "Skip to the page" }).waitFor()
    await page.keyboard.press("Enter")
    await page.locator("main:focus").waitFor()
    await page.keyboard.press("Tab")
    await page.locator("input[type=file]:focus").waitFor()
    await page.keyboard.press("Enter")
    await expect.poll(() => choosers.map((chooser) => chooser.isMultiple()), waitMs).toEqual([true])
    await page.getByRole("link", { name: "Text cleaner" }).press("Enter")
    await page.locator("h1:focus", { hasText: "Text cleaner" }).waitFor()
    expect(await page.title()).toBe("Text cleaner · Data tools")
  })
})
