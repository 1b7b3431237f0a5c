// Random lives of a folder: days of use and of rest, restarts, kills, several processes, and at most one thing wrong with
// the clock: one reading, one start, or all starts of one day. No line goes that is younger than what is kept; and with a
// clock that is right, old days go.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { expect, it } from "vitest"
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

const hourMs = 60 * 60 * 1_000
const dayMs = 24 * hourMs

const seed = Number(process.env.DAYBOOK_SEED ?? Date.now() % 1e9)
const random = randomFrom(seed)
const below = (count: number): number => Math.floor(random() * count)
const oneOf = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value

/** How far the clock is off, by whole days: it changes the date, and not the hour. */
const offsets = (trueMs: number): readonly number[] => {
  const to = (year: number): number =>
    Math.round((new Date(year, 0, 1, 12).getTime() - trueMs) / dayMs) * dayMs
  const years = oneOf([-10, -3, -1, 1, 3, 10]) * 365 * dayMs
  return [to(1970), to(2000), to(2099), years, -20 * dayMs, -6 * dayMs, 2 * dayMs, 20 * dayMs]
}

interface Line {
  readonly id: string
  readonly trueMs: number
}

interface Session {
  readonly log: SilentLog
  readonly open: HeldBench
  seq: number
  /** How far its clock is off. */
  readonly offMs: number
}

class Life {
  readonly dir = freshDir()
  readonly retentionDays = oneOf([0, 1, 3, 7])
  readonly seal = oneOf([false, undefined] as const)
  trueMs = noon
  private readonly beganMs = noon
  private lines: Line[] = []
  private sessions: Session[] = []
  private started = 0

  /** What the clock shows, unless it is wrong. */
  async start(offMs: number): Promise<Session> {
    const log = silentLog({}, (++this.started).toString(16).padStart(8, "0"))
    this.show(log, offMs)
    const { dir, retentionDays, seal } = this
    const open = await fileBench({ dir, log, retentionDays, seal }).openHeld()
    const session = { log, open, seq: 0, offMs }
    this.sessions.push(session)
    return session
  }

  async write(session: Session, offMs = session.offMs): Promise<void> {
    const { log, open } = session
    this.show(log, offMs)
    const seq = ++session.seq
    const text = linesOf(seq, seq, log.atMs, log.session)
    await open.export(batchFrom(text))
    this.lines.push({ id: JSON.parse(text).id, trueMs: this.trueMs })
    this.expectNothingYoungGone()
  }

  /** Ends the sessions: as a process does that is closed, or killed. */
  async end(how: "closed" | "killed"): Promise<void> {
    if (how === "closed")
      for (const { open, log, offMs } of this.sessions) {
        this.show(log, offMs)
        await open.close()
      }
    this.sessions = []
  }

  get running(): readonly Session[] {
    return this.sessions
  }

  private show(log: SilentLog, offMs: number): void {
    log.atMs = this.trueMs + offMs
    log.steadyMs = this.trueMs - this.beganMs
  }

  private expectNothingYoungGone(): void {
    const texts = filesBelow(this.dir).map((name) => readFileSync(join(this.dir, name), "utf8"))
    const here = texts.join("")
    const isThere = ({ id }: Line): boolean => here.includes(id)
    const young = this.lines.filter(({ trueMs }) => this.trueMs - trueMs < this.retentionDays * dayMs)
    // Today's lines are kept whatever is asked for.
    const ofToday = this.lines.filter(
      ({ trueMs }) => Math.floor(trueMs / dayMs) === Math.floor(this.trueMs / dayMs)
    )
    expect([...young, ...ofToday].filter((line) => !isThere(line))).toEqual([])
    this.lines = this.lines.filter(isThere)
  }
}

/** A day of the folder's life, with what is wrong with its clock. */
const liveOneDay = async (
  life: Life,
  wrong: "nothing" | "a reading" | "a start" | "the day"
): Promise<void> => {
  const morningMs = life.trueMs
  const offMs = wrong === "nothing" ? 0 : oneOf(offsets(life.trueMs))
  if (wrong === "the day" || random() < 0.3) await life.end(oneOf(["closed", "killed"]))
  const steps = 1 + below(3)
  const wrongStep = below(steps)
  for (let step = 0; step < steps; step++) {
    const isWrong = wrong === "the day" || (wrong === "a start" && step === wrongStep)
    if (life.running.length === 0 || isWrong || random() < 0.3) await life.start(isWrong ? offMs : 0)
    for (const session of [...life.running])
      await life.write(session, wrong === "a reading" && step === wrongStep ? offMs : session.offMs)
    if (isWrong || random() < 0.2) await life.end(isWrong ? oneOf(["closed", "killed"]) : "killed")
    life.trueMs += hourMs
  }
  life.trueMs = morningMs
}

const lives = 60

it(`S0.24 F64 no line goes that is younger than what is kept, while one thing is wrong with the clock (seed ${seed})`, async () => {
  for (let each = 0; each < lives; each++) {
    const life = new Life()
    const days = 4 + below(30)
    const wrongDay = 2 + below(days - 2)
    for (let day = 0; day < days; day++) {
      const wrong = day === wrongDay ? oneOf(["a reading", "a start", "the day"] as const) : "nothing"
      if (wrong !== "nothing" || random() < 0.8) await liveOneDay(life, wrong)
      life.trueMs += oneOf([1, 1, 1, 1, 1, 3, 25]) * dayMs
    }
    await life.end("closed")
  }
}, 120_000)

it(`S0.24 with a clock that is right again old days go, also those of a wrong past (seed ${seed})`, async () => {
  for (let each = 0; each < lives / 4; each++) {
    const life = new Life()
    for (let day = 0; day < 3; day++) {
      await liveOneDay(life, "nothing")
      life.trueMs += dayMs
    }
    await liveOneDay(life, oneOf(["a reading", "a start", "the day"]))
    await life.end("closed")
    const daysLater = life.retentionDays + 14
    for (let day = 0; day < daysLater; day++) {
      life.trueMs += dayMs
      await life.write(await life.start(0))
      await life.end("closed")
    }
    const last = dayBefore(today, -(3 + daysLater))
    const oldest = dayBefore(last, life.retentionDays + 1)
    const past = filesBelow(life.dir).filter((name) => name < dayFile(oldest))
    expect(past).toEqual([])
  }
}, 120_000)
