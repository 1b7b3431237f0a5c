// Secrets in running text: messages, error texts, untyped strings. What has a form of its own is found here, what a name makes
// secret in named-values.ts. They leave what they do not know. Every pattern is linear in the length of the text: it takes what
// it has looked at, or has looked at a bounded part.
import {
  isSecretElement,
  isSecretNamed,
  redacted,
  withoutNamedValues,
  withoutOptions,
  withoutPercents
} from "./named-values.ts"
import type { SecretNames, TextPattern } from "./secret-names.ts"

/**
 * ASCII units at which a secret is noticed, each with what may stand before it: of all that a secret must have, the rarest, so that
 * few texts are looked at closely. `-` in a date or an id is behind a digit, and costs a look into a table.
 */
const hints: Readonly<Record<string, RegExp>> = {
  ":": /[\w\s"'`\]$.%\x80-]/,
  "=": /[\w\s"'`\]$.%\x80-]/,
  "@": /\S/,
  "%": /[\s\S]/,
  "<": /[\s\S]/,
  "-": /[^\w)\]}./-]|[kptX]/,
  _: /[pousrtkcm]/,
  b: /\W/,
  B: /\W/,
  x: /o/,
  J: /y/,
  I: /[KSBA]/,
  "9": /2/
}

export const hintUnits: string = Object.keys(hints).join("")

/** Whether a unit is a hint behind the byte before it: at `byte << 7 | unit`. A text begins behind 0. */
export const hintPairs: Uint8Array = new Uint8Array(256 << 7)
for (const unit of hintUnits)
  for (let last = 0; last < 256; last++)
    if (hints[unit]?.test(last < 0x80 ? String.fromCharCode(last) : "\x80"))
      hintPairs[(last << 7) | unit.charCodeAt(0)] = 1

/**
 * Whether one of the patterns may find something around such a unit of a text. Errs only in saying yes. Never
 * called without `names`.
 */
export const mayBeSecret = (text: string, at: number, names: SecretNames | undefined): boolean => {
  if (names === undefined) return true
  const next = text.charCodeAt(at + 1)
  const last = text.charCodeAt(at - 1)
  switch (text.charCodeAt(at)) {
    case 0x3a: // name: value
      // Of a time, of a place in a file.
      if (isDigit(next) && isDigit(last)) return false
      if (next === 0x2f && text.charCodeAt(at + 2) === 0x2f) return isOfHook(text, at + 3)
      if (isDigit(next) && last === 0x73 && isOfScript(text, at)) return false
      return isSecretNamed(text, at, names)
    case 0x3d: // name=value
      return isSecretNamed(text, at, names)
    case 0x2d: // sk-…, glpat-…, xapp-…, --password x
      if (isBeforeOption(last)) return isLetter(next) || (next === 0x2d && isLetter(text.charCodeAt(at + 2)))
      if (last === 0x6b) return text.charCodeAt(at - 2) === 0x73 && !isLetter(text.charCodeAt(at - 3))
      if (last === 0x74) return isOfGitLab(text, at)
      if (last === 0x70) return text.charCodeAt(at - 2) === 0x70
      return last === 0x58 && text.charCodeAt(at - 2) === 0x50
    case 0x78: // xoxb-…
      return text.charCodeAt(at - 2) === 0x78
    case 0x5f: // ghp_…, github_pat_…, dop_…, shpat_…, sk_live_…, whsec_…, npm_…
      return (
        (text.charCodeAt(at - 2) === 0x68 && text.charCodeAt(at - 3) === 0x67) ||
        (last === 0x70 && text.charCodeAt(at - 2) === 0x6f && text.charCodeAt(at - 3) === 0x64) ||
        (last === 0x74 && text.charCodeAt(at - 2) === 0x61 && text.charCodeAt(at - 3) === 0x70) ||
        (last === 0x6b && !isLetter(text.charCodeAt(at - 3))) ||
        (last === 0x63 && text.charCodeAt(at - 2) === 0x65 && text.charCodeAt(at - 4) === 0x68) ||
        (last === 0x6d && text.charCodeAt(at - 2) === 0x70)
      )
    case 0x40: // ://user@
      // Of a web address, or between the two ids of a webhook.
      return isBehindScheme(text, at) || text.charCodeAt(at + 37) === 0x2f
    case 0x25: // name%3Dvalue
      return (next === 0x32 || next === 0x33) && /[5da]/i.test(text.charAt(at + 2))
    case 0x3c: // <password>
      return isLetter(next) && isSecretElement(text, at + 1, names)
    case 0x49: // AKIA…, ASIA…, AIza…
      return last === 0x41 ? next === 0x7a : next === 0x41
    case 0x4a: // eyJ
      return text.charCodeAt(at - 2) === 0x65
    case 0x39: // ya29.
      return next === 0x2e && text.charCodeAt(at - 2) === 0x61
    case 0x42: // -----BEGIN
      if (last === 0x2d || (last === 0x20 && text.charCodeAt(at - 2) === 0x2d)) return true
      return isOfScheme(text, at)
    default:
      return isOfScheme(text, at)
  }
}

// hooks.slack.com, discord.com, discordapp.com, api.telegram.org
const isOfHook = (text: string, at: number): boolean => {
  const first = text.charCodeAt(at)
  const third = text.charCodeAt(at + 2)
  return (
    (first === 0x68 && third === 0x6f && text.charCodeAt(at + 1) === 0x6f) ||
    (first === 0x64 && third === 0x73) ||
    (first === 0x61 && text.charCodeAt(at + 4) === 0x74)
  )
}

// `main.js:17:3`, of which a stack has one in each line.
const isOfScript = (text: string, at: number): boolean => {
  const kind = text.charCodeAt(at - 2)
  const before = text.charCodeAt(at - 3)
  return (
    (kind === 0x6a || kind === 0x74) &&
    (before === 0x2e || ((before === 0x6d || before === 0x63) && text.charCodeAt(at - 4) === 0x2e))
  )
}

// Bearer, Basic.
const isOfScheme = (text: string, at: number): boolean => {
  const second = text.charCodeAt(at + 1) | 0x20
  const third = text.charCodeAt(at + 2) | 0x20
  if (second === 0x65) return third === 0x61 && (text.charCodeAt(at + 3) | 0x20) === 0x72
  return second === 0x61 && third === 0x73 && (text.charCodeAt(at + 4) | 0x20) === 0x63
}

// glpat-, gldt- and others, of four to seven letters.
const isOfGitLab = (text: string, end: number): boolean => {
  for (let at = end - 4; at >= end - 7; at--)
    if (text.charCodeAt(at) === 0x67 && text.charCodeAt(at + 1) === 0x6c) return true
  return false
}

// Blank, quote, comma, opening bracket, or the beginning.
const isBeforeOption = (unit: number): boolean =>
  !(unit > 0x20) ||
  unit === 0x22 ||
  unit === 0x27 ||
  unit === 0x28 ||
  unit === 0x2c ||
  unit === 0x5b ||
  unit === 0x60

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39
const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a

/** Further back than this, no one looks for the beginning of a URL on a call. */
const schemeCharsMax = 128

// An address of mail stands behind a blank, and a path's `@` in a URL without a user.
const isBehindScheme = (text: string, end: number): boolean => {
  const stop = Math.max(0, end - schemeCharsMax)
  let mayBeUser = true
  for (let at = end - 1; at >= stop; at--) {
    const unit = text.charCodeAt(at)
    if (isUrlEnd(unit)) return false
    if (unit === 0x3a) mayBeUser = true
    else if (unit === 0x2f || unit === 0x3f || unit === 0x23) {
      if (unit === 0x2f && text.charCodeAt(at - 1) === 0x2f && text.charCodeAt(at - 2) === 0x3a) {
        if (mayBeUser) return true
        at -= 2
      }
      mayBeUser = false
    }
  }
  return stop > 0
}

// Blank, quote, angle bracket.
const isUrlEnd = (unit: number): boolean => unit <= 0x22 || unit === 0x3c || unit === 0x3e || unit === 0x60

const block =
  /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}[\s\S]*?(?:-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|$)/g

/** Keys that are known by how they begin: AWS, GitHub, GitLab, Slack, Stripe, OpenAI and Anthropic, Google, npm, and others. */
const known =
  /\b(?:A[KSB]IA[A-Z0-9]{16}\b|gh[opsur]_\w{20,}|github_pat_\w{20,}|gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[\w-]{16,}|xox[abcdeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|[sr]k_(?:live|test|prod)_\w{10,}|whsec_[\w+/=]{16,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|npm_\w{30,}|dckr_pat_[\w-]{20,}|shpat_\w{24,}|dop_v1_\w{30,})/g
const secretKey = /\bsk-[\w-]{16,}/g
const webhook =
  /(\bhooks\.slack[\w.-]{0,20}\/(?:services|workflows|triggers)\/|\bdiscord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/|\/IncomingWebhook\/)[\w/-]+|(\bapi\.telegram\.org\/(?:file\/)?bot)[\w:-]+/g
const puttyKey = /\bPrivate-Lines: \d[\s\S]*?(?:Private-(?:MAC|Hash): \w+|$)/g
const bearer = /\b(bearer +)([\w.~+/=-]{6,})/gi
const basic = /\b(basic +)([\w+/-]{6,}={0,2})/gi
const jsonWebToken = /\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g
const element = /<([a-z][\w.:-]{0,64})(\s[^<>]{0,256})?>([^<]+)/gi

/** A word of a language has neither digits nor capitals within, and an end. */
const isCredential = (text: string): boolean =>
  /\d/.test(text) || text.length >= 24 || (text.length >= 16 && /[a-z][A-Z]/.test(text))

// What a name and a password make: `ada:pa55`.
const isUserAndPassword = (text: string): boolean => {
  try {
    return atob(
      text
        .replace(/=+$/, "")
        .slice(0, 1_024 & -4)
        .replace(/-/g, "+")
        .replace(/_/g, "/")
    ).includes(":")
  } catch {
    return false
  }
}

/** The text without the secrets that the patterns know. */
export const withoutSecrets = (text: string, names: SecretNames): string => withoutSecretsIn(text, names, 0)

/** A URL in the query of a URL in a query … deeper ones are redacted without a look. */
const nestingMax = 4

const withoutSecretsIn = (text: string, names: SecretNames, nesting: number): string => {
  let shown = text
  if (shown.includes("----")) shown = shown.replace(block, redacted)
  if (shown.includes("PuTTY-User-Key-File")) shown = shown.replace(puttyKey, redacted)
  if (shown.includes("://")) shown = withoutUserinfo(shown).replace(webhook, `$1$2${redacted}`)
  shown = shown
    .replace(jsonWebToken, (whole) => (/\.[\w-]{2}|\d|[a-z][A-Z]/.test(whole.slice(3)) ? redacted : whole))
    .replace(known, redacted)
    .replace(secretKey, (whole) => (/\d/.test(whole) ? redacted : whole))
    .replace(bearer, (whole, scheme: string, value: string) =>
      isCredential(value) ? `${scheme}${redacted}` : whole
    )
    .replace(basic, (whole, scheme: string, value: string) =>
      isUserAndPassword(value) ? `${scheme}${redacted}` : whole
    )
  if (shown.includes("<"))
    shown = shown.replace(element, (whole, name: string, more: string | undefined, value: string) =>
      names.isSecret(name) && value.trim() !== "" ? `<${name}${more ?? ""}>${redacted}` : whole
    )
  shown = withoutOptions(withoutNamedValues(shown, names), names)
  if (shown.includes("%")) shown = withoutEncoded(shown, names, nesting)
  for (const pattern of names.patterns) shown = withoutMatches(shown, pattern)
  return shown
}

const isOfWeb = /^(?:https?|wss?|ftps?|git\+https?|file)$/i

/** URLs without what stands before the last `@` that may end a user's name and password. */
const withoutUserinfo = (text: string): string => {
  let shown = ""
  let from = 0
  let runEnd = 0
  let lastAt = -1
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) {
    const start = at + 3
    if (start < from) continue
    if (start > runEnd || runEnd === 0) {
      runEnd = start
      for (; runEnd < text.length && !isUrlEnd(text.charCodeAt(runEnd)); runEnd++)
        if (text.charCodeAt(runEnd) === 0x40) lastAt = runEnd
    }
    const end = lastAt < start ? -1 : userinfoEnd(text, at, start, lastAt)
    if (end === -1) continue
    shown += text.slice(from, start) + redacted
    from = end
  }
  return from === 0 ? text : shown + text.slice(from)
}

// The place of the `@`, or -1.
const userinfoEnd = (text: string, schemeEnd: number, start: number, lastAt: number): number => {
  let path = start
  while (path < lastAt && !"/?#".includes(text.charAt(path))) path += 1
  const authority = text.slice(start, path)
  const scheme = /[a-z][a-z0-9+.-]{0,20}$/i.exec(text.slice(Math.max(0, schemeEnd - 21), schemeEnd))?.[0]
  if (scheme === undefined) return -1
  const isWeb = isOfWeb.test(scheme)
  const isWithin = path === lastAt || authority.includes("@")
  if (!authority.includes(":")) {
    if (!isWithin) return -1
    return isWeb || isCredential(authority.split("@", 1)[0] ?? "") ? hostStart(text, start, path, lastAt) : -1
  }
  if (isWithin) return hostStart(text, start, path, lastAt)
  // A port, and an `@` in the path.
  return /^(?:\[.*\]|[^:]*):\d{0,5}$/.test(authority) && isWeb ? -1 : lastAt
}

// A path may have an `@` too: what looks like a host's name behind the first one ends the userinfo.
const hostStart = (text: string, start: number, path: number, lastAt: number): number => {
  const at = path === lastAt ? lastAt : text.lastIndexOf("@", path)
  const isHost = /^@(?:[\w-]+\.[\w.-]+|localhost|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(text.slice(at, path))
  return at > start && isHost ? at : lastAt
}

const encodedSign = /%(?:25|3d|3a)/gi

// A value whose signs are percent-encoded, once or several times, and that has a secret when they are not, goes whole.
const withoutEncoded = (text: string, names: SecretNames, nesting: number): string => {
  let shown = ""
  let from = 0
  let end = 0
  for (const { index } of text.matchAll(encodedSign)) {
    if (index < end) continue
    let start = index
    while (start > from && !isEncodedEnd(text.charCodeAt(start - 1))) start -= 1
    end = index
    while (end < text.length && !isEncodedEnd(text.charCodeAt(end))) end += 1
    const value = text.slice(start, end)
    const plain = withoutPercents(value)
    if (nesting === nestingMax || withoutSecretsIn(plain, names, nesting + 1) !== plain) {
      shown += text.slice(from, start) + redacted
      from = end
    }
  }
  return from === 0 ? text : shown + text.slice(from)
}

const isEncodedEnd = (unit: number): boolean =>
  isUrlEnd(unit) || unit === 0x26 || unit === 0x3d || unit === 0x3f || unit === 0x23 || unit === 0x27

const withoutMatches = (text: string, pattern: TextPattern): string => {
  if (!("find" in pattern)) return text.replace(everywhere(pattern), redacted)
  return text.replace(everywhere(pattern.find), (match) => (pattern.isSecret(match) ? redacted : match))
}

const everywhere = (pattern: RegExp): RegExp =>
  pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`)

/**
 * Numbers of payment cards: 13 to 19 digits whose last one checks the others. For `redact: { patterns: [paymentCards] }`. No
 * default, because one in ten long numbers passes the check.
 */
export const paymentCards: TextPattern = {
  find: /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])/,
  isSecret: (match) => {
    let sum = 0
    const digits = match.replace(/\D/g, "")
    for (let at = 0; at < digits.length; at++) {
      const digit = Number(digits.charAt(digits.length - 1 - at)) * (at % 2 === 0 ? 1 : 2)
      sum += digit > 9 ? digit - 9 : digit
    }
    return sum % 10 === 0
  }
}
