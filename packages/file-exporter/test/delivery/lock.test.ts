// Two processes for one delivery: one works, the other stands by and takes over. A lock only saves work: whatever becomes of it,
// no line is lost.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { deliverOn } from "../../src/deliver.node.ts"
import { nodeFileLayer } from "../../src/disk/file-layer.node.ts"
import type { FileLayer } from "../../src/disk/file-layer.ts"
import { nodeReadLayer } from "../../src/disk/read-layer.node.ts"
import { doInSteps } from "../../src/disk/work.ts"
import { Lock } from "../../src/state/lock.node.ts"
import {
  append,
  dayFile,
  deliverFrom,
  farEnd,
  stateOf,
  texts,
  untilState,
  whole
} from "../tools/deliveries.ts"
import { diskError } from "../tools/faulty-file-layer.ts"
import { app, freshDir, noon } from "../tools/file-bench.ts"
import { heldClockAt } from "../tools/test-clock.ts"

const today = dayFile("2026-03-05")
const lockIn = (dir: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(stateOf(dir), "lock.json"), "utf8"))

const writeLock = (dir: string, owner: object): void => {
  mkdirSync(stateOf(dir), { recursive: true })
  writeFileSync(join(stateOf(dir), "lock.json"), JSON.stringify({ v: 1, token: "another", ...owner }))
}

/** A process that has ended: its pid is nobody's for a while. */
const endedPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ["-e", ""])
  await once(child, "exit")
  return child.pid ?? 0
}

describe("a delivery's lock", () => {
  it("F59 S4.2 lets one work and the other stand by, which takes over when the first is closed", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const clock = heldClockAt(noon)
    const far = farEnd()
    const first = deliverFrom(dir, far, { clock })
    await untilState(first.delivery, "idle")
    const second = deliverFrom(dir, far, { clock })
    await untilState(second.delivery, "standby")
    expect(await second.delivery.flush()).toMatchObject({ complete: false })
    append(dir, today, texts(4, 5))
    expect(await first.delivery.close(whole)).toMatchObject({ complete: true, delivered: 5 })
    append(dir, today, texts(6, 6))
    clock.advance(10_000)
    await untilState(second.delivery, "idle")
    expect(far.lines).toEqual(texts(1, 6))
  })

  it("of a process that is gone is taken at once", async () => {
    const dir = freshDir()
    const probe = deliverFrom(dir, farEnd())
    await probe.delivery.flush(whole)
    const own = lockIn(dir)
    await probe.delivery.close(whole)
    writeLock(dir, { ...own, token: "another", pid: await endedPid() })
    append(dir, today, texts(1, 2))
    const far = farEnd()
    expect(await deliverFrom(dir, far).delivery.close(whole)).toMatchObject({ complete: true, delivered: 2 })
  })

  it("F60 of a pid that was given again is taken at once: the process began at another time", async () => {
    const dir = freshDir()
    const probe = deliverFrom(dir, farEnd())
    await probe.delivery.flush(whole)
    const own = lockIn(dir)
    await probe.delivery.close(whole)
    writeLock(dir, { ...own, token: "another", start: "1" })
    append(dir, today, texts(1, 2))
    const far = farEnd()
    expect(await deliverFrom(dir, far).delivery.close(whole)).toMatchObject({ complete: true, delivered: 2 })
  })

  it.each([
    ["another machine", { host: "elsewhere", pid: 1, ns: "pid:[1]", boot: "b", start: "1", beat: 1 }],
    ["another container", { host: hostname(), pid: 1, ns: "pid:[1]", start: "1", beat: 1 }],
    ["nobody knows whom", { beat: 1 }]
  ])("of %s is taken when it has not moved for 30 s, and respected as long as it moves", async (_, owner) => {
    const dir = freshDir()
    append(dir, today, texts(1, 2))
    const clock = heldClockAt(noon)
    writeLock(dir, { boot: readBoot(), ...owner })
    const far = farEnd()
    const { delivery } = deliverFrom(dir, far, { clock })
    await untilState(delivery, "standby")
    for (let beat = 2; beat < 8; beat++) {
      writeLock(dir, { boot: readBoot(), ...owner, beat })
      await clock.asleep(1)
      clock.advance(10_000)
      await clock.asleep(1)
    }
    expect(far.lines).toEqual([])
    for (let waited = 0; waited < 40_000 && delivery.health().state === "standby"; waited += 10_000) {
      await clock.asleep(1)
      clock.advance(10_000)
      await new Promise(setImmediate)
    }
    await untilState(delivery, "idle")
    expect(far.lines).toEqual(texts(1, 2))
  })

  it("F60 of a delivery that is gone while its process lives, as in a worker that was ended, is taken when it has not moved for 30 s", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 2))
    const probe = deliverFrom(dir, farEnd(), { name: "probe" })
    await probe.delivery.flush(whole)
    const own = JSON.parse(readFileSync(join(stateOf(dir, "probe"), "lock.json"), "utf8"))
    await probe.delivery.close(whole)
    writeLock(dir, { ...own, token: "another" })
    const clock = heldClockAt(noon)
    const far = farEnd()
    const { delivery } = deliverFrom(dir, far, { clock })
    await untilState(delivery, "standby")
    await clock.asleep(1)
    clock.advance(20_000)
    await clock.asleep(1)
    expect(delivery.health().state).toBe("standby")
    clock.advance(10_000)
    await untilState(delivery, "idle")
    expect(far.lines).toEqual(texts(1, 2))
  })

  it("F39 leaves nothing behind of what another was writing when it was killed", async () => {
    const dir = freshDir()
    const [part, letters] = ["place-0a1b2c3d-0000-4000-8000-000000000000.tmp", "dead-2026-03-04.jsonl"]
    mkdirSync(stateOf(dir), { recursive: true })
    for (const name of [part, part.replace("place", "lock"), letters])
      writeFileSync(join(stateOf(dir), name), "")
    const { delivery } = deliverFrom(dir, farEnd())
    await delivery.close(whole)
    expect(readdirSync(stateOf(dir))).toEqual([letters, "place.json"])
  })

  it("that another has taken over while its owner could not work is not its owner's any more", async () => {
    const dir = freshDir()
    const [first, second] = [new Lock(dir), new Lock(dir)]
    const take = (lock: Lock, at: number) => doInSteps(lock.take(at), nodeFileLayer)
    expect(await take(first, 0)).toBe(true)
    expect(await take(second, 0)).toBe(false)
    expect(await take(second, 30_000)).toBe(true)
    expect(await take(first, 30_000)).toBe(false)
  })

  it("that another has taken meanwhile is noticed at the next beat, and its owner stands by", async () => {
    const dir = freshDir()
    const clock = heldClockAt(noon)
    const { delivery, notices } = deliverFrom(dir, farEnd(), { clock })
    await untilState(delivery, "idle")
    onTestFinished(() => undefined)
    writeLock(dir, { ...lockIn(dir), token: "another" })
    for (let looks = 0; looks < 20 && delivery.health().state !== "standby"; looks++) {
      await clock.asleep(1)
      clock.advance(1_000)
      await new Promise(setImmediate)
    }
    await untilState(delivery, "standby")
    expect(notices).toEqual([expect.stringContaining("Another process works for this delivery now")])
  })

  it("F59 beats while its owner rests for minutes, so that no other one takes over", async () => {
    const dir = freshDir()
    const clock = heldClockAt(noon)
    const far = farEnd()
    append(dir, today, `${texts(1, 1).join("")}\nno event\n`)
    let isFull = true
    const files: FileLayer = {
      ...nodeFileLayer,
      append: async (fd, bytes) => {
        if (isFull && Buffer.from(bytes).includes("no event")) throw diskError("ENOSPC", -28)
        return nodeFileLayer.append(fd, bytes)
      }
    }
    const notices: string[] = []
    const options = { app, dir, to: far, clock, notice: (text: string) => void notices.push(text) }
    const first = deliverOn({ files, reads: nodeReadLayer }, options)
    onTestFinished(async () => void (await first.close({ timeoutMs: 0 })))
    await untilState(first, "paused")
    const { beat } = lockIn(dir)
    const { delivery } = deliverFrom(dir, far, { clock })
    await untilState(delivery, "standby")
    for (let moved = 0; moved < 400_000; moved += 10_000) {
      const shown = lockIn(dir).beat
      clock.advance(10_000)
      for (let turns = 0; turns < 5_000 && lockIn(dir).beat === shown; turns++)
        await new Promise(setImmediate)
    }
    expect(Number(lockIn(dir).beat)).toBeGreaterThan(Number(beat))
    expect(delivery.health().state).toBe("standby")
    expect(far.lines).toEqual(texts(1, 1))
    isFull = false
    await first.flush(whole)
    expect(notices.filter((text) => text.includes("Another process"))).toEqual([])
  })

  it("that somebody has removed is made again, and nothing else happens", async () => {
    const dir = freshDir()
    append(dir, today, texts(1, 3))
    const clock = heldClockAt(noon)
    const far = farEnd()
    const { delivery, notices } = deliverFrom(dir, far, { clock })
    await untilState(delivery, "idle")
    rmSync(join(stateOf(dir), "lock.json"))
    append(dir, today, texts(4, 5))
    for (let looks = 0; looks < 15; looks++) {
      await clock.asleep(1)
      clock.advance(1_000)
      for (let turns = 0; turns < 30; turns++) await new Promise(setImmediate)
    }
    expect(lockIn(dir)).toMatchObject({ pid: process.pid })
    expect(far.lines).toEqual(texts(1, 5))
    expect(notices).toEqual([])
  })
})

const readBoot = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
