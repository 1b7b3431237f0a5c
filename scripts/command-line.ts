// Checks that docs/guides/command-line.md shows the usage texts that the program prints, by asking the program itself.
// Usage: tsx --conditions=@daybook/source scripts/command-line.ts [--write]   (--write puts the right texts into the page)

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Application, type CommandContext, generateHelpTextForAllCommands } from "@stricli/core"

const root = join(import.meta.dirname, "..")
const page = join(root, "docs/guides/command-line.md")
const marks = { begin: "<!-- usage: npm run docs writes what follows -->\n", end: "<!-- /usage -->" }

interface Program {
  readonly application: Application<CommandContext>
}

/** A heading and a text for each command, as `--help` prints it. */
const usage = async (): Promise<string> => {
  const path = pathToFileURL(join(root, "packages/cli/src/program.ts")).href
  const { application } = (await import(path)) as Program
  return generateHelpTextForAllCommands(application)
    .map(
      ([route, text]) => `\n### ${route}\n\n\`\`\`text\n${text.replaceAll(/[ \t]+$/gm, "").trim()}\n\`\`\`\n`
    )
    .join("")
}

const main = async (write: boolean): Promise<void> => {
  const text = readFileSync(page, "utf8")
  const from = text.indexOf(marks.begin)
  const to = text.indexOf(marks.end)
  if (from === -1 || to < from)
    throw new Error(`docs/guides/command-line.md needs the marks ${marks.begin} and ${marks.end}`)
  const right = `${text.slice(0, from + marks.begin.length)}${await usage()}\n${text.slice(to)}`
  if (write && right !== text) writeFileSync(page, right)
  const isRight = write || right === text
  console.log(
    isRight
      ? "command-line: the usage texts are the program's"
      : "command-line: docs/guides/command-line.md is stale. Run npm run docs."
  )
  process.exitCode = isRight ? 0 : 1
}

await main(process.argv.includes("--write"))
