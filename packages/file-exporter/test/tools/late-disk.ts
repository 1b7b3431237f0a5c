// What the tests of the exit hook share: one log's exporter with its hook as a function, a batch of two days, and a disk
// whose writes land late.

import type { Batch } from "@daybook/core"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { batchFrom, fileBench, linesOf, midnight, type OpenBench } from "./file-bench.ts"

export const deadlineMs = 10_000

export interface HookSubject {
  readonly open: OpenBench
  /** The exit hook: returns how many lines of the batch are down. */
  lastWrite(batch: Batch, inFlight: boolean, limitMs?: number): number
}

/** One log's exporter, with the exit hook as a function. */
export const hookSubject = async (layer: FileLayer, dir: string, seal?: false): Promise<HookSubject> => {
  const open = await fileBench({ layer, dir, seal }).open()
  const { exporter, log } = open
  const lastWrite = (batch: Batch, inFlight: boolean, limitMs = deadlineMs): number =>
    exporter.lastWrite?.(log, batch, { inFlight, deadlineMs: limitMs }).written ?? Number.NaN
  return { open, lastWrite }
}

/** Sixty lines, half of them of the next day. */
export const twoDays = (): Batch => batchFrom(linesOf(1, 30, midnight - 1) + linesOf(31, 60, midnight))

export interface LateDisk {
  readonly layer: FileLayer
  /** Resolves when the first append was asked for. */
  readonly issued: Promise<void>
  /** Lets it land. */
  land(): void
  pauses(): number
}

/** A disk whose first append lands at the hook's pause number `landsAt`, or when it is told to. */
export const lateDisk = (landsAt: number): LateDisk => {
  let pauses = 0
  let land: (() => void) | undefined
  let tell = (): void => undefined
  const issued = new Promise<void>((resolve) => {
    tell = resolve
  })
  const landNow = (): void => {
    land?.()
    land = undefined
  }
  const layer: FileLayer = {
    ...nodeFileLayer,
    append: (fd, bytes) =>
      new Promise((resolve) => {
        land = () => resolve(nodeFileLayer.now.append(fd, bytes))
        tell()
      }),
    now: {
      ...nodeFileLayer.now,
      pause: (ms) => {
        pauses += 1
        if (pauses === landsAt) landNow()
        else nodeFileLayer.now.pause(ms)
      }
    }
  }
  return { layer, issued, land: landNow, pauses: () => pauses }
}
