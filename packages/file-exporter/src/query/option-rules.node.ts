// What the options of readers must be, by reader, so that a misspelt name is an error at the call. Moments, days and counts
// are checked where they are understood.
import { type OptionRules, optionRule } from "@daybook/core"
import { anyText, anyValue, layoutRule, placeRules } from "../place/option-rules.node.ts"

const filterRules: OptionRules = {
  categories: optionRule.list('a list such as ["upload"]'),
  level: anyValue,
  session: anyText,
  from: anyValue,
  to: anyValue,
  text: anyText
}

const allUsersFileRules: OptionRules = { ...placeRules, ...filterRules, onNote: optionRule.callable }

const fileRules: OptionRules = { ...allUsersFileRules, user: anyText, layout: layoutRule }

const spanRules: OptionRules = { days: anyValue, limit: anyValue, at: anyValue }

/** By the reader's name. */
export const readerRules = {
  readDay: { ...fileRules, day: anyValue },
  readRecent: { ...fileRules, ...spanRules },
  readRecentAllUsers: { ...allUsersFileRules, ...spanRules },
  follow: {
    ...fileRules,
    begin: optionRule.oneOf("now", "today"),
    pollMs: anyValue,
    signal: optionRule.object("an AbortSignal"),
    clock: optionRule.object("an object with now and wait")
  }
} as const satisfies Readonly<Record<string, OptionRules>>
