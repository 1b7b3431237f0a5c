// What a collector's answer means for a batch. Only a well-formed acknowledgement is a success; any other answer says whether
// the batch may be sent again, when, and whether it may have arrived. The text of an answer is never quoted: it may hold a
// logged value or a key.
import { ExportError } from "@daybook/core"
import { ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer"
import { otelLimits } from "./limits.ts"
import { mediaTypes } from "./otlp-request.ts"

/** A complete answer. */
export interface OtlpAnswer {
  readonly status: number
  readonly headers: Pick<Headers, "get">
  /** `undefined` when it is longer than `answerBytesMax`. */
  readonly body: Uint8Array | undefined
}

/**
 * `undefined` for an acknowledgement of the whole batch. `target` is the URL as shown to people; `nowMs` is our time, for an
 * answer without a date.
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
/** Only people can help; the events wait. */
const pause: Verdict = { retryable: true, outcome: "failed", retryAfterMs: otelLimits.pauseMs }

const verdictOn = (status: number): readonly [why: string, verdict: Verdict] => {
  if (status === 0 || (status >= 300 && status < 400)) {
    return [
      'a redirect, which is not followed because the headers may hold keys; set "url" to the final address',
      pause
    ]
  }
  return (
    verdicts[status] ??
    (status >= 500
      ? ["an error of the collector", unsure]
      : ["a client error; check the configuration", pause])
  )
}

const verdicts: Readonly<Record<number, readonly [why: string, verdict: Verdict]>> = {
  400: ["the collector refuses something in these events", refused],
  401: ["the credentials are missing or wrong; check the headers", pause],
  403: ["the credentials do not permit it; check the headers", pause],
  404: ["there is no log receiver at this path; check that it ends in /v1/logs", pause],
  408: ["the collector waited too long for the request", unsure],
  413: ["the request is too large", refused],
  415: ["the collector does not accept this encoding; try the other protocol, or no compression", pause],
  422: ["the collector refuses something in these events", refused],
  429: ["too many requests", later],
  503: ["the collector is not available now", later]
}

const judgeSuccess = (answer: OtlpAnswer, target: string): ExportError | undefined => {
  const rejected = rejectedOf(answer)
  if (rejected === 0) return undefined
  if (typeof rejected === "number") {
    const reason = `"${target}" accepted a batch except for ${rejected} of its records, without saying which`
    return new ExportError({ reason, retryable: false, outcome: "failed", refusedEvents: rejected })
  }
  return new ExportError({
    reason: `Cannot export to "${target}": the answer is ${answer.status} but not an OTLP acknowledgement: ${rejected}`,
    retryable: true,
    outcome: "unknown"
  })
}

/**
 * The number of rejected records, or what is wrong with the answer. An empty body is a whole acknowledgement, whatever its
 * headers say: fetch reports a body that was cut off as an error.
 */
const rejectedOf = ({ body, headers }: OtlpAnswer): number | string => {
  if (body === undefined) return `it is longer than ${otelLimits.answerBytesMax} bytes`
  if (body.every(isBlank)) return 0
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? ""
  const isProtobuf = type === mediaTypes["http/protobuf"] || type === "application/protobuf"
  const isJson = type === mediaTypes["http/json"]
  const answer = isProtobuf ? decodedProtobuf(body) : decodedJson(body)
  if (!isProtobuf && !isJson && !isBareAnswer(answer))
    return type === "" ? "it has no content type" : "it has another content type than OTLP"
  if (answer === undefined) return "it cannot be decoded"
  return rejectedIn(answer) ?? "it does not have the form of OTLP"
}

const decodedProtobuf = (body: Uint8Array): unknown => {
  try {
    return ProtobufLogsSerializer.deserializeResponse(body)
  } catch {
    return undefined
  }
}

const decodedJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

// Proxies write other types on a collector's JSON. Then nothing else may stand in it: another program's answer is no
// acknowledgement.
const isBareAnswer = (answer: unknown): boolean =>
  typeof answer === "object" &&
  answer !== null &&
  Object.keys(answer).every((name) => name === "partialSuccess")

/** White space of JSON. */
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d

const rejectedIn = (answer: unknown): number | undefined => {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return undefined
  const { partialSuccess = {} } = answer as { readonly partialSuccess?: unknown }
  if (typeof partialSuccess !== "object") return undefined
  // OTLP writes 64-bit numbers as text in JSON.
  const { rejectedLogRecords = 0 } = (partialSuccess ?? {}) as { readonly rejectedLogRecords?: unknown }
  const isText = typeof rejectedLogRecords === "string" && /^\d{1,15}$/.test(rejectedLogRecords)
  const count = isText ? Number(rejectedLogRecords) : rejectedLogRecords
  return typeof count === "number" && count >= 0 ? count : undefined
}

/** Seconds, or an HTTP date: compared with the answer's own date if there is one, because clocks differ. At most 5 minutes. */
export const retryAfterMs = (headers: Pick<Headers, "get">, nowMs: number): number | undefined => {
  const text = headers.get("retry-after")?.trim() ?? ""
  const sentMs = Date.parse(headers.get("date") ?? "")
  const dateMs = /GMT$/.test(text) ? Date.parse(text) : Number.NaN
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : dateMs - (Number.isNaN(sentMs) ? nowMs : sentMs)
  return waitMs > 0 ? Math.min(waitMs, otelLimits.retryAfterMaxMs) : undefined
}
