// The page of the OpenTelemetry mapping: everything that the package works by stands on it, in tables that hold together.

import { expect, it } from "vitest"
import {
  fieldAttributes,
  headAttributes,
  recordParts,
  severityNumbers
} from "../../packages/otel-bridge/src/otel-mapping.ts"
import { otelVariables, unsupportedVariables } from "../../packages/otel-bridge/src/otel-variables.ts"
import { otelMappingPage } from "../otel-mapping/page.ts"

const page = otelMappingPage()

it("the page names every part, attribute, field, level and variable of the tables", () => {
  const variables = [...Object.values(otelVariables), ...unsupportedVariables].flatMap(({ names }) => names)
  const wanted = [
    ...Object.values(recordParts).map(({ to }) => `| ${to} |`),
    ...headAttributes.map(({ to }) => `| \`${to}\` |`),
    ...Object.entries(fieldAttributes).flatMap(([name, { to }]) => [name, ...to].map((one) => `\`${one}\``)),
    ...Object.entries(severityNumbers).map(([level, number]) => `| \`${level}\` | ${number} |`),
    ...variables.map((name) => `\`${name}\``)
  ]
  expect(wanted.filter((text) => !page.includes(text))).toEqual([])
})

it("every row of a table has as many cells as its head", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("|"))
  expect(rows.length).toBeGreaterThan(30)
  let cells = 0
  for (const [at, row] of rows.entries()) {
    const own = row.split("|").length
    if (rows[at + 1]?.startsWith("| ---") === true) cells = own
    expect(own, row).toBe(cells)
  }
})
