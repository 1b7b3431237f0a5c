// The demo: the program works while its database is there, goes on while it is away, is ended and started again meanwhile, and
// everything arrives when the database is back. Then it is proved from the files and the tables.
// Usage: npm run demo:upload -- [--dir DIR] [--url mysql://USER@HOST/DATABASE]
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { auditLogPath } from "@daybook/file-exporter"
import type { FarEnd } from "./far-end.ts"
import { mysqlFarEnd } from "./mysql-far-end.ts"
import { proofOf } from "./proof.ts"
import { bytesText, count, makeScreen } from "./screen.ts"
import { sqliteFarEnd } from "./sqlite-far-end.ts"
import { app, type Confirmed, openStudio, type Studio } from "./studio.ts"
import { watch } from "./watch.ts"

const usage = `Usage: npm run demo:upload -- [--dir DIR] [--url URL]

  --dir DIR  where the day files and the SQLite database are (default: a new temporary folder)
  --url URL  mysql://USER:PASSWORD@HOST:PORT/DATABASE, a MariaDB or MySQL instead of SQLite; its tables are
             made where they are missing (default: the environment variable DURABLE_UPLOAD_URL)`

const ada = { user_name: "ada", device_name: "pc-7" }
const unnamed = { user_name: "", device_name: "" }
const addresses = { local_ip: "10.0.0.7", public_ip: "192.0.2.1" }
/** 40 KiB in UTF-8. */
const longPrompt = "山水画".repeat(4_551)

const run = async (dir: string, farEnd: FarEnd): Promise<boolean> => {
  const screen = makeScreen(process.stdout)
  const confirmed: Confirmed[] = []
  const days = new Set<string>()

  const signIn = async (studio: Studio): Promise<void> => {
    confirmed.push(await studio.signIn(ada, addresses))
  }
  const makeImages = async (studio: Studio, number: number, prompt = "a red fox"): Promise<void> => {
    for (let image = 1; image <= number; image++)
      confirmed.push(
        await studio.imageMade(image % 4 === 0 ? unnamed : ada, {
          prompt,
          status: image % 3 === 0 ? "failed" : "success",
          model: "nano",
          duration_ms: 900 + 10 * image
        })
      )
    days.add(new Date().toLocaleDateString("sv"))
  }
  const sayConfirmed = (what: string): void =>
    screen.say("program", `${what}; ${confirmed.length} confirmed so far`)

  screen.title("Image studio: works offline, fills a database later", [
    ["Day files", auditLogPath({ app, dir, at: Date.now() })],
    ["Database", farEnd.name]
  ])

  let studio = openStudio(dir, farEnd)
  let watching = watch(studio.health, (...lines) => screen.say("delivery", ...lines))
  await signIn(studio)
  await makeImages(studio, 3)
  sayConfirmed("starts, signs ada in, makes 3 images")
  await watching.until(
    ({ state, pendingBytes, delivered }) => state === "idle" && pendingBytes === 0 && delivered > 3
  )

  screen.say("database", await farEnd.takeAway())
  await makeImages(studio, 5)
  sayConfirmed("makes 5 images all the same")
  let seenAt: number | undefined
  const anotherFailure = (): Promise<void> =>
    watching.until(({ nextAttemptAt }) => {
      if (nextAttemptAt === undefined || nextAttemptAt === seenAt) return false
      seenAt = nextAttemptAt
      return true
    })
  await anotherFailure()
  await makeImages(studio, 1, longPrompt)
  sayConfirmed("makes one from a prompt of 40 KiB")
  await anotherFailure()
  await makeImages(studio, 7)
  sayConfirmed("makes 7 images")
  await anotherFailure()

  watching.stop()
  const ended = await studio.close()
  screen.say("program", `is closed; ${bytesText(ended.pendingBytes)} stay in the day files`)
  studio = openStudio(dir, farEnd)
  watching = watch(studio.health, (...lines) => screen.say("delivery", ...lines))
  await signIn(studio)
  await makeImages(studio, 4)
  sayConfirmed("is started again, signs ada in, makes 4 images")
  await anotherFailure()
  await anotherFailure()

  screen.say("database", await farEnd.bringBack())
  await watching.until(({ state, pendingBytes }) => state === "idle" && pendingBytes === 0)
  watching.stop()
  const result = await studio.close()
  screen.say("program", `is closed; ${count(result.dead + result.damaged, "line")} set aside`)

  const { once, missingInFiles, missingInTables, moreThanOnce, longest } = await proofOf({
    dir,
    days,
    confirmed,
    farEnd
  })
  screen.say(
    "proof",
    `${confirmed.length} events were confirmed; ${once} are in the tables exactly once,`,
    `${missingInTables} missing there, ${missingInFiles} missing in the files, ${moreThanOnce} more than once`,
    `the longest prompt has ${longest.chars} characters and arrived ${longest.isWhole ? "whole" : "changed"}`
  )
  screen.end([
    ["Day files", dir],
    ["Database", farEnd.name]
  ])
  return once === confirmed.length && longest.isWhole
}

interface Task {
  readonly dir?: string | undefined
  readonly url?: string | undefined
}

/** What is asked for, or the mistake in the arguments. */
const readArguments = (): Task | { readonly mistake: string } => {
  try {
    return parseArgs({ options: { dir: { type: "string" }, url: { type: "string" } } }).values
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) }
  }
}

const main = async ({ dir: given, url = process.env.DURABLE_UPLOAD_URL }: Task): Promise<void> => {
  const dir = given === undefined ? mkdtempSync(join(tmpdir(), "durable-upload-demo-")) : resolve(given)
  const farEnd = url ? await mysqlFarEnd(url) : sqliteFarEnd(join(dir, "audit.db"))
  try {
    if (!(await run(join(dir, "logs"), farEnd))) process.exitCode = 1
  } finally {
    await farEnd.close()
  }
}

const task = readArguments()
if ("mistake" in task) {
  console.error(`demo:upload: ${task.mistake}\n\n${usage}`)
  process.exitCode = 2
} else {
  await main(task)
}
