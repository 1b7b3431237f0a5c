// The rules of options that several makers and readers of this package share, and the check that they begin with. What is
// wrong with a moment, a day or a count is said where it is understood.
import { isAbsolute } from "node:path"
import { checkOptions, type OptionRule, type OptionRules, optionRule } from "@daybook/core"

/** Only the option's name is checked here. */
export const anyValue: OptionRule = { mustBe: "", isRight: () => true }

const isText = (value: unknown): boolean => typeof value === "string"

/** May be empty: "" is no filter, and a name that becomes another one. */
export const anyText: OptionRule = { mustBe: "a text", isRight: isText }

export const layoutRule = optionRule.oneOf("daily", "session", "user")

export const dirRule: OptionRule = {
  mustBe: 'an absolute path such as "/var/log/datatools"',
  isRight: (value) => typeof value === "string" && isAbsolute(value)
}

/** Where a log's files are. */
export const placeRules: OptionRules = {
  app: { mustBe: 'a text such as "datatools"', isRight: isText },
  dir: dirRule,
  env: optionRule.object("an object such as process.env")
}

/** @throws TypeError as `checkOptions`, and when `app` is missing. */
export const checkPlaceOptions = (caller: string, options: unknown, rules: OptionRules): void => {
  checkOptions(caller, options, rules)
  if ((options as { readonly app?: unknown }).app === undefined)
    throw new TypeError(`${caller}: option "app" is missing: it must be ${placeRules.app?.mustBe}`)
}
