// The ways by which React or a browser shows one opening of a page, or one error, more than once, and what is recorded then.
// The tests exactly-once.test.tsx (components) and exactly-once.test.ts (whole pages) bring each row about and assert what
// stands here. docs/internals/exactly-once.md describes the rows by their names, and a test compares the two.

export interface Row {
  readonly name: string
  /** How it is brought about: a component, or a whole page that a browser loads. */
  readonly by: "component" | "page"
  /** The openings that are recorded, in their order. */
  readonly opened: readonly string[]
  /** Errors that are recorded. In each row as many happened. */
  readonly errors: number
  /** How the error comes: a new one in each render, or an object that is thrown again. */
  readonly thrown: "anew" | "again"
  /** Why there is no such row with React 18. */
  readonly notOn18?: string
}

const onlyOn19 = "React 18 has no Activity"

export const rows = [
  {
    name: "StrictMode",
    by: "component",
    opened: ["orders"],
    errors: 1,
    thrown: "anew"
  },
  {
    name: "two nested hooks with different slugs",
    by: "component",
    opened: ["orders/lines", "orders"],
    errors: 1,
    thrown: "anew"
  },
  {
    name: "two hooks with one slug",
    by: "component",
    opened: ["orders"],
    errors: 1,
    thrown: "anew"
  },
  {
    name: "Suspense retry",
    by: "component",
    opened: ["orders"],
    errors: 1,
    thrown: "anew"
  },
  {
    name: "Activity hide and show",
    by: "component",
    opened: ["orders"],
    errors: 1,
    thrown: "anew",
    notOn18: onlyOn19
  },
  {
    name: "Activity hide and show of a nested pair",
    by: "component",
    opened: ["orders/lines", "orders"],
    errors: 1,
    thrown: "anew",
    notOn18: onlyOn19
  },
  {
    name: "Activity with another page between",
    by: "component",
    opened: ["orders", "customers", "orders"],
    errors: 2,
    thrown: "anew",
    notOn18: onlyOn19
  },
  {
    name: "remount by key",
    by: "component",
    opened: ["orders"],
    errors: 1,
    thrown: "again"
  },
  {
    name: "fast navigation A→B→A",
    by: "component",
    opened: ["orders", "customers", "orders"],
    errors: 3,
    thrown: "anew"
  },
  {
    name: "HMR",
    by: "page",
    opened: ["orders"],
    errors: 1,
    thrown: "again"
  },
  {
    name: "bfcache return",
    by: "page",
    opened: ["orders"],
    errors: 1,
    thrown: "anew"
  }
] as const satisfies readonly Row[]

export type RowName = (typeof rows)[number]["name"]
