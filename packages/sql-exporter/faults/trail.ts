// A trail that several processes write and one delivers, while all of them are killed; and what must hold of it in the end.

import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished } from "vitest"
import { addReceipts, expectConfirmed, type Receipts } from "../../file-exporter/faults/receipts.ts"
import { children as fileChildren } from "../../file-exporter/faults/traced-child.ts"
import {
  answerOf,
  type ChildOptions,
  type RunningChild,
  startChild
} from "../../file-exporter/test/tools/child-process.ts"
import { app, contentsOf, filesBelow } from "../../file-exporter/test/tools/file-bench.ts"
import type { FarEndKind } from "./far-end.ts"

const children = join(import.meta.dirname, "children")

/** How long a process may live. */
const limitMs = 600_000

export const start = (name: string, args: readonly string[], options: ChildOptions = {}): RunningChild => {
  const child = startChild(name, args, { limitMs, ...options })
  onTestFinished(() => void child.process.kill("SIGKILL"))
  return child
}

/** A deliverer that waits for its beginning. */
export const startDeliverer = (dir: string, kind: FarEndKind, at: string): RunningChild =>
  start("delivers-for-ever", [dir, kind, at], { folder: children })

export const ready = async (deliverer: RunningChild): Promise<void> =>
  void (await deliverer.line((line) => line === '"ready"'))

export const begin = ({ process }: RunningChild, how: "for ever" | "to the end"): void =>
  void process.stdin?.write(`${how}\n`)

/** One writer after the other, each of which commits until it is killed. */
export class WriterLane {
  private child: RunningChild
  private readonly printed: string[] = []
  private readonly dir: string
  private readonly options: string

  constructor(dir: string, sync: "batch" | "none" = "batch") {
    this.dir = dir
    this.options = JSON.stringify({ sync })
    this.child = this.started()
  }

  get pid(): number | undefined {
    return this.child.process.pid
  }

  /** Kills the writer, unless it was killed otherwise, and begins another one. */
  async next(isKilledByUs: boolean): Promise<void> {
    await this.end(isKilledByUs)
    this.child = this.started()
  }

  async end(isKilledByUs = true): Promise<void> {
    if (isKilledByUs) this.child.process.kill("SIGKILL")
    const { signal, stdout, stderr } = await this.child.ended
    expect(signal, stderr).toBe("SIGKILL")
    this.printed.push(stdout)
  }

  addTo(receipts: Receipts): void {
    for (const stdout of this.printed) addReceipts(receipts, stdout)
  }

  private started(): RunningChild {
    return start("commits-for-ever", [this.dir, "3", "100", this.options], { folder: fileChildren })
  }
}

/** A delivery's result, of a deliverer that works until all is settled. */
export const deliverToTheEnd = async (deliverer: RunningChild): Promise<Record<string, unknown>> => {
  await ready(deliverer)
  begin(deliverer, "to the end")
  return answerOf(await deliverer.ended)
}

/** Where the delivery keeps what it keeps. */
export const stateOf = (dir: string): string => join(dir, ".daybook", app, "delivery", "far")

/** Its place is whole, and each file has the bytes that it says: nothing is hidden behind a place that is too far. */
export const expectPlaceFits = (dir: string, where: string): void => {
  const path = join(stateOf(dir), "place.json")
  if (!existsSync(path)) return
  const { files } = JSON.parse(readFileSync(path, "utf8"))
  for (const [name, { at, line, sha }] of Object.entries<Record<string, number>>(files)) {
    const bytes = readFileSync(join(dir, name)).subarray(line, at)
    const found = createHash("sha256").update(bytes).digest("hex").slice(0, 32)
    expect({ name, bytes: bytes.length, sha: found }, where).toEqual({
      name,
      bytes: Number(at) - Number(line),
      sha
    })
  }
}

/** How often each id arrived. */
export type Arrived = ReadonlyMap<string, number>

export interface Settled {
  readonly lines: number
  readonly confirmed: number
  /** Lines that arrived more than once. */
  readonly repeated: number
}

/** Every confirmed event is in a file once, and every line of a file has arrived. */
export const expectAllArrived = (dir: string, receipts: Receipts, arrived: Arrived, where = ""): Settled => {
  const contents = contentsOf(dir)
  expectConfirmed(contents, receipts, where)
  const lines = [...contents.lines, ...contents.seals]
  const missing = lines.filter(({ id }) => !arrived.has(id))
  expect(
    missing.slice(0, 5).map(({ session, seq, id }) => ({ session, seq, id })),
    `${where}: ${missing.length} lines did not arrive`
  ).toEqual([])
  const confirmed = [...receipts.values()].reduce((sum, { length }) => sum + length, 0)
  const repeated = [...arrived.values()].filter((times) => times > 1).length
  return { lines: lines.length, confirmed, repeated }
}

/** Nothing is left over of what was being written when a process was killed. */
export const expectNoLeftovers = (dir: string): void => {
  expect(readdirSync(stateOf(dir)).filter((name) => name.endsWith(".tmp"))).toEqual([])
}

/** Bytes behind the last newline of each file: of today's, the delivery waits for the rest of the line. */
export const tornBytes = (dir: string): number => {
  const tails = filesBelow(dir).map((name) => {
    const bytes = readFileSync(join(dir, name))
    return bytes.length - (bytes.lastIndexOf(0x0a) + 1)
  })
  return tails.reduce((sum, length) => sum + length, 0)
}
