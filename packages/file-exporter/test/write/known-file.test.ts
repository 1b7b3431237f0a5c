// The drawn states of a file that is appended to: what each event makes of the end, the disk and the company.

import { describe, expect, it } from "vitest"
import { KnownFile } from "../../src/write/known-file.ts"
import { type Planned, unsealed } from "../../src/write/planned.ts"

/** A write of two lines of four bytes. */
const planned: Planned = {
  append: unsealed({ bytes: new Uint8Array(8), ends: [4, 8], seqs: [1, 2] }),
  lead: 0,
  position: 0,
  run: undefined,
  from: 0,
  marks: 0
}

const file = (): KnownFile =>
  new KnownFile("/logs/datatools-2026-03-05.jsonl", "datatools-2026-03-05.jsonl", {
    identity: "1:2",
    bornMs: 1,
    changedMs: 1
  })

/** Issues a write, of which so many lines arrive. */
const write = (known: KnownFile, lines: number): void => {
  known.issue(planned)
  known.arrive({ lines, standing: lines }, 4 * lines, 4 * lines, true)
}

describe("the end of a file", () => {
  it.each([
    ["all of it, as the system says", 2, 2, 8, { isWhole: true, isUnended: false }],
    ["all of it, found by looking", 2, 2, undefined, { isWhole: false, isUnended: false }],
    ["all but the last newline", 1, 2, 7, { isWhole: false, isUnended: true }],
    ["a part", 1, 1, 5, { isWhole: false, isUnended: false }]
  ])("after %s arrived", (_name, lines, standing, written, end) => {
    const known = file()
    known.issue(planned)
    known.arrive({ lines, standing }, 4 * lines, written, true)
    expect(known).toMatchObject({ ...end, planned: undefined, size: 4 * lines })
  })

  it("is not known while a write is under way, and a newline that was missing before is still missing", () => {
    const known = file()
    known.issue(planned)
    known.arrive({ lines: 1, standing: 2 }, 7, 7, true)
    known.issue(planned)
    expect(known).toMatchObject({ planned, isWhole: false, isUnended: true })
  })
})

describe("the disk", () => {
  it("has what was written once it is synced, and is in doubt after a sync that failed, until bytes arrive", () => {
    const known = file()
    const states: string[] = []
    const after = (step: () => void): void => {
      step()
      states.push(`${known.isUnsynced ? "unsynced" : "synced"}${known.isDoubtful ? ", doubtful" : ""}`)
    }
    after(() => write(known, 2))
    after(() => known.beginSync())
    after(() => known.bytesSynced())
    after(() => known.synced())
    after(() => write(known, 2))
    after(() => known.beginSync())
    after(() => known.syncFailed())
    after(() => write(known, 0))
    after(() => write(known, 1))
    after(() => known.syncFailed())
    expect(states).toEqual([
      ...["unsynced", "unsynced, doubtful", "unsynced", "synced"],
      ...["unsynced", "unsynced, doubtful", "synced, doubtful", "synced, doubtful", "unsynced", "synced"]
    ])
  })
})

it("a file in its place begins anew, and is owed what the one before was", () => {
  const known = file()
  const other = { identity: "1:2", bornMs: 4, changedMs: 4 }
  write(known, 2)
  known.share()
  known.owe(new Uint8Array(4))
  known.replacedBy(other)
  expect(known).toMatchObject({
    identity: other,
    size: 0,
    isWhole: false,
    isShared: false,
    isUnsynced: false
  })
  expect(known.owedLine).toHaveLength(4)
})
