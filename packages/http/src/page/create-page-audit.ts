// The log of a page: core's `Audit` over a queue of its own and one server. Its lines are core's lines; to the server they are
// claims, which it records as events of its own log.
import type {
  CommittingAudit,
  ExporterCounts,
  ExporterHealth,
  Fields,
  FlushResult,
  Health,
  Receipt,
  RecordingChange
} from "@daybook/core"
import {
  type DropReason,
  type EventInput,
  LastPages,
  operationTimed,
  optionOf,
  pageOpened,
  Recording,
  type RedactRules,
  readLevel,
  recordingChanged,
  sessionEnded,
  sessionStarted,
  textOf,
  timeOperation,
  toBuiltIn,
  toException,
  toInput,
  toRelayed,
  waitLimit,
  wholeMs
} from "@daybook/core/client"
import { disabledAuditLog } from "@daybook/core/disabled"
import { pageLimits } from "./limits.ts"
import { atTime, LineMaker } from "./line-maker.ts"
import type { Offline, OfflineModule } from "./offline.ts"
import { watchPage, whenShown } from "./page-moments.ts"
import { type RecentPageLines, RecentTexts } from "./recent-lines.ts"
import { ownerOf, Sender, type SenderOptions } from "./sender.ts"
import { WaitingLines } from "./waiting-lines.ts"

export interface PageAuditOptions extends RecordingChange {
  readonly app: string
  /** Where `createIngest` answers. Default "/daybook". */
  readonly url?: string | undefined
  /** Who is signed in: what is logged now is sent only while the same user is. Default "", nobody that the page knows. */
  readonly owner?: (() => string) | undefined
  /** Sent with each batch, such as a token. */
  readonly headers?: (() => Record<string, string>) | undefined
  /** Made by `recentLines()`: keeps the newest lines for a download. */
  readonly recent?: RecentPageLines | undefined
  /**
   * A function that imports `@daybook/http/page/offline`: what the server has not answered when the page is left stays in the browser, and
   * is sent at the next visit. Without it nothing is stored.
   */
  readonly offline?: (() => Promise<OfflineModule>) | undefined
  /** Keys and texts to redact besides the built-in ones. */
  readonly redact?: RedactRules | undefined
}

/** `commit` resolves when the server has written the event. */
export type PageAudit = CommittingAudit

/** Why a commit failed, under the names of core's own errors. */
export class PageCommitError extends Error {
  readonly _tag: "QueueFull" | "Refused" | "Unknown"

  constructor(tag: PageCommitError["_tag"], message: string) {
    super(message)
    this.name = tag
    this._tag = tag
  }
}

/** Makes the log of a page. Where there is no page, as on a server that renders one, it records nothing. */
export const createPageAudit = (options: PageAuditOptions): PageAudit => {
  if (typeof document === "undefined") return { ...disabledAuditLog, commit: () => Promise.reject(noPage()) }
  return new PageLog(options).audit
}

const noPage = (): PageCommitError =>
  new PageCommitError("Refused", "Cannot commit: the log of a page records nothing where there is no page")

/** The one exporter in health, gap claims and counts. */
const serverName = "server"

class PageLog {
  private readonly options: PageAuditOptions
  private readonly maker: LineMaker
  private readonly lines: WaitingLines
  private readonly senderOptions: SenderOptions
  private readonly sender: Sender
  private readonly recording: Recording
  private readonly recent: RecentTexts | undefined
  private readonly lastPages = new LastPages()
  private readonly listeners = new Set<(health: Health) => void>()
  /** Those who wait until something changes. */
  private readonly waiting = new Set<() => void>()
  private isClosed = false
  private startedMs: number | undefined
  private isWriting = false
  /** Calls that came while an event was being written. */
  private nested = 0
  private stopWatching: () => void = () => undefined
  private offline: Offline | undefined

  constructor(options: PageAuditOptions) {
    const { app, url = "/daybook", owner = () => "", headers = () => ({}), redact, recent } = options
    this.options = { ...options, owner }
    this.recording = new Recording(app, {}, options)
    this.maker = new LineMaker(redact)
    this.lines = new WaitingLines((fields) => this.maker.gap(fields, Date.now()))
    this.senderOptions = { app, url, owner, headers, recorded: () => this.maker.seq }
    this.sender = new Sender(this.senderOptions, this.lines)
    this.recent = recent instanceof RecentTexts ? recent : undefined
    if (this.recent !== undefined) this.recent.gapLine = (fields) => this.maker.gap(fields, Date.now())
    this.lines.onChange = () => this.changed()
    this.sender.onChange = () => this.changed()
    if (whenShown(() => this.shown())) this.watch()
    else this.sender.pause()
  }

  readonly audit: PageAudit = {
    log: (first: unknown, second?: unknown, third?: unknown, fourth?: unknown) =>
      this.record(() => toInput(this.maker.keys, first, second, third, fourth)),
    sessionStart: (extras) => {
      if (this.startedMs !== undefined) return
      this.startedMs = performance.now()
      this.record(() => toBuiltIn(sessionStarted, pageFacts(), { extras, isForAll: true }))
    },
    pageOpen: (slug, options) =>
      this.record(() => {
        const page = textOf(slug)
        const isNews = this.lastPages.isNews(textOf(optionOf(options, "key") ?? ""), page)
        return isNews ? toBuiltIn(pageOpened, { page }, { extras: optionOf(options, "fields") }) : undefined
      }),
    lastPage: (options) => this.lastPages.of(textOf(optionOf(options, "key") ?? "")),
    exception: (where, error, extras) => this.record(() => toException(where, error, extras)),
    relay: (claims, facts, options) => this.record(() => toRelayed(claims, facts, options)),
    timed: (action, fields, run) =>
      timeOperation(textOf(action), fields, run, clock, (said, extras) => {
        const level = said.outcome === "success" ? "info" : "error"
        this.record(() => toBuiltIn(operationTimed, said, { level, extras }))
      }),
    isEnabled: (name, level) => this.recording.wantsName(textOf(name), readLevel(level) ?? "info"),
    setRecording: (rules) =>
      this.record(() => {
        const { allow: allowBefore, level: levelBefore } = this.recording.rules
        this.recording.change(rules)
        const { allow, level } = this.recording.rules
        const fields = { allow, level_min: level, allow_before: allowBefore, level_min_before: levelBefore }
        return toBuiltIn(recordingChanged, fields, { isForAll: true })
      }),
    commit: (event: unknown, extras?: unknown, options?: unknown) => this.commit(event, extras, options),
    hasRoom: () => this.lines.hasRoom,
    room: () => this.until(() => this.lines.hasRoom),
    flush: (options) => this.flush(waitLimit(options, pageLimits.flushMs)),
    close: (options) => {
      if (this.startedMs !== undefined && !this.isClosed) {
        const duration = wholeMs(performance.now() - this.startedMs)
        this.record(() => toBuiltIn(sessionEnded, { duration_ms: duration }, { isForAll: true }))
      }
      this.isClosed = true
      return this.flush(waitLimit(options, pageLimits.flushMs))
    },
    health: () => this.health(),
    onHealth: (listener) => {
      this.listeners.add(listener)
      return () => void this.listeners.delete(listener)
    }
  }

  /** `make` looks at what the caller gave, which may run foreign code. Never throws. Returns whether an event was recorded. */
  private record(make: () => EventInput | undefined, commit?: CommitCall): boolean {
    // A getter that logs while its own event is being written is counted, not followed.
    if (this.isWriting) {
      this.nested += 1
      return false
    }
    let category = "(unknown)"
    this.isWriting = true
    try {
      const input = make()
      if (input === undefined || !(input.isForAll === true || this.recording.wants(input))) return false
      category = input.category
      if (this.isClosed) {
        this.lose(category, "closed")
        return false
      }
      this.write(input, commit)
      return true
    } catch {
      this.lose(category, "defect")
      return false
    } finally {
      this.isWriting = false
      // Behind the outer event, so that the order of `seq` holds.
      for (; this.nested > 0; this.nested--) this.lose("(unknown)", "defect")
    }
  }

  private write(input: EventInput, commit: CommitCall | undefined): void {
    const { maker, lines, sender } = this
    const now = Date.now()
    const text = maker.event(input, now)
    const { seq } = maker
    const { category } = input
    // Most lines are of one byte a unit.
    const bytes = isAscii.test(text) ? text.length : new TextEncoder().encode(text).length
    lines.add({
      seq,
      text,
      bytes,
      category,
      owner: ownerOf({ owner: this.options.owner as () => string }),
      at: now,
      commit: commit?.(seq),
      requests: 0,
      isSettled: false
    })
    this.recent?.keep({ seq, text, bytes, category })
    if (sender.trouble !== undefined) this.offline?.saveSoon()
    sender.wake(commit === undefined ? undefined : 0)
  }

  // It has a `seq`, so that what is missing is seen.
  private lose(category: string, reason: DropReason): void {
    this.maker.seq += 1
    const owner = ownerOf({ owner: this.options.owner as () => string })
    this.lines.addLost(this.maker.seq, category, owner, reason)
    this.sender.wake()
  }

  private commit(event: unknown, extras: unknown, options: unknown): Promise<Receipt> {
    const timeoutMs = waitLimit(options, pageLimits.commitMs)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const words = `Cannot say whether the commit succeeded: no answer within ${timeoutMs} ms; the event still waits`
        reject(new PageCommitError("Unknown", words))
      }, timeoutMs)
      const refuse = (why: string): void => {
        clearTimeout(timer)
        const tag = why === "overflow" ? "QueueFull" : "Refused"
        reject(new PageCommitError(tag, `Cannot commit to "${serverName}": ${why}`))
      }
      const isRecorded = this.record(
        () => toInput(this.maker.keys, event, extras, options),
        (seq) => ({
          written: () => {
            clearTimeout(timer)
            resolve({ durability: "remote", seq })
          },
          lost: refuse
        })
      )
      if (!isRecorded) refuse(this.isClosed ? "the log is closed" : "this log does not record such events")
    })
  }

  private async flush(timeoutMs: number): Promise<FlushResult> {
    const upTo = this.maker.seq
    const { dropped } = this.lines
    this.sender.wake(0)
    await this.until(() => (this.lines.oldest?.seq ?? upTo + 1) > upTo, timeoutMs)
    const counts = this.counts
    const isThrough = (this.lines.oldest?.seq ?? upTo + 1) > upTo
    return { complete: isThrough && counts.dropped === dropped, ...numbersOf(counts), exporters: [counts] }
  }

  /** Waits until something holds, or the time is over. */
  private until(holds: () => boolean, timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      if (holds()) return resolve()
      const end = (): void => {
        clearTimeout(timer)
        this.waiting.delete(look)
        resolve()
      }
      const look = (): void => {
        if (holds()) end()
      }
      const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs)
      this.waiting.add(look)
    })
  }

  private changed(): void {
    if (this.sender.trouble !== undefined) this.offline?.saveSoon()
    for (const look of this.waiting) look()
    const health = this.listeners.size === 0 ? undefined : this.health()
    if (health === undefined) return
    for (const listener of this.listeners) {
      try {
        listener(health)
      } catch {
        // A listener that throws must not stop what is sent.
      }
    }
    if (this.isClosed && this.lines.isEmpty) this.stopWatching()
  }

  private get counts(): ExporterCounts {
    const { accepted, written, dropped, pending } = this.lines
    return { name: serverName, accepted, written, handedOver: 0, dropped, pending }
  }

  private health(): Health {
    const { lines, sender } = this
    const { oldest } = lines
    const server: ExporterHealth = {
      ...this.counts,
      state: this.state,
      droppedBy: { ...lines.droppedBy },
      ...(oldest === undefined ? {} : { oldestAgeMs: Math.max(0, Date.now() - oldest.at) }),
      ...(sender.lastError === undefined ? {} : { lastError: sender.lastError })
    }
    return { app: this.options.app, session: this.maker.session, exporters: [server] }
  }

  private get state(): ExporterHealth["state"] {
    const { sender, lines } = this
    if (this.isClosed && lines.isEmpty) return "closed"
    if (sender.trouble !== undefined) return "degraded"
    if (sender.isSending) return "writing"
    return sender.hasWorked ? "idle" : "opening"
  }

  // What was logged before happened now: the page had not been seen.
  private shown(): void {
    const now = Date.now()
    this.lines.rewrite((text) => atTime(text, now))
    this.watch()
    this.sender.resume()
  }

  private watch(): void {
    this.stopWatching = watchPage({
      leaving: () => {
        this.sender.leave()
        this.offline?.leave()
      },
      back: () => {
        this.offline?.back()
        this.sender.resume()
      }
    })
    void this.openOffline()
  }

  // Where it cannot be loaded or opened, as in a private window, the page is one without a store.
  private async openOffline(): Promise<void> {
    const { app, offline } = this.options
    if (offline === undefined) return
    try {
      const { keepOffline } = await offline()
      this.offline = await keepOffline({
        app,
        streamKey: this.maker.streamKey,
        lines: this.lines,
        recorded: () => this.maker.seq,
        send: (lines, recorded) =>
          new Sender({ ...this.senderOptions, recorded: () => recorded }, lines).wake(0)
      })
    } catch {
      // Told by nothing: events are sent as before.
    }
  }
}

type CommitCall = (seq: number) => { written(): void; lost(why: DropReason): void }

const isAscii = /^[ -~\n]*$/

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }

const numbersOf = ({ name: _name, ...numbers }: ExporterCounts): Omit<ExporterCounts, "name"> => numbers

// The same as core says of a page.
const pageFacts = (): Fields => {
  const minutes = -new Date().getTimezoneOffset()
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0")
  return {
    platform: navigator.userAgent,
    runtime: "web",
    runtime_version: "?",
    user: "?",
    // Without the path, which may hold an id, or a link's token.
    cwd: location.origin,
    tz_offset: `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
  }
}
