// Writes the page of requirements as Markdown for GitHub: what it is, a table of totals, and a list for each group with
// every row, its sentence and the tests that show it. The same rows and tests give the same page, whatever their order
// on disk. The page is docs/internals/requirements.md; reading and writing it is the door's business.

import type { Row, RowGroup } from "./row-group.ts"
import type { NamedTest } from "./test-names.ts"

/** From docs/internals to the repository's root. */
const toRoot = "../.."

const preface = `# Requirements, and the tests that show them

Daybook takes the place of five programs that ran in production. What it must do as well as they did, and where it must
do better, are the acceptance rows S0.1 to S4.23; what it must survive are the fault rows F1 to F121. A test that shows
a row carries its id in its name, so that both can be found from each other.

This page is made by \`npm run docs\` from \`scripts/requirements/\` and the names of the tests; change those, not this.
\`npm test\` fails when the page is out of date or a test names an id that is not here. "Not shown yet" says that no test
carries the id. A test that is listed may show a part of its row, may be left out where a runtime or a machine lacks what
it needs, and need not pass: \`npm test\` says what ran and what passed. Tests below \`faults/\` are campaigns that need
root, mounts and minutes: \`npm run test:faults\` runs them.

## Words

An **event** is what happened, made by a call of the **log**; a **mark** is what the log writes about itself; a **line**
is either of them encoded, one JSON object and a newline. A **session** is one run of one log. An **exporter** is a way
out, to a file, a database or a collector: it has a bounded **queue**, and a **writer** that empties it in **batches**.
**Extras** are the values that a call adds to an event. An event is **confirmed** when the exporter has said that it is
stored. A **gap** is a hole in the events that is counted and told by a mark in its place. A **seal** is a digest over a
stretch of lines. A **spool** is a durable queue on disk, made of **segments**; its **uploader** hands them on. To
**commit** an event is to wait until it is durable. A **dead letter** is an event that the far side refuses for good, and
a line that cannot be read is **quarantined**: both are set aside with the reason. \`<app>\` is the name of the
application, and \`<APP>\` the same in capitals. The **predecessor** is the program that a group of rows replaces.

A **notice** is one line on stderr for a state change, and says what failed, where, the name of the error, what Daybook
does now, and how often it happened so far. In every fault row the application goes on, unless the fault is its end, its
calls of the log stay far below 1 ms, and whatever is lost is counted.
`

export function requirementsPage(groups: readonly RowGroup[], tests: readonly NamedTest[]): string {
  const shownBy = testsById(tests)
  return [
    preface,
    totals(groups, tests),
    ...groups.map(({ title, about, rows }) =>
      [`## ${title}`, "", about, "", ...rows.map((row) => rowItem(row, shownBy.get(row.id) ?? [])), ""].join(
        "\n"
      )
    )
  ].join("\n")
}

type TestsById = ReadonlyMap<string, readonly NamedTest[]>

function testsById(tests: readonly NamedTest[]): TestsById {
  const byPlace = (test: NamedTest) => `${test.path}\n${test.name}`
  const once = new Map(tests.map((test) => [byPlace(test), test]))
  const sorted = [...once.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, test]) => test)
  const ids = new Set(sorted.flatMap((test) => test.ids))
  return new Map([...ids].map((id) => [id, sorted.filter((test) => test.ids.includes(id))]))
}

export interface Shown {
  readonly rows: number
  readonly shown: number
}

/** How many of the groups' rows are carried by a test's name. */
export function shownRows(groups: readonly RowGroup[], tests: readonly NamedTest[]): Shown {
  const ids = new Set(tests.flatMap((test) => test.ids))
  const rows = groups.flatMap((group) => group.rows)
  return { rows: rows.length, shown: rows.filter(({ id }) => ids.has(id)).length }
}

function totals(groups: readonly RowGroup[], tests: readonly NamedTest[]): string {
  const line = (title: string, of: readonly RowGroup[]) => {
    const { rows, shown } = shownRows(of, tests)
    return `| ${title} | ${rows} | ${shown} |`
  }
  return [
    "## Totals",
    "",
    "| Group | Rows | Shown |",
    "| --- | ---: | ---: |",
    ...groups.map((group) => line(group.title, [group])),
    line("**All**", groups),
    ""
  ].join("\n")
}

function rowItem({ id, sentence }: Row, tests: readonly NamedTest[]): string {
  const paths = [...new Set(tests.map(({ path }) => path))]
  const shown = paths.map((path) => {
    const names = tests.filter((test) => test.path === path).map(({ name }) => codeSpan(name))
    const after = names.length === 1 ? `: ${names[0]}` : names.map((name) => `\n    - ${name}`).join("")
    return `  - [${path}](${toRoot}/${path})${after}`
  })
  return [`- **${id}** ${sentence}${tests.length === 0 ? " *Not shown yet.*" : ""}`, ...shown].join("\n")
}

/** What would make the page a binary file, or cannot be seen. */
const unseen = /[\p{Cc}\p{Cf}]/gu

/** A name on one line that can be seen, in a fence of backticks longer than any inside it. */
export function codeSpan(name: string): string {
  const line = name
    .replace(/\s+/g, " ")
    .trim()
    .replace(unseen, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`)
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length))
  const fence = "`".repeat(longest + 1)
  const room = line.startsWith("`") || line.endsWith("`") ? " " : ""
  return `${fence}${room}${line}${room}${fence}`
}
