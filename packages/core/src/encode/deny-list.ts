// Which keys of untyped values may not be shown: whole words of a key, in camel, snake and kebab case.
// Looked at where the key is written, so a secret's value is never even read.
import { eventLimits } from "../limits.ts"

/** Words that make a key secret wherever they stand in it. */
const secretWords: ReadonlySet<string> = new Set([
  "password",
  "passwd",
  "pwd",
  "passphrase",
  "passcode",
  "token",
  "secret",
  "authorization",
  "cookie",
  "cookies",
  "credential",
  "credentials",
  "jwt",
  "cvv"
])

/** Pairs of words, and the same written as one. */
const secretPairs: ReadonlySet<string> = new Set([
  "api key",
  "private key",
  "licence key",
  "license key",
  "access key",
  "signing key",
  "encryption key",
  "session key",
  "account key"
])
const gluedPairs: ReadonlySet<string> = new Set([
  ...[...secretPairs].map((pair) => pair.replace(" ", "")),
  "accesstoken",
  "authtoken",
  "refreshtoken",
  "idtoken",
  "clientsecret",
  "setcookie"
])

/** A token that is counted, not carried: `token_count`, `tokenLimit`. */
const measures: ReadonlySet<string> = new Set(["count", "counts", "limit", "budget", "usage", "type"])

/** The words of a key in lower case: `clientSecret`, `client_secret` and `client-secret` are all two. */
const wordsOf = (key: string): readonly string[] =>
  key
    .slice(0, eventLimits.keyCharsMax)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")

/** True when the value under this key must be written as "[redacted]". Costs microseconds: keys.ts remembers it. */
export const isSecretKey = (key: string): boolean => {
  const words = wordsOf(key)
  return words.some((word, index) => {
    const next = words[index + 1] ?? ""
    if (word === "token") return !measures.has(next)
    return secretWords.has(word) || gluedPairs.has(word) || secretPairs.has(`${word} ${next}`)
  })
}
