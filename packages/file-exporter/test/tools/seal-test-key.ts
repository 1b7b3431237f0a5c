// A pair of keys for tests and vectors, of a seed that everybody knows: 32 bytes of 7. Signatures of it prove nothing.
import { Buffer } from "node:buffer"
import { createPrivateKey, createPublicKey } from "node:crypto"

/** PKCS #8 of an Ed25519 key, up to its seed. */
const pkcs8 = "302e020100300506032b657004220420"

const keyOf = (byte: number): ReturnType<typeof createPrivateKey> =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from(pkcs8, "hex"), Buffer.alloc(32, byte)]),
    format: "der",
    type: "pkcs8"
  })

const pemOf = (key: ReturnType<typeof createPrivateKey>): string =>
  createPublicKey(key).export({ type: "spki", format: "pem" }).toString()

export const privatePem: string = keyOf(7).export({ type: "pkcs8", format: "pem" }).toString()
export const publicPem: string = pemOf(keyOf(7))
/** Of another key. */
export const strangersPrivatePem: string = keyOf(8).export({ type: "pkcs8", format: "pem" }).toString()
export const strangersPublicPem: string = pemOf(keyOf(8))
