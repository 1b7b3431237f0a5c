// What is wrong with one exporter, and the notices about it: one when each kind of trouble begins and one when all of it
// ends, however many events and attempts it meets.
import { type SecretNames, withoutSecrets } from "../encode/text-patterns.ts"

/** `paused`: the far side, or the exporter itself, asks to be left alone for a while. */
export type TroubleKind = "degraded" | "stalled" | "paused"

export class Trouble {
  private readonly noticed = new Set<TroubleKind>()
  private droppedBefore = 0
  private error: string | undefined
  private readonly notice: (text: string) => void
  private readonly dropped: () => number
  private readonly names: SecretNames

  /** `dropped` counts what the exporter has lost so far, `names` are the log's secret ones. */
  constructor(notice: (text: string) => void, dropped: () => number, names: SecretNames) {
    this.notice = notice
    this.dropped = dropped
    this.names = names
  }

  /** Of the last failure; kept when the trouble is over. An error's text is not ours, and may quote a secret. */
  get lastError(): string | undefined {
    return this.error
  }

  set lastError(reason: string) {
    this.error = withoutSecrets(reason, this.names)
  }

  get isOn(): boolean {
    return this.noticed.size > 0
  }

  /** Something failed. `outlook` says what waits, and what is done about it now. */
  meet(kind: TroubleKind, reason: string, outlook: string): void {
    if (!this.isOn) this.droppedBefore = this.dropped()
    const before = this.error
    this.lastError = reason
    // What was overdue and has come back fails for the same reason.
    const isSaid = this.isOn && this.error === before
    if (this.noticed.has(kind)) return
    this.noticed.add(kind)
    if (!isSaid) this.notice(`${this.error}; ${outlook}`)
  }

  /** It works again. */
  end(): void {
    if (!this.isOn) return
    this.noticed.clear()
    this.notice(`works again; ${this.dropped() - this.droppedBefore} events were dropped meanwhile`)
  }
}
