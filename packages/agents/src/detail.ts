// What the entries have in common: how much of arguments and results is recorded, and asking the application whose
// call it is.
import { type OptionRules, optionRule, type ToolDetail } from "@daybook/core"

/** How much of a call stands on its line. */
export interface DetailOptions {
  /** Arguments: as everywhere (default), their keys, or nothing. */
  readonly args?: ToolDetail | undefined
  /** The result: its beginning (default), the keys of its data, or its length alone. */
  readonly result?: ToolDetail | undefined
}

export const detailRules: OptionRules = {
  args: optionRule.oneOf("redacted", "keys", "none"),
  result: optionRule.oneOf("redacted", "keys", "none")
}

/** An application's answer; one that throws, or gives no text, has none. */
export const answerOf = <Asked>(
  ask: ((asked: Asked) => string | undefined) | undefined,
  asked: Asked
): string | undefined => {
  try {
    const answer = ask?.(asked)
    return typeof answer === "string" ? answer : undefined
  } catch {
    return undefined
  }
}
