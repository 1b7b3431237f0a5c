// The program in a real pseudo-terminal, and in pipes: colours, widths, hostile events, Ctrl-C, and readers that go away.

import { spawnSync } from "node:child_process"
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { textColumns } from "@daybook/core/event-line"
import { fileExporter } from "@daybook/file-exporter"
import { describe, expect, it } from "vitest"
import {
  daybook,
  ended,
  folderWith,
  hasTerminal,
  inTerminal,
  lineAt,
  nodeArgs,
  startDaybook,
  untilRead,
  untilSaid
} from "./tools/run-daybook.ts"

const esc = "\u001b"
const colors = /\u001b\[\d+m/g
/** Everything that is no sign, space or new line: what could do something to a terminal, or hide a word. */
const harmful = /(?![\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[\u{e0000}-\u{e007f}]/u

/** A line that another program wrote without escaping anything that JSON lets stand. */
const hostileLine = `{"level":50,"time":1795338000125,"name":"sh\\u001b[2Jop","msg":"evil \\u001b[31mred\\u001b]0;title\\u0007 \u202egnp.exe a\u200bb \u{e0041}\u{e007f} \u061c \u009b31m \u0085 \u2028 end","k\u200bey\\u001b":"v\u202e\\u0000\\r"}\n`

const shop = (...lines: readonly string[]): string => folderWith({ "shop-2026-11-22.jsonl": lines.join("") })

describe.runIf(hasTerminal)("in a terminal", () => {
  it("there are colours, and NO_COLOR switches them off", () => {
    const dir = shop(lineAt(0, "a", { level: "error" }))
    expect(inTerminal(["query", dir], 80).stdout).toMatch(colors)
    expect(inTerminal(["query", dir], 80, { env: { NO_COLOR: "1" } }).stdout).not.toContain(esc)
    expect(inTerminal(["query", dir], 80, { env: { TERM: "dumb" } }).stdout).not.toContain(esc)
  })

  it.each([20, 40, 80])("no line is wider than %d columns, and a cut one says so", (columns) => {
    const dir = shop(
      lineAt(0, "a long message 工具 that does not fit into a narrow terminal", { n: "x".repeat(200) })
    )
    const { code, stdout } = inTerminal(["query", dir], columns)
    expect(code).toBe(0)
    for (const line of stdout.replace(colors, "").split("\n"))
      expect(textColumns(line)).toBeLessThanOrEqual(columns)
    expect(stdout).toContain("…")
  })

  it.each([
    ["tail"],
    ["query"],
    ["query", "--json"],
    ["query", "--csv"],
    ["stats", "--by", "name"],
    ["stats", "--by", "category"],
    ["verify"]
  ])("F84 no character of an event does anything but be read: %s %s", (...args) => {
    const dir = folderWith({ "shop-2026-11-22.jsonl": hostileLine })
    const { stdout } = inTerminal([...args.filter((one) => one !== undefined), dir], 400)
    expect(stdout.replace(colors, "")).not.toMatch(harmful)
    expect(stdout.length).toBeGreaterThan(10)
  })

  it("F84 names of files, and mistakes, are shown as harmlessly", () => {
    const dir = folderWith({ "shop\u001b[2J\u202e-2026-11-22.jsonl": "{torn\n" })
    for (const args of [
      ["query", dir],
      ["query", join(dir, "no\u001b[2J\u202ene")],
      ["stats", dir],
      ["verify", dir],
      ["query", "--zone", "\u001b[2J", dir]
    ])
      expect(inTerminal(args, 400).stdout.replace(colors, ""), args.join(" ")).not.toMatch(harmful)
  })

  it("F84 JSON on a terminal is the same value", () => {
    const dir = folderWith({ "shop-2026-11-22.jsonl": hostileLine })
    expect(JSON.parse(inTerminal(["query", "--json", dir], 4_000).stdout)).toEqual(JSON.parse(hostileLine))
  })
})

describe("in a pipe", () => {
  it("there are no colours, no width and no control characters, and FORCE_COLOR gives colours", () => {
    const dir = shop(lineAt(0, "m".repeat(300), { level: "error" }))
    const { stdout, stderr } = daybook(["query", dir])
    expect(stdout).not.toContain(esc)
    expect(stdout).toContain("m".repeat(300))
    expect(stderr).toBe("")
    expect(daybook(["query", dir], { env: { FORCE_COLOR: "1" } }).stdout).toContain(`${esc}[31m`)
    expect(daybook(["query", dir], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stdout).not.toContain(esc)
  })

  it("F119 a reader that goes away ends the work, and nothing is said", () => {
    const dir = shop(...Array.from({ length: 20_000 }, (_, n) => lineAt(n, `event-${n} ${"x".repeat(100)}`)))
    const command = [process.execPath, ...nodeArgs, "query", dir].map((part) => `'${part}'`).join(" ")
    const { stdout, stderr } = spawnSync(
      "bash",
      ["-c", `${command} | head -2; echo "code \${PIPESTATUS[0]}"`],
      { encoding: "utf8" }
    )
    expect(stderr).toBe("")
    expect(stdout.split("\n").filter((line) => line.startsWith("code"))).toEqual(["code 0"])
  })

  it("F119 a stderr that is closed changes nothing", () => {
    const dir = shop(lineAt(0, "a"), "{torn\n")
    const command = [process.execPath, ...nodeArgs, "query", "--json", dir]
      .map((part) => `'${part}'`)
      .join(" ")
    const { stdout } = spawnSync("bash", ["-c", `${command} 2>&-; echo "code $?"`], { encoding: "utf8" })
    expect(stdout).toMatch(/"message":"a".*\ncode 0\n$/)
  })
})

describe("interrupted", () => {
  it("tail -f gives what a log writes, and Ctrl-C ends it with 130", async () => {
    const dir = folderWith()
    const audit = createAuditLog({ app: "shop", exporters: [fileExporter({ dir })], exitHook: false })
    audit.log("a", "before")
    await audit.flush({ timeoutMs: 10_000 })
    const child = startDaybook(["tail", "-f", dir])
    await untilSaid(child, "stdout", "before")
    const said = untilSaid(child, "stdout", "after")
    // The reader begins behind what is there: what is written until it has begun may be before it.
    const writing = setInterval(() => audit.log("a", "after"), 50)
    expect(await said).toContain("after")
    clearInterval(writing)
    const over = ended(child)
    child.kill("SIGINT")
    expect(await over).toBe(130)
    await audit.close({ timeoutMs: 10_000 })
  })

  it("tail -f of one file goes on with what comes, and a service manager's signal ends it with 143", async () => {
    const dir = folderWith({ "service.log": '{"level":30,"time":1795338000125,"msg":"before"}\n' })
    const child = startDaybook(["tail", "-f", "--json", join(dir, "service.log")])
    await untilSaid(child, "stdout", "before")
    const said = untilSaid(child, "stdout", "after")
    appendFileSync(join(dir, "service.log"), '{"level":30,"time":1795338000125,"msg":"after"}\n')
    expect(await said).toBe('{"level":30,"time":1795338000125,"msg":"after"}\n')
    const over = ended(child)
    child.kill("SIGTERM")
    expect(await over).toBe(143)
  })

  it.each([["query"], ["stats"], ["tail"], ["tail", "-f"]])(
    "%s %s of a pipe that does not end is over at once, and says nothing more",
    async (...args) => {
      const child = startDaybook([...args.filter((one) => one !== undefined), "-"], { input: "open" })
      let stderr = ""
      child.stderr?.on("data", (data: Buffer) => {
        stderr += data
      })
      const isShown = args[0] === "query" || args[1] === "-f"
      const said = isShown ? untilSaid(child, "stdout", "first") : untilRead(child)
      child.stdin?.write(`${lineAt(0, "first")}${lineAt(1, "second").repeat(5_000)}`)
      await said
      const over = ended(child)
      child.kill("SIGINT")
      expect(await over).toBe(130)
      expect(stderr).toBe("")
    }
  )
})
