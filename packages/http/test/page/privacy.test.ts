// What docs/guides/privacy.md promises of keys and of texts holds in a page's lines, row by row.
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { LineMaker } from "../../src/page/line-maker.ts"

const page = readFileSync(new URL("../../../../docs/guides/privacy.md", import.meta.url), "utf8")

/** The rows of all tables under such a heading, each as its cells. */
const rowsOf = (heading: string): readonly (readonly string[])[] =>
  page
    .split(`| ${heading} |\n`)
    .slice(1)
    .flatMap((behind) => {
      const lines = behind.split("\n").slice(1)
      const end = lines.findIndex((line) => !line.startsWith("|"))
      return lines.slice(0, end).map((line) => line.slice(1, -1).split("|"))
    })

const codeIn = (cell = ""): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)

const letters = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z".repeat(20)

// The page's own signs: a line break, a bar, so many letters and digits.
const textIn = (cell: string | undefined): string =>
  (codeIn(cell)[0] ?? "")
    .replaceAll("⏎", "\n")
    .replaceAll("｜", "|")
    .replace(/\{(\d+)\}/g, (_, count: string) => letters.slice(0, Number(count)))

const lineOf = (extras: Record<string, unknown>, message = "m"): Record<string, unknown> =>
  JSON.parse(new LineMaker(undefined).event({ category: "a", level: "info", message, extras }, 0))

describe("in a page's lines", () => {
  it.each([
    ["kind of key | redacted", true],
    ["kind of key | stays readable", false]
  ])("S1.15 F93 the keys under %s", (heading, isHidden) => {
    const keys = rowsOf(heading).flatMap(([, cell]) => codeIn(cell))
    expect(keys.length).toBeGreaterThan(20)
    const wrong = keys.filter(
      (key) =>
        (lineOf({ inner: { [key]: "canary" } }).inner as object & Record<string, unknown>)[key] !==
        (isHidden ? "[redacted]" : "canary")
    )
    expect(wrong).toEqual([])
  })

  it("S1.15 F93 the texts", () => {
    const hidden = rowsOf("in a text | on the line").map(
      ([text, line]) => [textIn(text), textIn(line)] as const
    )
    const kept = rowsOf("in a text that stays").map(([text]) => [textIn(text), textIn(text)] as const)
    expect(Math.min(hidden.length, kept.length)).toBeGreaterThan(5)
    for (const [text, shown] of [...hidden, ...kept])
      expect(lineOf({ text }, text)).toMatchObject({ message: shown, text: shown })
  })
})
