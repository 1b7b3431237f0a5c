// Secrets in running text: messages, error texts, untyped strings. A few patterns, each linear in the length of the
// text; what they do not know they leave. Structured values are the deny-list's business.
import type { DenyList } from "./deny-list.ts"

const redacted = "[redacted]"

/** Without one of these, no pattern can match: one look decides for almost every text. */
const anyHint = /:\/\/|=|bearer |eyJ|-----BEGIN|authorization/i

const userinfo = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{1,256}@/gi
/** `name=value`, in a query or a connection string. The deny-list says which names. */
const assignment = /([\w.-]{1,64})=("[^"]{0,4096}"|'[^']{0,4096}'|[^\s&;,"'<>#]{1,4096})/g
const bearer = /\b(bearer )[\w.~+/=-]{6,}/gi
const authorization = /\b(authorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:[a-z]{1,20} )?[^\s"',]{4,}/gi
const jsonWebToken = /\beyJ[\w-]{8,}(?:\.[\w-]{0,8192}){0,2}/g
const privateKey =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g

/** The text without the secrets that the patterns know. */
export const withoutSecrets = (text: string, denyList: DenyList): string => {
  if (!anyHint.test(text)) return text
  return text
    .replace(privateKey, redacted)
    .replace(userinfo, `$1${redacted}@`)
    .replace(authorization, `$1${redacted}`)
    .replace(bearer, `$1${redacted}`)
    .replace(jsonWebToken, redacted)
    .replace(assignment, (whole: string, name: string) =>
      denyList.denies(name) ? `${name}=${redacted}` : whole
    )
}
