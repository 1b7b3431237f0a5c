// Secrets in running text: messages, error texts, untyped strings. A few patterns, each linear in the length of the
// text; they leave what they do not know.

/** A pattern of an application's own, where one needs a second look with what decides it. */
export type TextPattern = RegExp | { readonly find: RegExp; isSecret(match: string): boolean }

/** What is known of secrets: `Keys` remembers it. */
export interface SecretNames {
  isSecret(name: string): boolean
  readonly patterns: readonly TextPattern[]
}

const redacted = "[redacted]"

/** Without one of these, no pattern can match: one look decides for almost every text. */
const anyHint = /:\/\/|=|bearer |eyJ|-----BEGIN|authorization/i

const userinfo = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{1,256}@/gi
/** `name=value`, in a query or a connection string. The deny-list says which names. */
const assignedCharsMax = 64
const assignedValueCharsMax = 4_096
const assignment = /([\w.-]{1,64})=("[^"]{0,4096}"|'[^']{0,4096}'|[^\s&;,"'<>#]{1,4096})/g
const bearer = /\b(bearer )[\w.~+/=-]{6,}/gi
const authorization = /\b(authorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:[a-z]{1,20} )?[^\s"',]{4,}/gi
const jsonWebToken = /\beyJ[\w-]{8,}(?:\.[\w-]{0,8192}){0,2}/g
const privateKey =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g

/** ASCII units at which a pattern is noticed: of all that it must find, the rarest, so that few texts are looked at closely. */
export const hintUnits = "=@JbBzZ"

/**
 * Whether one of the patterns may find something around such a unit of a text. Errs only in saying yes. Never
 * called without `names`.
 */
export const mayBeSecret = (text: string, at: number, names: SecretNames | undefined): boolean => {
  switch (text.charCodeAt(at)) {
    case 0x3d: // name=
      // A longer value ends where the pattern does, and what follows may begin anew.
      return text.length > assignedValueCharsMax || names?.isSecret(nameBefore(text, at)) !== false
    case 0x40: // ://user@
      return isBehindScheme(text, at)
    case 0x4a: // eyJ
      return text.charCodeAt(at - 1) === 0x79
    case 0x62: // bearer
      return isLetter(text, at + 1, 0x65) && isLetter(text, at + 2, 0x61)
    case 0x42: // Bearer, -----BEGIN
      return (
        (isLetter(text, at + 1, 0x65) && isLetter(text, at + 2, 0x61)) || text.charCodeAt(at - 1) === 0x2d
      )
    default: // authorization
      return isLetter(text, at - 1, 0x69) && isLetter(text, at - 2, 0x72)
  }
}

const isLetter = (text: string, at: number, lower: number): boolean => (text.charCodeAt(at) | 0x20) === lower

const nameBefore = (text: string, end: number): string => {
  let start = end
  while (start > 0 && end - start < assignedCharsMax && isNameUnit(text.charCodeAt(start - 1))) start -= 1
  return text.slice(start, end)
}

// \w, dot and hyphen
const isNameUnit = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) ||
  (unit >= 0x41 && unit <= 0x5a) ||
  (unit >= 0x30 && unit <= 0x39) ||
  unit === 0x5f ||
  unit === 0x2e ||
  unit === 0x2d

// A userinfo holds no slash, so the one before it must be a scheme's.
const isBehindScheme = (text: string, end: number): boolean => {
  const slash = text.lastIndexOf("/", end - 1)
  return slash >= 2 && slash < end - 1 && text.startsWith("://", slash - 2)
}

/** The text without the secrets that the patterns know. */
export const withoutSecrets = (text: string, names: SecretNames): string => {
  if (!anyHint.test(text)) return text
  return text
    .replace(privateKey, redacted)
    .replace(userinfo, `$1${redacted}@`)
    .replace(authorization, `$1${redacted}`)
    .replace(bearer, `$1${redacted}`)
    .replace(jsonWebToken, redacted)
    .replace(assignment, (whole: string, name: string) =>
      names.isSecret(name) ? `${name}=${redacted}` : whole
    )
}
