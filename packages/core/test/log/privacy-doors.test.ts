// What docs/guides/privacy.md promises holds at every door of a log: each of its keys, texts and structures is let in through each.
import { describe, expect, it } from "vitest"
import { doors, type Guest } from "../tools/doors.ts"
import { keyCases, textCases, theSecret, valueCases } from "../tools/privacy-table.ts"

interface Case extends Guest {
  /** What must be nowhere; none of a case that stays readable. */
  readonly secrets: readonly string[]
  /** What must be there. */
  readonly shown: string
}

const canary = "CANARY7f3kQ9"

const cases: readonly Case[] = [
  ...keyCases.map(({ key, isHidden }) => ({
    value: { [key]: canary },
    text: JSON.stringify({ [key]: canary }),
    secrets: isHidden ? [canary] : [],
    shown: isHidden ? "" : canary
  })),
  ...textCases.map(({ text, secrets }) => ({
    value: text,
    text,
    secrets: secrets.filter((secret) => secret.length > 3),
    shown: ""
  })),
  ...valueCases.map(({ make, isHidden }) => ({
    value: make(),
    text: "m",
    secrets: isHidden ? [theSecret] : [],
    shown: ""
  }))
]

describe("at every door", () => {
  it.each(Object.entries(doors))("S1.15 F93 what the page says is true of %s", async (_, open) => {
    const wrong: unknown[] = []
    const all = await Promise.all(cases.map(async ({ value, text }) => await open({ value, text })))
    for (const [index, { text, secrets, shown }] of cases.entries()) {
      const seen = all[index] ?? ""
      const leaked = secrets.filter((secret) => seen.includes(secret))
      if (leaked.length > 0 || !seen.includes(shown)) wrong.push({ text, leaked, seen: seen.slice(0, 900) })
    }
    expect(wrong.slice(0, 5)).toEqual([])
  })
})
