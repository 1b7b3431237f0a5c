// SECURITY.md, held against the attack list: what it says is found, by which means, is what the rows of the list assert.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { attacks } from "../../packages/file-exporter/test/verify/attack-list/all.ts"
import {
  allSays,
  isUnclaimed,
  type Threat,
  verdictsIn
} from "../../packages/file-exporter/test/verify/attack-list/attack.ts"
import { tableOf } from "./tables.ts"

const page = readFileSync(join(import.meta.dirname, "../../SECURITY.md"), "utf8")

/** The verdicts of all attacks of a threat, in all layouts, in one of the four columns. */
const verdictsOf = (threat: Threat, ...columns: readonly number[]): string => {
  const says = attacks.filter((attack) => attack.threat === threat).flatMap(allSays)
  const words = says.flatMap((each) => columns.flatMap((column) => verdictsIn(each[column] ?? "")))
  return [...new Set(words)]
    .sort()
    .map((word) => `\`${word}\``)
    .join(", ")
}

const threats = [...new Set(attacks.map(({ threat }) => threat))]

describe("SECURITY.md", () => {
  it("F120 has each threat of the attack list that a key finds, with the verdicts that are asserted, and no other", () => {
    const shown = tableOf(page, "what is done", "without a key", "with the key", "with the key and anchors")
    const asserted = threats
      .filter((threat) => !isUnclaimed(threat))
      .map((threat) => [threat, verdictsOf(threat, 0), verdictsOf(threat, 1), verdictsOf(threat, 2, 3)])
    expect([...shown].sort()).toEqual(asserted.sort())
  })

  it("F120 has each that it does not find, and no other", () => {
    const shown = tableOf(page, "what is done", "with the key", "with the key and anchors")
    const asserted = threats
      .filter(isUnclaimed)
      .map((threat) => [threat, verdictsOf(threat, 1), verdictsOf(threat, 2, 3)])
    expect([...shown].sort()).toEqual(asserted.sort())
  })
})
