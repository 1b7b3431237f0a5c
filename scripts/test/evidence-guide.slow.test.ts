// The guide to evidence, held against the code: its programs and shell commands run one after the other in one home, and print what
// it shows; only sessions, keys and days are other ones. Its tables have each verdict, problem and note, and no other.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { NoteKind, ProblemKind, Verdict } from "../../packages/file-exporter/src/verify.ts"
import { tableOf } from "./tables.ts"

const root = join(import.meta.dirname, "../..")
// Inside the repository, so that its packages are found by name.
const cache = join(root, "node_modules/.cache")
mkdirSync(cache, { recursive: true })
const home = mkdtempSync(join(cache, "evidence-guide-"))
afterAll(() => rmSync(home, { recursive: true }))

const guide = readFileSync(join(root, "docs/guides/evidence.md"), "utf8")

/** The code blocks in their order, each with what it prints. */
const blocks = [...guide.matchAll(/```(js|sh)\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g)].map(
  ([, language = "", text = "", printed = ""]) => ({ language, text, printed })
)

const env = { PATH: process.env.PATH ?? "", HOME: home }

const run = (command: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: home, encoding: "utf8", env })
  expect({ status, stderr: command === "bash" ? "" : stderr }, `${args.join(" ")}\n${stderr}`).toEqual({
    status: 0,
    stderr: ""
  })
  return stdout
}

/** A timestamp authority of our own, in place of the one that `curl` asks: what it answers is made by OpenSSL as well. */
const answerAsAuthority = (): void => {
  const config = `[req]
distinguished_name = name
[name]
[ext]
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = own
[own]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
`
  writeFileSync(join(home, "elsewhere/authority.cnf"), config)
  run(
    "bash",
    "-ec",
    `cd "$HOME/elsewhere"
    openssl req -x509 -config authority.cnf -extensions ext -subj /CN=authority -newkey rsa:2048 -nodes -keyout authority.key -out authority.pem
    openssl ts -reply -config authority.cnf -queryfile anchors.tsq -signer authority.pem -inkey authority.key -out anchors.tsr`
  )
}

/** Sessions, keys and days are those of the day on which the guide was written. */
const plain = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{8}\b/g, "1a2c3d4e")
    .replace(/\b[0-9a-f]{16}\b/g, "3adecefc277336ae")
    .replace(/\d{4}-\d\d-\d\d/g, "2026-11-30")

describe("docs/guides/evidence.md", () => {
  it("F120 each of its programs and commands runs as it stands, and prints what the guide shows", () => {
    expect(blocks.filter(({ language }) => language === "js")).toHaveLength(4)
    for (const { language, text, printed } of blocks) {
      if (text.startsWith("curl ")) answerAsAuthority()
      else if (language === "sh") run("bash", "-ec", text)
      else {
        const path = join(home, "program.mjs")
        writeFileSync(path, text)
        expect(plain(run(process.execPath, "--conditions=@daybook/source", path))).toBe(plain(printed))
      }
    }
  }, 60_000)

  it("its tables have each verdict, problem and note, and no other", () => {
    const verdicts: Readonly<Record<Verdict, true>> = {
      anchored: true,
      signed: true,
      intact: true,
      unknown: true,
      unsealed: true,
      incomplete: true,
      unsigned: true,
      broken: true
    }
    const problems: Readonly<Record<ProblemKind, true>> = {
      damaged: true,
      edited: true,
      rewritten: true,
      deleted: true,
      inserted: true,
      reordered: true,
      moved: true,
      truncated: true,
      "missing-day": true,
      "seals-missing": true,
      gap: true,
      signature: true,
      unreadable: true
    }
    const notes: Readonly<Record<NoteKind, true>> = {
      unsealed: true,
      unsigned: true,
      "other-key": true,
      redacted: true,
      retired: true,
      unbelieved: true,
      unproved: true,
      unlinked: true,
      older: true,
      replaced: true,
      gap: true,
      torn: true,
      unterminated: true,
      unowned: true,
      "newer-version": true,
      "packed-copy": true
    }
    const namesIn = (...head: readonly string[]): readonly string[] =>
      tableOf(guide, ...head).flatMap(([cell = ""]) => cell.replaceAll("`", "").split(", "))
    expect(namesIn("verdict", "what it says", "what to do")).toEqual(Object.keys(verdicts))
    expect(namesIn("problem", "what was done")).toEqual(Object.keys(problems))
    expect(namesIn("note", "what is behind it")).toEqual(Object.keys(notes))
  })
})
