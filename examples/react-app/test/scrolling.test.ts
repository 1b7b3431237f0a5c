// What a person sees after a step, on screens that do not show everything: the top of another page, the place that was left on
// the way back, and whatever has just appeared.
import type { Locator, Page } from "playwright"
import { describe, expect, it } from "vitest"
import { openApp, waitMs, withBuiltApp } from "./open-app.ts"

withBuiltApp()

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const
const desktop = { viewport: { width: 1280, height: 800 } } as const
const lowDesktop = { viewport: { width: 1366, height: 650 } } as const

const scrollTop = (page: Page): Promise<number> => page.evaluate(() => Math.round(scrollY))

/** Presses it where it is on the screen: Playwright's own click may scroll before. */
const press = async (part: Locator): Promise<void> => {
  const box = await part.boundingBox()
  if (box === null) throw new Error("it is not shown")
  await part.page().mouse.click(box.x + box.width / 2, box.y + box.height / 2)
}

const follow = async (page: Page, name: string): Promise<void> => {
  await press(page.getByRole("navigation").getByRole("link", { name }))
  await page.getByRole("heading", { name, level: 1 }).waitFor()
}

/** Waits until all of it is in the window: a smooth way there takes a moment. */
const expectInView = async (part: Locator, options: { readonly below?: Locator } = {}): Promise<void> => {
  const height = part.page().viewportSize()?.height ?? 0
  const isInView = async (): Promise<boolean> => {
    const [box, above] = [await part.boundingBox(), await options.below?.boundingBox()]
    if (box === null) return false
    const top = above == null ? 0 : above.y + above.height
    return box.y >= top - 1 && box.y + box.height <= height + 1
  }
  await expect.poll(isInView, waitMs).toBe(true)
}

/** Each place to which the window has scrolled. */
const watchScrolling = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const places: number[] = []
    Object.assign(globalThis, { places })
    addEventListener("scroll", () => places.push(Math.round(scrollY)))
  })
const placesOf = (page: Page): Promise<readonly number[]> => page.evaluate("places")

describe("another page", () => {
  it.each([
    ["a phone", phone],
    ["a low window", lowDesktop]
  ])("begins at its top, and Back leads to the place that was left, on %s", async (_screen, screen) => {
    const { page, upload, analyze, row } = await openApp({ ...screen, reducedMotion: "reduce" })
    await upload("birdstrikes.csv", "stocks.csv", "seattle-weather.csv")
    await analyze()
    await row("birdstrikes.csv").getByRole("link").click()
    await page.getByRole("heading", { name: "birdstrikes.csv" }).waitFor()
    expect(await scrollTop(page)).toBe(0)
    await page.evaluate(() => scrollTo(0, 500))
    await follow(page, "History")
    expect(await scrollTop(page)).toBe(0)
    await page.goBack()
    await page.getByRole("heading", { name: "birdstrikes.csv" }).waitFor()
    await expect.poll(() => scrollTop(page), waitMs).toBe(500)
  })
})

it("every page is in the row of pages, on the smallest phone", async () => {
  const { page } = await openApp({ ...phone, viewport: { width: 320, height: 568 } })
  const links = page.getByRole("navigation").getByRole("link")
  await links.first().waitFor()
  const ends = await links.evaluateAll((all) => all.map((link) => link.getBoundingClientRect().right))
  expect(Math.max(...ends)).toBeLessThanOrEqual(320)
})

describe("what has just appeared is in view", () => {
  it("a tapped sample and its result, on a phone", async () => {
    const { page, row, analyze } = await openApp({ ...phone, reducedMotion: "reduce" })
    await page.getByRole("button", { name: "Bird strikes" }).tap()
    const nav = page.getByRole("navigation")
    await row("birdstrikes.csv").waitFor()
    await expectInView(row("birdstrikes.csv"), { below: nav })
    await expectInView(page.getByRole("button", { name: "Analyze 1 file" }), { below: nav })
    await analyze()
    await expectInView(row("birdstrikes.csv").getByRole("link"), { below: nav })
    const before = await scrollTop(page)
    await follow(page, "Text cleaner")
    await page.goBack()
    // Nothing new is there: the place is the one that was left.
    await expect.poll(() => scrollTop(page), waitMs).toBe(before)
  })

  it("at once for a person who wants less motion, and smoothly for others", async () => {
    for (const reducedMotion of ["reduce", "no-preference"] as const) {
      const { page, row } = await openApp({ ...phone, reducedMotion })
      await page.getByRole("heading", { level: 1 }).waitFor()
      await watchScrolling(page)
      await page.getByRole("button", { name: "Stock prices" }).tap()
      await row("stocks.csv").waitFor()
      await expectInView(row("stocks.csv"))
      const places = new Set(await placesOf(page))
      if (reducedMotion === "reduce") expect(places.size).toBe(1)
      else expect(places.size).toBeGreaterThan(1)
    }
  })

  it("a cleaned text, on a small phone", async () => {
    const { page, goTo } = await openApp({ ...phone, viewport: { width: 390, height: 560 } })
    await goTo("Text cleaner")
    await page.getByRole("button", { name: "Use a sample" }).tap()
    const button = page.getByRole("button", { name: "Clean text" })
    await button.evaluate((element) => element.scrollIntoView({ block: "end" }))
    await press(button)
    await expectInView(page.locator(".cleaned"), { below: page.getByRole("navigation") })
  })

  it("what a button of the trouble page did stands in its card", async () => {
    const { page, goTo } = await openApp(phone)
    await goTo("Trouble")
    await page.getByRole("button", { name: "Reject a promise" }).tap()
    await expectInView(page.getByRole("status").getByText("A promise was rejected"))
  })

  it.each([
    ["a phone", phone],
    ["a desktop of 800 px", desktop],
    ["a low window", lowDesktop]
  ])("S1.5 the whole diagnostics when they are opened, on %s", async (_screen, screen) => {
    const { diagnostics } = await openApp(screen)
    const panel = await diagnostics()
    for (const part of ["Copy", "Download log", "Open log folder"]) {
      await expectInView(panel.getByRole("button", { name: part }))
    }
    await expectInView(panel.getByRole("heading", { name: "Audit log" }))
  })
})
