// What the seals of a trail prove. The proof reads day files in a folder, so what came as a zip, a packed file or a pipe is put
// into a private one under the names that its seals have, and removed again.
import { constants } from "node:fs"
import { mkdir, mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Anchor, VerifyProgress, VerifyReport } from "@daybook/file-exporter/verify"
import { bytesOptions } from "../rows/file-rows.ts"
import type { TrailFile } from "../rows/trail-file.ts"
import { isPacked, readName } from "./file-name.ts"
import { makeTrail, type Trail } from "./trail.ts"

export interface TrailVerifyOptions {
  /** PEM texts. */
  readonly publicKey?: readonly string[] | undefined
  readonly anchors?: readonly Anchor[] | undefined
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export const verifyFolder = async (
  { app }: Trail,
  dir: string,
  options: TrailVerifyOptions
): Promise<VerifyReport> => {
  const { verify } = await import("@daybook/file-exporter")
  // Users' days have no app in their names.
  return verify({ ...options, app: app === "" ? "trail" : app, dir })
}

export const verifyFiles = async (trail: Trail, options: TrailVerifyOptions): Promise<VerifyReport> => {
  const dir = await mkdtemp(join(tmpdir(), "daybook-verify-"))
  try {
    const apps = new Set<string>()
    for (const file of trail.files) {
      const name = await sealedName(file)
      await unpack(file, join(dir, ...name.split("/")), options.signal)
      apps.add(readName(name)?.app ?? "")
    }
    const [app = ""] = [...apps].filter((one) => one !== "")
    return await verifyFolder({ ...trail, app: trail.app === "" ? app : trail.app }, dir, options)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const { O_CREAT, O_EXCL, O_WRONLY } = constants

const unpack = async (file: TrailFile, path: string, signal: AbortSignal | undefined): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const handle = await open(path, O_CREAT | O_EXCL | O_WRONLY, 0o600)
  try {
    for await (const chunk of file.bytes(bytesOptions(1))) {
      signal?.throwIfAborted()
      await handle.writeFile(chunk)
    }
  } finally {
    await handle.close()
  }
}

// A bundle keeps its files in a folder, and what comes through a pipe has no name: a seal says which file it was written into.
const sealedName = async (file: TrailFile): Promise<string> => {
  const said = readName(file.name)
  const plain = isPacked(file.name) ? file.name.slice(0, -".gz".length) : file.name
  if (said !== undefined && said.user !== undefined) return plain.split("/").slice(-3).join("/")
  if (said !== undefined && said.app !== "") return plain.slice(plain.lastIndexOf("/") + 1)
  if (file.readAt !== undefined || file.size !== undefined) {
    const seals = makeTrail({ files: [file], source: file.name }).rows({ categories: ["seal"] })
    for await (const row of seals)
      if (
        !("damage" in row) &&
        row.event.kind === "seal" &&
        readName(String(row.event.fields.file)) !== undefined
      )
        return String(row.event.fields.file)
  }
  return "trail-unknown.jsonl"
}
