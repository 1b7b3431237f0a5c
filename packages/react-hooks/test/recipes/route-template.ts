// Next's App Router: `usePathname` and `useParams` give the address and its parameters, but not the route. This puts the names
// back: `/shop/17/reviews` with `{ id: "17" }` is recorded as `/shop/[id]/reviews`.

/** `useAuditPageOpen(routeTemplate(usePathname(), useParams()))`, in a client component of the root layout. */
export const routeTemplate = (
  pathname: string,
  params: Readonly<Record<string, string | readonly string[] | undefined>>
): string => {
  let segments = pathname.split("/").map(decoded)
  // From the end: ids stand behind the words that they could be taken for.
  for (const [name, value] of Object.entries(params).reverse()) {
    const values = (typeof value === "string" ? [value] : (value ?? [])).map(decoded)
    const at = lastPlaceOf(values, segments)
    if (at < 0) continue
    const shown = typeof value === "string" ? `[${name}]` : `[...${name}]`
    segments = [...segments.slice(0, at), shown, ...segments.slice(at + values.length)]
  }
  return segments.join("/")
}

/** Where these segments stand one after the other; -1 when nowhere, or when there are none. */
const lastPlaceOf = (values: readonly string[], segments: readonly string[]): number => {
  if (values.length === 0) return -1
  return segments.findLastIndex((_, at) => values.every((value, n) => segments[at + n] === value))
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    // Not what the router would have made: compared as it stands there.
    return segment
  }
}
