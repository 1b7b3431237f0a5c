// What identifies a line in a database, and a digest of what it says. The key is a UUID whatever the line's id is, so it has
// one type everywhere; a relayed line has the key of what was relayed, so that relaying it twice is one row.

import { hash } from "node:crypto"
import type { AuditEvent } from "@daybook/core"
import { sqlLimits } from "./limits.ts"

export interface EventKey {
  /** A UUID in lower case. */
  readonly key: string
  /** The first 32 hexadecimal characters of a SHA-256. */
  readonly bodyHash: string
}

/** `line` is the line's text without its newline. */
export const eventKeyOf = ({ head, fields }: AuditEvent, line: string): EventKey => {
  const sender = senderIdOf(head.origin)
  if (sender === undefined) return { key: keyOf(head.id, line), bodyHash: digest(line) }
  const { category, level, message, origin } = head
  const user = typeof fields.user === "string" ? fields.user : ""
  return {
    key: toUuid(sha256(JSON.stringify([user, sender]))),
    // The server's own id and time differ each time that the same claim is relayed.
    bodyHash: digest(JSON.stringify([origin, category, level, message]))
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

// A line of an older system has another form of id, or none: then the line itself is what identifies it.
const keyOf = (id: string, line: string): string => {
  if (uuid.test(id)) return id
  const lower = id.toLowerCase()
  if (uuid.test(lower)) return lower
  return toUuid(sha256(id === "" ? line : id))
}

const senderIdOf = (origin: unknown): string | undefined => {
  if (typeof origin !== "object" || origin === null || !("id" in origin)) return undefined
  return typeof origin.id === "string" && origin.id !== "" ? origin.id : undefined
}

const sha256 = (text: string): string => hash("sha256", text, "hex")

const digest = (text: string): string => sha256(text).slice(0, sqlLimits.bodyHashChars)

/** The first 122 bits of a digest as a UUID of version 8. */
const toUuid = (hex: string): string => {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
