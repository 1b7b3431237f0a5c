// The encoder as one would write it who does not care for speed: format 1 with JSON.stringify and regular expressions, for
// lines within the limits. What the real one writes must be the same, byte by byte; see line-encoder.test.ts.
import { isSecretKey } from "../../src/encode/deny-list.ts"
import type { Draft } from "../../src/encode/line-encoder.ts"

const levels = ["debug", "info", "warn", "error", "fatal"]

const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/** A text as it stands on the line: escaped, and lone surrogates replaced. */
export const plainText = (text: string): string =>
  JSON.stringify(Buffer.from(text, "utf8").toString("utf8")).replace(unsafe, escaped)

/** The patterns for secrets in running text, each on its own. */
export const plainSecrets = (text: string): string =>
  text
    .replace(
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
      "[redacted]"
    )
    .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{1,256}@/gi, "$1[redacted]@")
    .replace(/\b(authorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:[a-z]{1,20} )?[^\s"',]{4,}/gi, "$1[redacted]")
    .replace(/\b(bearer )[\w.~+/=-]{6,}/gi, "$1[redacted]")
    .replace(/\beyJ[\w-]{8,}(?:\.[\w-]{0,8192}){0,2}/g, "[redacted]")
    .replace(
      /([\w.-]{1,64})=("[^"]{0,4096}"|'[^']{0,4096}'|[^\s&;,"'<>#]{1,4096})/g,
      (whole: string, name: string) => (isSecretKey(name) ? `${name}=[redacted]` : whole)
    )

/** A value of JSON's own kinds; keys that are secret hide what is below them. */
const plainValue = (value: unknown): string => {
  if (typeof value === "string") return plainText(plainSecrets(value))
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`
  if (Object.is(value, -0)) return "-0"
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
    `"message":${plainText(plainSecrets(message))}`,
    ...plainMembers(typed),
    ...plainMembers([...Object.entries(extras), ...Object.entries(context)]),
    `"seq":${seq}`,
    `"id":"${id}"`
  ]
  return `{${members.join(",")}}\n`
}
