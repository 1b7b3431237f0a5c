// The server's end of a page's log: from a request to events, and to the answer that lets the page forget its lines. Owns the
// order of what is asked: address, origin, media type, user; then the body, and of it first the envelope.
import { type CommittingAudit, type EventKind, type Fields, relayed } from "@daybook/core"
import { type Acknowledgement, mediaType, type RefusedWhy } from "../wire.ts"
import { type ReceivedBatch, readBatch } from "./batch.ts"
import { readBody } from "./body.ts"
import { type Catalogue, type Claim, judge, placeOf } from "./claims.ts"
import { ingestLimits } from "./limits.ts"
import { checkIngestOptions, type IngestOptions, type RecalledLine } from "./options.ts"
import { corsHeaders, isWelcome, preflight } from "./origins.ts"
import { Rates } from "./rates.ts"
import { type MissingEvents, SeenLines } from "./seen-lines.ts"

export type { Authorize, IngestOptions } from "./options.ts"
export type { MissingEvents } from "./seen-lines.ts"

/** A handler for any host that has `Request` and `Response`. It answers POST, and OPTIONS for pages of other origins. */
export interface Ingest {
  (request: Request): Promise<Response>
  /** Sessions of which the page recorded more than has come. What is under way counts as missing until it is written. */
  missing(): readonly MissingEvents[]
}

/**
 * Makes the handler. Every line that it answers for is an event of `audit`, or known from before, or refused with a reason.
 *
 * @throws TypeError when an option is missing or wrong; after that, nothing throws.
 */
export const createIngest = (options: IngestOptions): Ingest => {
  checkIngestOptions(options)
  const server = new IngestServer(options)
  return Object.assign((request: Request) => server.answer(request), { missing: () => server.seen.missing() })
}

/** What became of one line. */
type Outcome = "accepted" | "duplicate" | "later" | RefusedWhy

class IngestServer {
  readonly seen = new SeenLines()
  private readonly options: IngestOptions
  private readonly catalogue: Catalogue
  private readonly origins: ReadonlySet<string>
  private readonly rates: Rates
  /** Lines that were handed to the log and have no answer yet, with the time after which none is expected. */
  private readonly underWay = new Map<string, number>()
  private recalled: Promise<void> | undefined
  /** What failed last, so that a failure is recorded when it begins and not at each request. */
  private readonly failing = new Set<string>()

  constructor(options: IngestOptions) {
    const { events, untyped = [], misfits, origins = [], rate = ingestLimits } = options
    this.options = options
    this.catalogue = {
      kinds: Map.groupBy<string, EventKind>(events, ({ category }) => category),
      untyped: untyped === "any" ? untyped : new Set(untyped),
      refusesMisfits: misfits === "refuse"
    }
    this.origins = new Set(origins)
    this.rates = new Rates(rate)
  }

  /** Never rejects. */
  async answer(request: Request): Promise<Response> {
    try {
      return await this.answerNow(request)
    } catch (error) {
      this.failed("answer", error)
      return this.refuse(request, 500, "the handler failed; the server's trail says why")
    }
  }

  private async answerNow(request: Request): Promise<Response> {
    if (request.method === "OPTIONS") return preflight(request, this.origins)
    if (request.method !== "POST")
      return this.refuse(request, 405, "only POST is answered", { allow: "POST, OPTIONS" })
    if (!isWelcome(request, this.origins))
      return this.refuse(request, 403, "pages of this origin may not send; list it in the option origins")
    const encoding = request.headers.get("content-encoding") ?? "identity"
    const isText = (request.headers.get("content-type") ?? "").split(";")[0]?.trim() === mediaType
    if (!isText || (encoding !== "gzip" && encoding !== "identity"))
      return this.refuse(request, 415, `a body must be ${mediaType}, as it is or in gzip`)
    const facts = await this.options.authorize(request)
    if (facts === undefined) return this.refuse(request, 401, "nobody is signed in")
    if (typeof facts !== "object" || facts === null)
      throw new TypeError("createIngest: authorize must return an object such as { user }, or undefined")
    if (Number(request.headers.get("content-length")) > ingestLimits.bytesMax)
      return this.refuse(request, 413, `a body has at most ${ingestLimits.bytesMax} bytes`)
    const body = await readBody(request, encoding === "gzip")
    if (typeof body === "number") return this.refuse(request, body, bodyProblems[body])
    const batch = readBatch(body)
    if ("status" in batch) return this.refuse(request, batch.status, batch.error)
    return this.answerBatch(request, batch, facts)
  }

  private async answerBatch(request: Request, batch: ReceivedBatch, facts: Fields): Promise<Response> {
    const { envelope, lines } = batch
    const user = facts.user === undefined ? undefined : String(facts.user)
    if (user !== undefined && envelope.owner !== "" && envelope.owner !== user)
      return this.refuse(request, 403, "the lines are of another user")
    const nowMs = Date.now()
    const waitS = this.rates.take(user ?? "", lines.length, nowMs)
    if (waitS > 0) return this.refuse(request, 429, "too many events", { "retry-after": String(waitS) })
    await this.recall()
    const known = {
      ...facts,
      ...(user === undefined && envelope.owner !== "" ? { claimed_owner: envelope.owner } : {}),
      skew_ms: Math.round(nowMs - envelope.sent)
    }
    const outcomes = await this.settle(lines, user ?? envelope.owner, known, envelope.recorded)
    if (outcomes === "late" || outcomes.includes("later"))
      return this.refuse(request, 503, "not written yet", { "retry-after": String(ingestLimits.retryAfterS) })
    this.failing.delete("answer")
    return this.respond(request, 200, acknowledgement(outcomes))
  }

  // Every line is handed to the log before the first answer is waited for.
  private async settle(
    lines: readonly Uint8Array[],
    user: string,
    facts: Fields,
    recorded: number
  ): Promise<readonly Outcome[] | "late"> {
    let streamKey: string | undefined
    const outcomes = lines.map((line) => {
      const claim = judge(line, this.catalogue)
      if ("why" in claim) {
        const { why, place } = claim
        if (place !== undefined) this.seen.add(user, place.streamKey, place.first, place.last)
        return why
      }
      streamKey = claim.streamKey
      return this.record(claim, user, facts)
    })
    if (streamKey !== undefined) this.seen.tell(user, streamKey, recorded)
    if (!outcomes.some((outcome) => typeof outcome === "object")) return outcomes as readonly Outcome[]
    const late = Promise.withResolvers<"late">()
    const timer = setTimeout(() => late.resolve("late"), ingestLimits.answerMs)
    try {
      return await Promise.race([Promise.all(outcomes.map(async (outcome) => outcome)), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  private record(claim: Claim, user: string, facts: Fields): Outcome | Promise<Outcome> {
    const { claims, streamKey, first, last, as, misfits } = claim
    const { seen, underWay, options } = this
    if (seen.has(user, streamKey, first, last)) return "duplicate"
    if (options.acknowledge === "queued") {
      seen.add(user, streamKey, first, last)
      options.audit.relay(claims, facts, { as, misfits })
      return "accepted"
    }
    // Our own rules leave it out, and then the page need not keep it.
    if (!isWanted(options.audit, claims)) {
      seen.add(user, streamKey, first, last)
      return "accepted"
    }
    const key = `${streamKey}${first}-${last} ${user}`
    const nowMs = Date.now()
    if (nowMs < (underWay.get(key) ?? 0)) return "later"
    underWay.set(key, nowMs + ingestLimits.settleMs)
    return this.commit(options.audit, claim, facts).then((outcome) => {
      underWay.delete(key)
      if (outcome !== "later") seen.add(user, streamKey, first, last)
      return outcome
    })
  }

  private async commit(audit: CommittingAudit, claim: Claim, facts: Fields): Promise<Outcome> {
    const { claims, as, misfits } = claim
    try {
      await audit.commit(relayed(claims, facts, { as, misfits }), undefined, {
        timeoutMs: ingestLimits.settleMs
      })
      this.failing.delete("commit")
      return "accepted"
    } catch (error) {
      const why = (error as { readonly why?: unknown }).why
      if (why === "too_large") return "too_large"
      if (why === "refused") return "forbidden"
      return "later"
    }
  }

  // Once; what it cannot read is recorded, and then repeats of before the restart are told by `origin.id` alone.
  private recall(): Promise<void> | undefined {
    const { recall } = this.options
    if (recall === undefined) return undefined
    this.recalled ??= this.readAgain(recall)
    return this.recalled
  }

  private async readAgain(recall: () => AsyncIterable<object>): Promise<void> {
    try {
      for await (const line of recall()) {
        const { head, fields }: RecalledLine = line
        const place = placeOf(head?.origin)
        if (place === undefined) continue
        const user = String(fields?.user ?? fields?.claimed_owner ?? "")
        this.seen.add(user, place.streamKey, place.first, place.last)
      }
    } catch (error) {
      this.failed("recall", error)
    }
  }

  private failed(what: string, error: unknown): void {
    if (this.failing.has(what)) return
    this.failing.add(what)
    this.options.audit.exception(`createIngest: ${what}`, error)
  }

  private refuse(
    request: Request,
    status: number,
    error: string,
    headers: Record<string, string> = {}
  ): Response {
    return this.respond(request, status, { error }, headers)
  }

  private respond(
    request: Request,
    status: number,
    body: unknown,
    headers: Record<string, string> = {}
  ): Response {
    return new Response(JSON.stringify(body), {
      status,
      headers: {
        "content-type": "application/json",
        "cache-control": "no-store",
        ...corsHeaders(request, this.origins),
        ...headers
      }
    })
  }
}

const bodyProblems = {
  400: "the body is broken gzip",
  408: "the body took too long",
  413: `a body has at most ${ingestLimits.bytesMax} bytes`,
  500: "the body could not be read: mount this handler in front of any body parser"
} as const

const acknowledgement = (outcomes: readonly Outcome[]): Acknowledgement => {
  let accepted = 0
  let duplicate = 0
  const refused: (readonly [number, RefusedWhy])[] = []
  for (const [line, outcome] of outcomes.entries()) {
    if (outcome === "accepted") accepted += 1
    else if (outcome === "duplicate") duplicate += 1
    else if (outcome !== "later") refused.push([line, outcome])
  }
  return { accepted, duplicate, refused }
}

// Operations are filtered by their action, other events by their category.
const isWanted = (audit: CommittingAudit, { category, action, level }: Fields): boolean => {
  const name = category === "operation" && typeof action === "string" ? action : String(category)
  return audit.isEnabled(name, typeof level === "string" ? level : undefined)
}
