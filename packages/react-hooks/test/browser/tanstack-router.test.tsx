// The recipe for TanStack Router, with the real router: the pages that its navigations are recorded as.
import { makeTestAudit } from "@daybook/core/testing"
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider
} from "@tanstack/react-router"
import { act, StrictMode } from "react"
import { expect, it, vi } from "vitest"
import { AuditProvider } from "../../src/index.ts"
import { AuditPages } from "../recipes/tanstack-router.tsx"
import { openedPages } from "./recorded.ts"
import { render } from "./render.tsx"

const rootRoute = createRootRoute({
  component: () => (
    <>
      <AuditPages />
      <Outlet />
    </>
  )
})
const routeTo = (path: string, text: string) =>
  createRoute({ getParentRoute: () => rootRoute, path, component: () => text })

const makeRouter = () =>
  createRouter({
    routeTree: rootRoute.addChildren([
      routeTo("/", "home"),
      routeTo("/orders", "orders"),
      routeTo("/orders/$id", "an order"),
      routeTo("/files/$", "a file")
    ]),
    history: createMemoryHistory()
  })

it("S0.9 S1.11 TanStack Router: a page is its route, and its ids stay out of the log", async () => {
  const audit = makeTestAudit()
  const router = makeRouter()
  const { element } = await render(
    <StrictMode>
      <AuditProvider audit={audit}>
        <RouterProvider router={router} />
      </AuditProvider>
    </StrictMode>
  )
  for (const href of ["/orders", "/orders/17", "/orders/18?tab=a", "/files/a/b.txt", "/orders/17"]) {
    // Not awaited inside: the navigation ends when React has rendered it, and `act` renders at its own end.
    await act(async () => void router.navigate({ href }))
    await vi.waitFor(() => expect(router.state.resolvedLocation?.href).toBe(href))
  }
  expect(element.textContent).toBe("an order")
  expect(openedPages(audit)).toEqual(["/", "/orders", "/orders/$id", "/files/$", "/orders/$id"])
})
