// The requirements: the page has every row once, ids are found where they are and nowhere else, and each thing that can be
// wrong between the page and the tests is a problem with its place.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: planted source has templates of its own.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { checkPage, idsIn } from "../requirements/shown-by.ts"

const page = (text: string) => ({ path: "docs/a.md", text })

const wellKept = page(`- **S0.1** First. *Shown by* \`a.test.ts\`, \`b.test.ts\`.
- **S0.2** Second. *Not shown yet.*
- **F1** Third. *Shown by* \`b.test.ts\`.
`)

const tests = [
  { path: "b.test.ts", text: '// why\nit("F1 a", run)\nit.each([["S0.1", 2]])("%s", run)\n' },
  { path: "a.test.ts", text: "test('S0.1 b', run)\nit(`S0.1 ${x}`, run)\n" }
]

describe("the page of requirements", () => {
  const real = readFileSync(join(import.meta.dirname, "../../docs/internals/requirements.md"), "utf8")
  const rows = real.split("\n").filter((line) => line.startsWith("- **"))

  it("has every row, and none twice", () => {
    const numbered = (prefix: string, last: number) =>
      Array.from({ length: last }, (_, n) => `${prefix}${n + 1}`)
    const wanted = [
      ...[33, 17, 20, 17, 25].flatMap((last, part) => numbered(`S${part}.`, last)),
      ...numbered("F", 122)
    ]
    expect(rows.map((line) => line.slice(4, line.indexOf("**", 4))).sort()).toEqual(wanted.sort())
    expect(checkPage(page(real), []).rows).toBe(wanted.length)
  })

  it("says each in one sentence, without HTML outside code", () => {
    for (const line of rows) {
      const sentence = line
        .slice(line.indexOf("**", 4) + 3)
        .replace(/ \*(Shown by\*.*|Not shown yet\.\*)$/, "")
      expect(sentence).toMatch(/^\S.*[^.]\.$/)
      expect(sentence.replaceAll(/`[^`]+`/g, "code")).not.toMatch(/[`<*_]|[.!?] [A-Z]/)
    }
  })
})

describe("ids", () => {
  it.each([
    ["F47 S0.29 flush tells the truth", ["F47", "S0.29"]],
    ["S0.14: F1, F1 (F2) and F3.", ["S0.14", "F1", "F2", "F3"]],
    ["F999 S9.1 F07 are found, so that they can be reported", ["F999", "S9.1", "F07"]],
    ['it.each([["F1", "a"], [`S0.2`]])', ["F1", "S0.2"]],
    ["F71-lite, xF1, U+F8, TLS1.2, F1x, S0, S0.1.2 and F7${n} are none", []]
  ])("in %j", (text, ids) => {
    expect(idsIn(text)).toEqual(ids)
  })
})

describe("page and tests", () => {
  it("agree when each row lists the files that name its id", () => {
    expect(checkPage(wellKept, tests)).toEqual({ page: wellKept.text, rows: 3, shown: 2, problems: [] })
  })

  it("do not agree when a test names an id without a row", () => {
    const more = [...tests, { path: "c.test.ts", text: '\nit("F999 c", run)' }]
    expect(checkPage(wellKept, more).problems).toEqual([
      "c.test.ts:2: F999 is no requirement. Correct the id, or add its row to docs/a.md."
    ])
  })

  it.each([
    ["misses a file", 1, wellKept.text.replace("`a.test.ts`, ", "")],
    [
      "lists a file that is gone",
      3,
      wellKept.text.replace(/Third\..*/, "Third. *Shown by* `b.test.ts`, `c.test.ts`.")
    ],
    ["says not shown when it is", 3, wellKept.text.replace(/Third\..*/, "Third. *Not shown yet.*")],
    ["says shown when no test names it", 2, wellKept.text.replace(/Second\..*/, "Second. *Shown by* `a`.")],
    ["has no list", 2, wellKept.text.replace(/Second\..*/, "Second.")]
  ])("do not agree when a row %s; writing mends it", (_, line, text) => {
    const { page: mended, problems } = checkPage(page(text), tests)
    expect(problems).toEqual([
      expect.stringMatching(`^docs/a\\.md:${line}: the files that show .* are out of date\\. Run`)
    ])
    expect(checkPage(page(mended), tests).problems).toEqual([])
  })

  it("do not agree when an id stands twice", () => {
    const twice = wellKept.text.replace("S0.2", "F1")
    expect(checkPage(page(twice), tests).problems).toContain(
      "docs/a.md:3: F1 stands here twice. Give one of the two rows its own id."
    )
  })
})
