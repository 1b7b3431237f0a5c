// Who waits for all that is in the files to be settled. Each is answered once: when a look that began after its call has found
// nothing left, or as soon as its attempt has failed.

export interface Flush {
  /** All files were looked at since it came. */
  isLooked: boolean
  readonly answer: (complete: boolean) => void
}

export class Flushes {
  private waiting: readonly Flush[] = []

  get any(): boolean {
    return this.waiting.length > 0
  }

  /** Those that wait now. */
  get all(): readonly Flush[] {
    return this.waiting
  }

  /** Those whose files were looked at. */
  get looked(): readonly Flush[] {
    return this.waiting.filter(({ isLooked }) => isLooked)
  }

  /** One more, and its answer. */
  add(): { readonly flush: Flush; readonly answered: Promise<boolean> } {
    let answer: (complete: boolean) => void = () => undefined
    const answered = new Promise<boolean>((resolve) => {
      answer = resolve
    })
    const flush: Flush = { isLooked: false, answer }
    this.waiting = [...this.waiting, flush]
    return { flush, answered }
  }

  /** A look begins. */
  look(): void {
    for (const flush of this.waiting) flush.isLooked = true
  }

  answer(flushes: readonly Flush[], complete: boolean): void {
    this.waiting = this.waiting.filter((flush) => !flushes.includes(flush))
    for (const { answer } of flushes) answer(complete)
  }
}
