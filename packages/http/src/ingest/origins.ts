// Which pages may send: those of our own origin and of listed ones. A page of another site can make a browser send a request
// with our user's cookies, but not with this media type unless it asked first, and never with our origin.
import { ingestLimits } from "./limits.ts"

/** True when the page that sends is ours, or of a listed origin. */
export const isWelcome = (request: Request, origins: ReadonlySet<string>): boolean => {
  if (request.headers.get("sec-fetch-site") === "same-origin") return true
  // A browser of before 2023, or a page of another origin. Without an origin it is no page.
  const origin = request.headers.get("origin")
  return origin !== null && (origins.has(origin) || origin === new URL(request.url).origin)
}

/** What a browser needs to show the answer to a page of a listed origin; nothing for our own pages. */
export const corsHeaders = (request: Request, origins: ReadonlySet<string>): Record<string, string> => {
  const origin = request.headers.get("origin")
  if (origin === null || !origins.has(origin)) return origins.size === 0 ? {} : { vary: "origin" }
  return {
    vary: "origin",
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "retry-after"
  }
}

/** The answer to a browser that asks before it sends. */
export const preflight = (request: Request, origins: ReadonlySet<string>): Response => {
  const origin = request.headers.get("origin")
  const headers = corsHeaders(request, origins)
  if (origin === null || !origins.has(origin)) return new Response(null, { status: 403, headers })
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "content-type",
      "access-control-max-age": String(ingestLimits.preflightS)
    }
  })
}
