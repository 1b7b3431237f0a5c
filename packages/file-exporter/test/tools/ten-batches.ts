// The scenario that every fault is tried on: ten batches over two days, written as the log's writer does it, with as many
// attempts as are needed. Faults come from faulty-file-layer.ts, and what must hold afterwards is said in the tests.
import { join } from "node:path"
import { type Batch, ExportError } from "@daybook/core"
import { expect } from "vitest"
import type { FileExporterOptions } from "../../src/file-exporter.node.ts"
import { type Fault, type FaultyFileLayer, faultyFileLayer } from "./faulty-file-layer.ts"
import { batchFrom, batchOf, fileBench, freshDir, linesOf, midnight, noon, numbersTo } from "./file-bench.ts"

const linesPerBatch = 20
export const linesOfTen: number = 10 * linesPerBatch

/** Ten batches; the fifth has lines of two days. */
export const tenBatches = (): readonly Batch[] =>
  numbersTo(10).map((number) => {
    const from = (number - 1) * linesPerBatch + 1
    const to = number * linesPerBatch
    if (number !== 5) return batchOf(from, to, number < 5 ? noon : midnight + 1)
    const half = from + linesPerBatch / 2
    return batchFrom(linesOf(from, half - 1, midnight - 1) + linesOf(half, to, midnight))
  })

/** Repeats as the writer does, and returns what was refused meanwhile. More attempts than faults is a standstill. */
export const persist = async <A>(
  attempt: () => Promise<A>,
  attemptsMax: number
): Promise<{ readonly value: A; readonly errors: readonly unknown[] }> => {
  const errors: unknown[] = []
  while (errors.length < attemptsMax) {
    try {
      return { value: await attempt(), errors }
    } catch (error) {
      errors.push(error)
    }
  }
  throw new Error(`no progress in ${attemptsMax} attempts: ${String(errors.at(-1))}`)
}

/** What the scenario says of itself. */
export interface Ten {
  /** What every attempt was refused with. */
  readonly errors: readonly unknown[]
  readonly notices: readonly string[]
  /** Operations before the close. */
  readonly operationsAtClose: number
}

/** Opens, writes the ten batches with up to `attemptsMax` attempts each, and closes. */
export const writeTen = async (
  layer: FaultyFileLayer,
  dir: string,
  attemptsMax: number,
  options: FileExporterOptions
): Promise<Ten> => {
  const bench = fileBench({ ...options, layer, dir })
  const { log } = bench
  const opened = await persist(() => bench.openHeld(), attemptsMax)
  const errors = [...opened.errors]
  for (const batch of tenBatches()) {
    // The log's clock goes with its events.
    log.atMs = batch.columns.time.at(-1) ?? log.atMs
    const written = await persist(() => opened.value.export(batch), attemptsMax)
    errors.push(...written.errors)
  }
  const operationsAtClose = layer.operations.length
  await opened.value.close()
  return { errors, notices: log.notices, operationsAtClose }
}

/** Runs the scenario with a fault at call 1, 2, 3 … until it is over before the fault. Returns how many calls it has. */
export const atEveryCall = async (
  fault: Fault,
  options: FileExporterOptions,
  judge: (run: Ten & { readonly dir: string; readonly layer: FaultyFileLayer; readonly k: number }) => void
): Promise<number> => {
  for (let k = 1; ; k++) {
    const dir = join(freshDir(), "logs")
    const layer = faultyFileLayer(({ number }) => (number === k ? fault : undefined))
    judge({ ...(await writeTen(layer, dir, 3, options)), dir, layer, k })
    if (layer.operations.length < k) return k - 1
  }
}

/** Each error says that it may be tried again, and where it happened. */
export const expectHonest = (errors: readonly unknown[], dir: string): void => {
  for (const error of errors) {
    expect(error).toBeInstanceOf(ExportError)
    const { retryable, outcome, reason } = error as ExportError
    expect({ retryable, outcome }).toEqual({ retryable: true, outcome: "failed" })
    expect(reason).toContain(dir)
  }
}
