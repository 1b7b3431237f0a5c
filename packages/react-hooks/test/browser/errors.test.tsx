// Errors by each way in which they are reported, and by several at once: what the record says, and that there is one. They are
// thrown as applications throw them; Chromium and React do the rest.
import { makeTestAudit, type TestAudit } from "@daybook/core/testing"
import { Component, type ReactNode, useEffect, useState } from "react"
import type { RootOptions } from "react-dom/client"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import {
  AuditErrorBoundary,
  AuditProvider,
  auditRootErrorHandlers,
  useAuditErrors,
  useAuditPageOpen
} from "../../src/index.ts"
import { afterTask } from "./after-task.ts"
import { onPurpose } from "./on-purpose.ts"
import { reactMajor } from "./react-major.ts"
import { recordedErrors, waysOfErrors } from "./recorded.ts"
import { render } from "./render.tsx"

const Throws = ({ error }: { readonly error: unknown }): ReactNode => {
  throw error
}

const WindowErrors = () => {
  useAuditErrors()
  return null
}

/** A boundary that records nothing. */
class PlainBoundary extends Component<{ readonly children: ReactNode }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }
  override render() {
    return this.state.hasFailed ? "failed" : this.props.children
  }
}

/** The defaults of React. */
const rootOf = (audit: TestAudit): RootOptions => auditRootErrorHandlers(audit)

const showPage = (audit: TestAudit, children: ReactNode, options: RootOptions = rootOf(audit)) =>
  render(
    <AuditProvider audit={audit}>
      <WindowErrors />
      {children}
    </AuditProvider>,
    options
  )

const messagesOf = (audit: TestAudit): readonly string[] =>
  recordedErrors(audit).map(({ head }) => head.message)

/** Renders outside of `act`, which swallows errors, and waits until one was reported. */
const showUncaught = async (audit: TestAudit, node: ReactNode, options?: RootOptions): Promise<void> => {
  const page = await showPage(audit, null, options)
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
  page.root.render(
    <AuditProvider audit={audit}>
      <WindowErrors />
      {node}
    </AuditProvider>
  )
  await vi.waitFor(() => expect(waysOfErrors(audit)).not.toEqual([]))
  await afterTask()
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
}

/** As a browser reports it: from a task of its own. */
const throwInTask = async (error: unknown): Promise<void> => {
  setTimeout(() => {
    throw error
  })
  await afterTask()
  await afterTask()
}

const rejectUnhandled = async (reason: unknown): Promise<void> => {
  const told = new Promise<void>((resolve) =>
    addEventListener("unhandledrejection", () => resolve(), { once: true })
  )
  void Promise.reject(reason)
  await told
  await afterTask()
}

describe("an error in a boundary", () => {
  it("S0.10 is recorded with its place, its page and the components around it", async () => {
    const audit = makeTestAudit()
    const Orders = () => {
      useAuditPageOpen("orders")
      return (
        <AuditErrorBoundary name="order list" fallback={<p>no list</p>}>
          <Throws error={new TypeError("on purpose: no rows", { cause: "empty answer" })} />
        </AuditErrorBoundary>
      )
    }
    const { element } = await showPage(audit, <Orders />)
    const [error, ...more] = recordedErrors(audit)
    expect(more).toEqual([])
    expect(error?.head).toMatchObject({
      category: "error",
      level: "error",
      message: "order list: TypeError: on purpose: no rows"
    })
    expect(error?.fields).toMatchObject({
      exc_type: "TypeError",
      exc_message: "on purpose: no rows",
      exc_stack: expect.stringContaining("errors.test.tsx"),
      exc_cause: "empty answer",
      page: "orders",
      caught_by: "boundary",
      component_stack: expect.stringContaining("Throws")
    })
    expect(element.textContent).toBe("no list")
  })

  it("S0.10 has the page that was opened last, and the place `render` without a name", async () => {
    const audit = makeTestAudit()
    audit.pageOpen("customers")
    await showPage(
      audit,
      <AuditErrorBoundary fallback="failed">
        <Throws error={onPurpose("here")} />
      </AuditErrorBoundary>
    )
    expect(recordedErrors(audit).map(({ head, fields }) => [head.message, fields.page])).toEqual([
      ["render: Error: on purpose: here", "customers"]
    ])
  })

  it("S0.10 thrown again to an outer boundary at once is an error of the outer one alone", async () => {
    const audit = makeTestAudit()
    await showPage(
      audit,
      <AuditErrorBoundary name="outer" fallback="failed">
        <AuditErrorBoundary name="inner" fallbackRender={({ error }) => <Throws error={error} />}>
          <Throws error={onPurpose("rethrown")} />
        </AuditErrorBoundary>
      </AuditErrorBoundary>
    )
    await afterTask()
    // React drops the inner boundary before it reports to it.
    expect(messagesOf(audit)).toEqual(["outer: Error: on purpose: rethrown"])
  })

  it("S0.10 thrown again to an outer boundary later is still the inner one's", async () => {
    const audit = makeTestAudit()
    const Part = () => {
      const [failure, setFailure] = useState<{ readonly error: unknown }>()
      if (failure !== undefined) throw failure.error
      return (
        <AuditErrorBoundary name="inner" fallback="failed" onError={(error) => setFailure({ error })}>
          <Throws error={onPurpose("rethrown")} />
        </AuditErrorBoundary>
      )
    }
    const { element } = await showPage(
      audit,
      <AuditErrorBoundary name="outer" fallback="outer failed">
        <Part />
      </AuditErrorBoundary>
    )
    await afterTask()
    expect(element.textContent).toBe("outer failed")
    expect(messagesOf(audit)).toEqual(["inner: Error: on purpose: rethrown"])
  })

  it.each([
    ["errors", () => onPurpose("one of ten")],
    ["texts", () => "on purpose: boom"],
    ["nothing at all", () => undefined]
  ])("S0.10 and nine more, each in a boundary of its own, are ten: %s", async (_what, make) => {
    const audit = makeTestAudit()
    const ten = Array.from({ length: 10 }, (_, n) => `part ${n}`)
    await showPage(
      audit,
      ten.map((name) => (
        <AuditErrorBoundary key={name} name={name} fallback="failed">
          <Throws error={make()} />
        </AuditErrorBoundary>
      ))
    )
    await afterTask()
    expect(waysOfErrors(audit)).toEqual(ten.map(() => "boundary"))
    const places = recordedErrors(audit).map(({ head }) => head.message.slice(0, "part 0".length))
    expect(places.sort()).toEqual(ten)
  })

  it("S0.10 goes on to the application: onError, a reset, and an error after it", async () => {
    const audit = makeTestAudit()
    const told: unknown[] = []
    const page = (key: number, error: unknown) => (
      <AuditErrorBoundary fallback="failed" resetKeys={[key]} onError={(caught) => told.push(caught)}>
        {error === undefined ? "fine" : <Throws error={error} />}
      </AuditErrorBoundary>
    )
    const [first, second] = [onPurpose("first"), onPurpose("second")]
    const shown = await render(<AuditProvider audit={audit}>{page(1, first)}</AuditProvider>)
    await shown.render(<AuditProvider audit={audit}>{page(2, undefined)}</AuditProvider>)
    expect(shown.element.textContent).toBe("fine")
    await shown.render(<AuditProvider audit={audit}>{page(2, second)}</AuditProvider>)
    expect(told).toEqual([first, second])
    expect(waysOfErrors(audit)).toEqual(["boundary", "boundary"])
  })
})

describe("an error that no boundary of ours catches", () => {
  // React 18 has no such option of a root: it throws, and the window gets the error.
  const uncaughtBy = reactMajor === 18 ? "window" : "root"

  it.each([
    ["an error", () => onPurpose("uncaught")],
    ["a text", () => "on purpose: text"],
    ["nothing at all", () => undefined]
  ])("S0.10 in a render is one record, by root and window together: %s", async (_what, make) => {
    const audit = makeTestAudit()
    await showUncaught(audit, <Throws error={make()} />)
    expect(waysOfErrors(audit)).toEqual([uncaughtBy])
  })

  it("S0.10 in a render is one record of the window, where the root has no options", async () => {
    const audit = makeTestAudit()
    await showUncaught(audit, <Throws error={onPurpose("uncaught")} />, {})
    expect(waysOfErrors(audit)).toEqual(["window"])
  })

  it("S0.10 made anew by each render is one record", async () => {
    const audit = makeTestAudit()
    const Fails = (): ReactNode => {
      throw onPurpose("each time")
    }
    await showUncaught(audit, <Fails />)
    expect(waysOfErrors(audit)).toEqual([uncaughtBy])
  })

  it("S0.10 in an effect is one record", async () => {
    const audit = makeTestAudit()
    const Fails = () => {
      useEffect(() => {
        throw onPurpose("in an effect")
      }, [])
      return null
    }
    await showUncaught(audit, <Fails />)
    expect(waysOfErrors(audit)).toEqual([uncaughtBy])
  })

  it("S0.10 in an event callback is one record, however many listen", async () => {
    const audit = makeTestAudit()
    const onClick = (): never => {
      throw onPurpose("clicked")
    }
    const { element } = await showPage(
      audit,
      <>
        <WindowErrors />
        <button type="button" onClick={onClick}>
          fail
        </button>
      </>
    )
    for (const _click of [1, 2]) element.querySelector("button")?.click()
    expect(waysOfErrors(audit)).toEqual([])
    await afterTask()
    expect(waysOfErrors(audit)).toEqual(["window", "window"])
  })

  it("S0.10 in a boundary that knows nothing of us is one record of the root", async () => {
    const audit = makeTestAudit()
    await showPage(
      audit,
      <PlainBoundary>
        <Throws error={onPurpose("caught elsewhere")} />
      </PlainBoundary>
    )
    await afterTask()
    // In production, React 18 reports it nowhere. In development it reports to the window; that is not recorded, to be the same.
    expect(waysOfErrors(audit)).toEqual(reactMajor === 18 ? [] : ["root"])
  })

  it("S0.10 in a task is a record of the window, and stays one when it is thrown again", async () => {
    const audit = makeTestAudit()
    await showPage(audit, null)
    const error = onPurpose("in a task")
    await throwInTask(error)
    await throwInTask(error)
    expect(messagesOf(audit)).toEqual(["window: Error: on purpose: in a task"])
  })

  it("S0.10 that is rejected is a record of the promise, also when a render throws it later", async () => {
    const audit = makeTestAudit()
    const page = await showPage(audit, null)
    const reason = onPurpose("rejected")
    await rejectUnhandled(reason)
    await page.render(
      <AuditProvider audit={audit}>
        <AuditErrorBoundary fallback="failed">
          <Throws error={reason} />
        </AuditErrorBoundary>
      </AuditProvider>
    )
    await afterTask()
    expect(messagesOf(audit)).toEqual(["promise: Error: on purpose: rejected"])
  })

  it("S0.10 that is no object is a record for each time, however many listen", async () => {
    const audit = makeTestAudit()
    await showPage(audit, <WindowErrors />)
    for (const _time of [1, 2]) {
      await rejectUnhandled(undefined)
      await throwInTask("on purpose: a text")
    }
    expect(waysOfErrors(audit)).toEqual(["promise", "window", "promise", "window"])
  })

  it("S0.10 of a script from elsewhere is a record with what is known of it", async () => {
    const audit = makeTestAudit()
    await showPage(audit, null)
    const event = { message: "Script error. (on purpose:)", filename: "", lineno: 0, error: null }
    dispatchEvent(new ErrorEvent("error", event))
    await afterTask()
    expect(recordedErrors(audit).map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ exc_message: event.message, filename: "", lineno: 0, caught_by: "window" })
    ])
  })

  it("S0.10 of an event that says nothing at all is a record, and no error more", async () => {
    const audit = makeTestAudit()
    await showPage(audit, null)
    dispatchEvent(new Event("error"))
    await afterTask()
    expect(waysOfErrors(audit)).toEqual(["window"])
  })

  it("S0.10 is not what a browser says of a layout that comes a frame later", async () => {
    const audit = makeTestAudit()
    const { element } = await showPage(audit, null)
    const told = new Promise<ErrorEvent>((resolve) => addEventListener("error", resolve, { once: true }))
    let widthPx = 1
    const observer = new ResizeObserver(() => {
      element.style.width = `${++widthPx}px`
    })
    onTestFinished(() => observer.disconnect())
    observer.observe(element)
    const { message, error } = await told
    expect(message).toMatch(/^ResizeObserver loop/)
    expect(error ?? undefined).toBeUndefined()
    observer.disconnect()
    dispatchEvent(new ErrorEvent("error", { message: "ResizeObserver loop limit exceeded", error: null }))
    await afterTask()
    expect(waysOfErrors(audit)).toEqual([])
  })

  it("S0.10 with the words of such a notice, but thrown, is a record", async () => {
    const audit = makeTestAudit()
    await showPage(audit, null)
    const error = new Error("ResizeObserver loop, on purpose:")
    dispatchEvent(new ErrorEvent("error", { message: error.message, error }))
    await afterTask()
    expect(messagesOf(audit)).toEqual(["window: Error: ResizeObserver loop, on purpose:"])
  })

  it("S0.10 is recorded before its task ends, so that a page that is left keeps it", async () => {
    const audit = makeTestAudit()
    await showPage(audit, null)
    dispatchEvent(new ErrorEvent("error", { error: onPurpose("while leaving"), message: "on purpose:" }))
    await Promise.resolve()
    expect(waysOfErrors(audit)).toEqual(["window"])
  })

  it("S0.10 of a hundred texts in one task is still known when the root tells it; the one before them is not", async () => {
    const audit = makeTestAudit()
    await showPage(audit, null)
    for (let n = 0; n <= 100; n++) {
      dispatchEvent(new ErrorEvent("error", { error: `text ${n}`, message: "on purpose:" }))
    }
    const handlers = auditRootErrorHandlers(audit, { onUncaughtError: () => undefined })
    handlers.onUncaughtError("text 1", {})
    handlers.onUncaughtError("text 0", {})
    await afterTask()
    const ways = (text: string): readonly unknown[] =>
      recordedErrors(audit).flatMap(({ fields }) => (fields.exc_message === text ? [fields.caught_by] : []))
    expect([ways("text 1"), ways("text 100")]).toEqual([["root"], ["window"]])
    expect([...ways("text 0")].sort()).toEqual(["root", "window"])
    expect(recordedErrors(audit)).toHaveLength(102)
  })

  it("S0.10 is recorded while the hook is mounted, and no longer", async () => {
    const audit = makeTestAudit()
    const page = await showPage(audit, null)
    await page.unmount()
    await throwInTask(onPurpose("afterwards"))
    expect(waysOfErrors(audit)).toEqual([])
  })

  it("S0.10 is a record in each log that listens", async () => {
    const audits = [makeTestAudit(), makeTestAudit()]
    for (const audit of audits) await showPage(audit, null)
    await throwInTask(onPurpose("for both"))
    expect(audits.map(waysOfErrors)).toEqual([["window"], ["window"]])
  })
})

describe("what the application reports itself", () => {
  it("S0.10 is the error that the boundary recorded", async () => {
    const audit = makeTestAudit()
    await showPage(
      audit,
      <AuditErrorBoundary fallback="failed" onError={(error) => reportError(error)}>
        <Throws error={onPurpose("reported")} />
      </AuditErrorBoundary>
    )
    await afterTask()
    expect(waysOfErrors(audit)).toEqual(["boundary"])
  })

  it("S0.10 is the text that the boundary recorded, and another one when it comes later", async () => {
    const audit = makeTestAudit()
    await showPage(
      audit,
      <AuditErrorBoundary fallback="failed" onError={(error) => reportError(error)}>
        <Throws error="on purpose: a text" />
      </AuditErrorBoundary>
    )
    await afterTask()
    expect(waysOfErrors(audit)).toEqual(["boundary"])
    await throwInTask("on purpose: a text")
    expect(waysOfErrors(audit)).toEqual(["boundary", "window"])
  })

  it("S0.10 before it throws it is recorded as the boundary tells it, which is more", async () => {
    const audit = makeTestAudit()
    const error = onPurpose("reported first")
    const Fails = (): ReactNode => {
      reportError(error)
      throw error
    }
    await showPage(
      audit,
      <AuditErrorBoundary name="part" fallback="failed">
        <Fails />
      </AuditErrorBoundary>
    )
    await afterTask()
    expect(messagesOf(audit)).toEqual(["part: Error: on purpose: reported first"])
  })

  it("S0.10 and shows later is one record, made when it was reported", async () => {
    const audit = makeTestAudit()
    const error = onPurpose("shown later")
    const page = await showPage(audit, null)
    reportError(error)
    await page.render(
      <AuditProvider audit={audit}>
        <AuditErrorBoundary fallback="failed">
          <Throws error={error} />
        </AuditErrorBoundary>
      </AuditProvider>
    )
    await afterTask()
    expect(waysOfErrors(audit)).toEqual(["window"])
  })
})
