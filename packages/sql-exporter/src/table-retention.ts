// How long a table's rows are kept, as an option. Nothing is deleted by default.
// retention.ts deletes.
import { checkOptions, type OptionRules } from "@daybook/core"
import { identifierForm, isIdentifier } from "./identifier.ts"

export interface TableRetention {
  /** Rows whose column is older are deleted, when the log starts and then every hour. 0 or less deletes nothing. */
  readonly days: number
  /** The column with the time that counts, such as "started_at". */
  readonly column: string
}

const rules: OptionRules = {
  days: {
    mustBe: "a number of days; 0 or less deletes nothing",
    isRight: (value) => typeof value === "number" && !Number.isNaN(value)
  },
  column: { mustBe: `a name such as "started_at": ${identifierForm}`, isRight: isIdentifier }
}

/** @throws TypeError for a retention that can never work. */
export const checkRetention = (caller: string, retention: unknown): void => {
  if (retention === undefined) return
  checkOptions(caller, retention, rules, "retention")
  const { days, column } = retention as Partial<TableRetention>
  if (days === undefined || column === undefined)
    throw new TypeError(`${caller}: option "retention" needs both days and column`)
}
