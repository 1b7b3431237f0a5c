// A body as an envelope and lines. A body that is not whole is refused as a whole: the page sends its parts again. What a line says
// is judged in claims.ts.
import { type Envelope, wireVersion } from "../wire.ts"
import { ingestLimits } from "./limits.ts"

/** A body, taken apart. */
export interface ReceivedBatch {
  readonly envelope: Envelope
  /** Without their newlines. */
  readonly lines: readonly Uint8Array[]
}

/** The words of an answer 400 or 413. */
export interface BatchProblem {
  readonly status: 400 | 413
  readonly error: string
}

export const readBatch = (body: Uint8Array): ReceivedBatch | BatchProblem => {
  const end = body.indexOf(newline)
  const envelope = readEnvelope(body.subarray(0, Math.max(0, end)))
  if (envelope === undefined)
    return { status: 400, error: `the first line is no envelope of wire ${wireVersion}` }
  if (envelope.lines > ingestLimits.linesMax)
    return { status: 413, error: `a batch has at most ${ingestLimits.linesMax} lines` }
  const lines: Uint8Array[] = []
  let at = end + 1
  // What a newline does not end was cut.
  for (let to = body.indexOf(newline, at); to !== -1; to = body.indexOf(newline, at)) {
    lines.push(body.subarray(at, to))
    at = to + 1
  }
  const isWhole = at === body.length && lines.length === envelope.lines
  return isWhole
    ? { envelope, lines }
    : { status: 400, error: "the body has not the lines that its envelope says" }
}

const newline = 0x0a

const readEnvelope = (line: Uint8Array): Envelope | undefined => {
  const said = parseJson(line)
  if (typeof said !== "object" || said === null) return undefined
  const { daybook, app, owner, sent, recorded, lines } = said as Readonly<Record<string, unknown>>
  const isSound =
    daybook === wireVersion &&
    typeof app === "string" &&
    typeof owner === "string" &&
    owner.length <= ownerCharsMax &&
    typeof sent === "number" &&
    isCount(recorded) &&
    isCount(lines)
  return isSound ? { daybook, app, owner, sent, recorded, lines } : undefined
}

/** It is part of what is remembered of each session. */
const ownerCharsMax = 256

/** True for a whole number from 0 on that a double holds. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

const decoder = new TextDecoder("utf-8", { fatal: true })

/** One line's value; undefined where it is none, or goes deeper than a parser should follow. */
export const parseJson = (line: Uint8Array): unknown => {
  try {
    return isTooDeep(line) ? undefined : JSON.parse(decoder.decode(line))
  } catch {
    return undefined
  }
}

// Counted on the bytes, before anything recursive sees them.
const isTooDeep = (line: Uint8Array): boolean => {
  let depth = 0
  let isInText = false
  for (let at = 0; at < line.length; at++) {
    const byte = line[at]
    if (byte === 0x22) isInText = !isInText
    else if (byte === 0x5c) at += 1
    else if (isInText) continue
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      if (depth > ingestLimits.depthMax) return true
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1
  }
  return false
}
