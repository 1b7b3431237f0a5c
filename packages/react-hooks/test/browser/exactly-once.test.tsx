// The rows of exactly-once/rows.ts that components can produce. Each drives a page, once with a child that does nothing and
// once with one that throws; errors are reported by boundary, root and window.
import { makeTestAudit, type TestAudit } from "@daybook/core/testing"
import * as React from "react"
import { act, type ComponentType, type ReactNode, StrictMode, Suspense } from "react"
import { flushSync } from "react-dom"
import { describe, expect, it } from "vitest"
import {
  AuditErrorBoundary,
  AuditProvider,
  auditRootErrorHandlers,
  useAuditErrors,
  useAuditPageOpen
} from "../../src/index.ts"
import { type RowName, rows } from "../exactly-once/rows.ts"
import { afterTask } from "./after-task.ts"
import { onPurpose } from "./on-purpose.ts"
import { reactMajor } from "./react-major.ts"
import { openedPages, waysOfErrors } from "./recorded.ts"
import { render } from "./render.tsx"

interface Stage {
  readonly Child: ComponentType
  /** Renders below the provider and waits until React is done. */
  readonly show: (node: ReactNode) => Promise<void>
  /** Renders one after the other, each committed at once, without waiting in between. */
  readonly showAtOnce: (nodes: readonly ReactNode[]) => Promise<void>
}

const Page = ({ slug, children }: { readonly slug: string; readonly children?: ReactNode }) => {
  useAuditPageOpen(slug)
  return (
    <AuditErrorBoundary name={slug} fallback="failed">
      {children}
    </AuditErrorBoundary>
  )
}

/** `Activity` is missing in React 18: its rows are not run there. */
const Activity = React.Activity

type Scenario = (stage: Stage) => Promise<void>

const hideAndShow = async ({ show }: Stage, page: ReactNode, between?: ReactNode): Promise<void> => {
  const withMode = (mode: "visible" | "hidden", other?: ReactNode): ReactNode => (
    <>
      <Activity mode={mode}>{page}</Activity>
      {other}
    </>
  )
  await show(withMode("visible"))
  await show(withMode("hidden", between))
  await show(withMode("visible"))
}

/** Something that a page waits for. */
const arrival = () => {
  let isThere = false
  let come: () => void = () => undefined
  const there = new Promise<void>((resolve) => {
    come = () => {
      isThere = true
      resolve()
    }
  })
  return { there, isThere: () => isThere, come: () => come() }
}

const scenarios: Readonly<Record<Exclude<RowName, "HMR" | "bfcache return">, Scenario>> = {
  StrictMode: ({ show, Child }) =>
    show(
      <StrictMode>
        <Page slug="orders">
          <Child />
        </Page>
      </StrictMode>
    ),
  "two nested hooks with different slugs": ({ show, Child }) =>
    show(
      <StrictMode>
        <Page slug="orders">
          <Page slug="orders/lines">
            <Child />
          </Page>
        </Page>
      </StrictMode>
    ),
  "two hooks with one slug": async ({ show, Child }) => {
    const Second = () => {
      useAuditPageOpen("orders")
      useAuditErrors()
      return null
    }
    const page = (second: ReactNode) => (
      <Page slug="orders">
        {second}
        <Child />
      </Page>
    )
    await show(page(<Second />))
    await show(page(null))
    await show(page(<Second />))
  },
  "Suspense retry": async ({ show, Child }) => {
    const arrivals = [arrival(), arrival(), arrival()]
    const Waiting = ({ upTo }: { readonly upTo: number }) => {
      const next = arrivals.slice(0, upTo).find(({ isThere }) => !isThere())
      if (next !== undefined) throw next.there
      return <Child />
    }
    const SuspendingPage = ({ upTo }: { readonly upTo: number }) => (
      <Suspense fallback="waiting">
        <Page slug="orders">
          <Waiting upTo={upTo} />
        </Page>
      </Suspense>
    )
    await show(<SuspendingPage upTo={2} />)
    await act(async () => arrivals[0]?.come())
    await act(async () => arrivals[1]?.come())
    await show(<SuspendingPage upTo={3} />)
    await act(async () => arrivals[2]?.come())
  },
  "Activity hide and show": (stage) =>
    hideAndShow(
      stage,
      <Page slug="orders">
        <stage.Child />
      </Page>
    ),
  "Activity hide and show of a nested pair": (stage) =>
    hideAndShow(
      stage,
      <Page slug="orders">
        <Page slug="orders/lines">
          <stage.Child />
        </Page>
      </Page>
    ),
  "Activity with another page between": (stage) =>
    hideAndShow(
      stage,
      <Page slug="orders">
        <stage.Child />
      </Page>,
      <Page slug="customers">
        <stage.Child />
      </Page>
    ),
  "remount by key": async ({ show, Child }) => {
    for (const key of ["first", "second", "third"]) {
      await show(
        <Page key={key} slug="orders">
          <Child />
        </Page>
      )
    }
  },
  "fast navigation A→B→A": ({ showAtOnce, Child }) =>
    showAtOnce(
      ["orders", "customers", "orders"].map((slug) => (
        <Page key={slug} slug={slug}>
          <Child />
        </Page>
      ))
    )
}

const stageFor = async (audit: TestAudit, Child: ComponentType): Promise<Stage> => {
  const Errors = () => {
    useAuditErrors()
    return null
  }
  let shown: ReactNode
  const Shown = () => shown
  const tree = () => (
    <AuditProvider audit={audit}>
      <Errors />
      <Shown />
    </AuditProvider>
  )
  const quiet = (): void => undefined
  const handlers = auditRootErrorHandlers(audit, { onCaughtError: quiet, onRecoverableError: quiet })
  const { render: again, root } = await render(tree(), handlers)
  return {
    Child,
    show: (node) => {
      shown = node
      return again(tree())
    },
    showAtOnce: (nodes) =>
      act(async () => {
        for (const node of nodes) {
          shown = node
          flushSync(() => root.render(tree()))
        }
      })
  }
}

const Quiet = (): ReactNode => null

const failing = (thrown: "anew" | "again"): ComponentType => {
  const same = onPurpose("again")
  return () => {
    throw thrown === "again" ? same : onPurpose("anew")
  }
}

const ofComponents = rows.filter((row) => row.by === "component")

describe.for(ofComponents.filter((row) => reactMajor === 19 || !("notOn18" in row)))(
  "exactly once: $name",
  ({ name, opened, errors, thrown }) => {
    it("S0.9 S1.11 each page is opened once", async () => {
      const audit = makeTestAudit()
      await scenarios[name](await stageFor(audit, Quiet))
      await afterTask()
      expect(openedPages(audit)).toEqual(opened)
      expect(waysOfErrors(audit)).toEqual([])
    })

    it("S0.10 each error is recorded once", async () => {
      const audit = makeTestAudit()
      await scenarios[name](await stageFor(audit, failing(thrown)))
      await afterTask()
      expect(waysOfErrors(audit)).toEqual(Array.from({ length: errors }, () => "boundary"))
      expect(openedPages(audit)).toEqual(opened)
    })
  }
)
