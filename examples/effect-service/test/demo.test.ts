// The whole demo, as a person runs it: each event of a request is in that request's span, in the collector and in the file,
// and closing the layers has delivered all of them.
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it, onTestFinished } from "vitest"

const root = join(import.meta.dirname, "..")

it("four requests are four traces in the collector, and the file has the same ids", async () => {
  const home = mkdtempSync(join(tmpdir(), "effect-service-test-"))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const program = ["--conditions=@daybook/source", "--import", "tsx", join(root, "src/main.ts")]
  const env = { PATH: process.env.PATH ?? "", HOME: home, TMPDIR: home }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { cwd: root, env })
  expect(stderr).toBe("")

  const [file = ""] = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".jsonl")
  )
  const lines = readFileSync(join(home, file), "utf8").trimEnd().split("\n")
  const events = lines.map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
  const requests = [...stdout.matchAll(/^ {2}trace ([0-9a-f]{32})\n((?: {2}.+\n)+)/gm)]
  const messages = [
    "Saved monday: 5 words",
    "Read monday",
    "There is no note tuesday",
    "PUT /notes/empty: RangeError: a note without words"
  ]
  expect(new Set(requests.map(([, id]) => id)).size).toBe(messages.length)
  for (const [index, message] of messages.entries()) {
    const [, id, text] = requests[index] ?? []
    expect(text).toContain(message)
    expect(text).toContain("user.id=ada")
    expect(events.find((event) => event.message === message)).toMatchObject({ trace_id: id, user: "ada" })
  }
  expect(stdout).toMatch(/outside of any span\n.+ Session started .+\n.+ Session ended /)
})
