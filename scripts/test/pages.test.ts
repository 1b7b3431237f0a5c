// Three pages written by hand, against the data that the code and the tests work by: each row and name of the data stands in
// its page, and no page has a row that is not in the data.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { endings } from "../../conformance/endings.mjs"
import { genAiAttributes, genAiVersion } from "../../packages/otel-bridge/src/gen-ai-attributes.ts"
import { otelLimits } from "../../packages/otel-bridge/src/limits.ts"
import {
  fieldAttributes,
  headAttributes,
  severityNumbers
} from "../../packages/otel-bridge/src/otel-mapping.ts"
import { otelVariables, unsupportedVariables } from "../../packages/otel-bridge/src/otel-variables.ts"
import { scope } from "../../packages/otel-bridge/src/version.ts"
import { rows } from "../../packages/react-hooks/test/exactly-once/rows.ts"
import { tableOf } from "./tables.ts"

const readPage = (path: string): string => readFileSync(join(import.meta.dirname, "../../docs", path), "utf8")

const code = (text: string): string => `\`${text}\``

describe("docs/internals/endings.md", () => {
  const page = readPage("internals/endings.md")
  const titles = { node: "Node", deno: "Deno", bun: "Bun" } as const
  const runtimes = ["node", "deno", "bun"] as const
  type Promised = (typeof endings)[number]["on"]["node"]

  const cellsOf = (promised: Exclude<Promised, { readonly untested: string }>): readonly string[] => {
    const all = promised.records ? "every event and the error" : "every event"
    const end = promised.endsWith
    return [
      promised.kept === "all" ? all : "what `flush` answered for",
      typeof end === "number" ? `exit code ${end}` : end,
      promised.tells ? "how many events are missing" : "nothing"
    ]
  }

  it("has each ending with what the conformance test asserts on each runtime, and no other", () => {
    const shown = tableOf(page, "What ends the process", "On", "In the file", "It ends with", "stderr says")
    const asserted = endings.flatMap(({ how, on }) =>
      runtimes.flatMap((runtime) => {
        const promised = on[runtime]
        return "untested" in promised ? [] : [[how, titles[runtime], ...cellsOf(promised)]]
      })
    )
    const each = shown.flatMap(([how = "", on = "", ...rest]) =>
      on.split(", ").map((runtime) => [how, runtime, ...rest])
    )
    expect(each.sort()).toEqual(asserted.sort())
  })
})

describe("docs/internals/exactly-once.md", () => {
  it("has each row with what the tests assert, and no other", () => {
    const page = readPage("internals/exactly-once.md")
    const shown = tableOf(page, "Row", "What happens", "Pages", "Errors", "Thrown", "React 18", "By")
    const asserted = rows.map((row) => [
      row.name,
      row.opened.map(code).join(", "),
      String(row.errors),
      row.thrown,
      "notOn18" in row ? row.notOn18 : "tested",
      row.by
    ])
    expect(shown.map(([name, , ...rest]) => [name, ...rest])).toEqual(asserted)
  })
})

describe("docs/reference/otel-mapping.md", () => {
  const page = readPage("reference/otel-mapping.md")
  const firstCells = (...head: readonly string[]): readonly (string | undefined)[] =>
    tableOf(page, ...head).map(([first]) => first)

  it("has each level, attribute and field, and no other", () => {
    const levels = Object.entries(severityNumbers).map(([level, number]) => [code(level), String(number)])
    expect(tableOf(page, "level", "SeverityNumber")).toEqual(levels)
    expect(firstCells("Attribute", "From", "Remarks")).toEqual(headAttributes.map(({ to }) => code(to)))
    const fields = Object.entries(fieldAttributes).map(([field, to]) => [
      code(field),
      to.map(code).join(", ")
    ])
    expect(
      tableOf(page, "Field", "Attribute", "Remarks").map(([field, attributes]) => [field, attributes])
    ).toEqual(fields)
  })

  it("has each attribute of a tool call, and the version of their names", () => {
    expect(firstCells("Attribute of a call", "Value")).toEqual(genAiAttributes.map(({ to }) => code(to)))
    expect(page).toContain(`version ${genAiVersion} of`)
  })

  it("has each variable, and no other", () => {
    const namesOf = (variables: readonly { readonly names: readonly string[] }[]) =>
      variables.map(({ names }) => names.map(code).join(", "))
    expect(firstCells("Variable", "What it sets", "Form")).toEqual(namesOf(Object.values(otelVariables)))
    expect(firstCells("Variable", "Instead")).toEqual(namesOf(unsupportedVariables))
  })

  it("has the numbers of the code", () => {
    expect(page).toContain(`${otelLimits.depthMax} levels`)
    expect(page).toContain(`at most ${otelLimits.attributeCountMax} attributes`)
    expect(page).toContain(`${code(scope.name)} ${scope.version}`)
  })
})
