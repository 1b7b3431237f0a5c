// The whole demo, as a person runs it: each event of a request is in that request's span, in the collector and in the file.
// Where no real collector is installed the demo says so and shows the same.
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"

const root = join(import.meta.dirname, "..")

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** The day's file, by message. */
  readonly traceIds: ReadonlyMap<string, unknown>
}

const runDemo = async (...imports: readonly string[]): Promise<Ended> => {
  const home = mkdtempSync(join(tmpdir(), "node-service-test-"))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const args = ["tsx", ...imports].flatMap((module) => ["--import", module])
  const program = ["--conditions=@daybook/source", ...args, join(root, "src/main.ts")]
  const env = { PATH: process.env.PATH ?? "", HOME: home, TMPDIR: home }
  const ended = await new Promise<Omit<Ended, "traceIds">>((resolve) => {
    execFile(process.execPath, program, { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    )
  })
  const files = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".jsonl")
  )
  const lines = files.flatMap((name) => readFileSync(join(home, name), "utf8").trimEnd().split("\n"))
  const events = lines.map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
  return { ...ended, traceIds: new Map(events.map((event) => [String(event.message), event.trace_id])) }
}

/** Each trace of the report: its id and the text below it. */
const requestsIn = (stdout: string): readonly (readonly [traceId: string, text: string])[] =>
  [...stdout.matchAll(/^ {2}trace ([0-9a-f]{32})\n((?: {2}.+\n)+)/gm)].map(([, id = "", text = ""]) => [
    id,
    text
  ])

const messages = [
  "Uploaded customers.csv",
  "Analyzed customers.csv: 2 rows",
  "Cannot analyze orders.csv: it was never uploaded",
  "Uploaded weird.csv",
  "POST /files/:name/analysis: TypeError: the header has no delimiter"
]

const expectCorrelated = ({ code, stdout, stderr, traceIds }: Ended): void => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  const requests = requestsIn(stdout)
  expect(new Set(requests.map(([id]) => id)).size).toBe(messages.length)
  for (const [index, message] of messages.entries()) {
    const [id, text] = requests[index] ?? []
    expect(text).toContain(message)
    expect(text).toContain("user.id=ada")
    expect(traceIds.get(message)).toBe(id)
  }
  expect(stdout).toContain("  count rows ")
  expect(stdout).toMatch(/outside of any span\n.+ Session started .+\n.+ Session ended /)
  for (const name of ["otel", "file"]) expect(stdout).toContain(`${name}   7 written, 0 dropped, 0 pending`)
}

it("five requests are five traces in a real collector, and the file has the same ids", async (test) => {
  if (`${process.platform} ${process.arch}` !== "linux x64")
    return test.skip("rotel comes for Linux on x64 only")
  const ended = await runDemo()
  expect(ended.stdout).toContain("(the collector is rotel)")
  expectCorrelated(ended)
})

it("without a real collector it says so, and shows the same", async () => {
  const other = 'data:text/javascript,Object.defineProperty(process, "arch", { value: "none" })'
  const ended = await runDemo(other)
  expect(ended.stdout).toContain("(the collector is a small receiver, because rotel is not installed here)")
  expectCorrelated(ended)
})
