// From waiting lines to the server, one batch at a time, until each line has its answer. Owns what an answer means and how long is
// waited; docs/guides/pages.md has the answers as a table.
//
//   idle ──wake──▶ lingering ──▶ sending ──200──▶ the next batch, or idle
//                                  │ no answer ──▶ backing off: the same lines again
//                                  │ 401 403 404 3xx ──▶ held: five minutes, or until the user changes
//                                  └ 400 413 ──▶ half as many lines; one alone is given up, and a gap claim says so
import type { DropReason } from "@daybook/core/client"
import { type Acknowledgement, type Envelope, mediaType, wireVersion } from "../wire.ts"
import { pageLimits } from "./limits.ts"
import type { Waiting, WaitingLines } from "./waiting-lines.ts"

export interface SenderOptions {
  readonly app: string
  readonly url: string
  readonly owner: () => string
  readonly headers: () => Record<string, string>
  /** The highest `seq` so far. */
  readonly recorded: () => number
}

type FetchLater = (url: string, init: RequestInit) => unknown

/** What comes of an attempt: a wait in ms, or none. Of our own accord, because the server asked for it, or for this user alone. */
type Next = { readonly waitMs: number; readonly why: "backoff" | "asked" | "held" } | undefined

export class Sender {
  /** What went wrong last; undefined once the server has answered well. */
  trouble: string | undefined
  lastError: string | undefined
  isSending = false
  /** The server has settled something. */
  hasWorked = false
  /** Called when `trouble` begins or ends. */
  onChange: () => void = () => undefined
  private readonly options: SenderOptions
  private readonly lines: WaitingLines
  private timer: ReturnType<typeof setTimeout> | undefined
  private dueAt = Number.POSITIVE_INFINITY
  private failures = 0
  private linesMax: number = pageLimits.batchLinesMax
  /** Nothing is sent before, unless the page comes back. */
  private backoffUntil = 0
  /** Nothing is sent before; where there is an owner, unless the user changes. */
  private heldUntil = 0
  private heldOwner: string | undefined
  private leavingBytes = 0
  private readonly leaving = new Set<Waiting>()
  private armed: AbortController | undefined
  private armTimer: ReturnType<typeof setTimeout> | undefined
  private armedAt = 0
  private isPaused = false

  constructor(options: SenderOptions, lines: WaitingLines) {
    this.options = options
    this.lines = lines
  }

  /** Nothing is sent, and no timer runs, until `resume`. */
  pause(): void {
    this.isPaused = true
    clearTimeout(this.timer)
    clearTimeout(this.armTimer)
    this.timer = this.armTimer = undefined
    this.dueAt = Number.POSITIVE_INFINITY
  }

  /** Sends as soon as the server lets us, as if nothing had failed. */
  resume(): void {
    this.isPaused = false
    this.failures = 0
    this.backoffUntil = 0
    this.wake(0)
  }

  /** Sends within so many ms. */
  wake(withinMs: number = pageLimits.lingerMs): void {
    if (this.isPaused || this.lines.isEmpty) return
    this.armSoon()
    if (this.isSending) return
    const now = Date.now()
    // What is logged meanwhile does not shorten a wait.
    const heldUntil = this.isHeld ? this.heldUntil : 0
    const look = this.heldOwner === undefined ? heldUntil : Math.min(heldUntil, now + pageLimits.ownerLookMs)
    this.due(Math.max(now + withinMs, this.backoffUntil, look), now)
  }

  private get isHeld(): boolean {
    return this.heldOwner === undefined || this.heldOwner === ownerOf(this.options)
  }

  private due(at: number, now: number): void {
    if (at >= this.dueAt) return
    clearTimeout(this.timer)
    this.dueAt = at
    this.timer = setTimeout(
      () => {
        this.dueAt = Number.POSITIVE_INFINITY
        this.timer = undefined
        // The page does not hear when its user changes, so it looks.
        if (this.isHeld && Date.now() < this.heldUntil) this.wake(0)
        else void this.run()
      },
      Math.max(0, at - now)
    )
  }

  private async run(): Promise<void> {
    if (this.isSending) return
    this.isSending = true
    let next: Next
    try {
      while (next === undefined && !this.isPaused) {
        const batch = this.lines.next(ownerOf(this.options), pageLimits.batchBytesMax, this.linesMax)
        if (batch.length === 0) break
        next = await this.attempt(batch, false)
      }
    } finally {
      this.isSending = false
    }
    if (this.isPaused) return
    this.wait(next)
    if (this.lines.isEmpty) this.disarm()
    else this.armSoon()
  }

  private wait(next: Next): void {
    if (next === undefined) return
    const { waitMs, why } = next
    const now = Date.now()
    if (why === "backoff") this.backoffUntil = now + waitMs
    else {
      this.heldUntil = now + waitMs
      this.heldOwner = why === "held" ? ownerOf(this.options) : undefined
    }
    this.due(now + (why === "held" ? Math.min(waitMs, pageLimits.ownerLookMs) : waitMs), now)
  }

  /** The page may be gone in a moment: what fits goes along with it, and its answer is heard if the page stays. */
  leave(): void {
    const owner = ownerOf(this.options)
    if (this.heldOwner === owner && Date.now() < this.heldUntil) return
    const room = pageLimits.leaveBytesMax - this.leavingBytes
    const batch = this.lines.next(owner, room, pageLimits.batchLinesMax, (item) => !this.leaving.has(item))
    const bytes = batch.reduce((sum, item) => sum + ("bytes" in item ? item.bytes : 0), 0)
    // One line alone may have more than there is room for.
    if (batch.length === 0 || bytes > room) return
    this.leavingBytes += bytes
    for (const item of batch) this.leaving.add(item)
    void this.attempt(batch, true).then((next) => {
      this.leavingBytes -= bytes
      for (const item of batch) this.leaving.delete(item)
      if (next === undefined) this.wake(0)
      else this.wait(next)
    })
  }

  private async attempt(batch: readonly Waiting[], isLeaving: boolean): Promise<Next> {
    for (const item of batch) item.requests += 1
    let next: Next
    try {
      const response = await fetch(this.options.url, {
        ...this.request(batch),
        redirect: "manual",
        ...(isLeaving ? { keepalive: true } : { signal: AbortSignal.timeout(pageLimits.answerMs) })
      })
      next = this.answered(batch, response, await response.text())
    } catch (error) {
      next = this.unanswered(error instanceof Error ? error.message : String(error))
    }
    for (const item of batch) item.requests -= 1
    return next
  }

  private request(batch: readonly Waiting[]): RequestInit {
    const { app, headers, recorded } = this.options
    const envelope: Envelope = {
      daybook: wireVersion,
      app,
      owner: batch[0]?.owner ?? "",
      sent: Date.now(),
      recorded: recorded(),
      lines: batch.length
    }
    return {
      method: "POST",
      headers: { ...guarded(headers, {}), "content-type": mediaType },
      body: `${JSON.stringify(envelope)}\n${this.lines.textsOf(batch).join("")}`
    }
  }

  private answered(batch: readonly Waiting[], response: Response, text: string): Next {
    const { status } = response
    if (status === 200) {
      const settled = readAcknowledgement(text, batch.length)
      // A portal's page, or an application's index.html.
      if (settled === undefined) return this.unanswered("answered 200, but not as a server of wire 1")
      this.failures = 0
      this.heldUntil = this.backoffUntil = 0
      this.linesMax = Math.min(pageLimits.batchLinesMax, 2 * this.linesMax)
      this.hasWorked = true
      this.lines.settle(batch, settled)
      this.say(undefined)
      return undefined
    }
    if (status === 400 || status === 413) {
      const [only] = batch
      this.lastError = `answered ${status}`
      if (batch.length > 1) this.linesMax = Math.ceil(batch.length / 2)
      else if (only !== undefined) this.lines.giveUp(only, status === 413 ? "too_large" : "refused")
      return undefined
    }
    const asked = Number(response.headers.get("retry-after")) * 1_000
    if ((status === 429 || status === 503) && asked > 0) {
      this.say(`answered ${status}`)
      return { waitMs: Math.min(asked, pageLimits.holdMs), why: "asked" }
    }
    // An answer of type "opaqueredirect" has the status 0.
    const isWrong = [0, 401, 403, 404, 405, 415].includes(status) || (status >= 300 && status < 400)
    if (!isWrong) return this.unanswered(`answered ${status}`)
    this.say(status === 0 ? "answered with a redirection" : `answered ${status}`)
    return { waitMs: pageLimits.holdMs, why: "held" }
  }

  private unanswered(why: string): Next {
    this.say(why)
    const waitMs = Math.min(pageLimits.backoffMaxMs, pageLimits.backoffMinMs * 2 ** this.failures)
    this.failures += 1
    return { waitMs: waitMs * (0.8 + 0.4 * Math.random()), why: "backoff" }
  }

  private say(trouble: string | undefined): void {
    const isNews = this.trouble !== trouble
    this.trouble = trouble
    this.lastError = trouble ?? this.lastError
    if (isNews) this.onChange()
  }

  // What the browser sends by itself when the page is gone, be it that its process crashed.
  private armSoon(): void {
    if (this.armTimer !== undefined || !("fetchLater" in globalThis)) return
    const waitMs = Math.max(pageLimits.armMs, this.armedAt + pageLimits.armAgainMs - Date.now())
    this.armTimer = setTimeout(() => {
      this.armTimer = undefined
      this.arm()
    }, waitMs)
  }

  private arm(): void {
    this.disarm()
    this.armedAt = Date.now()
    const all = () => true
    const batch = this.lines.next(
      ownerOf(this.options),
      pageLimits.leaveBytesMax,
      pageLimits.batchLinesMax,
      all
    )
    if (batch.length === 0) return
    const controller = new AbortController()
    try {
      const { fetchLater } = globalThis as unknown as { readonly fetchLater: FetchLater }
      fetchLater(this.options.url, { ...this.request(batch), signal: controller.signal })
      this.armed = controller
    } catch {
      // No room, or not for this address: then a page that crashes takes its last lines along.
    }
  }

  private disarm(): void {
    this.armed?.abort()
    this.armed = undefined
  }
}

/** A function of the application's, which must not stop us. */
const guarded = <Value>(ask: () => Value, otherwise: Value): Value => {
  try {
    return ask()
  } catch {
    return otherwise
  }
}

/** Who is signed in now, as the application says. */
export const ownerOf = ({ owner }: Pick<SenderOptions, "owner">): string => String(guarded(owner, "") ?? "")

const readAcknowledgement = (text: string, lines: number): ReadonlyMap<number, DropReason> | undefined => {
  try {
    const { accepted, duplicate, refused } = JSON.parse(text) as Acknowledgement
    if (accepted + duplicate + refused.length !== lines) return undefined
    return new Map(refused.map(([line, why]) => [line, why === "too_large" ? "too_large" : "refused"]))
  } catch {
    return undefined
  }
}
