// The requirements: their rows are complete, ids are found in planted tests of every form and nowhere else, and each
// thing that can be wrong with the page is told in a line.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: planted source has templates of its own.

import { describe, expect, it } from "vitest"
import { codeSpan, requirementsPage, shownRows } from "../requirements/page.ts"
import { outOfDate, unknownIds } from "../requirements/problems.ts"
import { rowGroup } from "../requirements/row-group.ts"
import { rowGroups } from "../requirements/rows.ts"
import { idsIn, namedTests } from "../requirements/test-names.ts"

const rows = rowGroups.flatMap((group) => group.rows)

const numbered = (prefix: string, last: number) => Array.from({ length: last }, (_, n) => `${prefix}${n + 1}`)

describe("the rows", () => {
  it("are complete, and no id stands twice", () => {
    const wanted = [
      ...[30, 17, 15, 17, 23].flatMap((last, part) => numbered(`S${part}.`, last)),
      ...numbered("F", 121)
    ]
    expect(rows.map(({ id }) => id).sort()).toEqual(wanted.sort())
  })

  it.each(rowGroups.map(({ title, rows }) => [title, rows] as const))(
    "stand under one heading: %s",
    (_, rows) => {
      expect(new Set(rows.map(({ id }) => id.replace(/\.?\d+$/, ""))).size).toBe(1)
    }
  )

  it("are one sentence each, whose Markdown is closed and holds no HTML outside code", () => {
    for (const { id, sentence } of rows) {
      const prose = sentence.replaceAll(/`[^`]+`/g, "code")
      expect(sentence, id).toMatch(/^\S.*[^.]\.$/s)
      expect(prose, id).not.toMatch(/[`<*_\n]|[.!?] [A-Z]/)
    }
  })
})

/** The names that have ids in a planted file. */
const namesIn = (text: string, path = "packages/core/test/planted.test.ts") =>
  namedTests({ path, text }).map(({ name }) => name)

describe("names of tests", () => {
  it.each([
    ["F47 S0.29 flush tells the truth", ["F47", "S0.29"]],
    ["S0.14: F1, F1 (F2) and F3.", ["S0.14", "F1", "F2", "F3"]],
    ["F999 S9.1 F07 are found, so that they can be told", ["F999", "S9.1", "F07"]],
    ["F71-lite, xF1, U+F8, TLS1.2, F1x, S0, S0.1.2 and F7${n} are not ids", []]
  ])("ids in %j", (name, ids) => {
    expect(idsIn(name)).toEqual(ids)
  })

  it.each([
    ["it", 'it("F1 a", () => {})', ["F1 a"]],
    ["test", "test('F1 a', () => {})", ["F1 a"]],
    ["an Effect test", 'it.effect("F1 a", () => Effect.void)', ["F1 a"]],
    ["a condition", 'it.skipIf(isWindows)("F1 a", () => {})', ["F1 a"]],
    ["a line of its own", 'it.live(\n  "F1 a",\n  () => {}\n)', ["F1 a"]],
    ["parts", 'it("F1 " + "a", () => {})', ["F1 a"]],
    [
      "suites around",
      'describe("x", () => { describe(`y`, () => { it("F1 a") }); it("F2 b") })',
      ["x > y > F1 a", "x > F2 b"]
    ],
    ["a suite's own", 'describe("F1 x", () => { it("a") })', ["F1 x"]],
    ["suites after", 'describe("x", () => {}); it("F1 a")', ["F1 a"]],
    ["a suite without a known name", 'describe(name, () => { it("F1 a") })', ["F1 a"]],
    ["a template", "it(`F1 of ${n.x} |`, () => {})", ["F1 of ${n.x} |"]],
    ["rows", 'it.each([["F1", 2], ["F2", x]] as const)("%s is %d", () => {})', ["F1 is 2", "F2 is %d"]],
    ["rows as JSON", `it.each([["F1", 2, "b"]])("%s %j %j", () => {})`, ['F1 2 "b"']],
    ["single values", 'it.for(["F1", "F2"])("%s a", () => {})', ["F1 a", "F2 a"]],
    ["objects", 'const cases = [{ id: "F1" }]\nit.effect.each(cases)("$id a", () => {})', ["F1 a"]],
    ["an unknown table", 'it.each(rows)("F1 %s", () => {})', ["F1 %s"]],
    ["a tagged table", 'it.each`a\n${1}`("F1 $a", () => {})', ["F1 $a"]],
    ["a loop", 'for (const { id, of: [n] } of [{ id: "F1", of: [2] }]) it(`${id} ${n}`)', ["F1 2"]],
    [
      "a loop that takes apart inside",
      'const all = [{ id: "F1" }]\nfor (const one of all) { const { id } = one; it(`${id} a ${one.id}`) }',
      ["F1 a F1"]
    ],
    [
      "suites of a loop",
      'for (const n of [1, 2]) describe(`x${n}`, () => { it("F1 a") })',
      ["x1 > F1 a", "x2 > F1 a"]
    ]
  ])("found in %s: %j", (_form, text, names) => {
    expect(namesIn(text)).toEqual(names)
  })

  it.each([
    ["a comment", '// it("F1 a", () => {})'],
    ["a text", "const planted = 'it(\"F1 a\")'"],
    ["another call", 'audit.log("F1 a"); split("F1 a"); permit.each("F1 a")'],
    ["a message inside a test", 'it("a", () => { expect(1, "F1 a").toBe(1) })'],
    ["a test that is skipped", 'it.skip("F1 a", () => {}); it.effect.skip("F1 b", () => {})'],
    ["a suite that is skipped", 'describe.skip("x", () => { it("F1 a") })'],
    ["a test to be written", 'it.todo("F1 a")'],
    ["a test that must fail", 'it.fails("F1 a", () => {})'],
    ["an object of a test file", 'const one = { name: "F1 a", run() {} }'],
    ["a constant that a parameter hides", 'const id = "F1"\nconst make = (id: string) => { it(`${id} a`) }']
  ])("not found in %s: %j", (_place, text) => {
    expect(namesIn(text)).toEqual([])
  })

  it("of cases that are data are found where cases are kept", () => {
    const text =
      'export const cases = [{ name: "F1 a", async run(x) {} }, { name: "F2 b", run: f }, { name: "F3" }]'
    expect(namesIn(text, "packages/core/src/testing/exporter-cases.ts")).toEqual(["F1 a", "F2 b"])
  })

  it("are read from JSX and plain JavaScript too", () => {
    expect(namesIn('it("F1 a", () => <p />)', "packages/react-hooks/test/a.test.tsx")).toEqual(["F1 a"])
    expect(namesIn('test("F1 a", () => {})', "conformance/a.conformance.mjs")).toEqual(["F1 a"])
  })

  it("of a file that cannot be parsed are an error with its path", () => {
    expect(() => namesIn("it(")).toThrow(/^packages\/core\/test\/planted\.test\.ts cannot be parsed: /)
  })
})

const groups = [
  rowGroup("S0 One", "About one.", { "S0.1": "First.", "S0.2": "Second." }),
  rowGroup("Faults A: two", "About two.", { F1: "Third." })
]

const planted = [
  { path: "packages/b/test/b.test.ts", name: "F1 with `ticks` and a | pipe", ids: ["F1"] },
  { path: "packages/a/test/a.test.ts", name: "x > S0.1 F1 both", ids: ["S0.1", "F1"] },
  { path: "packages/a/test/a.test.ts", name: "S0.1 more", ids: ["S0.1"] }
]

describe("the page", () => {
  const page = requirementsPage(groups, planted)

  it("lists every row with its sentence and the tests that show it, by file", () => {
    const lists = page.slice(page.indexOf("## S0 One"))
    expect(lists).toBe(`## S0 One

About one.

- **S0.1** First.
  - [packages/a/test/a.test.ts](../../packages/a/test/a.test.ts)
    - \`S0.1 more\`
    - \`x > S0.1 F1 both\`
- **S0.2** Second. *Not shown yet.*

## Faults A: two

About two.

- **F1** Third.
  - [packages/a/test/a.test.ts](../../packages/a/test/a.test.ts): \`x > S0.1 F1 both\`
  - [packages/b/test/b.test.ts](../../packages/b/test/b.test.ts): \`\`F1 with \`ticks\` and a | pipe\`\`
`)
  })

  it("counts rows and shown rows by group", () => {
    expect(page).toContain("| S0 One | 2 | 1 |\n| Faults A: two | 1 | 1 |\n| **All** | 3 | 2 |\n")
    expect(shownRows(groups, planted)).toEqual({ rows: 3, shown: 2 })
    expect(shownRows(groups, [])).toEqual({ rows: 3, shown: 0 })
  })

  it("is the same whatever the order of the tests, and lists a test that was found twice once", () => {
    expect(requirementsPage(groups, [...planted, ...planted].reverse())).toBe(page)
  })

  it("keeps names with backticks, line breaks and signs that nobody sees in one span of code", () => {
    expect(codeSpan("plain")).toBe("`plain`")
    expect(codeSpan("a `b` ``c")).toBe("```a `b` ``c```")
    expect(codeSpan("`a`")).toBe("`` `a` ``")
    expect(codeSpan("a\n  b")).toBe("`a b`")
    expect(codeSpan("a\0b\u202ec\u{e0041}")).toBe("`a\\u{0}b\\u{202e}c\\u{e0041}`")
  })
})

describe("problems", () => {
  it("an id without a row is told with its test, and what to do", () => {
    const [known, ...more] = unknownIds(groups, [
      ...planted,
      { path: "packages/a/test/a.test.ts", name: "F1 F999 c", ids: ["F1", "F999"] }
    ])
    expect(known).toBe(
      'packages/a/test/a.test.ts: the test "F1 F999 c" names F999, which is no requirement. Correct the id, or add its row in scripts/requirements/.'
    )
    expect(more).toEqual([])
  })

  it("a page that is out of date or missing is told in one line; the right one is no problem", () => {
    expect(outOfDate("docs/a.md", "old", "new")).toEqual([
      "docs/a.md is out of date. Run `npm run docs` and commit what it writes."
    ])
    expect(outOfDate("docs/a.md", undefined, "new")).toEqual([
      "docs/a.md is missing. Run `npm run docs` and commit what it writes."
    ])
    expect(outOfDate("docs/a.md", "new", "new")).toEqual([])
  })
})
