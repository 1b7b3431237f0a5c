// The key that signs: whether it is one, who may read it, and whether it is the one that signed last.
// What seals prove is for verify to say.
import { createHash, createPrivateKey, createPublicKey } from "node:crypto"
import { lstat, readFile } from "node:fs/promises"
import { openTrail } from "@daybook/support-bundle"
import { type About, type Check, fine, note, problem } from "./check.ts"

export const keyChecks = async (
  { app, dir, signal }: About,
  path: string | undefined
): Promise<readonly Check[]> => {
  const signedBy = await lastSigner(app, dir, signal)
  const seals =
    signedBy === undefined
      ? note("seals", "there is none yet")
      : signedBy === ""
        ? note("seals", "they are not signed: everyone who can write the files could make them anew")
        : fine("seals", `signed with the key ${signedBy.slice(0, 16)}…`)
  if (path === undefined) return [seals]
  try {
    const { mode } = await lstat(path)
    const key = createPublicKey(createPrivateKey(await readFile(path, "utf8")))
    const fingerprint = createHash("sha256")
      .update(key.export({ type: "spki", format: "der" }))
      .digest("hex")
    const checks: Check[] = [seals]
    if (process.getuid !== undefined && (mode & 0o077) !== 0)
      checks.push(
        problem(
          "key",
          `others on this machine may read ${path}`,
          `chmod 600 ${JSON.stringify(path)}; a key that others have read proves nothing`
        )
      )
    else checks.push(fine("key", `${path} is readable by its owner only`))
    if (key.asymmetricKeyType !== "ed25519")
      checks.push(
        problem("key", `it is of the kind ${key.asymmetricKeyType}`, "Make one with daybook keys new")
      )
    else if (signedBy !== undefined && signedBy !== fingerprint)
      checks.push(
        problem(
          "key",
          "the newest seal was not signed with it",
          "Does the application read this file? See its option seal.key"
        )
      )
    return checks
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string }
    const why =
      typeof code === "string" && /^E[A-Z]+$/.test(code)
        ? message
        : "there is no private key (PEM, not encrypted) in it"
    return [seals, problem("key", `${path} cannot be used: ${why}`, "Make one with daybook keys new")]
  }
}

/** The fingerprint on the newest seal; "" where it is not signed, `undefined` without a seal. */
const lastSigner = async (app: string, dir: string, signal: AbortSignal): Promise<string | undefined> => {
  try {
    const trail = await openTrail(dir, { app })
    const [row] = await trail.newest(1, { categories: ["seal"] }, { signal })
    if (row === undefined || "damage" in row) return undefined
    const { key } = row.event.fields
    return typeof key === "string" ? key : ""
  } catch {
    return undefined
  }
}
