// Two copies of this package on one page, as two bundles bring them along: each is a real bundle of the sources. They share a
// log, and what is recorded of it.
import { join } from "node:path"
import { build } from "vite"
import { beforeAll, describe, expect, it } from "vitest"
import type { ReactMajor } from "../react-versions.ts"
import { openReactPage, type ReactPage } from "./react-page.ts"

const pkg = join(import.meta.dirname, "../..")

let copy: string
beforeAll(async () => {
  const built = await build({
    root: pkg,
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@daybook/source", "module", "browser"] },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(pkg, "src/index.ts"), formats: ["es"] },
      rolldownOptions: { external: /^react(-dom)?($|\/)/ }
    }
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    "output" in one ? one.output : []
  )
  copy = outputs.flatMap((part) => (part.type === "chunk" ? [part.code] : [])).join("")
})

const main = `
import { makeTestAudit } from "@daybook/core/testing"
import { useState } from "react"
import { flushSync } from "react-dom"
import { createRoot } from "react-dom/client"
import * as first from "./first.js"
import * as second from "./second.js"

const audit = makeTestAudit()

const Errors = ({ of }) => {
  of.useAuditErrors()
  return null
}
const Page = ({ of, slug, children }) => {
  of.useAuditPageOpen(slug)
  return children ?? null
}
const Throws = ({ error }) => {
  throw error
}

window.show = () => {}
const App = () => {
  const [shown, setShown] = useState(null)
  window.show = (node) => flushSync(() => setShown(node))
  return (
    <first.AuditProvider audit={audit}>
      <second.AuditProvider audit={audit}>
        <Errors of={first} />
        <Errors of={second} />
        {shown}
      </second.AuditProvider>
    </first.AuditProvider>
  )
}

const open = () => {
  const quiet = { onCaughtError: () => {}, onRecoverableError: () => {} }
  const root = createRoot(
    document.body.appendChild(document.createElement("div")),
    first.auditRootErrorHandlers(audit, second.auditRootErrorHandlers(audit, quiet))
  )
  flushSync(() => root.render(<App />))
}
open()

const laterTask = () => new Promise((resolve) => setTimeout(resolve, 0))
const throwLater = async (error) => {
  setTimeout(() => {
    throw error
  })
  await laterTask()
  await laterTask()
}

window.steps = {
  "in a boundary": () => {
    window.show(
      <first.AuditErrorBoundary name="outer" fallback="failed">
        <second.AuditErrorBoundary name="inner" fallback="failed">
          <Throws error={new Error("in a boundary")} />
        </second.AuditErrorBoundary>
      </first.AuditErrorBoundary>
    )
  },
  uncaught: async () => {
    const { show } = window
    open()
    try {
      window.show(<Throws error={new Error("uncaught")} />)
    } catch (error) {
      // React 18 throws it out of flushSync: the application's code lets it go.
      setTimeout(() => reportError(error))
    }
    window.show = show
    await laterTask()
  },
  "in a timer": () => throwLater(new Error("in a timer")),
  "a text": () => throwLater("a text"),
  rejected: () => {
    const told = new Promise((resolve) => addEventListener("unhandledrejection", resolve, { once: true }))
    void Promise.reject(new Error("rejected"))
    return told
  },
  pages: () => {
    const under = (...hooks) => hooks.map(([of, slug], n) => <Page key={n} of={of} slug={slug} />)
    window.show(under([first, "orders"]))
    window.show(under([first, "orders"], [second, "customers"]))
    // A second hook of a page that is open opens nothing, and neither does the same page again.
    window.show(under([first, "orders"], [second, "customers"], [second, "orders"]))
    window.show(under([first, "orders"], [first, "customers"]))
  }
}
window.run = async (step) => {
  const before = audit.events.length
  await window.steps[step]()
  await laterTask()
  return audit.events.slice(before).map(({ head }) => head.message)
}
`

const messagesOf = ({ page }: ReactPage, step: string): Promise<unknown> =>
  page.evaluate((name) => (globalThis as unknown as Page).run(name), step)

interface Page {
  readonly run: (step: string) => Promise<unknown>
}

/** What is recorded of each step. */
const expected: Readonly<Record<string, readonly unknown[]>> = {
  "in a boundary": ["inner: Error: in a boundary"],
  uncaught: [expect.stringMatching(/: Error: uncaught$/)],
  "in a timer": ["window: Error: in a timer"],
  "a text": [expect.stringContaining("a text")],
  rejected: ["promise: Error: rejected"],
  pages: ["Opened orders", "Opened customers"]
}

const versions: readonly ReactMajor[] = [19, 18]

describe.each(versions)("React %i, two copies of the hooks with one log", (react) => {
  it("S0.10 S0.9 record each error once, whichever of them report it, and each opening once", async () => {
    const files = { "main.tsx": main, "first.js": copy, "second.js": copy }
    const opened = await openReactPage({ react, files, isHot: false })
    await opened.page.waitForFunction("window.run !== undefined")
    const recorded: Record<string, unknown> = {}
    for (const step of Object.keys(expected)) recorded[step] = await messagesOf(opened, step)
    expect(recorded).toEqual(expected)
  })
})
