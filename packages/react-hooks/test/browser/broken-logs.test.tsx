// S1.12: the page goes on, whatever the log is and whatever is thrown. The logs here break in every way that a value can.
import type { Audit } from "@daybook/core"
import { defineEvent } from "@daybook/core"
import { makeTestAudit } from "@daybook/core/testing"
import * as Schema from "effect/Schema"
import { type ReactNode, useEffect } from "react"
import { describe, expect, it } from "vitest"
import {
  AuditErrorBoundary,
  AuditProvider,
  auditRootErrorHandlers,
  DiagnosticsPanel,
  useAuditErrors,
  useAuditEvent,
  useAuditHealth,
  useAuditPageOpen
} from "../../src/index.ts"
import { afterTask } from "./after-task.ts"
import { onPurpose } from "./on-purpose.ts"
import { recordedErrors } from "./recorded.ts"
import { render } from "./render.tsx"

const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String },
  message: ({ filename }) => `Uploaded ${filename}`
})

const broken = (): never => {
  throw new Error("the log is broken")
}

const methods = Object.keys(makeTestAudit())

/** A working log whose health says this. */
const saying = (
  said: Readonly<Record<string, unknown>>,
  ofExporter: Readonly<Record<string, unknown>> = {}
): unknown => {
  const audit = makeTestAudit()
  return {
    ...audit,
    health: () => {
      const health = audit.health()
      return { ...health, exporters: health.exporters.map((one) => ({ ...one, ...ofExporter })), ...said }
    }
  }
}

const brokenLogs: readonly (readonly [string, unknown])[] = [
  ["that throws at every method", Object.fromEntries(methods.map((name) => [name, broken]))],
  ["that throws when it is looked at", new Proxy({}, { get: broken, has: broken, getPrototypeOf: broken })],
  ["without methods", {}],
  ["that is frozen and empty", Object.freeze(Object.create(null))],
  ["that answers nonsense", Object.fromEntries(methods.map((name) => [name, () => 7]))],
  ["that is a text", "log"],
  ["that is null", null],
  ["whose app is an object", saying({ app: {} })],
  ["whose session is a symbol", saying({ session: Symbol("session") })],
  ["whose exporters are a text", saying({ exporters: "file" })],
  ["with an exporter that is null", saying({ exporters: [null] })],
  ["with an exporter that is empty", saying({ exporters: [{}] })],
  ["with an exporter whose name is an object", saying({}, { name: {} })],
  ["with an exporter without a state", saying({}, { state: undefined })],
  ["with an exporter whose last error is an object", saying({}, { state: "degraded", lastError: {} })],
  ["with an exporter whose oldest age is a symbol", saying({}, { pending: 1, oldestAgeMs: Symbol("age") })],
  ...["accepted", "written", "handedOver", "dropped", "pending"].map(
    (count) => [`with an exporter whose ${count} is an object`, saying({}, { [count]: {} })] as const
  ),
  ["with an exporter that says nothing of drops", saying({}, { dropped: 1, droppedBy: null })],
  [
    "with an exporter whose drops are symbols",
    saying({}, { dropped: 1, droppedBy: { overflow: Symbol("many") } })
  ]
]

const Everything = ({ children }: { readonly children?: ReactNode }) => {
  useAuditErrors()
  useAuditPageOpen("orders", { fields: { n: 1 } })
  const recordUpload = useAuditEvent(Uploaded)
  const { app } = useAuditHealth()
  useEffect(() => recordUpload({ filename: "a.csv" }), [recordUpload])
  return (
    <main>
      <p>shown{app === undefined || typeof app === "string" ? "" : "!"}</p>
      <AuditErrorBoundary fallback="failed">{children}</AuditErrorBoundary>
    </main>
  )
}

const Throws = ({ error }: { readonly error: unknown }): ReactNode => {
  throw error
}

describe.each(brokenLogs)("a log %s", (_which, log) => {
  const audit = log as Audit

  it("S1.12 leaves the page as it is, with all that it would record", async () => {
    const page = (slug: string) => (
      <AuditProvider audit={audit}>
        <Everything key={slug}>
          <Throws error={onPurpose("in a page")} />
        </Everything>
      </AuditProvider>
    )
    const { element, render: again, unmount } = await render(page("a"), auditRootErrorHandlers(audit))
    await again(page("b"))
    dispatchEvent(new ErrorEvent("error", { error: onPurpose("outside"), message: "on purpose:" }))
    await afterTask()
    expect(element.textContent).toBe("shownfailed")
    await unmount()
  })

  it("S1.12 leaves the diagnostics panel with what it can say", async () => {
    const { element } = await render(
      <AuditProvider audit={audit}>
        <DiagnosticsPanel location="nowhere" />
      </AuditProvider>
    )
    expect(element.querySelector("h2")?.textContent).toBe("Diagnostics")
    expect(element.textContent).toContain("nowhere")
    expect(element.querySelector("[role=status]")?.textContent).toBe("No log is connected")
  })
})

const hostileErrors: readonly (readonly [string, () => unknown])[] = [
  [
    "whose getters throw",
    () => Object.defineProperties({}, { message: { get: broken }, stack: { get: broken } })
  ],
  ["that is frozen", () => Object.freeze(onPurpose("frozen"))],
  ["without a prototype", () => Object.create(null)],
  ["that is a function", () => () => "on purpose:"],
  ["that is a symbol", () => Symbol("on purpose:")]
]

describe("an error", () => {
  it.each(hostileErrors)("S1.12 %s is one record all the same", async (_which, make) => {
    const audit = makeTestAudit()
    const { element } = await render(
      <AuditProvider audit={audit}>
        <AuditErrorBoundary fallback="failed">
          <Thrower make={make} />
        </AuditErrorBoundary>
        <p>the rest</p>
      </AuditProvider>,
      auditRootErrorHandlers(audit, { onCaughtError: () => undefined })
    )
    await afterTask()
    expect(element.textContent).toBe("failedthe rest")
    expect(recordedErrors(audit)).toHaveLength(1)
  })
})

// React itself fails on these: it reads `then` of what was thrown.
const unreadable: readonly (readonly [string, () => object])[] = [
  ["that is a proxy against everything", () => new Proxy({}, new Proxy({}, { get: () => broken }))],
  [
    "that is a revoked proxy",
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      return proxy
    }
  ]
]

describe("an error outside of React", () => {
  it.each(unreadable)("S1.12 %s is one record all the same", async (_which, make) => {
    const audit = makeTestAudit()
    await render(
      <AuditProvider audit={audit}>
        <Everything />
      </AuditProvider>
    )
    const error = make()
    auditRootErrorHandlers(audit, { onUncaughtError: () => undefined }).onUncaughtError(error, {})
    dispatchEvent(new ErrorEvent("error", { error, message: "on purpose:" }))
    await afterTask()
    expect(recordedErrors(audit)).toHaveLength(1)
  })
})

const Thrower = ({ make }: { readonly make: () => unknown }): ReactNode => {
  throw make()
}
