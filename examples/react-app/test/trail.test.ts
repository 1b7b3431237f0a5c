// The trail that the server keeps for its page, and its folder: what the page reports is in a day's file, the button opens its
// folder on the desktop or says where it is, and nothing but this page can ask.
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { get } from "node:http"
import { delimiter, join } from "node:path"
import type { AuditEvent } from "@daybook/core"
import { readRecent } from "@daybook/file-exporter"
import type { Locator } from "playwright"
import { afterEach, describe, expect, it, vi } from "vitest"
import { tokenHeader, trailMeta, trailPaths } from "../src/trail-paths.ts"
import { type OpenApp, openApp, temporaryDir, waitMs, withBuiltApp } from "./open-app.ts"

withBuiltApp()
afterEach(() => void vi.unstubAllEnvs())

/** The page's own lines, as its server has them, in order. */
const relayedIn = async (dir: string): Promise<readonly AuditEvent[]> => {
  const relayed: AuditEvent[] = []
  for await (const row of readRecent({ app: "datatools", dir })) {
    if ("damage" in row) throw new Error(`the trail is damaged: ${row.damage} at ${row.offset}`)
    if (row.head.origin !== undefined) relayed.unshift(row)
  }
  return relayed
}

const openFolder = async ({ diagnostics }: OpenApp): Promise<string> => {
  const panel = await diagnostics()
  await panel.getByRole("button", { name: "Open log folder" }).click()
  const feedback = panel.locator(".daybook-diagnostics-feedback")
  await expect.poll(() => feedback.textContent(), waitMs).not.toBe("")
  return (await feedback.textContent()) ?? ""
}

const isInWindow = (part: Locator): Promise<boolean> =>
  part.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight
  })

/** A desktop which only writes down what it is asked to open. */
const giveDesktop = (): string => {
  const dir = temporaryDir()
  const opened = join(dir, "opened")
  const gio = join(dir, "gio")
  writeFileSync(gio, `#!/bin/sh\nif [ "$1" = open ]; then printf %s "$2" > "${opened}"; fi\n`)
  chmodSync(gio, 0o755)
  vi.stubEnv("XDG_CURRENT_DESKTOP", "GNOME")
  vi.stubEnv("PATH", `${dir}${delimiter}${process.env.PATH}`)
  return opened
}

describe("what the page reports", () => {
  it("S1.17 is in the server's file of the day, each line once and whole, with what the page said under origin", async () => {
    const { trailDir, upload, analyze, row, downloadLog } = await openApp()
    await upload("stocks.csv")
    await analyze()
    await row("stocks.csv").getByText("560").waitFor()
    const { events, text } = await downloadLog()
    await expect.poll(async () => (await relayedIn(trailDir)).length, waitMs).toBe(events.length)
    const relayed = await relayedIn(trailDir)
    const lines = text.trimEnd().split("\n")
    expect(
      relayed.map(({ head: { category, level, message, origin } }) => ({
        ...(origin as object),
        ...{ category, level, message }
      }))
    ).toEqual(lines.map((line) => JSON.parse(line)))
    expect(readdirSync(trailDir).filter((name) => name.endsWith(".jsonl"))).toHaveLength(1)
  })
})

describe("Open log folder", () => {
  // Other systems have no opener that a test could stand in for.
  it.runIf(process.platform === "linux")(
    "S1.5 opens the folder of the day's files on the desktop",
    async () => {
      const opened = giveDesktop()
      const app = await openApp()
      expect(await openFolder(app)).toBe("Opened")
      expect(readFileSync(opened, "utf8")).toBe(app.trailDir)
      expect(readdirSync(app.trailDir)).toContainEqual(expect.stringMatching(/^datatools-.*\.jsonl$/))
    }
  )

  it.runIf(process.platform === "linux")(
    "S1.5 says where the files are on a machine without a desktop",
    async () => {
      for (const name of ["DISPLAY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP"]) vi.stubEnv(name, undefined)
      const app = await openApp({ viewport: { width: 1280, height: 620 } })
      expect(await openFolder(app)).toBe(`Cannot open the folder: the day's files are in ${app.trailDir}`)
      expect(await isInWindow(app.page.getByText("Cannot open the folder"))).toBe(true)
    }
  )
})

describe("a server that keeps no trail", () => {
  it("S1.5 S1.12 leaves the page its copy and its download, and the log works", async () => {
    const app = await openApp()
    const { page, url, diagnostics, downloadLog } = app
    await page.route(`${url}/**`, async (route) => {
      if (!route.request().isNavigationRequest()) return route.continue()
      const answer = await route.fetch()
      const html = await answer.text()
      return route.fulfill({ response: answer, body: html.replace(/<meta name="daybook-trail"[^>]*>/, "") })
    })
    await page.goto(url)
    const panel = await diagnostics()
    await panel.getByText("in this page, and sent to /v1/logs").waitFor()
    expect(await panel.getByRole("button").allTextContents()).toEqual(["Copy", "Download log"])
    const { events } = await downloadLog()
    expect(events[0]?.head.message).toBe("Session started")
    await panel.getByText("The log works").waitFor()
  })
})

describe("nothing but the page that the server served", () => {
  interface Asked {
    readonly method?: string
    readonly path?: string
    readonly origin?: string
    readonly token?: string
    readonly body?: string
  }

  /** What the server says to a request like the page's own, but for what is given, and how many lines it has afterwards. */
  const ask = async (asked: Asked = {}): Promise<number> => {
    const { page, url, trailDir } = await openApp({ collectorUrl: "http://127.0.0.1:9" })
    const { token } = JSON.parse(
      (await page.locator(`meta[name="${trailMeta}"]`).getAttribute("content")) ?? ""
    ) as { token: string }
    // From outside the browser, which would not let anybody choose an origin.
    const { status } = await fetch(`${url}${asked.path ?? trailPaths.lines}`, {
      method: asked.method ?? "POST",
      headers: { origin: asked.origin ?? url, [tokenHeader]: asked.token ?? token },
      ...(asked.method === "GET" ? {} : { body: asked.body ?? line })
    })
    const canaries = (await relayedIn(trailDir)).filter(({ head }) => head.message === "canary")
    expect(canaries).toHaveLength(status === 204 ? 1 : 0)
    return status
  }
  const line = '{"category":"nav","level":"info","message":"canary","seq":1,"id":"a"}\n'

  it("S1.5 a request with its origin and its token is answered, and its line is kept", async () => {
    expect(await ask()).toBe(204)
  })

  it.each<Asked & { readonly what: string; readonly status: number }>([
    { what: "another page of this machine", origin: "http://127.0.0.1:9", status: 403 },
    { what: "a page elsewhere", origin: "https://example.org", status: 403 },
    { what: "a request without an origin", origin: "", status: 403 },
    { what: "a wrong token", token: "A".repeat(43), status: 403 },
    { what: "no token", token: "", status: 403 },
    { what: "a link", method: "GET", status: 405 },
    { what: "a line that is no JSON", body: `${line}{`, status: 400 },
    { what: "more than a batch", body: line.repeat(10_000), status: 413 }
  ])("S1.5 $what is refused with $status, for lines and for the folder", async ({ status, ...asked }) => {
    expect(await ask(asked)).toBe(status)
    if (asked.body === undefined) {
      const opened = giveDesktop()
      expect(await ask({ ...asked, path: trailPaths.folder })).toBe(status)
      expect(existsSync(opened)).toBe(false)
    }
  })

  it("S1.5 another local page cannot read the token out of the page", async () => {
    const { url } = await openApp()
    for (const accept of ["text/html", "*/*"]) {
      const headers = { accept, origin: "http://localhost:3000" }
      const answer = await fetch(url, { headers })
      expect(answer.headers.get("access-control-allow-origin")).toBeNull()
    }
    const preflight = {
      "access-control-request-method": "POST",
      "access-control-request-headers": tokenHeader
    }
    const answer = await fetch(`${url}${trailPaths.folder}`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000", ...preflight }
    })
    expect(answer.headers.get("access-control-allow-origin")).toBeNull()
  })

  it("S1.5 a name that somebody else lets point to this machine is refused", async () => {
    const { url } = await openApp()
    const { hostname, port } = new URL(url)
    const status = await new Promise((resolve, reject) => {
      get(
        { hostname, port, path: "/", headers: { host: "evil.example", accept: "text/html" } },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        }
      ).on("error", reject)
    })
    expect(status).toBe(403)
  })
})
