// What tests of deliveries share: a far end that does what the test says, a delivery that is closed with its test, and ways to
// wait for it without a clock.
import { createHash } from "node:crypto"
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Batch, defaultQueuePolicy, ExportError, type Exporter, type QueuePolicy } from "@daybook/core"
import * as Effect from "effect/Effect"
import { onTestFinished } from "vitest"
import { deliverOn } from "../../src/deliver.node.ts"
import type { DeliverOptions, DeliveryState, RunningDelivery } from "../../src/delivery.ts"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import { app, linesOf, noon } from "./file-bench.ts"

/** What a far end says to lines: nothing, when it takes them. */
export type Answer = (lines: readonly string[]) => ExportError | undefined

export interface FarEnd extends Exporter {
  /** What it took, in its order, repeats included. */
  readonly lines: string[]
  /** How many lines each attempt had. */
  readonly attempts: number[]
  answer: Answer
}

export const farEnd = (
  options: { readonly queue?: Partial<QueuePolicy>; readonly name?: string } = {}
): FarEnd => {
  const decoder = new TextDecoder()
  const linesIn = (batch: Batch): readonly string[] => decoder.decode(batch.bytes()).trimEnd().split("\n")
  const end: FarEnd = {
    name: options.name ?? "far",
    queue: { ...defaultQueuePolicy, ...options.queue },
    lines: [],
    attempts: [],
    answer: () => undefined,
    open: () =>
      Effect.succeed({
        export: (batch) =>
          Effect.suspend(() => {
            const lines = linesIn(batch)
            end.attempts.push(lines.length)
            const error = end.answer(lines)
            if (error !== undefined) return Effect.fail(error)
            end.lines.push(...lines)
            return Effect.void
          })
      })
  }
  return end
}

export const down: Answer = () =>
  new ExportError({
    reason: "Cannot reach the far end: no connection (ECONNREFUSED)",
    retryable: true,
    outcome: "failed"
  })

/** Refuses batches with a line that has one of these texts, so that it is looked for. */
export const refusing =
  (...texts: readonly string[]): Answer =>
  (lines) =>
    lines.some((line) => texts.some((text) => line.includes(text)))
      ? new ExportError({
          reason: "Cannot insert a row: no such value (22P02)",
          retryable: false,
          outcome: "failed",
          divisible: true
        })
      : undefined

export interface Delivered {
  readonly delivery: RunningDelivery
  readonly notices: readonly string[]
  /** Lines that were set aside. */
  letters(): readonly Record<string, unknown>[]
  /** The place as it stands on the disk. */
  place(): Record<string, never>
}

/** The directory with what a delivery keeps. */
export const stateOf = (dir: string, name = "far"): string => join(dir, ".daybook", app, "delivery", name)

export const deliverFrom = (
  dir: string,
  to: FarEnd,
  options: Partial<DeliverOptions> = {},
  reads: ReadLayer = nodeReadLayer
): Delivered => {
  const notices: string[] = []
  const notice = (line: string): void => void notices.push(line)
  const delivery = deliverOn({ files: nodeFileLayer, reads }, { app, dir, to, notice, ...options })
  onTestFinished(async () => void (await delivery.close({ timeoutMs: 0 })))
  const state = options.placeDir ?? stateOf(dir, options.name ?? to.name)
  return {
    delivery,
    notices,
    place: () => JSON.parse(readFileSync(join(state, "place.json"), "utf8")),
    letters: () => {
      const day = new Date(options.clock?.currentTimeMillisUnsafe() ?? Date.now())
      const path = join(state, `dead-${localDay(day)}.jsonl`)
      return existsSync(path)
        ? readFileSync(path, "utf8")
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line))
        : []
    }
  }
}

const localDay = (at: Date): string =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`

/** Resolves when it is in this state. */
export const untilState = (delivery: RunningDelivery, state: DeliveryState): Promise<void> =>
  new Promise((resolve) => {
    if (delivery.health().state === state) return resolve()
    const stop = delivery.onHealth((health) => {
      if (health.state !== state) return
      stop()
      resolve()
    })
  })

/** Long enough for any machine; it is over as soon as all is settled. */
export const whole = { timeoutMs: 60_000 }

/** Lines of a day's file, as texts: events `from` … `to`. */
export const texts = (from: number, to: number, session?: string): readonly string[] =>
  linesOf(from, to, noon, session).trimEnd().split("\n")

/** Appends to a file below the directory, as another process does. */
export const append = (dir: string, file: string, lines: readonly string[] | string): void => {
  const path = join(dir, file)
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, typeof lines === "string" ? lines : lines.map((line) => `${line}\n`).join(""))
}

/** A file of a day, by name. */
export const dayFile = (day: string): string => `${app}-${day}.jsonl`

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
