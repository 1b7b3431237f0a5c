// The browser of the tests: the system's own Chromium, which downloads nothing and calls no server of its maker. `npm test`
// installs one where there is none and it may (scripts/test.ts).

import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** For a Chromium in a container, without its own sandbox and without calls to its maker. */
export const chromiumArgs: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** `CHROMIUM_PATH`, else the first Chromium on the path. @throws Error that says what to install. */
export const chromiumPath = (): string => {
  const folders = (process.env.PATH ?? "").split(delimiter)
  const installed = folders.flatMap((folder) => chromiumNames.map((name) => join(folder, name)))
  const found = [process.env.CHROMIUM_PATH ?? "", ...installed].find((path) => path !== "" && isProgram(path))
  if (found !== undefined) return found
  throw new Error(
    "No Chromium is installed: install it (Debian: apt-get install chromium), or set CHROMIUM_PATH"
  )
}

const chromiumNames = ["chromium", "chromium-browser", "google-chrome"]

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
