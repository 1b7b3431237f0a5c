// System calls that fail once or for a while, under a real process with a real exporter: whatever was accepted is in the
// file once, or counted and told by a gap mark, and people are told once for each change of state.

import { describe, expect, it } from "vitest"
import { answerOf } from "../test/tools/child-process.ts"
import { freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { needsRoot } from "./needs.ts"
import { startTraced } from "./traced-child.ts"
import { dayFiles, expectReadable } from "./whole-days.ts"

interface Answer {
  readonly flushed: readonly boolean[]
  readonly states: readonly string[]
  readonly closed: {
    readonly complete: boolean
    readonly written: number
    readonly dropped: number
    readonly pending: number
  }
}

interface Fault {
  readonly inject: readonly string[]
  /** Attempts that the faults must spoil. */
  readonly spoilt: number
  readonly told: string
}

const rounds = 8
const eventsInRound = 25

describe("a system call that fails under a real process: each event is written once, in order, and it is told once", () => {
  it.for<readonly [string, Fault]>([
    [
      "F1 ENOSPC from a write, once",
      { inject: ["write:error=ENOSPC:when=3"], spoilt: 1, told: "disk is full, or out of inodes (ENOSPC)" }
    ],
    [
      "F1 F2 ENOSPC from every write for a while",
      { inject: ["write:error=ENOSPC:when=2..5"], spoilt: 4, told: "disk is full, or out of inodes (ENOSPC)" }
    ],
    [
      "F5 EDQUOT from a write, which Node calls UNKNOWN",
      { inject: ["write:error=EDQUOT:when=3"], spoilt: 1, told: "disk quota exceeded (EDQUOT)" }
    ],
    [
      "F7 EIO from a write",
      { inject: ["write:error=EIO:when=3..4"], spoilt: 2, told: "input/output error (EIO)" }
    ],
    ["F10 EAGAIN from a write", { inject: ["write:error=EAGAIN:when=3..4"], spoilt: 2, told: "(EAGAIN)" }],
    [
      "F20 EMFILE from opening the file",
      { inject: ["openat:error=EMFILE:when=3..5"], spoilt: 3, told: "too many open files (EMFILE)" }
    ],
    [
      "F21 ESTALE from looking at the file that was opened",
      { inject: ["statx:error=ESTALE:when=3"], spoilt: 1, told: "stale network file handle (ESTALE)" }
    ],
    [
      "F21 ESTALE from a write: the path is opened anew",
      { inject: ["write:error=ESTALE:when=3..4"], spoilt: 2, told: "stale network file handle (ESTALE)" }
    ],
    [
      "F22 EIO from closing the file, behind lines that are down",
      { inject: ["close:error=EIO:when=3"], spoilt: 1, told: "input/output error (EIO)" }
    ]
  ])("%s", async ([, { inject, spoilt, told }], test) => {
    needsRoot(test, "strace")
    const dir = freshDir()
    const child = startTraced("logs-rounds", [dir, String(rounds), String(eventsInRound)], {
      paths: dayFiles(dir),
      inject
    })
    const ended = await child.ended
    const { flushed, closed } = answerOf<Answer>(ended)
    expect(closed).toMatchObject({ complete: true, written: 200, dropped: 0, pending: 0 })
    expect(flushed.filter((complete) => !complete)).toHaveLength(spoilt)
    const injected = child.calls().filter(({ isInjected }) => isInjected)
    expect(injected).toHaveLength(spoilt)
    expect(ended.told).toEqual([
      expect.stringContaining(told),
      expect.stringContaining("works again; 0 events were dropped meanwhile")
    ])
    const { seqs, repeated, damaged } = await expectReadable(dir)
    expect(seqs).toEqual(numbersTo(200))
    expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
  })

  it("F9 EINTR from writes and openings: nobody notices, and each event is written once", async (test) => {
    needsRoot(test, "strace")
    const dir = freshDir()
    const child = startTraced("logs-rounds", [dir, "8", "25"], {
      paths: dayFiles(dir),
      inject: ["write:error=EINTR:when=1+2", "openat:error=EINTR:when=2+3"]
    })
    const ended = await child.ended
    const { flushed, closed } = answerOf<Answer>(ended)
    expect(closed).toMatchObject({ complete: true, written: 200, dropped: 0 })
    expect(flushed).not.toContain(false)
    expect(ended.told).toEqual([])
    const broken = child.calls().filter(({ isInjected }) => isInjected)
    expect(new Set(broken.map(({ name }) => name))).toEqual(new Set(["write", "openat"]))
    const { seqs, repeated, damaged } = await expectReadable(dir)
    expect(seqs).toEqual(numbersTo(200))
    expect({ repeated, damaged }).toEqual({ repeated: 0, damaged: [] })
  })

  it("F7 F61 EIO from every write for longer than the queue lasts: what is lost is counted, and told where it is missing", async (test) => {
    needsRoot(test, "strace")
    const dir = freshDir()
    const options = JSON.stringify({ queue: { eventsMax: 60 } })
    const child = startTraced("logs-rounds", [dir, "8", "25", options], {
      paths: dayFiles(dir),
      inject: ["write:error=EIO:when=2..6"]
    })
    const ended = await child.ended
    const { closed } = answerOf<Answer>(ended)
    expect(closed.dropped).toBeGreaterThan(0)
    expect(closed).toMatchObject({ written: 200 - closed.dropped, pending: 0 })
    expect(ended.told).toEqual([
      expect.stringContaining("input/output error (EIO)"),
      expect.stringContaining(`works again; ${closed.dropped} events were dropped meanwhile`)
    ])
    const { seqs, repeated, lines } = await expectReadable(dir)
    expect({ count: seqs.length, repeated }).toEqual({ count: closed.written, repeated: 0 })
    const kept = new Set(seqs)
    const missing = numbersTo(200).filter((seq) => !kept.has(seq))
    const gaps = lines.filter(({ category, seq }) => category === "gap" && seq === undefined)
    expect(gaps.reduce((sum, { count }) => sum + Number(count), 0)).toBe(missing.length)
    expect(gaps[0]).toMatchObject({ first_seq: missing[0] })
    expect(gaps.at(-1)).toMatchObject({ last_seq: missing.at(-1) })
  })
})
