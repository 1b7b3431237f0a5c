// A random history of a folder in which nobody does anything wrong: logs start, write, are closed or killed, die in a write, meet
// a full disk; days pass, and the log deletes what is old or too much; clocks step; files are rotated and packed by others. Which
// verdicts it may end with is kept as it goes on.

import { copyFileSync, renameSync, truncateSync } from "node:fs"
import { join } from "node:path"
import type { FileExporterOptions } from "../../src/file-exporter.node.ts"
import type { Layout } from "../../src/place/layout.node.ts"
import type { Verdict } from "../../src/verify/report.ts"
import { randomFrom } from "../tools/faulty-file-layer.ts"
import { filesBelow } from "../tools/file-bench.ts"
import { dayMs, hourMs, LiveFolder, type LiveSession, minuteMs } from "../tools/live-folder.ts"
import { type MortalLayer, mortalLayer } from "../tools/mortal-layer.ts"
import { pack } from "../tools/packing.ts"
import { ownKey, users } from "../tools/trails.ts"

const stepsMax = 40
const sessionsMax = 3
/** An operation on files takes fewer turns. */
const turnsOfIo = 200

interface Running {
  readonly session: LiveSession
  readonly disk: MortalLayer
}

export class RandomHistory {
  readonly folder: LiveFolder
  readonly isSigned: boolean
  readonly layout: Layout
  /** What happened, for a failure's message. */
  readonly story: string[] = []
  /** Others took away what a log had written, or a clock was wrong: what is here may be a part. */
  mayBeIncomplete = false
  private readonly random: () => number
  private readonly options: Pick<FileExporterOptions, "layout" | "retentionDays" | "bytesMax">
  private running: Running[] = []
  private rotations = 0
  /** What a session left that was killed, and none has been sealed since. */
  private hasUnseen = false

  constructor(dir: string, seed: number) {
    this.random = randomFrom(seed)
    this.layout = this.oneOf(["daily", "session", "user"] as const)
    this.isSigned = this.random() < 0.8
    this.options = {
      layout: this.layout,
      retentionDays: this.oneOf([0, 1, 3, 7, Number.POSITIVE_INFINITY]),
      ...(this.random() < 0.3 ? { bytesMax: this.oneOf([5_000, 50_000]) } : {})
    }
    this.folder = new LiveFolder(dir, { ...this.options, key: this.isSigned ? ownKey : undefined })
    this.tell(`${this.layout} ${JSON.stringify(this.options)}${this.isSigned ? " signed" : ""}`)
  }

  /** Lives it to its end: then one more session has seen whatever the others left. */
  async live(): Promise<void> {
    const steps = 5 + this.below(stepsMax)
    for (let step = 0; step < steps; step++) await this.step()
    for (const one of this.running)
      if (this.random() < 0.5) await this.close(one)
      else await this.kill(one)
    this.running = []
    this.folder.pass(minuteMs)
    this.tell("the last session")
    const last = this.folder.start()
    await last.write(3, users)
    await this.folder.close(last)
  }

  /** The verdicts that accuse nobody. */
  get allowed(): readonly (Verdict | undefined)[] {
    const best: Verdict = this.isSigned ? "signed" : "intact"
    return this.mayBeIncomplete ? [best, "incomplete"] : [best]
  }

  private async step(): Promise<void> {
    const what = this.random()
    const one = this.running.length === 0 ? undefined : this.oneOf(this.running)
    if (one === undefined || (what < 0.1 && this.running.length < sessionsMax)) await this.start()
    else if (what < 0.45) await this.write(one)
    else if (what < 0.65) this.pass()
    else if (what < 0.72) await this.close(one)
    else if (what < 0.76) await this.kill(one)
    else if (what < 0.82) await this.die(one)
    else if (what < 0.88) await this.fillDisk(one)
    else if (what < 0.92) this.stepClock(one)
    else await this.beRotated()
  }

  private async start(): Promise<void> {
    const disk = mortalLayer()
    const isFiltered = this.random() < 0.2
    const isSmall = this.random() < 0.2
    const session = this.folder.start({
      layer: disk,
      ...(isFiltered ? { level: "info" } : {}),
      ...(isSmall ? { queue: { eventsMax: 30 } } : {})
    })
    this.tell(`starts${isFiltered ? " filtered" : ""}${isSmall ? " with a small queue" : ""}`)
    // Of several sweeps at once, one seals its mark of today before another has sealed the day before.
    if (this.running.length > 0 && this.options.bytesMax !== undefined) this.mayBeIncomplete = true
    this.running.push({ session, disk })
    if (this.random() < 0.8) await this.write({ session, disk })
  }

  private async write(one: Running, isFull = false): Promise<void> {
    const { session } = one
    const count = this.oneOf([1, 3, 15, 16, 17, 40, 40, 1_100])
    this.tell(`writes ${count}`)
    if (this.random() < 0.3) session.debug()
    await (isFull ? this.retried(one, session.write(count, users)) : session.write(count, users))
  }

  private pass(): void {
    const ms = this.oneOf([10, 1_000, 11_000, hourMs, hourMs, dayMs, dayMs, dayMs, 3 * dayMs])
    this.tell(`${ms / 1_000} s pass`)
    this.folder.pass(ms)
  }

  private async close(one: Running): Promise<void> {
    this.tell("is closed")
    this.hasUnseen = false
    this.leave(one)
    await this.folder.close(one.session)
  }

  private async kill(one: Running): Promise<void> {
    this.tell("is killed")
    this.hasUnseen = true
    this.leave(one)
    await one.disk.kill()
    this.folder.kill(one.session)
  }

  /** Somewhere in a write. */
  private async die(one: Running): Promise<void> {
    const bytes = this.below(6_000)
    await this.idle()
    this.tell(`dies after ${bytes} bytes`)
    this.hasUnseen = true
    this.leave(one)
    const died = one.disk.dieAfter(bytes)
    void one.session.write(40, users)
    await died
    await one.disk.kill()
    this.folder.kill(one.session)
  }

  private async fillDisk(one: Running): Promise<void> {
    // Lines that waited over a change of the day are sealed after those of a younger day: that one's chain may lead through a
    // file that is deleted, and no mark names a seal in its middle.
    const { retentionDays, bytesMax } = this.options
    if (retentionDays !== Number.POSITIVE_INFINITY || bytesMax !== undefined) this.mayBeIncomplete = true
    const fails = Array.from({ length: 1 + this.below(3) }, () => this.oneOf([0, 1, 200, 700, 100_000]))
    this.tell(`the disk is full: ${fails.join()}`)
    await this.idle()
    one.disk.failNext(...fails)
    await this.write(one, true)
    one.disk.heal()
  }

  private stepClock({ session }: Running): void {
    // A clock that is far ahead lets a budget delete what its marks cannot say any more: see wrong-clocks.test.ts.
    const isKept =
      this.options.retentionDays === Number.POSITIVE_INFINITY && this.options.bytesMax === undefined
    const ms = this.oneOf([-minuteMs, -hourMs, hourMs, ...(isKept ? [-dayMs, dayMs, 400 * dayMs] : [])])
    this.tell(`its clock steps ${ms / hourMs} h`)
    this.mayBeIncomplete = true
    session.step(ms)
  }

  private async beRotated(): Promise<void> {
    // Nothing is under way in any file.
    for (const { session } of this.running) await session.write(1, users)
    await this.idle()
    const { dir } = this.folder
    const names = filesBelow(dir).filter((name) => name.endsWith(".jsonl"))
    if (names.length === 0) return
    const name = this.oneOf(names)
    const path = join(dir, name)
    const how = this.oneOf(["renamed", "copied and truncated", "packed"] as const)
    // Who packs a file looks that nothing is written there any more.
    if (how === "packed" && !this.isOver(name)) return
    // What several write into, and is truncated meanwhile, is full again before one of them looks. In the layout "user" one
    // that runs may look at a file much later.
    const writersMax = this.layout === "user" ? 0 : 1
    if (how === "copied and truncated" && this.running.length > writersMax) return
    this.rotations += 1
    const number = this.rotations
    this.tell(`${name} is ${how}`)
    if (how === "renamed") renameSync(path, `${path}.${number}`)
    else if (how === "packed") pack(path)
    else {
      copyFileSync(path, `${path}.${number}`)
      truncateSync(path)
    }
    this.mayBeIncomplete = true
    const [one] = this.running
    if (how === "copied and truncated" && one !== undefined) await this.write(one)
  }

  /** A timer may have begun something that is not awaited. */
  private async idle(): Promise<void> {
    for (const { disk } of this.running) await disk.idle()
  }

  private isOver(name: string): boolean {
    const day = /\d{4}-\d\d-\d\d/.exec(name)?.[0] ?? ""
    return this.running.length === 0 && !this.hasUnseen && Date.parse(day) < this.folder.nowMs - 2 * dayMs
  }

  // What waits behind a failure waits for its clock. Only that of its own process moves: a line that another one writes at the
  // moment of a torn write may be glued to the fragment.
  private async retried(one: Running, written: Promise<void>): Promise<void> {
    let isSettled = false
    const end = (): void => {
      isSettled = true
    }
    written.then(end, end)
    for (let turn = 1; !isSettled; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (turn % turnsOfIo === 0) one.session.advance(250)
    }
    return written
  }

  private leave(one: Running): void {
    this.running = this.running.filter((each) => each !== one)
  }

  private tell(what: string): void {
    this.story.push(what)
  }

  private below(count: number): number {
    return Math.floor(this.random() * count)
  }

  private oneOf<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value
  }
}
