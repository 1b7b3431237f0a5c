// The encoder as one would write it who does not care for speed: format 1 with JSON.stringify, for lines within the limits. What
// the real one writes must be the same, byte by byte; see line-encoder.test.ts. Which texts hold secrets is secrets.test.ts's.
import { isSecretKey } from "../../src/encode/deny-list.ts"
import { Keys } from "../../src/encode/keys.ts"
import type { Draft } from "../../src/encode/line-encoder.ts"
import { isSecretName } from "../../src/encode/named-values.ts"
import { withoutSecrets } from "../../src/encode/text-patterns.ts"

const levels = ["debug", "info", "warn", "error", "fatal"]

const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/** A text as it stands on the line: escaped, and lone surrogates replaced. */
export const plainText = (text: string): string =>
  JSON.stringify(Buffer.from(text, "utf8").toString("utf8")).replace(unsafe, escaped)

const keys = new Keys()
const namesSecret = (value: unknown): boolean => typeof value === "string" && isSecretName(value, keys)

/** A value of JSON's own kinds; keys that are secret hide what is below them. */
const plainValue = (value: unknown): string => {
  if (typeof value === "string") return plainText(withoutSecrets(value, keys))
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`
  if (Object.is(value, -0)) return "-0"
  // A name and its value.
  if (Array.isArray(value) && value.length === 2 && namesSecret(value[0]))
    return `[${plainValue(value[0])},"[redacted]"]`
  if (Array.isArray(value)) return `[${value.map((item) => plainValue(item ?? null)).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  return `{${plainMembers(Object.entries(value)).join(",")}}`
}

const plainMembers = (entries: readonly (readonly [string, unknown])[]): string[] =>
  entries
    .filter(([key, value]) => value !== undefined || isSecretKey(key))
    .map(([key, value]) => {
      const isHidden = isSecretKey(key)
      return `${plainText(key)}:${isHidden ? '"[redacted]"' : plainValue(value)}`
    })

/** One line with its newline, for a draft whose names do not clash. */
export const plainLine = (draft: Draft, streamKey: string, id: string): string => {
  const { time, level, category, message, definition, fields = {}, extras = {}, context = {}, seq } = draft
  const typed = definition?.rules.map(({ name }) => [name, fields[name]] as const) ?? []
  const members = [
    `"ts":"${Number.isNaN(time) ? "" : new Date(time).toISOString()}"`,
    `"level":"${levels[level]}"`,
    `"category":"${category}"`,
    `"session":"${streamKey.slice(0, 8)}"`,
    `"message":${plainText(withoutSecrets(message, keys))}`,
    ...plainMembers(typed),
    ...plainMembers([...Object.entries(extras), ...Object.entries(context)]),
    `"seq":${seq}`,
    `"id":"${id}"`
  ]
  return `{${members.join(",")}}\n`
}
