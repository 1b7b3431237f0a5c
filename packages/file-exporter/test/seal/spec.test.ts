// docs/internals/seal.md is enough to check a seal: its shell recipe is run as it stands there, and the stranger's verifier
// beside it comes to the same ends as `verify`, for every vector.
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { redactFiles } from "../../src/verify.ts"
import { freshDir } from "../tools/file-bench.ts"
import { publicPem } from "../tools/seal-test-key.ts"
import { type Change, changed, makeVectors, type Vectors } from "../tools/seal-vectors.ts"
import {
  dayMs,
  inShort,
  MemoryFiles,
  noon,
  SealedLog,
  sha256,
  trailFiles,
  verifyFiles
} from "../tools/sealed-files.ts"

const docs = join(import.meta.dirname, "../../../../docs/internals")
const vectorsPath = join(docs, "seal-vectors.json")

const readVectors = (): Vectors => JSON.parse(readFileSync(vectorsPath, "utf8")) as Vectors

const trailOf = (vectors: Vectors): MemoryFiles => changed(vectors, { name: "", file: "" })

/** Files on a real disk, in a directory of their own. */
const onDisk = (files: MemoryFiles): string => {
  const dir = freshDir()
  for (const [file, bytes] of files.files) {
    mkdirSync(join(dir, file, ".."), { recursive: true })
    writeFileSync(join(dir, file), bytes)
  }
  writeFileSync(join(dir, "public.pem"), publicPem)
  return dir
}

/** Runs the stranger's verifier over the files of a directory. */
const strangersVerdict = (dir: string, files: MemoryFiles, seals: readonly string[] = []) => {
  const names = [...files.files.keys()].sort()
  const args = ["--key", "public.pem", ...seals.flatMap((seal) => ["--seal", seal]), ...names]
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(docs, "verify-a-seal.mjs"), ...args], {
    cwd: dir,
    encoding: "utf8"
  })
  expect(stderr).toBe("")
  return { isBroken: status === 1, stdout }
}

describe("the vectors", () => {
  it("are what the sealer makes today", () => {
    const vectors = makeVectors()
    if (process.env.DAYBOOK_WRITE_VECTORS === "1")
      writeFileSync(vectorsPath, `${JSON.stringify(vectors, null, 2)}\n`)
    expect(readVectors()).toEqual(vectors)
  })

  it.each(readVectors().tampered.map((change) => [change.name, change] as const))(
    "F120 %s: verify names it, and the stranger's verifier finds the same",
    async (_name, change) => {
      const vectors = readVectors()
      const files = changed(vectors, change)
      const report = await verifyFiles(files, { publicKey: vectors.publicKey })
      expect(inShort(report)).toBe([change.verdict, ...change.problems].join(" "))
      const { isBroken, stdout } = strangersVerdict(onDisk(files), files)
      expect({ isBroken, stdout }).toEqual({
        isBroken: change.verdict === "broken" || change.verdict === "unsigned",
        stdout: expect.any(String)
      })
    }
  )

  it("F120 are found to be rolled back by both when the newest seal is known", async () => {
    const vectors = readVectors()
    const files = changed(vectors, { name: "", file: "datatools-2026-03-06.jsonl", gone: true })
    const [newest] = vectors.sessions
    const { streamKey = "", k = 0, sha256 = "" } = newest ?? {}
    const session = streamKey.slice(0, 8)
    expect(inShort(await verifyFiles(files, { anchors: [{ session, k, sha256 }] }))).toBe("broken truncated")
    expect(strangersVerdict(onDisk(files), files, [`${session}:${k}:${sha256}`]).isBroken).toBe(true)
  })
})

describe("the stranger's verifier", () => {
  it("agrees with verify about honest trails: crashes, torn lines, rotations, redactions", async () => {
    const vectors = readVectors()
    const torn = trailOf(vectors)
    torn.append("datatools-2026-03-06.jsonl", Buffer.from('{"ts":"2026-03-06T12:00:00.000Z","level":"in'))
    const redacted = new MemoryFiles()
    await redactFiles({
      files: trailFiles(trailOf(vectors)),
      digest: sha256,
      mask: (line) =>
        line.includes("größe")
          ? { text: line.replaceAll("größe", "<file-1>"), paths: ["message", "filename"] }
          : undefined,
      write: (file, bytes) => redacted.append(file, bytes)
    })
    expect(redacted.text("datatools-2026-03-05.jsonl")).not.toContain("größe")
    const replaced = trailOf(vectors)
    const log = new SealedLog(replaced, { streamKey: "0000000000000f1", nowMs: noon + 2 * dayMs })
    log.write(1)
    log.seal()
    replaced.files.delete(log.file)
    log.sealer.forget(log.file)
    log.write(1)
    log.seal()
    const expected = [
      [torn, "signed", false],
      [redacted, "incomplete", false],
      // It has one word for all that is missing: it is a hundred lines.
      [replaced, "unsigned", true]
    ] as const
    for (const [files, verdict, isBroken] of expected) {
      expect((await verifyFiles(files, { publicKey: publicPem })).verdict).toBe(verdict)
      expect(strangersVerdict(onDisk(files), files).isBroken).toBe(isBroken)
    }
  })

  it("depends on nothing but Node", () => {
    const source = readFileSync(join(docs, "verify-a-seal.mjs"), "utf8")
    for (const [, from = ""] of source.matchAll(/from "([^"]+)"/g)) expect(from).toMatch(/^node:/)
  })
})

describe("the recipe by hand", () => {
  const blocks = [...readFileSync(join(docs, "seal.md"), "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].map(
    ([, block = ""]) => block
  )

  const run = (change: Change, k: number, block: string, before = ""): string => {
    const dir = onDisk(changed(readVectors(), change))
    const { streamKey = "" } = readVectors().sessions[0] ?? {}
    const env = {
      ...process.env,
      FILE: "datatools-2026-03-05.jsonl",
      KEY: streamKey,
      K: String(k),
      PUBLIC: "public.pem"
    }
    const { stdout, stderr, status } = spawnSync("sh", ["-c", `set -e\n${before}\n${block}`], {
      cwd: dir,
      env,
      encoding: "utf8"
    })
    return status === 0 ? stdout.trim() : `${stdout}${stderr}`.trim()
  }
  const nothing: Change = { name: "", file: "" }

  it("finds a stretch as its seal says, and an edited one not", () => {
    const [stretch = ""] = blocks
    expect(run(nothing, 1, stretch)).toBe("seal 1 covers 4 lines, and they are as it says")
    expect(run(nothing, 2, stretch)).toBe("seal 2 covers 2 lines, and they are as it says")
    const edit = {
      name: "",
      file: "datatools-2026-03-05.jsonl",
      edit: { line: 3, from: "24813", to: "24814" }
    }
    expect(run(edit, 1, stretch)).toContain("differ")
  })

  it("follows the chain", () => {
    const [stretch = "", chain = ""] = blocks
    const [first = "", second = ""] = [1, 2].map((k) => run(nothing, k, `cat seal\n${chain}`, `${stretch}\n`))
    const digest = first.split("\n").at(-1)
    expect(JSON.parse(second.split("\n").at(1) ?? "").prev).toBe(digest)
  })

  it("checks a signature with OpenSSL", () => {
    const [stretch = "", , signature = ""] = blocks
    const key = JSON.parse(trailOf(readVectors()).lines("datatools-2026-03-05.jsonl")[7] ?? "").key
    expect(run(nothing, 1, signature, stretch)).toContain(`${key}\nSignature Verified Successfully`)
    const edit = {
      name: "",
      file: "datatools-2026-03-05.jsonl",
      edit: { line: 8, from: "Sealed", to: "sealed" }
    }
    expect(run(edit, 1, signature, stretch)).toContain("Verification Failure")
  })
})
