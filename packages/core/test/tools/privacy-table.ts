// The tables of docs/guides/privacy.md as cases: what the page promises is what the tests run, through whichever door they test.
import { readFileSync } from "node:fs"
import { runInThisContext } from "node:vm"

/** The secret of every structure, and of most texts. */
export const theSecret = "hunter2"

export interface KeyCase {
  readonly key: string
  readonly isHidden: boolean
}

export interface TextCase {
  readonly text: string
  /** The text as it must stand on the line. */
  readonly shown: string
  /** What of the text must be nowhere. */
  readonly secrets: readonly string[]
}

export interface ValueCase {
  /** The expression, as the page has it. */
  readonly source: string
  /** Makes the value anew. */
  make(): unknown
  readonly shown: unknown
  readonly isHidden: boolean
}

const page = readFileSync(new URL("../../../../docs/guides/privacy.md", import.meta.url), "utf8")

/** The rows of all tables under such a heading, each as its cells. */
const rowsOf = (...heading: readonly string[]): readonly (readonly string[])[] => {
  const rows: (readonly string[])[] = []
  let isWithin = false
  for (const line of page.split("\n")) {
    const cells = line.startsWith("|")
      ? line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim())
      : []
    if (cells.length === 0) isWithin = false
    else if (cells.join() === heading.join()) isWithin = true
    else if (isWithin && !/^-+$/.test(cells[0] ?? "")) rows.push(cells)
  }
  if (rows.length === 0) throw new Error(`docs/guides/privacy.md has no table "${heading.join(" | ")}"`)
  return rows
}

const codeIn = (cell: string | undefined): readonly string[] =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)

const letters = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z"

// `⏎` is a line break, `｜` a bar, `{24}` so many letters and digits.
const textIn = (cell: string | undefined): string =>
  (codeIn(cell)[0] ?? "")
    .replaceAll("⏎", "\n")
    .replaceAll("｜", "|")
    .replace(/\{(\d+)\}/g, (_, count: string) =>
      letters.repeat(Math.ceil(Number(count) / letters.length)).slice(0, Number(count))
    )

const keysOf = (heading: string, isHidden: boolean): readonly KeyCase[] =>
  rowsOf("kind of key", heading).flatMap(([, keys]) => codeIn(keys).map((key) => ({ key, isHidden })))

export const keyCases: readonly KeyCase[] = [...keysOf("redacted", true), ...keysOf("stays readable", false)]

/** What stood where the shown text has "[redacted]". */
const secretsBetween = (text: string, shown: string): readonly string[] => {
  const [first = "", ...rest] = shown.split("[redacted]")
  let at = first.length
  return rest.map((piece) => {
    const end = piece === "" ? text.length : text.indexOf(piece, at)
    const secret = text.slice(at, end)
    at = end + piece.length
    return secret
  })
}

export const textCases: readonly TextCase[] = [
  ...rowsOf("in a text", "on the line").map(([text, line]) => ({ text: textIn(text), shown: textIn(line) })),
  ...rowsOf("in a text that stays").map(([text]) => ({ text: textIn(text), shown: textIn(text) }))
].map(({ text, shown }) => ({ text, shown, secrets: secretsBetween(text, shown) }))

export const valueCases: readonly ValueCase[] = rowsOf("value", "on the line").map(([value, line]) => {
  const source = codeIn(value)[0] ?? ""
  const json = codeIn(line)[0] ?? ""
  const make = runInThisContext(`(x) => (${source})`) as (secret: string) => unknown
  return {
    source,
    make: () => make(theSecret),
    shown: JSON.parse(json),
    isHidden: json.includes("[redacted]")
  }
})
