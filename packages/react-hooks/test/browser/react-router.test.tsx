// The recipe for React Router, with the real router: the pages that its navigations are recorded as.
import { makeTestAudit } from "@daybook/core/testing"
import { act, StrictMode } from "react"
import { createMemoryRouter, Outlet, type RouteObject, RouterProvider } from "react-router"
import { expect, it } from "vitest"
import { AuditProvider } from "../../src/index.ts"
import { AuditPages } from "../recipes/react-router.tsx"
import { openedPages } from "./recorded.ts"
import { render } from "./render.tsx"

const Layout = () => (
  <>
    <AuditPages routes={routes} />
    <Outlet />
  </>
)

const routes: RouteObject[] = [
  {
    path: "/",
    Component: Layout,
    children: [
      { index: true, element: "home" },
      {
        path: "orders",
        children: [
          { index: true, element: "orders" },
          { path: ":id", element: "an order" },
          { path: ":id/lines/:line", element: "a line" },
          { path: "/orders/:id/notes", children: [{ path: ":note", element: "a note" }] }
        ]
      },
      { path: "*", element: "nothing here" }
    ]
  }
]

it("S0.9 S1.11 React Router: a page is its route, and its ids stay out of the log", async () => {
  const audit = makeTestAudit()
  const router = createMemoryRouter(routes)
  const { element } = await render(
    <StrictMode>
      <AuditProvider audit={audit}>
        <RouterProvider router={router} />
      </AuditProvider>
    </StrictMode>
  )
  for (const to of [
    "/orders",
    "/orders/17",
    "/orders/18",
    "/orders/18/lines/3?tab=a",
    "/orders/18/notes/4",
    "/no/such",
    "/orders/17"
  ]) {
    await act(() => router.navigate(to))
  }
  await act(() => router.navigate(-1))
  expect(element.textContent).toBe("nothing here")
  expect(openedPages(audit)).toEqual([
    "/",
    "/orders",
    "/orders/:id",
    "/orders/:id/lines/:line",
    "/orders/:id/notes/:note",
    "/*",
    "/orders/:id",
    "/*"
  ])
})
