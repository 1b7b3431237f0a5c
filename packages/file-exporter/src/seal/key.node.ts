// Keys that sign seals: Ed25519, read from where they were put and never made up. An error says where a key was
// looked for and what to do, and never what was found there.

import { Buffer } from "node:buffer"
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes
} from "node:crypto"
import { readFileSync } from "node:fs"
import { describeDiskError } from "../disk/errno.ts"
import type { SealVerifyingKey } from "./verifying-key.ts"

/** A seal that was just written: what to keep somewhere else, and to give to `verify` later. */
export interface NewSeal {
  /** First 8 hex digits of the session's stream key. */
  readonly session: string
  readonly k: number
  /** SHA-256 of the seal's line without its salts, newline included, in hex. */
  readonly sha256: string
  /** Path of its file below the log's directory. */
  readonly file: string
}

/** Called with each new seal. One that is sent out of reach of this machine later proves that nothing was rolled back. */
export type SealAnchor = (seal: NewSeal) => void

/** Signs seals. */
export interface SealKey {
  /** SHA-256 over the public key (SubjectPublicKeyInfo, DER), in hex. */
  readonly fingerprint: string
  /** The signature over these bytes, base64url without padding. */
  sign(bytes: Uint8Array): string
}

/** How a log's files are sealed. */
export interface SealOptions {
  /** Signs each seal: see `readSealKey`. Without it, everyone who can write the file can seal it anew. */
  readonly key?: SealKey | undefined
  /** Gets each seal as soon as it is in its file. Keep the newest out of reach of everyone who can write the files. */
  readonly anchor?: SealAnchor | undefined
}

/** Where a private key is: a file with PEM text, or that text itself, as environment variables hold it. */
export type SealKeySource = { readonly path: string } | { readonly pem: string }

const howToMakeOne = 'Make one with: openssl genpkey -algorithm ed25519 -out "seal-key.pem"'

/**
 * Reads the Ed25519 key that signs seals. In PEM text from an environment variable, "\n" may stand for a line's end.
 *
 * @throws Error when there is no such key: a log that is to sign must not go on unsigned.
 */
export const readSealKey = (source: SealKeySource): SealKey => {
  const key = privateKey(source)
  return {
    fingerprint: fingerprintOf(createPublicKey(key)),
    sign: (bytes) => signBytes(null, bytes, key).toString("base64url")
  }
}

/**
 * Reads a public key from its PEM text. A private key is refused: it should not be where logs are checked.
 *
 * @throws Error when it is none.
 */
export const readVerifyingKey = (pem: string): SealVerifyingKey => {
  const key = publicKey(pem)
  return {
    fingerprint: fingerprintOf(key),
    isSigned: (bytes, signature) => verifyBytes(null, bytes, key, Buffer.from(signature, "base64url"))
  }
}

const fingerprintOf = (key: KeyObject): string =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")

const privateKey = (source: SealKeySource): KeyObject => {
  const where = "path" in source ? `in ${JSON.stringify(source.path)}` : "in the text that was given"
  const pem = "path" in source ? readText(source.path) : source.pem.replaceAll("\\n", "\n")
  const refuse = (why: string): never => {
    throw new Error(`Cannot sign seals: ${why} ${where}. ${howToMakeOne}`)
  }
  let key: KeyObject | undefined
  try {
    key = createPrivateKey(pem)
  } catch {
    // OpenSSL's words for this may quote what it read. Ours do not.
  }
  if (key === undefined) return refuse("there is no private key (PEM, PKCS #8, not encrypted)")
  if (key.asymmetricKeyType !== "ed25519") return refuse(`the key is ${key.asymmetricKeyType}, not Ed25519,`)
  return key
}

const publicKey = (pem: string): KeyObject => {
  const refuse = (why: string): never => {
    throw new Error(
      `Cannot check signatures: ${why}. Export it with: openssl pkey -in "seal-key.pem" -pubout -out "seal-key.pub.pem"`
    )
  }
  if (pem.includes("PRIVATE KEY")) return refuse("this is a private key, and a public one is wanted")
  let key: KeyObject | undefined
  try {
    key = createPublicKey(pem)
  } catch {
    // As above.
  }
  if (key === undefined) return refuse("there is no public key (PEM) in the text that was given")
  if (key.asymmetricKeyType !== "ed25519")
    return refuse(`the key is ${key.asymmetricKeyType}, and seals are signed with Ed25519`)
  return key
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    throw new Error(
      `Cannot sign seals: the key file ${JSON.stringify(path)} cannot be read: ${describeDiskError(error)}. ${howToMakeOne}`
    )
  }
}
