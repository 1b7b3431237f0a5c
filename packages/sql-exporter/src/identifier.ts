// Names of schemas, tables and columns: what may be one, and how it stands in SQL. A schema's name may come from an event, so
// it is checked before it reaches a statement, and quoted all the same.
import { sqlLimits } from "./limits.ts"

const form = /^[\p{L}_][\p{L}\p{M}\p{N}_$.-]*$/u

/** Letters, digits, `_`, `$`, `-` and `.`, which is a part of the name; at most 63 bytes. */
export const isIdentifier = (name: unknown): name is string =>
  typeof name === "string" &&
  form.test(name) &&
  new TextEncoder().encode(name).length <= sqlLimits.identifierBytesMax

/** The rule of `isIdentifier`, for error texts. */
export const identifierForm = "letters, digits, _ $ - and ., beginning with a letter or _, at most 63 bytes"
