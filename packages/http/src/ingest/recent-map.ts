// A map that forgets what was not used for the longest time: users and sessions are as many as somebody likes to make up, so all
// that is remembered of them is bounded.

export class RecentMap<Value> {
  private readonly values = new Map<string, Value>()
  private readonly sizeMax: number

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax
  }

  get size(): number {
    return this.values.size
  }

  get(key: string): Value | undefined {
    return this.values.get(key)
  }

  /** Keeps a value as the most recent one. */
  set(key: string, value: Value): void {
    const { values } = this
    values.delete(key)
    values.set(key, value)
    if (values.size <= this.sizeMax) return
    // Many at once: to find the first key of a map that lost its first ones takes as long as to go over all of those.
    const left = this.sizeMax - this.sizeMax / 16
    for (const oldest of values.keys()) {
      if (values.size <= left) break
      values.delete(oldest)
    }
  }

  all(): Iterable<Value> {
    return this.values.values()
  }
}
