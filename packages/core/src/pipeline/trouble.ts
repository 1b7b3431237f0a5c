// What is wrong with one exporter, and the notices about it: one when each kind of trouble begins and one when all of it
// ends, however many events and attempts it meets.

/** `paused`: the far side, or the exporter itself, asks to be left alone for a while. */
export type TroubleKind = "degraded" | "stalled" | "paused"

export class Trouble {
  /** Of the last failure; kept when the trouble is over. */
  lastError: string | undefined
  private readonly noticed = new Set<TroubleKind>()
  private droppedBefore = 0
  private readonly notice: (text: string) => void
  private readonly dropped: () => number

  /** `dropped` counts what the exporter has lost so far. */
  constructor(notice: (text: string) => void, dropped: () => number) {
    this.notice = notice
    this.dropped = dropped
  }

  get isOn(): boolean {
    return this.noticed.size > 0
  }

  /** Something failed. `outlook` says what waits, and what is done about it now. */
  meet(kind: TroubleKind, reason: string, outlook: string): void {
    if (!this.isOn) this.droppedBefore = this.dropped()
    // What was overdue and has come back fails for the same reason.
    const isSaid = this.isOn && this.lastError === reason
    this.lastError = reason
    if (this.noticed.has(kind)) return
    this.noticed.add(kind)
    if (!isSaid) this.notice(`${reason}; ${outlook}`)
  }

  /** It works again. */
  end(): void {
    if (!this.isOn) return
    this.noticed.clear()
    this.notice(`works again; ${this.dropped() - this.droppedBefore} events were dropped meanwhile`)
  }
}
