// The line in which people read an event: what stands where, and that nothing an event holds reaches the terminal as more than a
// sign.
import { describe, expect, it } from "vitest"
import { type AuditEvent, decodeLine } from "../../src/event/decode-line.ts"
import { cutText, eventLine, fillText, lineText, printable, textColumns } from "../../src/event/event-line.ts"

const event = (line: Readonly<Record<string, unknown>>): AuditEvent => {
  const base = {
    ts: "2026-11-22T09:00:00.123Z",
    level: "info",
    category: "case",
    session: "1a2c3d4e",
    message: ""
  }
  const decoded = decodeLine(JSON.stringify({ ...base, seq: 1, id: "x", ...line }))
  if ("damage" in decoded) throw new Error(decoded.damage)
  return decoded
}

const text = (line: Readonly<Record<string, unknown>>, columnsMax?: number): string =>
  lineText(eventLine(event(line)), { columnsMax })

/** Without the time, which depends on the zone. */
const behindTime = (line: Readonly<Record<string, unknown>>): string =>
  text(line).slice("hh:mm:ss.mmm ".length)

/** Each character that has no sign of its own: the emoji selector alone may stand behind an emoji. */
const isSign = (char: string): boolean =>
  !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(char)

const everyCharacter = function* (): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) yield String.fromCodePoint(code)
}

describe("printable text", () => {
  it("S0.24 has no control, bidi, zero-width or tag character, of all that Unicode has", () => {
    const passed = [...everyCharacter()].filter((char) => !isSign(char) && printable(char) === char)
    expect(passed).toEqual([])
    const changed = [...everyCharacter()].filter((char) => isSign(char) && printable(char) !== char)
    expect(changed).toEqual([])
  })

  it.each([
    ["\u001b[2J\u009b31m\u0007", "\\u001b[2J\\u009b31m\\u0007"],
    ["a\nb\r\tc\u2028d\u0085", "a\\nb\\r\\tc\\u2028d\\u0085"],
    ["\u202egpj.exe\u2066\u200e", "\\u202egpj.exe\\u2066\\u200e"],
    ["pass\u200bword\ufeff\u00ad\u2060\u034f\u3164", "pass\\u200bword\\ufeff\\u00ad\\u2060\\u034f\\u3164"],
    ["\u{e0001}\u{e0041}\u{e0100}", "\\u{e0001}\\u{e0041}\\u{e0100}"],
    ["\ud800", "\\ud800"],
    ["❤️ a\ufe0f ❤\ufe0f\ufe0f", "❤️ a\\ufe0f ❤️\\ufe0f"],
    ["naïve 日本語 😀", "naïve 日本語 😀"]
  ])("%j is shown as %j", (raw, shown) => {
    expect(printable(raw)).toBe(shown)
  })
})

describe("an event's line", () => {
  it("has local time, level, category, message, then the fields in short", () => {
    const at = new Date("2026-11-22T09:00:00.123Z")
    const two = (value: number): string => String(value).padStart(2, "0")
    expect(
      text({ message: "Uploaded a.csv", filename: "a.csv", bytes: 24813, deep: { empty: {}, n: { m: 1 } } })
    ).toBe(
      `${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}.123 info  case Uploaded a.csv  bytes=24813 deep.empty={} deep.n.m=1 filename=a.csv`
    )
    expect(text({ ts: "", message: "m" })).toBe("--:--:--.--- info  case m")
  })

  it("quotes a text that could be taken for several fields, or for none", () => {
    expect(
      behindTime({
        message: "m",
        a: "x admin=true",
        b: "",
        c: 'say "a"',
        d: "1",
        e: 1,
        f: null,
        g: [1, "2"],
        "h i=": 1
      })
    ).toBe(`info  case m  a="x admin=true" b="" c="say \\"a\\"" d=1 e=1 f=null g=[1,"2"] "h i="=1`)
  })

  it("is made safe in each of its parts, and stays one line", () => {
    const evil = "\u001b]0;x\u0007\n\u202e\u200b\u{e0041}"
    const line = text({
      category: `c${evil}`,
      message: `m${evil}`,
      schema_error: evil,
      [`name${evil}`]: evil,
      deep: { [evil]: [evil, { [evil]: evil }] }
    })
    expect([...line].filter((char) => !isSign(char))).toEqual([])
  })

  it.each([
    '{"toString":1,"valueOf":null}',
    '{"a":{"toString":1},"message":"[object Object]"}',
    '{"__proto__":{"x":1},"constructor":"c","hasOwnProperty":1}',
    '{"ts":7,"level":"loud","category":null,"message":{"a":1},"id":"","seq":"x"}'
  ])("never throws: %s", (line) => {
    expect(() => text(JSON.parse(line))).not.toThrow()
  })

  it("is short, however long its event is", () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`name_${n}`, "日本語".repeat(1_000)])
    )
    const line = text({ category: "c".repeat(300), message: "m".repeat(60_000), ...many })
    expect(textColumns(line)).toBeLessThan(3_000)
    expect(line.endsWith("… …")).toBe(true)
  })

  it("of a mark shows that it is none of the events: a rule in the level's place, and the count", () => {
    const gap = {
      level: "warn",
      category: "gap",
      seq: undefined,
      message: "12 events are missing here: overflow",
      count: 12,
      first_seq: 5,
      reasons: { overflow: 12 }
    }
    expect(behindTime(gap)).toBe(
      "───── gap 12 events are missing here: overflow  first_seq=5 reasons.overflow=12 count=12"
    )
    // An application may name a category so.
    expect(behindTime({ ...gap, seq: 3 })).toMatch(/^warn {2}gap 12 events/)
    expect(eventLine(event(gap)).find(({ text }) => text.startsWith("12 "))?.style).toBe("warn")
  })

  it("shows first what did not fit its schema", () => {
    expect(behindTime({ message: "m", bytes: "many", schema_error: "bytes" })).toBe(
      "info  case m  schema_error=bytes bytes=many"
    )
  })

  it.each([10, 20, 31, 32, 33, 40, 200])(
    "is cut to %i columns, with … where something is missing",
    (columns) => {
      const line = { message: "日本語😀x", a: "日本語" }
      const whole = text(line)
      const cut = text(line, columns)
      expect(textColumns(cut)).toBeLessThanOrEqual(columns)
      if (textColumns(whole) <= columns) expect(cut).toBe(whole)
      else expect(cut).toMatch(/…$/)
      const colored = lineText(eventLine(event(line)), { columnsMax: columns, isColorful: true })
      expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(cut)
      // What is switched on is switched off again, also where the line is cut.
      const codes = [...colored.matchAll(/\u001b\[(\d+)m/g)].map(([, code]) => Number(code))
      expect(codes.filter((code) => code === 22 || code === 39).length).toBe(codes.length / 2)
      expect([22, 39]).toContain(codes.at(-1))
    }
  )
})

it("columns count East Asian characters and emoji twice, and combining marks not at all", () => {
  expect(["", "abc", "日本語", "😀", "e\u0301", "❤️", "｡"].map(textColumns)).toEqual([0, 3, 6, 2, 1, 2, 1])
  expect([cutText("日本語", 5), cutText("日本語", 6), cutText("ab", 1), cutText("ab", 0)]).toEqual([
    "日本…",
    "日本語",
    "…",
    ""
  ])
  expect([fillText("日本", 6), fillText("日本語x", 6)]).toEqual(["日本  ", "日本… "])
})
