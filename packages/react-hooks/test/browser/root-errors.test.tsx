// The options of a root beside their records: the application's callbacks are called, React's defaults are kept, and errors
// that React recovered from are recorded as such.
import { makeTestAudit } from "@daybook/core/testing"
import { act, type ReactNode } from "react"
import { hydrateRoot } from "react-dom/client"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { AuditErrorBoundary, AuditProvider, auditRootErrorHandlers } from "../../src/index.ts"
import { afterTask } from "./after-task.ts"
import { onPurpose } from "./on-purpose.ts"
import { reactMajor } from "./react-major.ts"
import { recordedErrors, waysOfErrors } from "./recorded.ts"
import { render } from "./render.tsx"

const info = { componentStack: "\n    at Orders" }

describe("auditRootErrorHandlers", () => {
  it("S0.10 records first, and then calls what the application gave", () => {
    const audit = makeTestAudit()
    const calls: unknown[] = []
    const note = (name: string) => (error: unknown, given: unknown) =>
      calls.push([name, error, given, waysOfErrors(audit).length])
    const handlers = auditRootErrorHandlers(audit, {
      onUncaughtError: note("uncaught"),
      onRecoverableError: note("recoverable")
    })
    const [first, second] = [onPurpose("first"), onPurpose("second")]
    handlers.onUncaughtError(first, info)
    handlers.onRecoverableError(second, info)
    expect(calls).toEqual([
      ["uncaught", first, info, 1],
      ["recoverable", second, info, 2]
    ])
    expect(recordedErrors(audit).map(({ fields }) => fields.component_stack)).toEqual([
      info.componentStack,
      info.componentStack
    ])
  })

  it("without callbacks it does as React: uncaught errors are reported, caught ones printed", () => {
    const audit = makeTestAudit()
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined)
    onTestFinished(() => printed.mockRestore())
    const told: unknown[] = []
    const listen = ({ error }: ErrorEvent): void => void told.push(error)
    addEventListener("error", listen)
    onTestFinished(() => removeEventListener("error", listen))
    const handlers = auditRootErrorHandlers(audit)
    const [uncaught, caught, recoverable] = [onPurpose("1"), onPurpose("2"), onPurpose("3")]
    handlers.onUncaughtError(uncaught, info)
    handlers.onCaughtError(caught, info)
    handlers.onRecoverableError(recoverable, info)
    expect(told).toEqual([uncaught, recoverable])
    // The other listener prints what was reported.
    expect(printed.mock.calls.filter(([first]) => first === caught)).toEqual([[caught, info.componentStack]])
  })

  it("prints an error without a component stack as it is", () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined)
    onTestFinished(() => printed.mockRestore())
    const error = onPurpose("alone")
    auditRootErrorHandlers(makeTestAudit()).onCaughtError(error, {})
    expect(printed.mock.calls).toEqual([[error]])
  })

  it("S0.10 leaves an error of a boundary of ours to it, which says where", async () => {
    const audit = makeTestAudit()
    const calls: unknown[] = []
    const Fails = (): ReactNode => {
      throw onPurpose("in a part")
    }
    await render(
      <AuditProvider audit={audit}>
        <AuditErrorBoundary name="part" fallback="failed">
          <Fails />
        </AuditErrorBoundary>
      </AuditProvider>,
      auditRootErrorHandlers(audit, { onCaughtError: (error) => calls.push(error) })
    )
    await afterTask()
    expect(recordedErrors(audit).map(({ head }) => head.message)).toEqual([
      "part: Error: on purpose: in a part"
    ])
    expect(calls.length).toBe(reactMajor === 18 ? 0 : 1)
  })

  it("S0.10 records markup of the server that does not fit, as recovered", async () => {
    const audit = makeTestAudit()
    const element = document.body.appendChild(document.createElement("div"))
    element.innerHTML = "<p>from the server</p>"
    const told: unknown[] = []
    const handlers = auditRootErrorHandlers(audit, { onRecoverableError: (error) => told.push(error) })
    const root = await act(async () => hydrateRoot(element, <p>from the client</p>, handlers))
    onTestFinished(async () => {
      await act(async () => root.unmount())
      element.remove()
    })
    expect(element.textContent).toBe("from the client")
    expect(told.length).toBeGreaterThan(0)
    expect(recordedErrors(audit).map(({ fields }) => [fields.recovered, fields.caught_by])).toEqual(
      told.map(() => [true, "root"])
    )
    expect(recordedErrors(audit)[0]?.head.message).toMatch(/^recoverable: Error: .*(hydrat|server)/i)
  })
})
