// Pseudonyms: a keyed hash in place of a text, the same in every process that has the key. The encoder asks for one where an
// annotation says so.
import { host } from "#host"

/** Undefined without a key, and on a host that cannot compute one at once. */
export const pseudonymsOf = ({
  pseudonymKey
}: {
  readonly pseudonymKey?: string | undefined
}): ((text: string) => string) | undefined => {
  const { hmacSha256 } = host
  if (pseudonymKey === undefined || hmacSha256 === undefined) return undefined
  // 128 of the 256 bits: enough that two people never share one, short enough to read and to compare.
  return (text) => `hmac:${hmacSha256(pseudonymKey, text).slice(0, 32)}`
}
