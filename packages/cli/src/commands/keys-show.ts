// `daybook keys show`: which key a file holds, and its public half.
// The private half is never shown.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto"
import { readFile } from "node:fs/promises"
import type { CommonFlags } from "../flags.ts"
import { usageError } from "../terminal/exit.ts"
import { command } from "./running.ts"

export const keysShow = command<Pick<CommonFlags, "json">, [string]>(
  async ({ out, data }, { json }, path) => {
    const pem = await readFile(path, "utf8")
    const { key, isPrivate } = keyIn(pem, path)
    const text = String(key.export({ type: "spki", format: "pem" }))
    const kind = isPrivate ? "private" : "public"
    const fingerprint = fingerprintOf(key)
    if (json === true) return out.line(JSON.stringify({ kind, fingerprint, public: text }))
    await out.line(`${data.colors.dim("kind         ")}${kind}`)
    await out.line(`${data.colors.dim("fingerprint  ")}${data.colors.bold(fingerprint)}`)
    await out.write(text)
  }
)

/** As seals have it: SHA-256 over the public key (SubjectPublicKeyInfo, DER), in hex. */
export const fingerprintOf = (key: KeyObject): string =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")

const keyIn = (pem: string, path: string): { readonly key: KeyObject; readonly isPrivate: boolean } => {
  const isPrivate = pem.includes("PRIVATE KEY")
  let key: KeyObject | undefined
  try {
    key = isPrivate ? createPublicKey(createPrivateKey(pem)) : createPublicKey(pem)
  } catch {
    // OpenSSL's words may quote what it read.
  }
  if (key?.asymmetricKeyType === "ed25519") return { key, isPrivate }
  const what =
    key === undefined ? "no key (PEM, not encrypted)" : `a key of the kind ${key.asymmetricKeyType}`
  throw usageError(
    `There is ${what} in ${JSON.stringify(path)}: seals are signed with Ed25519. daybook keys new makes one`
  )
}
