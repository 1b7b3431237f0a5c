// Random lives of a folder with deliveries: writers, sweeps, rotations and places in any order. No line goes that a delivery
// which holds has not settled, unless it is counted; and what is settled goes in the end.

import { existsSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { expect, it } from "vitest"
import type { FileExporterOptions } from "../../src/file-exporter.node.ts"
import { dayBefore } from "../../src/place/day.ts"
import { randomFrom } from "../tools/faulty-file-layer.ts"
import {
  batchFrom,
  fileBench,
  filesBelow,
  freshDir,
  type HeldBench,
  linesOf,
  noon,
  type SilentLog,
  silentLog
} from "../tools/file-bench.ts"
import { dayFile, today } from "../tools/old-days.ts"
import { putPlace, settledTo } from "../tools/places.ts"

const hourMs = 60 * 60 * 1_000
const dayMs = 24 * hourMs

const seed = Number(process.env.DAYBOOK_SEED ?? Date.now() % 1e9)
const random = randomFrom(seed)
const below = (count: number): number => Math.floor(random() * count)
const oneOf = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value

interface Writer {
  readonly log: SilentLog
  readonly open: HeldBench
  seq: number
}

const firstLineOf = (text: string): string => text.slice(0, text.indexOf("\n") + 1)

/** A delivery that settles lines in the order of the files, and saves its place now and then. */
class Delivery {
  readonly name: string
  private readonly dir: string
  /** By the first line of a file: a rotation gives it another name. */
  private readonly settled = new Map<string, number>()
  /** Lines that its saved place covers, or that were gone before. */
  readonly saved = new Set<string>()

  constructor(dir: string, name: string) {
    this.dir = dir
    this.name = name
  }

  /** Settles so many bytes. */
  settle(bytes: number): void {
    let left = bytes
    for (const name of filesBelow(this.dir)) {
      const text = readFileSync(join(this.dir, name), "utf8")
      const first = firstLineOf(text)
      while (left > 0) {
        const at = this.settled.get(first) ?? 0
        const end = text.indexOf("\n", at) + 1
        if (end === 0) break
        left -= end - at
        this.settled.set(first, end)
      }
    }
  }

  save(nowMs: number): void {
    const files = filesBelow(this.dir).flatMap((name) => {
      const path = join(this.dir, name)
      const text = readFileSync(path, "utf8")
      const at = this.settled.get(firstLineOf(text)) ?? 0
      for (const line of text.slice(0, at).split("\n")) this.saved.add(line)
      return at === 0 ? [] : [[name, settledTo(path, at)] as const]
    })
    putPlace(this.dir, Object.fromEntries(files), { name: this.name, savedMs: nowMs })
  }
}

class Life {
  readonly dir = freshDir()
  readonly options: FileExporterOptions
  readonly deliveries: readonly Delivery[]
  readonly retentionDays = oneOf([0, 1, 3])
  nowMs = noon
  private writers: Writer[] = []
  private started = 0
  private lines: string[] = []
  private readonly notices: string[] = []
  /** Bytes of lines that went unsettled. */
  lost = 0

  constructor() {
    this.options = {
      retentionDays: this.retentionDays,
      sweepDelivered: oneOf([false, true]),
      bytesMax: oneOf([undefined, 2_000, 20_000]),
      undelivered: { bytesMax: oneOf([0, 1_000, 5_000, 1e9]) },
      layout: oneOf(["daily", "session"] as const),
      seal: oneOf([false, undefined] as const)
    }
    this.deliveries = ["sql", "otel"].slice(below(2)).map((name) => new Delivery(this.dir, name))
  }

  async start(): Promise<void> {
    const log = silentLog({}, (++this.started).toString(16).padStart(8, "0"))
    this.show(log)
    const open = await fileBench({ ...this.options, dir: this.dir, log }).openHeld()
    this.writers.push({ log, open, seq: 0 })
  }

  async write(): Promise<void> {
    if (this.writers.length === 0) await this.start()
    const writer = oneOf(this.writers)
    this.show(writer.log)
    const seq = ++writer.seq
    const text = linesOf(seq, seq + below(4), writer.log.atMs, writer.log.session)
    writer.seq += text.split("\n").length - 2
    await writer.open.export(batchFrom(text))
    this.lines.push(...text.split("\n").slice(0, -1))
  }

  async end(): Promise<void> {
    for (const { log, open } of this.writers) {
      this.show(log)
      if (random() < 0.5) await open.close()
      this.notices.push(...log.notices)
    }
    this.writers = []
  }

  /** A rotation gives a file's name away. */
  rotate(): void {
    const name = oneOf(filesBelow(this.dir).filter((file) => file.endsWith(".jsonl")))
    if (name === undefined) return
    const path = join(this.dir, name)
    let number = 1
    while (existsSync(`${path}.${number}`)) number += 1
    renameSync(path, `${path}.${number}`)
  }

  /** Each line is here, or settled by all, or counted. */
  expectNothingLost(): void {
    const here = new Set(
      filesBelow(this.dir).flatMap((name) => readFileSync(join(this.dir, name), "utf8").split("\n"))
    )
    const gone = this.lines.filter((line) => !here.has(line))
    this.lines = this.lines.filter((line) => here.has(line))
    for (const line of gone)
      if (!this.deliveries.every(({ saved }) => saved.has(line))) this.lost += line.length + 1
    const notices = [...this.notices, ...this.writers.flatMap(({ log }) => log.notices)]
    const counted = notices.reduce(
      (sum, notice) => sum + Number(/ with (\d+) bytes? that were not delivered/.exec(notice)?.[1] ?? 0),
      0
    )
    expect(this.lost).toBeLessThanOrEqual(counted)
    if (this.options.undelivered?.bytesMax === 1e9) expect(this.lost).toBe(0)
  }

  private show(log: SilentLog): void {
    log.atMs = this.nowMs
    log.steadyMs = this.nowMs - noon
  }
}

const lives = 20

it(`S4.24 S4.25 F51 whatever happens in whatever order, a line is settled, counted or here (seed ${seed})`, async () => {
  let lost = 0
  let early = 0
  for (let each = 0; each < lives; each++) {
    const life = new Life()
    for (const delivery of life.deliveries) delivery.save(life.nowMs)
    for (let day = 0; day < 12; day++) {
      for (let step = 0; step < 6; step++) {
        const what = random()
        if (what < 0.4) await life.write()
        else if (what < 0.55) await life.start()
        else if (what < 0.65) await life.end()
        else if (what < 0.7) life.rotate()
        else if (what < 0.9) oneOf(life.deliveries).settle(below(3_000))
        else oneOf(life.deliveries).save(life.nowMs)
        life.nowMs += hourMs
        life.expectNothingLost()
      }
      life.nowMs += dayMs - 6 * hourMs
    }
    lost += life.lost
    // Everything is settled: then what is old goes, whoever held it.
    for (let day = 0; day < life.retentionDays + 4; day++) {
      await life.end()
      await life.start()
      await life.write()
      for (const delivery of life.deliveries) {
        delivery.settle(1e9)
        delivery.save(life.nowMs)
      }
      life.expectNothingLost()
      life.nowMs += dayMs
    }
    // Two days more than are kept: days have to agree on what is over.
    const oldest = dayBefore(today, -13)
    const left = filesBelow(life.dir).filter((name) => !/\.jsonl\.\d+$/.test(name))
    expect(left.filter((name) => name < dayFile(oldest))).toEqual([])
    if (life.options.sweepDelivered === true) early += 1
    await life.end()
  }
  // The lives were of all kinds.
  expect(Math.min(lost, early)).toBeGreaterThan(0)
}, 240_000)
