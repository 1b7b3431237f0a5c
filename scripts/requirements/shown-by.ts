// Compares the rows of the requirements page with the ids that test files name. Ids are found by one regular expression, in
// names, tables and comments alike: the text of a test file is not interpreted. The files themselves are read by
// scripts/requirements.ts.

import { lineAt, type SourceFile } from "../tidy/source-file.ts"

/** S0.14 and F47, but not F71-lite, F7${n}, U+F8 or TLS1.2. */
const id = /(?<![\w.+-])(?:S\d+\.\d+|F\d+)(?![\w$-]|\.\d)/g

/** `- **S0.14** One sentence. *Shown by* …` or, at the end, `*Not shown yet.*` */
const row = /^- \*\*([SF][\d.]+)\*\* (.*?)(?: \*(?:Shown by\*.*|Not shown yet\.\*))?$/gm

export interface Checked {
  /** The page with the right files behind each sentence. */
  readonly page: string
  readonly rows: number
  readonly shown: number
  /** What is wrong, where, and what to do: one line each. */
  readonly problems: readonly string[]
}

export function idsIn(text: string): readonly string[] {
  return [...new Set(text.match(id) ?? [])]
}

export function checkPage(page: SourceFile, tests: readonly SourceFile[]): Checked {
  const named = new Map<string, string[]>()
  for (const { path, text } of tests) {
    for (const one of idsIn(text)) named.set(one, [...(named.get(one) ?? []), path])
  }
  const problems: string[] = []
  const known = new Set<string>()
  const right = page.text.replace(row, (line: string, one: string, sentence: string, offset: number) => {
    const at = `${page.path}:${lineAt(page.text, offset)}`
    if (known.has(one)) problems.push(`${at}: ${one} stands here twice. Give one of the two rows its own id.`)
    known.add(one)
    const rightLine = `- **${one}** ${sentence} ${shownBy(named.get(one) ?? [])}`
    if (line !== rightLine) {
      problems.push(`${at}: the files that show ${one} are out of date. Run \`npm run docs\`.`)
    }
    return rightLine
  })
  for (const { path, text } of tests) {
    for (const one of idsIn(text).filter((one) => !known.has(one))) {
      const at = `${path}:${lineAt(text, text.indexOf(one))}`
      problems.push(`${at}: ${one} is no requirement. Correct the id, or add its row to ${page.path}.`)
    }
  }
  const shown = [...known].filter((one) => named.has(one)).length
  return { page: right, rows: known.size, shown, problems }
}

function shownBy(paths: readonly string[]): string {
  if (paths.length === 0) return "*Not shown yet.*"
  return `*Shown by* ${[...paths]
    .sort()
    .map((path) => `\`${path}\``)
    .join(", ")}.`
}
