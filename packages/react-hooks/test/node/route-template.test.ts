// The recipe for Next's App Router, a pure function.
import { expect, it } from "vitest"
import { routeTemplate } from "../recipes/route-template.ts"

it.each([
  ["/", {}, "/"],
  ["/orders", {}, "/orders"],
  ["/orders/17", { id: "17" }, "/orders/[id]"],
  ["/shop/17/reviews", { id: "17" }, "/shop/[id]/reviews"],
  ["/shop/17/reviews/17", { id: "17", review: "17" }, "/shop/[id]/reviews/[review]"],
  ["/orders/orders", { id: "orders" }, "/orders/[id]"],
  ["/files/a/b/c.txt", { path: ["a", "b", "c.txt"] }, "/files/[...path]"],
  ["/files", { path: undefined }, "/files"],
  ["/files", { path: [] }, "/files"],
  ["/users/a%20b", { name: "a%20b" }, "/users/[name]"],
  ["/users/a%20b", { name: "a b" }, "/users/[name]"],
  ["/users/100%", { name: "100%" }, "/users/[name]"],
  ["/orders/17", { other: "18" }, "/orders/17"]
])("S0.9 %s with %j is the page %s", (pathname, params, page) => {
  expect(routeTemplate(pathname, params)).toBe(page)
})
