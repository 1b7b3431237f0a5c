// Writes the page of what is recorded exactly once as Markdown for GitHub: what it is, and a table with a row for each way
// in which one opening or one error shows several times. Every cell comes from the rows that the tests assert; the same
// rows give the same page. Reading and writing files is the door's business.

import type { Row } from "../../packages/react-hooks/test/exactly-once/rows.ts"

const preface = `# What is recorded exactly once

A page that is opened is one event, and an error that happens is one record, however often React mounts a component for it
and by however many ways the error becomes known. This page says by what one opening or one error can show several times,
and what is recorded then.

It is made by \`npm run docs\` from [rows.ts](../../packages/react-hooks/test/exactly-once/rows.ts); change that, not this.
The tests [exactly-once.test.tsx](../../packages/react-hooks/test/browser/exactly-once.test.tsx) (components) and
[exactly-once.test.ts](../../packages/react-hooks/test/node/exactly-once.test.ts) (whole pages, which a real Vite serves)
bring each row about in Chromium, with React 19 and with React 18, and assert from the same list what stands here. \`npm
test\` fails when the page is out of date.

In each row the page is opened once without an error and once with one. Everything that records errors is there at the same
time: an \`AuditErrorBoundary\` around what throws, \`auditRootErrorHandlers\`, and \`useAuditErrors\`, to which React 18 reports
in development whatever it tries out.

- **Pages**: the events of category \`nav\`, in their order.
- **Errors**: the events of category \`error\`. As many errors happened: a component that throws anew in each render fails as
  often as it is opened, and an object that is thrown again is the same error for ever.
`

export function exactlyOncePage(rows: readonly Row[]): string {
  return [
    preface,
    "| What happens | Pages | Errors | React 19 | React 18 | By |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map(tableRow),
    ""
  ].join("\n")
}

function tableRow({ how, opened, errors, thrown, notOn18, by }: Row): string {
  const pages = `${opened.length}: ${opened.map((slug) => `\`${slug}\``).join(", ")}`
  const thrownHow = thrown === "again" ? "the same object again" : "anew in each render"
  const on18 = notOn18 === undefined ? "tested" : `not there: ${notOn18}`
  const cells = [how, pages, `${errors}, thrown ${thrownHow}`, "tested", on18, `a ${by}`]
  return `| ${cells.join(" | ")} |`
}
