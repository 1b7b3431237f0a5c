// Keys that sign seals: read from where somebody put them, refused in words that say what to do and never what was found.
import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { readSealKey, readVerifyingKey } from "../../src/seal/key.node.ts"
import { freshDir } from "../tools/file-bench.ts"
import { privatePem, publicPem, strangersPublicPem } from "../tools/seal-test-key.ts"

const bytes = new TextEncoder().encode("a line\n")

const messageOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    return (error as Error).message
  }
  return expect.fail("nothing was thrown")
}

describe("a private key", () => {
  it("is read from a file, from text, and from text as environment variables hold it", () => {
    const path = join(freshDir(), "seal-key.pem")
    writeFileSync(path, privatePem)
    const keys = [{ path }, { pem: privatePem }, { pem: privatePem.replaceAll("\n", "\\n") }].map(readSealKey)
    const verifying = readVerifyingKey(publicPem)
    for (const { fingerprint, sign } of keys) {
      expect(fingerprint).toBe(verifying.fingerprint)
      expect(verifying.isSigned(bytes, sign(bytes))).toBe(true)
      expect(verifying.isSigned(bytes.subarray(1), sign(bytes))).toBe(false)
    }
    expect(readVerifyingKey(strangersPublicPem).isSigned(bytes, keys[0]?.sign(bytes) ?? "")).toBe(false)
  })

  it("may be made by OpenSSL, which gives its public key the same fingerprint", () => {
    const dir = freshDir()
    const openssl = (...args: readonly string[]): Buffer => execFileSync("openssl", args, { cwd: dir })
    openssl("genpkey", "-algorithm", "ed25519", "-out", "seal-key.pem")
    openssl("pkey", "-in", "seal-key.pem", "-pubout", "-out", "seal-key.pub.pem")
    const der = join(dir, "der")
    openssl("pkey", "-pubin", "-in", "seal-key.pub.pem", "-outform", "DER", "-out", der)
    const told = execFileSync("sha256sum", [der], { encoding: "utf8" }).slice(0, 64)
    expect(readSealKey({ path: join(dir, "seal-key.pem") }).fingerprint).toBe(told)
  })

  it.each([
    [
      "a file that is not there",
      { path: "/nowhere/seal-key.pem" },
      /"\/nowhere\/seal-key.pem" cannot be read: no such directory \(ENOENT\)/
    ],
    ["an empty text", { pem: "" }, /no private key .* in the text that was given/],
    ["a public key", { pem: publicPem }, /no private key/]
  ])("that is %s is refused, with what to do", (_name, source, why) => {
    const message = messageOf(() => readSealKey(source))
    expect(message).toMatch(why)
    expect(message).toMatch(/^Cannot sign seals: .*openssl genpkey -algorithm ed25519/)
  })

  it("of another kind, or damaged, is refused, and no error shows a part of it", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    const ec = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    expect(messageOf(() => readSealKey({ pem: ec }))).toContain("the key is ec, not Ed25519")
    const secret = privatePem.split("\n")[1] ?? ""
    for (const pem of [
      ec,
      privatePem.replace("PRIVATE", "PRIVAT"),
      secret,
      `${secret.slice(0, 20)}!${secret.slice(20)}`
    ]) {
      const message = messageOf(() => readSealKey({ pem }))
      expect(message).not.toContain(secret.slice(0, 12))
      expect(message).not.toContain((ec.split("\n")[1] ?? "").slice(0, 12))
    }
  })
})

describe("a public key", () => {
  it("is refused when it is none, of another kind, or a private one", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 })
    expect(messageOf(() => readVerifyingKey("?"))).toContain("no public key (PEM)")
    expect(
      messageOf(() => readVerifyingKey(publicKey.export({ type: "spki", format: "pem" }).toString()))
    ).toContain("the key is rsa")
    const message = messageOf(() => readVerifyingKey(privatePem))
    expect(message).toContain("this is a private key")
    expect(message).not.toContain(privatePem.split("\n")[1])
  })
})
