// Writes the page of endings as Markdown for GitHub: what it is, a table with a row for each ending and each promise, and
// what no test brings about. Every cell comes from the list that the conformance test asserts (conformance/endings.mjs);
// the same list gives the same page. Reading and writing files is the door's business.

import type { endings, untestedEndings } from "../../conformance/endings.mjs"
import { codeSpan } from "../requirements/page.ts"

export type Ending = (typeof endings)[number]
export type UntestedEnding = (typeof untestedEndings)[number]
type OnRuntime = Ending["on"]["node"]
type Promised = Exclude<OnRuntime, { readonly untested: string }>

const preface = `# How a process can end, and what is kept then

The exit hook of a log runs in the last synchronous moment of its process, where there is one: it writes what is queued,
for 500 ms at most, all exporters of the log together. A process that is killed has no such moment. This page says for
each ending what is in the day's file afterwards, what the process ends with, and what the people who run it are told.

It is made by \`npm run docs\` from [conformance/endings.mjs](../../conformance/endings.mjs); change that, not this. The
test [conformance/exit.conformance.mjs](../../conformance/exit.conformance.mjs) brings each ending about, up to 20 times,
on Node 24, Node 22, Deno and Bun, and asserts from the same list what stands here. \`npm test\` fails when the page is
out of date.

In each run 500 events are logged, most endings wait for \`flush\` to answer for them, and 500 more are logged, or as many
as the row says. Everywhere

- what is in the file is in order and once; what is missing between two lines is told by a gap mark in its place;
- **what \`flush\` answered for is in the file**; so where not everything is kept, the queue and the batch in flight are
  the most that is lost, beside what a full queue had dropped before, and half a line may stand at the end;
- the process ends with the code or the signal that it would end with if there were no log.
`

const runtimes = ["node", "deno", "bun"] as const
const titles = { node: "Node", deno: "Deno", bun: "Bun" } as const

export function endingsPage(endings: readonly Ending[], untested: readonly UntestedEnding[]): string {
  const notThere = endings.flatMap((ending) =>
    runtimesByPromise(ending).flatMap(({ promised, on }) =>
      "untested" in promised ? [`- ${ending.how}, on ${on}: ${promised.untested}.`] : []
    )
  )
  return [
    preface,
    "## Endings",
    "",
    "| What ends the process | On | What is in the file | It ends with | stderr tells | Test |",
    "| --- | --- | --- | --- | --- | --- |",
    ...endings.flatMap(tableRows),
    "",
    "## Not tested",
    "",
    ...untested.map(({ how, why }) => `- ${how}: ${why}.`),
    ...notThere,
    ""
  ].join("\n")
}

function tableRows(ending: Ending): readonly string[] {
  return runtimesByPromise(ending).flatMap(({ promised, on }) => {
    if ("untested" in promised) return []
    const cells = [ending.how, on, kept(promised), end(promised), told(promised), codeSpan(ending.name)]
    return [`| ${cells.join(" | ")} |`]
  })
}

/** The promises of an ending, each with the runtimes that have the same one. */
function runtimesByPromise({ on }: Ending): readonly { readonly promised: OnRuntime; readonly on: string }[] {
  const texts = runtimes.map((runtime) => JSON.stringify(on[runtime]))
  return runtimes
    .filter((_, index) => texts.indexOf(texts[index] ?? "") === index)
    .map((first) => {
      const same = runtimes.filter((_, index) => texts[index] === JSON.stringify(on[first]))
      return { promised: on[first], on: same.map((runtime) => titles[runtime]).join(", ") }
    })
}

const kept = (promised: Promised): string => {
  if (promised.kept === "flushed") return "what `flush` answered for"
  return promised.records ? "every event, and what nobody caught" : "every event"
}

const end = ({ endsWith }: Promised): string =>
  typeof endsWith === "number" ? `exit code ${endsWith}` : endsWith

const told = ({ tells }: Promised): string => (tells ? "how many events are missing" : "nothing")
