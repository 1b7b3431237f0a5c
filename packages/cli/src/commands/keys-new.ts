// `daybook keys new`: a key that signs seals.
// The private half is readable by its owner only, and nothing is written over.
import { generateKeyPairSync } from "node:crypto"
import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { extname } from "node:path"
import { printable } from "@daybook/core/event-line"
import type { CommonFlags } from "../flags.ts"
import { CommandError, exitCodes } from "../terminal/exit.ts"
import { fingerprintOf } from "./keys-show.ts"
import { command } from "./running.ts"

export interface KeysNewFlags extends Pick<CommonFlags, "json"> {
  readonly out?: string
}

export const keysNew = command<KeysNewFlags, []>(async (io, { out: path = "seal-key.pem", json }) => {
  const { out, data, talk } = io
  const end = extname(path)
  const publicPath = `${path.slice(0, path.length - end.length)}.pub${end === "" ? ".pem" : end}`
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const fingerprint = fingerprintOf(publicKey)
  // The public one first: a private one without it would have to be thrown away by hand.
  await writeNew(publicPath, String(publicKey.export({ type: "spki", format: "pem" })), 0o644)
  await writeNew(path, String(privateKey.export({ type: "pkcs8", format: "pem" })), 0o600)
  if (json === true) return out.line(JSON.stringify({ private: path, public: publicPath, fingerprint }))
  const { bold, dim } = data.colors
  await out.line(`${dim("private      ")}${bold(printable(path))}`)
  await out.line(`${dim("public       ")}${bold(printable(publicPath))}`)
  await out.line(`${dim("fingerprint  ")}${fingerprint}`)
  talk(
    `\nSign with it:    fileExporter({ seal: { key: readSealKey({ path: ${JSON.stringify(path)} }) } })\nVerify with it:  daybook verify SOURCE --key ${publicPath}\nKeep the private key where the application runs, and nowhere else.`
  )
})

const { O_CREAT, O_EXCL, O_WRONLY } = constants

const writeNew = async (path: string, text: string, mode: number): Promise<void> => {
  try {
    const handle = await open(path, O_CREAT | O_EXCL | O_WRONLY, mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "EEXIST") throw error
    throw new CommandError(
      exitCodes.io,
      `${JSON.stringify(path)} is there already, and is left as it is: name another file with --out`
    )
  }
}
