// The demo: two users' agents call tools, with an approval, a refusal and a denial; a process is killed inside a tool; then each user's
// file and the last calls of all are shown, and the files are verified. Exits with 1 when a call is missing or there twice.
// Usage: npm run demo:agents -- [--dir DIR]
import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs, styleText } from "node:util"
import type { Fields, ToolApproval } from "@daybook/core"
import { verify } from "@daybook/file-exporter"
import { readRecent, readRecentAllUsers } from "@daybook/file-exporter/read"
import { describeReport } from "@daybook/file-exporter/verify"
import { answered, runAgent } from "./agent.ts"
import { openDesk } from "./desk.ts"
import { app, openLog } from "./notes-log.ts"
import { notesServer } from "./notes-server.ts"

const say = (text = ""): void => console.log(text === "" ? "" : `  ${text}`)
const title = (text: string): void => console.log(`\n  ${styleText("bold", text)}`)

const work = async (dir: string): Promise<void> => {
  const audit = openLog(dir)
  const adas = await openDesk(notesServer(audit), "ada", "accept")
  const bobs = await openDesk(notesServer(audit), "bob", "decline")
  say("ada's agent searches, deletes a note after asking her, and calls a tool that does not exist")
  await runAgent(audit, {
    user: "ada",
    client: adas,
    wishes: [
      ["search_notes", { words: "milk" }],
      ["delete_note", { name: "shopping" }],
      ["read_mind", { of: "bob" }]
    ]
  })
  say("bob's agent wants to delete one as well, and he says no; a policy denies it the index")
  await runAgent(audit, {
    user: "bob",
    client: bobs,
    wishes: [
      ["delete_note", { name: "diary" }],
      ["rebuild_index", { folder: "/" }]
    ]
  })
  say("it wants to send a mail, which waits until bob has approved it")
  const mail = { to: "ada@example.org", apiKey: "k-12345" }
  const asked = await runAgent(audit, { user: "bob", client: bobs, wishes: [["send_mail", mail]] })
  await runAgent(audit, {
    user: "bob",
    client: bobs,
    wishes: [],
    earlier: answered(asked, true, "it is fine")
  })
  await Promise.all([adas.close(), bobs.close()])
  await audit.close()
}

const killInside = (dir: string): Promise<unknown> => {
  say("another process of bob's is killed inside a tool")
  const child = spawn(
    process.execPath,
    ["--conditions=@daybook/source", join(import.meta.dirname, "stuck.ts"), dir],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  child.stdout.once("data", () => child.kill("SIGKILL"))
  return new Promise((done) => child.once("exit", done))
}

const lineOf = ({ tool, status, args, approval, reason, result_snippet: result, source }: Fields): string => {
  const decided = approval as ToolApproval | undefined
  const by = decided?.by === undefined ? "" : ` by ${decided.by}`
  const how = decided === undefined ? "" : ` · ${decided.decision}${by} via ${decided.via}`
  const came = result ? ` → ${result}` : ""
  return `${source} ${tool}(${JSON.stringify(args)}) ${status}${came}${reason ? ` · ${reason}` : ""}${how}`
}

const expected: Readonly<Record<string, readonly string[]>> = {
  ada: ["search_notes ok", "delete_note ok", "read_mind error"],
  bob: ["delete_note denied", "rebuild_index denied", "send_mail ok", "rebuild_index pending"]
}

const show = async (dir: string): Promise<boolean> => {
  let isRight = true
  for (const user of ["ada", "bob"]) {
    title(`${user}'s file, from ${join(dir, user, "tool_audit")}`)
    const found: Fields[] = []
    for await (const row of readRecent({ app, dir, user, categories: ["tool_call"] }))
      if (!("damage" in row) && row.kind === "event") found.unshift(row.fields)
    for (const call of found) say(lineOf(call))
    // A call that was written before it ran has a second line when it has ended.
    const ended = new Set(found.filter(({ status }) => status !== "pending").map(({ call_id: id }) => id))
    const ends = found.filter(({ status, call_id: id }) => status !== "pending" || !ended.has(id))
    const seen = ends.map(({ tool, status }) => `${tool} ${status}`)
    if (JSON.stringify(seen) !== JSON.stringify(expected[user])) {
      isRight = false
      say(styleText("red", `expected ${expected[user]?.join(", ")}; found ${seen.join(", ")}`))
    }
  }
  title("The last three calls of all users")
  for await (const row of readRecentAllUsers({ app, dir, categories: ["tool_call"], limit: 3 })) {
    if (!("damage" in row)) say(`${row.head.ts} ${row.fields.user} ${row.head.message}`)
  }
  title("What the seals prove")
  const report = await verify({ app, dir })
  for (const line of describeReport(report).split("\n")) say(line)
  return isRight && report.verdict !== "broken"
}

const { dir: given } = parseArgs({ options: { dir: { type: "string" } } }).values
const dir = given === undefined ? mkdtempSync(join(tmpdir(), "agent-tools-demo-")) : resolve(given)
title("Agents and their tools: who called what, who allowed it, what came of it")
say()
await work(dir)
await killInside(dir)
process.exitCode = (await show(dir)) ? 0 : 1
