// A file layer that keeps what was asked of it: each operation in order, with what it was for, and how many were under
// way at once. A test can wait for an operation instead of sleeping. Around a real layer or a faulty one.
import type { FileLayer, NowLayer } from "../../src/disk/file-layer.ts"

/** One operation. */
export interface Asked {
  /** `now.append` is the exit hook's. */
  readonly operation: string
  /** The path, or the path that the descriptor was opened with. */
  readonly path: string
  readonly fd?: number
  /** Bytes of an append. */
  readonly bytes?: Uint8Array
}

export interface WatchedFileLayer extends FileLayer {
  readonly asked: readonly Asked[]
  /** Most operations that were ever under way together. */
  readonly atOnceMax: () => number
  /** Names of the operations since the last call of this. */
  readonly news: () => readonly string[]
  /** Resolves when an operation has come back that passes, from the first on. */
  readonly until: (passes: (asked: Asked) => boolean) => Promise<void>
}

type AnyOperation = (...args: readonly unknown[]) => unknown

export const watchedFileLayer = (layer: FileLayer): WatchedFileLayer => {
  const asked: Asked[] = []
  const done: Asked[] = []
  const paths = new Map<number, string>()
  const waits: { readonly passes: (asked: Asked) => boolean; readonly resolve: () => void }[] = []
  let [underWay, atOnceMax, told] = [0, 0, 0]

  const begin = (operation: string, [subject, second]: readonly unknown[]): Asked => {
    underWay += 1
    atOnceMax = Math.max(atOnceMax, underWay)
    const place =
      typeof subject === "number"
        ? { path: paths.get(subject) ?? "", fd: subject }
        : { path: typeof subject === "string" ? subject : "" }
    const entry = { operation, ...place, ...(second instanceof Uint8Array ? { bytes: second } : {}) }
    asked.push(entry)
    return entry
  }
  const end = (entry: Asked, answer?: unknown): void => {
    underWay -= 1
    if (/open(Append|Read)$/.test(entry.operation) && typeof answer === "number")
      paths.set(answer, entry.path)
    done.push(entry)
    for (const { passes, resolve } of waits) if (passes(entry)) resolve()
  }
  const later =
    (name: string, run: AnyOperation): AnyOperation =>
    async (...args) => {
      const entry = begin(name, args)
      let answer: unknown
      try {
        answer = await run(...args)
        return answer
      } finally {
        end(entry, answer)
      }
    }
  const atOnce =
    (name: string, run: AnyOperation): AnyOperation =>
    (...args) => {
      const entry = begin(name, args)
      let answer: unknown
      try {
        answer = run(...args)
        return answer
      } finally {
        end(entry, answer)
      }
    }
  const wrapped = (operations: object, wrap: typeof later, prefix: string): object =>
    Object.fromEntries(
      Object.entries(operations).map(([name, run]) => [
        name,
        typeof run === "function" ? wrap(`${prefix}${name}`, run as AnyOperation) : run
      ])
    )
  return {
    ...(wrapped(layer, later, "") as FileLayer),
    now: { ...(wrapped(layer.now, atOnce, "now.") as NowLayer), pause: layer.now.pause },
    asked,
    atOnceMax: () => atOnceMax,
    news: () => {
      const news = asked.slice(told).map(({ operation }) => operation)
      told = asked.length
      return news
    },
    until: (passes) =>
      done.some(passes)
        ? Promise.resolve()
        : new Promise((resolve) => {
            waits.push({ passes, resolve })
          })
  }
}
