// The twelve characters by which a file is told again.
import { createHash } from "node:crypto"
import { expect, it } from "vitest"
import { fingerprint } from "../../src/event/fingerprint.ts"

it("S1.14 the first 12 hex characters of the SHA-1, of bytes, a part of a buffer, or a file", async () => {
  const bytes = new TextEncoder().encode("name,amount\nada,1\n")
  const expected = createHash("sha1").update(bytes).digest("hex").slice(0, 12)
  expect(await fingerprint(bytes)).toBe(expected)
  expect(await fingerprint(bytes.buffer)).toBe(expected)
  expect(await fingerprint(new Blob([bytes]))).toBe(expected)
  expect(await fingerprint(new Uint8Array([0, ...bytes, 0]).subarray(1, -1))).toBe(expected)
  expect(await fingerprint(new Uint8Array(0))).toBe("da39a3ee5e6b")
})
