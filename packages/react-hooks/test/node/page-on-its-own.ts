// A page in a Chromium that no debugger is attached to: with one, it neither prerenders a page nor hides a tab. The page's own
// scripts do what a person would do, and report by requests to the server of the test.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { json } from "node:stream/consumers"
import type { Plugin } from "vite"
import { onTestFinished } from "vitest"
import { chromiumArgs, chromiumPath } from "../../../../vitest.chromium.ts"
import { type ReactPageOptions, servePage } from "./react-page.ts"

/** For the pages: `report(moment, value)` says what is, and `await reported(moment)` waits until a page has said it. */
export const reportingScript = `
window.report = (moment, value) => fetch("/report/" + moment, { method: "POST", body: JSON.stringify(value) })
window.reported = (moment) => fetch("/report/" + moment)
`

export interface PageOnItsOwn {
  /** What a page has reported of this moment, as soon as it has. */
  readonly reported: (moment: string) => Promise<unknown>
}

interface Moment {
  readonly reached: Promise<unknown>
  readonly reach: (value: unknown) => void
}

const newMoment = (): Moment => {
  let reach: Moment["reach"] = () => undefined
  const reached = new Promise<unknown>((resolve) => {
    reach = resolve
  })
  return { reached, reach }
}

/** Serves the files and opens one of them. The end of the test ends the browser. */
export const openOnItsOwn = async (
  options: Omit<ReactPageOptions, "isHot"> & { readonly start: string }
): Promise<PageOnItsOwn> => {
  const moments = new Map<string, Moment>()
  const momentOf = (name: string): Moment => {
    const moment = moments.get(name) ?? newMoment()
    moments.set(name, moment)
    return moment
  }
  const reports: Plugin = {
    name: "reports",
    configureServer: ({ middlewares }) => {
      middlewares.use("/report", (request, response) => {
        const { reach, reached } = momentOf(request.url?.slice(1) ?? "")
        if (request.method === "POST") reach(json(request))
        void reached.then(() => response.end())
      })
    }
  }
  const { origin } = await servePage({ ...options, isHot: false }, reports)
  const profile = mkdtempSync(join(tmpdir(), "page-on-its-own-"))
  const args = [...chromiumArgs, "--headless", "--disable-popup-blocking", `--user-data-dir=${profile}`]
  // A process group of its own: Chromium is many processes.
  const browser = spawn(chromiumPath(), [...args, origin + options.start], {
    stdio: "ignore",
    detached: true
  })
  onTestFinished(async () => {
    if (browser.exitCode === null && browser.signalCode === null) {
      const ended = once(browser, "exit")
      process.kill(-(browser.pid ?? 0), "SIGKILL")
      await ended
    }
    rmSync(profile, { recursive: true, maxRetries: 5 })
  })
  return { reported: (moment) => momentOf(moment).reached }
}
