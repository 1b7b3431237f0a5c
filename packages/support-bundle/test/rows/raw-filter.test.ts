// The first look at a line's bytes, held against decoding every line: it may let through too much, and never too little.
import { decodeLine, LineSplitter } from "@daybook/core/lines"
import { describe, expect, it } from "vitest"
import { readForeign } from "../../src/rows/foreign-line.ts"
import { RawFilter } from "../../src/rows/raw-filter.ts"
import { makeTrailFilter, type TrailFilters } from "../../src/rows/trail-filter.ts"

const encoder = new TextEncoder()
const id = "01a2027b-d6fb-7000-81a2-c3d4e5f60718"

/** Of each line, whether it passes, and whether its bytes let it pass. Lines come in one piece, and once more cut in pieces. */
const judged = (lines: readonly string[], filters: TrailFilters, pieceBytes = Number.POSITIVE_INFINITY) => {
  const filter = makeTrailFilter("test", filters)
  const raw = new RawFilter(filter)
  const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(""))
  const found: { readonly text: string; readonly passes: boolean; readonly may: boolean }[] = []
  const splitter = new LineSplitter()
  for (let from = 0; from < bytes.length; from += pieceBytes)
    splitter.each(bytes.subarray(from, from + pieceBytes), (piece, start, end) => {
      const line = piece?.subarray(start, end) ?? new Uint8Array()
      const decoded = decodeLine(line)
      found.push({
        text: new TextDecoder().decode(line),
        passes: !("damage" in decoded) && filter.passes(readForeign(decoded)),
        may: piece !== undefined && raw.mayPass(piece, start, end)
      })
    })
  return found
}

const own = (level: string, more = "", ts = "2026-11-22T09:00:00.123Z"): string =>
  `{"ts":"${ts}","level":"${level}","category":"upload","session":"1a2c3d4e","message":"m"${more},"seq":1,"id":"${id}"}`

const hardLines: readonly string[] = [
  own("info"),
  own("error"),
  own("fatal"),
  own("debug", ',"level":"error"'),
  own("info", ', "level" : "fatal"'),
  own("info", ',"lev\\u0065l":"error"'),
  own("info", ',"text":"say \\"level\\":\\"error\\""'),
  own("info", ',"ts":"2020-01-01T00:00:00.000Z"'),
  own("info", ',"t\\u0073":"2020-01-01T00:00:00.000Z"'),
  own("info", "", "2026-02-31T09:00:00.000Z"),
  own("info", "", "2026-02-28T24:00:00.000Z"),
  own("info", "", "2026-13-22T09:00:00.000Z"),
  own("info", ',"text":"\\u212Aelvin"'),
  own("info", ',"text":"\u212Aelvin"'),
  own("info", ',"text":"\u0130stanbul"'),
  own("info", ',"text":"KELVIN"'),
  own("info", ',"text":"a\\/b"'),
  own("info").replace('"id":"', '"id":"","x":"'),
  own("info").replace('"category":"upload",', "").replace(`,"id":"${id}"`, ""),
  '{"ts":"2026-11-22T09:00:00.123Z","level":"info","@timestamp":"2026-11-22T09:00:00Z","log.level":"error","message":"m"}',
  `{"ts":"2026-11-22T09:00:00.123Z","level":"info","category":"","@timestamp":"2026-11-22T09:00:00Z","log.level":"error","id":"${"a".repeat(28)}","id":""}`,
  '{"level":50,"time":1795338000125,"msg":"kelvin"}',
  '{"levelname":"ERROR","asctime":"2026-11-22 09:00:00,125","message":"kelvin"}',
  `\ufeff${own("error")}`,
  `${own("error")}\r`,
  "{torn",
  ""
]

const filters: readonly TrailFilters[] = [
  { level: "warn" },
  { level: "error" },
  { level: "FATAL" },
  { from: "2026-02-01T00:00:00Z" },
  { from: "2026-03-01T00:00:00Z", to: "2026-11-22T09:00:00.123Z" },
  { to: "2026-03-01T00:00:00Z" },
  { from: Date.parse("2026-11-22T09:00:00.123Z") - 0.5 },
  { text: "kelvin" },
  { text: "istanbul" },
  { text: "a/b" },
  { text: "İ" },
  { level: "error", text: "k", from: "2019-01-01T00:00:00Z" }
]

describe("F113 the bytes of a line decide nothing that its values do not", () => {
  it.each(filters)("a line that passes is never left out: %j", (given) => {
    for (const pieceBytes of [Number.POSITIVE_INFINITY, 1_000, 61])
      for (const { text, passes, may } of judged(hardLines, given, pieceBytes))
        if (passes) expect(may, text).toBe(true)
  })

  it("and most lines that do not pass are not decoded", () => {
    const lines = Array.from({ length: 100 }, (_, n) => own(n % 10 === 0 ? "error" : "info"))
    const decoded = (given: TrailFilters) => judged(lines, given).filter(({ may }) => may).length
    expect(decoded({ level: "error" })).toBe(10)
    expect(decoded({ from: "2026-11-23T00:00:00Z" })).toBe(0)
    expect(decoded({ text: "elsewhere" })).toBe(0)
    expect(decoded({})).toBe(100)
  })

  it("lines put together at random pass alike with and without it", () => {
    const seed = Number(process.env.DAYBOOK_SEED ?? Date.now() % 1e9)
    let state = seed
    const pick = <One>(list: readonly One[]): One => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return list[Math.floor((state / 2 ** 32) * list.length)] as One
    }
    const parts = [
      '"level":"error"',
      '"level": "info"',
      '"lev\\u0065l":"fatal"',
      '"level":50',
      '"ts":"2026-11-23T00:00:00.000Z"',
      '"id":""',
      '"category":""',
      '"message":"\\"level\\":\\"error\\""',
      '"kind":"gap"',
      '"o":{"level":"error"}',
      '"time":1795338000125',
      '"msg":"Kelvin \u212a"'
    ]
    const lines = Array.from({ length: 3_000 }, () => {
      const more = Array.from({ length: pick([0, 1, 2, 3]) }, () => `,${pick(parts)}`).join("")
      const line = own(pick(["debug", "info", "warn", "error", "Error", "notice"]), more)
      return pick([
        line,
        line,
        line.replace(/,"id":"[^"]*"}$/, "}"),
        line.replace('{"ts"', '{ "ts"'),
        line.slice(0, -1)
      ])
    })
    for (const given of filters)
      for (const { text, passes, may } of judged(lines, given, pick([64, 999, 1e9])))
        if (passes && !may) expect.fail(`DAYBOOK_SEED=${seed} ${JSON.stringify(given)} ${text}`)
  })
})
