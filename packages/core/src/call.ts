// What a caller gave, as the event it meant. Owns the two forms of `log` and what a caller without types makes of them:
// every value is turned into something that can be recorded, and nothing throws.
import { describeThrown, threwMarker } from "./encode/thrown.ts"
import { toCategory } from "./event/category.ts"
import { isTypedEvent, type TypedEvent } from "./event/define-event.ts"
import { isLevel, type Level } from "./event/level.ts"
import type { EventInput } from "./event-recorder.ts"

/** `log(event, extras?, options?)` or `log(category, message, extras?, options?)`. */
export const toInput = (first: unknown, second: unknown, third: unknown, fourth: unknown): EventInput => {
  if (isTypedEvent(first)) {
    const { definition, fields } = first
    const { category } = definition
    const level = levelFrom(third) ?? definition.level
    return { category, level, message: messageOf(first), definition, fields, extras: second }
  }
  const category = toCategory(toText(first))
  return { category, level: levelFrom(fourth) ?? "info", message: toText(second), extras: third }
}

const messageOf = ({ definition, fields }: TypedEvent): string => {
  try {
    return toText(definition.message(fields))
  } catch (error) {
    return threwMarker(error)
  }
}

const levelFrom = (options: unknown): Level | undefined => {
  const level = optionOf(options, "level")
  return isLevel(level) ? level : undefined
}

/** One option of a call; `undefined` when there is none, or when looking at it throws. */
export const optionOf = (options: unknown, name: string): unknown => {
  try {
    return (options as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  } catch {
    return undefined
  }
}

/** How long to wait, in ms: negative counts as 0, and what is no number as not given. */
export const waitLimit = (options: unknown, defaultMs: number): number => {
  const timeoutMs = optionOf(options, "timeoutMs")
  return typeof timeoutMs === "number" && !Number.isNaN(timeoutMs) ? Math.max(0, timeoutMs) : defaultMs
}

/** Any value as text: an identifier or a message that may have come from anywhere. */
export const toText = (value: unknown): string =>
  typeof value === "string" ? value : describeThrown(value).message
