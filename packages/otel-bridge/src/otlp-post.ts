// One request and its answer, over fetch: within a time limit, of bounded length, never redirected, never repeated.
// otlp-answer.ts knows what an answer means.
import { ExportError, joinedBytes } from "@daybook/core"
import { context, createContextKey } from "@opentelemetry/api"
import * as Effect from "effect/Effect"
import { otelLimits } from "./limits.ts"
import type { OtlpAnswer } from "./otlp-answer.ts"
import type { OtlpRequest } from "./otlp-request.ts"

/** The part of fetch that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface PostTarget {
  /** True asks a browser to finish the request when its page is left (keepalive). */
  readonly isCarried: boolean
  readonly url: string
  readonly shownUrl: string
  readonly timeoutMs: number
  readonly fetch: Fetch
}

type Break = Pick<ExportError, "reason" | "outcome">

/** Sends one request. An interruption aborts it; the outcome is then unknown. */
export const post = (
  { body, headers }: OtlpRequest,
  { isCarried, url, shownUrl, timeoutMs, fetch }: PostTarget
): Effect.Effect<OtlpAnswer, ExportError> => {
  const fail = (fields: Break): ExportError =>
    new ExportError({
      ...fields,
      reason: `Cannot export to "${shownUrl}": ${fields.reason}`,
      retryable: true
    })
  const exchange = async (signal: AbortSignal): Promise<OtlpAnswer> => {
    const init = { ...initOf({ body, headers }), ...(isCarried ? carried : {}), signal }
    const response = await untraced(() => fetch(url, init))
    return { status: response.status, headers: response.headers, body: await bodyOf(response) }
  }
  const answer = Effect.tryPromise({ try: exchange, catch: (error) => fail(describeBreak(error)) })
  const tooLate = Effect.suspend(() =>
    Effect.fail(fail({ reason: `no complete answer within ${timeoutMs} ms`, outcome: "unknown" }))
  )
  return Effect.timeoutOrElse(answer, { duration: timeoutMs, orElse: () => tooLate })
}

/** Sends one request from a page that is being left, without reading its answer. Settles when the answer has come or failed. */
export const postLast = async (
  request: OtlpRequest,
  { url, fetch }: Pick<PostTarget, "url" | "fetch">
): Promise<void> => {
  const response = await untraced(() => fetch(url, { ...initOf(request), ...carried }))
  await response.body?.cancel()
}

// "error" would give no status, and workerd does not have it.
const initOf = ({ body, headers }: OtlpRequest): RequestInit => ({
  method: "POST",
  body,
  headers: { ...headers },
  redirect: "manual"
})

const carried = { keepalive: true } as const

const nothing = new Uint8Array()

// Only a possible acknowledgement is read: the body of an error may be long, and its status is enough.
const bodyOf = async (response: Response): Promise<Uint8Array | undefined> => {
  const reader = response.body?.getReader()
  if (reader === undefined) return nothing
  if (!response.ok) {
    leave(reader)
    return nothing
  }
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return joinedBytes(parts)
    length += value.length
    if (length > otelLimits.answerBytesMax) break
    parts.push(value)
  }
  leave(reader)
  return undefined
}

// Not awaited: nothing depends on its end.
const leave = (reader: ReadableStreamDefaultReader<Uint8Array>): void => {
  reader.cancel().catch(() => undefined)
}

/** Codes of errors before a connection was made: nothing can have arrived. */
const unconnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT"
])

// An error's message may quote the URL or a header, so only its code is shown.
const describeBreak = (error: unknown): Break => {
  const code = codeOf(error) ?? codeOf(memberOf(error, "cause"))
  if (code === undefined) return { reason: "the connection failed or broke", outcome: "unknown" }
  return unconnected.has(code)
    ? { reason: `no connection (${code})`, outcome: "failed" }
    : { reason: `the connection broke (${code})`, outcome: "unknown" }
}

const codeOf = (error: unknown): string | undefined => {
  const code = memberOf(error, "code")
  return typeof code === "string" && /^\w{2,40}$/.test(code) ? code : undefined
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

// The SDK's own key. Without it, an application with an instrumented fetch would trace each of these requests, as part of the
// span that was active when its log started.
const suppressTracing = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING")
const untraced = <A>(run: () => A): A => context.with(context.active().setValue(suppressTracing, true), run)
