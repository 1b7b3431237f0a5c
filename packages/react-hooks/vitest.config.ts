// The same component tests twice, in Chromium with React 19 and with React 18; and once in Node what is no page: rendering
// on a server, the graph and its size, and pages that Playwright drives (HMR, bfcache).

import { join } from "node:path"
import { playwright } from "@vitest/browser-playwright"
import { defineConfig, mergeConfig, type TestProjectConfiguration } from "vitest/config"
import { chromiumArgs, chromiumPath } from "../../vitest.chromium.ts"
import shared from "../../vitest.shared.ts"
import { onPurposeMark } from "./test/browser/on-purpose.ts"
import { type ReactMajor, reactAliases } from "./test/react-versions.ts"

/** Found at the start: a dependency that is found later reloads the page in the middle of a test. */
const prepared = ["react", "react-dom", "react-dom/client", "react/jsx-runtime", "react/jsx-dev-runtime"]

/** React Router 8 asks for React 19. */
const notOn18 = ["test/browser/react-router.test.tsx"]

const inChromium = (react: ReactMajor): TestProjectConfiguration => ({
  extends: true,
  cacheDir: join(import.meta.dirname, `.vitest/react-${react}`),
  resolve: { alias: reactAliases(react) },
  optimizeDeps: { include: [...prepared, "react-error-boundary", "@tanstack/react-router", "axe-core"] },
  test: {
    name: `React ${react}`,
    include: ["test/browser/**/*.test.tsx"],
    exclude: react === 18 ? notOn18 : [],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      // The first page of a fresh clone waits for Vite to prepare its dependencies, beside other tests on two cores.
      connectTimeout: 180_000,
      provider: playwright({
        launchOptions: { executablePath: chromiumPath(), args: [...chromiumArgs] },
        contextOptions: { permissions: ["clipboard-read", "clipboard-write"] }
      }),
      instances: [{ browser: "chromium" }]
    }
  }
})

const esModuleOfBoundary = {
  find: /^react-error-boundary$/,
  replacement: join(
    import.meta.dirname,
    "../../node_modules/react-error-boundary/dist/react-error-boundary.js"
  )
}

const onServer = (react: ReactMajor): TestProjectConfiguration => ({
  extends: true,
  resolve: { alias: [...reactAliases(react), esModuleOfBoundary] },
  test: {
    name: `server, React ${react}`,
    include: ["test/server/**/*.test.tsx"],
    // Node itself would look for its React beside it.
    server: { deps: { inline: [/react-error-boundary/] } }
  }
})

const inNode: TestProjectConfiguration = {
  extends: true,
  test: { name: "Node", include: ["test/node/**/*.test.{ts,tsx}"], testTimeout: 60_000 }
}

// Each project says which files are its own.
const { include: _all, ...sharedTest } = shared.test ?? {}

export default mergeConfig(
  { ...shared, test: sharedTest },
  defineConfig({
    logLevel: "error",
    test: {
      projects: [inChromium(19), inChromium(18), onServer(19), onServer(18), inNode],
      // React says on the console what tests bring about on purpose; failures say enough by themselves.
      onConsoleLog: () => false,
      onUnhandledError: ({ message }) => !message?.includes(onPurposeMark)
    }
  })
)
