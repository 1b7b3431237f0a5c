// What a collector's answer means for a batch. Only a well-formed acknowledgement is a success; everything else says
// whether the batch may go again, when, and whether it may have arrived. What the answer says in words is never quoted: it
// may hold a value of an event, or the key that it refuses.
import { ExportError } from "@daybook/core"
import { ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer"
import { otelLimits } from "./limits.ts"
import { mediaTypes } from "./otlp-request.ts"

/** An answer, read whole. */
export interface OtlpAnswer {
  readonly status: number
  readonly headers: Pick<Headers, "get">
  /** `undefined` when it is longer than `answerBytesMax`. */
  readonly body: Uint8Array | undefined
}

/**
 * `undefined` for an acknowledgement of the whole batch. `target` is what people are shown of the URL, `nowMs` our time for
 * an answer without a date of its own.
 */
export const judgeAnswer = (answer: OtlpAnswer, target: string, nowMs: number): ExportError | undefined => {
  const { status } = answer
  if (status >= 200 && status < 300) return judgeSuccess(answer, target)
  const [why, verdict] = verdictOn(status)
  const waitMs = verdict.retryable && verdict !== pause ? retryAfterMs(answer.headers, nowMs) : undefined
  return new ExportError({
    ...verdict,
    reason: `Cannot export to "${target}": the answer is ${status}, ${why}`,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs })
  })
}

type Verdict = Pick<ExportError, "retryable" | "outcome"> & {
  readonly divisible?: boolean
  readonly retryAfterMs?: number
}

const refused: Verdict = { retryable: false, outcome: "failed", divisible: true }
const later: Verdict = { retryable: true, outcome: "failed" }
const unsure: Verdict = { retryable: true, outcome: "unknown" }
/** Only people can help, and the events wait for them. */
const pause: Verdict = { retryable: true, outcome: "failed", retryAfterMs: otelLimits.pauseMs }

const verdictOn = (status: number): readonly [why: string, verdict: Verdict] => {
  if (status === 0 || (status >= 300 && status < 400)) {
    return [
      'a redirect, which is not followed because it would be given our headers: set "url" to where it leads',
      pause
    ]
  }
  return (
    verdicts[status] ??
    (status >= 500 ? ["a fault of the far side", unsure] : ["which no retry can change", pause])
  )
}

const verdicts: Readonly<Record<number, readonly [why: string, verdict: Verdict]>> = {
  400: ["something in these events is refused", refused],
  401: ["the credentials are missing or wrong: look at the headers", pause],
  403: ["the credentials do not allow it: look at the headers", pause],
  404: ["nothing receives logs there: is the path /v1/logs missing?", pause],
  408: ["the far side has waited too long", unsure],
  413: ["these are too many events at once", refused],
  415: ["the far side does not take this encoding: try another protocol, or no compression", pause],
  422: ["something in these events is refused", refused],
  429: ["these are too many requests", later],
  503: ["the far side is not available now", later]
}

const judgeSuccess = (answer: OtlpAnswer, target: string): ExportError | undefined => {
  const rejected = rejectedOf(answer)
  if (rejected === 0) return undefined
  if (typeof rejected === "number") {
    const reason = `"${target}" took a batch except for ${rejected} of its records, and does not say which`
    return new ExportError({ reason, retryable: false, outcome: "failed", refusedEvents: rejected })
  }
  return new ExportError({
    reason: `Cannot export to "${target}": the answer is ${answer.status} and no acknowledgement: ${rejected}`,
    retryable: true,
    outcome: "unknown"
  })
}

/** How many records were not taken, or what is wrong with the answer. */
const rejectedOf = ({ body, headers }: OtlpAnswer): number | string => {
  if (body === undefined) return `it is longer than ${otelLimits.answerBytesMax} bytes`
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? ""
  const isJson = type === mediaTypes["http/json"]
  const isProtobuf = type === mediaTypes["http/protobuf"] || type === "application/protobuf"
  // Some collectors answer with nothing at all. Nothing of no length that was told may be the half of something.
  const isToldEmpty = body.length === 0 && (headers.get("content-length") === "0" || type === "")
  if (isToldEmpty && (type === "" || isJson)) return 0
  if (!isJson && !isProtobuf) return `it is ${type === "" ? "of no type" : "of another type than OTLP's"}`
  try {
    const answer: unknown = isJson
      ? JSON.parse(new TextDecoder().decode(body))
      : ProtobufLogsSerializer.deserializeResponse(body)
    return rejectedIn(answer) ?? "it is not what OTLP says"
  } catch {
    return "it cannot be read"
  }
}

const rejectedIn = (answer: unknown): number | undefined => {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return undefined
  const { partialSuccess = {} } = answer as { readonly partialSuccess?: unknown }
  if (typeof partialSuccess !== "object") return undefined
  // In JSON, 64-bit numbers are text.
  const { rejectedLogRecords = 0 } = (partialSuccess ?? {}) as { readonly rejectedLogRecords?: unknown }
  const isText = typeof rejectedLogRecords === "string" && /^\d{1,15}$/.test(rejectedLogRecords)
  const count = isText ? Number(rejectedLogRecords) : rejectedLogRecords
  return typeof count === "number" && count >= 0 ? count : undefined
}

/** Seconds, or an HTTP date: against the answer's own date where it has one, because clocks differ. At most 5 minutes. */
export const retryAfterMs = (headers: Pick<Headers, "get">, nowMs: number): number | undefined => {
  const text = headers.get("retry-after")?.trim() ?? ""
  const sentMs = Date.parse(headers.get("date") ?? "")
  const dateMs = /GMT$/.test(text) ? Date.parse(text) : Number.NaN
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : dateMs - (Number.isNaN(sentMs) ? nowMs : sentMs)
  return waitMs > 0 ? Math.min(waitMs, otelLimits.retryAfterMaxMs) : undefined
}
