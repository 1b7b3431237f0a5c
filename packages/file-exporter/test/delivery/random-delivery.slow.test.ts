// Random programs against a delivery: writers, torn lines, rotations, packers, truncations, deletions, kills, restarts, two at once, a far
// end of every mood, and clocks that step. In the end every line that still stands in a file was settled: it arrived, or is with
// the dead letters; repeats are the same bytes, and a kill that nothing else befell loses nothing.
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { ExportError, type Exporter } from "@daybook/core"
import * as Effect from "effect/Effect"
import { expect, it } from "vitest"
import { deliverOn } from "../../src/deliver.node.ts"
import type { DeliveryDisk } from "../../src/delivery/delivery-run.node.ts"
import type { RunningDelivery } from "../../src/delivery.ts"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import { append, dayFile, stateOf } from "../tools/deliveries.ts"
import { randomFrom } from "../tools/faulty-file-layer.ts"
import { app, filesBelow, freshDir, linesOf, noon } from "../tools/file-bench.ts"
import { pack } from "../tools/packing.ts"
import { type HeldClock, heldClockAt } from "../tools/test-clock.ts"

/** A campaign runs a thousand. */
const programs = Number(process.env.DAYBOOK_PROGRAMS ?? 200)
const stepsMax = 40
const days = ["2026-03-03", "2026-03-04", "2026-03-05"]
/** A program that has not ended by then never will. */
const hangMs = 60_000
const never = new Promise<never>(() => undefined)

type Mood = "well" | "down" | "lost answer" | "picky" | "slow"

/** One program's world. */
class World {
  readonly dir = freshDir()
  readonly clock: HeldClock = heldClockAt(noon)
  readonly arrived = new Map<string, string>()
  readonly settled = new Set<string>()
  mood: Mood = "well"
  private seq = 0
  readonly runs: { delivery: RunningDelivery; kill(): Promise<void> }[] = []
  readonly notices: string[] = []
  readonly random: () => number

  constructor(random: () => number) {
    this.random = random
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item
  }

  write(count: number): void {
    const lines = linesOf(this.seq + 1, this.seq + count, noon)
    this.seq += count
    const file = this.pick([...days.map(dayFile), "ada/tool_audit/2026-03-05.jsonl"])
    // Writers close another's fragment before they append.
    const path = join(this.dir, file)
    const isTorn = existsSync(path) && !/(^|\n)$/.test(readFileSync(path, "utf8"))
    append(this.dir, file, `${isTorn ? "\n" : ""}${lines}`)
  }

  tear(): void {
    const [line = ""] = linesOf(this.seq + 1, this.seq + 1, noon).split("\n")
    this.seq += 1
    append(this.dir, dayFile(this.pick(days)), line.slice(0, 20 + Math.floor(this.random() * 60)))
  }

  files(): readonly string[] {
    return filesBelow(this.dir)
      .filter((name) => name.endsWith(".jsonl") && !name.includes(".daybook"))
      .map((name) => join(this.dir, name))
  }

  start(): void {
    let isDead = false
    const underWay = new Set<Promise<unknown>>()
    const handles: { close(): Promise<void> }[] = []
    const alive = <Layer extends object>(layer: Layer): Layer =>
      new Proxy(layer, {
        get: (target, name) => {
          const value = Reflect.get(target, name)
          if (typeof value !== "function") return value
          return async (...given: readonly unknown[]) => {
            if (isDead) return never
            const asked: Promise<unknown> = value.apply(target, given)
            underWay.add(asked)
            const answer = await asked.finally(() => underWay.delete(asked))
            if (name === "open" && answer !== undefined) handles.push(answer as { close(): Promise<void> })
            return isDead ? never : answer
          }
        }
      })
    const disk: DeliveryDisk = { files: alive(nodeFileLayer), reads: alive(nodeReadLayer) }
    const to = this.farEnd(() => isDead)
    const delivery = deliverOn(disk, {
      app,
      dir: this.dir,
      to,
      clock: this.clock,
      notice: (text) => this.notices.push(text)
    })
    this.runs.push({
      delivery,
      kill: async () => {
        isDead = true
        // What the system has begun it also ends; then nothing of this one changes a file any more.
        await Promise.allSettled(underWay)
        for (const handle of handles) handle.close().catch(() => undefined)
        showGone(join(stateOf(this.dir), "lock.json"))
      }
    })
  }

  private farEnd(isDead: () => boolean): Exporter {
    const decoder = new TextDecoder()
    const take = (lines: readonly string[]): void => {
      for (const line of lines) {
        const { id } = JSON.parse(line)
        expect(this.arrived.get(id) ?? line).toBe(line)
        this.arrived.set(id, line)
      }
    }
    const failed = (outcome: "failed" | "unknown", more: object = {}) =>
      Effect.fail(new ExportError({ reason: "the far end", retryable: true, outcome, ...more }))
    return {
      name: "far",
      queue: {
        eventsMax: 1e6,
        bytesMax: 1e9,
        overflow: "drop-newest",
        batchEventsMax: 1 + Math.floor(this.random() * 12),
        batchBytesMax: 1e6
      },
      open: () =>
        Effect.succeed({
          export: (batch) =>
            Effect.suspend(() => {
              if (isDead()) return Effect.never
              const lines = decoder.decode(batch.bytes()).trimEnd().split("\n")
              if (this.mood === "down") return failed("failed")
              const refused = lines.filter((line) => /"seq":\d*7,/.test(line))
              if (this.mood === "picky" && refused.length > 0)
                return failed("failed", { retryable: false, divisible: true })
              take(lines)
              if (this.mood === "lost answer") return failed("unknown")
              return this.mood === "slow" ? Effect.sleep(50) : Effect.void
            })
        })
    }
  }

  /** Lets everything run that can, and moves the clock now and then. */
  async turn(): Promise<void> {
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
    this.clock.advance(this.pick([1, 60, 1_000, 20_000]))
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
  }

  async step(): Promise<void> {
    const files = this.files()
    const file = files.length === 0 ? undefined : this.pick(files)
    const run = this.runs.at(-1)
    const act = Math.floor(this.random() * 21)
    if (act < 7) this.write(1 + Math.floor(this.random() * 15))
    else if (act === 7) this.tear()
    else if (act === 8 && file !== undefined && !existsSync(`${file}.1`)) renameSync(file, `${file}.1`)
    else if (act === 9 && file !== undefined && !existsSync(`${file}.1`)) {
      copyFileSync(file, `${file}.1`)
      truncateSync(file)
    } else if (act === 10 && file !== undefined) {
      const text = readFileSync(file)
      truncateSync(file, Math.floor(this.random() * (text.length + 1)))
    } else if (act === 11 && file !== undefined) unlinkSync(file)
    else if (act === 12 || act === 13) {
      await run?.kill()
      this.start()
    } else if (act === 14) this.start()
    else if (act === 15) {
      const closing = run?.delivery.close({ timeoutMs: 100 })
      for (let turns = 0; turns < 50; turns++) {
        await new Promise(setImmediate)
        this.clock.advance(10)
      }
      await closing
      this.start()
    } else if (act < 18) this.mood = this.pick<Mood>(["well", "well", "down", "lost answer", "picky", "slow"])
    else if (act === 20 && file !== undefined && !existsSync(`${file}.gz`)) pack(file)
    else if (act === 18) this.clock.now += this.pick([-86_400_000, 3_600_000, -3_600_000])
    else run?.delivery.wake()
    await this.turn()
  }

  async finish(): Promise<void> {
    for (const run of this.runs) await run.kill()
    this.mood = "well"
    this.start()
    const last = this.runs.at(-1)
    let isComplete = false
    const flush = async (): Promise<void> => {
      // A lock that a killed one has just made is respected for a while.
      while (!isComplete && isGoingOn) {
        isComplete = (await last?.delivery.flush({ timeoutMs: Number.MAX_SAFE_INTEGER }))?.complete === true
        await new Promise(setImmediate)
      }
    }
    let isGoingOn = true
    void flush()
    const endsAt = performance.now() + hangMs
    for (let turns = 0; !isComplete && performance.now() < endsAt; turns++) {
      await new Promise(setImmediate)
      if (turns % 50 === 49) this.clock.advance(500)
    }
    isGoingOn = false
    if (!isComplete) this.notices.push(JSON.stringify(last?.delivery.health()))
    expect(isComplete).toBe(true)
    await last?.kill()
  }

  /** Lines that the dead letters have. */
  letters(): ReadonlySet<string> {
    const state = stateOf(this.dir)
    const names = readdirSync(state).filter((name) => name.startsWith("dead-"))
    const all = names.flatMap((name) => readFileSync(join(state, name), "utf8").trimEnd().split("\n"))
    return new Set(all.filter((letter) => letter !== "").map((letter) => JSON.parse(letter).line))
  }
}

/** What the system shows of a process that is gone: its pid is nobody's. */
const showGone = (lock: string): void => {
  try {
    const owner = JSON.parse(readFileSync(lock, "utf8"))
    writeFileSync(lock, JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }))
  } catch {
    // There is none, another run has just removed it, or it was killed while it wrote this.
  }
}

const textOf = (path: string): string => {
  const bytes = readFileSync(path)
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()
}

it("every line that stands in a file is settled, whatever happened", {
  timeout: programs * 3_000
}, async () => {
  const first = Number(process.env.DAYBOOK_SEED ?? Date.now() % 2 ** 31)
  for (let seed = first; seed < first + programs; seed++) {
    const world = new World(randomFrom(seed))
    try {
      world.start()
      const steps = Math.floor(world.random() * stepsMax)
      for (let step = 0; step < steps; step++) await world.step()
      await world.finish()
      const letters = world.letters()
      const packed = filesBelow(world.dir).filter((name) => name.endsWith(".gz"))
      for (const path of [...world.files(), ...packed.map((name) => join(world.dir, name))])
        for (const line of textOf(path).split("\n").slice(0, -1)) {
          const isWhole = line.endsWith("}")
          const id = isWhole ? JSON.parse(line).id : ""
          if (line !== "" && world.arrived.get(id) !== line && !letters.has(line))
            throw new Error(`not settled: ${line} in ${path}`)
        }
    } catch (error) {
      throw new Error(
        `DAYBOOK_SEED=${seed}: ${(error as Error).message}\n${world.notices.slice(-5).join("\n")}`,
        { cause: error }
      )
    }
  }
})
