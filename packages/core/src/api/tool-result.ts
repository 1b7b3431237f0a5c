// What is kept of a tool's result: how long its texts are and how they begin, the keys of its data, and of images, sounds and files
// their type and size. Knows the shape of MCP (`{ content: [{ type: "text", text }], isError }`); anything else is its text or JSON.
import { pointsIn, unitsOfPoints } from "../encode/code-points.ts"
import { textOf, writtenText } from "../encode/described.ts"
import { type Fields, isFields, namesOf } from "../encode/fields.ts"
import type { Keys } from "../encode/keys.ts"
import { withoutSecrets } from "../encode/text-patterns.ts"
import { toolSnippetCharsMax } from "../event/built-in.ts"
import { encodeLimits, eventLimits } from "../limits.ts"
import { optionOf } from "../log/input.ts"

/** `result_chars`, `result_snippet`, and `result_media` where there is any. */
export const resultFields = (result: unknown, keys: Keys): Fields => {
  const texts = textsOf(result, keys)
  const media = mediaOf(result)
  return {
    result_chars: texts.reduce((sum, text) => sum + pointsIn(text), 0),
    result_snippet: snippetOf(texts.reduce(joined, ""), keys),
    ...(media.length === 0 ? {} : { result_media: media })
  }
}

// Searched before it is cut: what is left of a secret has no form any more.
export const snippetOf = (text: string, keys: Keys): string => {
  if (text.length <= toolSnippetCharsMax) return text
  const safe = withoutSecrets(text.slice(0, snippetUnitsMax), keys)
  return safe.slice(0, unitsOfPoints(safe, toolSnippetCharsMax))
}

/** A code point has at most two units; and what a secret may have behind them. */
const snippetUnitsMax = 2 * toolSnippetCharsMax + encodeLimits.searchedBehindCut

/** As much of them as a snippet can take: together they may be longer than a text can be. */
export const joined = (before: string, text: string): string =>
  before.length >= snippetUnitsMax ? before : before + text.slice(0, snippetUnitsMax)

export const isErrorResult = (result: unknown): boolean => optionOf(result, "isError") === true

/** What a program reads of it: of an MCP result its structured content. */
export const dataOf = (result: unknown): unknown =>
  partsOf(result) === undefined ? result : optionOf(result, "structuredContent")

/** The names of an object's fields, as far as a line takes them. */
export const keysIn = (value: unknown): readonly string[] => {
  try {
    return isFields(value) ? namesOf(value).slice(0, eventLimits.keysMax) : []
  } catch {
    return []
  }
}

/** The texts that an agent reads: of an MCP result its text parts, of anything else its JSON as a line would hold it. */
export const textsOf = (result: unknown, keys: Keys): readonly string[] => {
  if (result === undefined || typeof result === "symbol" || typeof result === "function") return [""]
  if (typeof result === "string") return [result]
  try {
    const parts = partsOf(result)
    if (parts === undefined) return [writtenText(result, keys)]
    const texts = parts.map((part) => {
      const text = optionOf(part, "text") ?? optionOf(optionOf(part, "resource"), "text")
      return text === undefined ? "" : textOf(text)
    })
    const data = dataOf(result)
    return data === undefined || texts.some((text) => text !== "") ? texts : [writtenText(data, keys)]
  } catch {
    return [""]
  }
}

const partsOf = (result: unknown): readonly unknown[] | undefined => {
  const content = typeof result === "object" && result !== null ? optionOf(result, "content") : undefined
  return Array.isArray(content) ? content.slice(0, eventLimits.itemsMax) : undefined
}

const mediaOf = (result: unknown): readonly Fields[] => {
  try {
    return (partsOf(result) ?? []).flatMap((part) => {
      const resource = optionOf(part, "resource")
      const data = optionOf(part, "data") ?? optionOf(resource, "blob")
      if (typeof data !== "string") return []
      const type = optionOf(part, "mimeType") ?? optionOf(part, "mediaType") ?? optionOf(resource, "mimeType")
      return [{ type: type === undefined ? "" : textOf(type), bytes: bytesIn(data) }]
    })
  } catch {
    return []
  }
}

// Four characters of base64 are three bytes, less what fills up the last four.
const bytesIn = (base64: string): number =>
  Math.floor((base64.length * 3) / 4) - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0)
