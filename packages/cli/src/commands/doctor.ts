// `daybook doctor`: what is wrong with a log, in words that whoever runs it understands, and what to do. It changes nothing. The
// checks are in doctor/; this file says them.
import { resolve } from "node:path"
import { printable } from "@daybook/core/event-line"
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { exitCodes, usageError } from "../terminal/exit.ts"
import type { Io } from "../terminal/io.ts"
import type { Check } from "./doctor/check.ts"
import { clockChecks } from "./doctor/clock.ts"
import { deliveryChecks } from "./doctor/deliveries.ts"
import { farEndChecks } from "./doctor/far-ends.ts"
import { fileChecks } from "./doctor/files.ts"
import { folderChecks } from "./doctor/folder.ts"
import { keyChecks } from "./doctor/keys.ts"
import { settingChecks } from "./doctor/settings.ts"
import { command } from "./running.ts"

export interface DoctorFlags extends Pick<SourceFlags, "app">, Pick<CommonFlags, "json"> {
  readonly dir?: string
  readonly to?: readonly string[]
  readonly key?: string
}

export const doctor = command<DoctorFlags, []>(async (io, flags) => {
  const { env } = io
  const app = flags.app
  if (app === undefined) throw usageError("Name the app whose log it is: --app datatools")
  const { auditLogDir } = await import("@daybook/file-exporter")
  const place = auditLogDir({ app, env, ...(flags.dir === undefined ? {} : { dir: resolve(flags.dir) }) })
  const about = { app, dir: place.dir, env, now: Date.now(), signal: io.signal }
  const checks: Check[] = []
  const say = async (some: readonly Check[]): Promise<void> => {
    checks.push(...some)
    for (const check of some) await show(io, check, flags.json === true)
  }
  if (flags.json !== true) await io.out.line(`${io.data.colors.bold(printable(app))}\n`)
  await say(settingChecks(about, place))
  await say(await folderChecks(about))
  await say(await fileChecks(about))
  await say(await clockChecks(about))
  await say(await deliveryChecks(about))
  await say(await farEndChecks(about, flags.to ?? []))
  await say(await keyChecks(about, flags.key))
  const found = checks.filter(({ is }) => is === "problem").length
  if (found > 0) io.end(exitCodes.finding)
  if (flags.json === true) return
  const { green, yellow } = io.data.colors
  await io.out.line(
    found === 0
      ? `\n${green("Nothing is wrong.")}`
      : `\n${yellow(found === 1 ? "1 thing to look at." : `${found} things to look at.`)}`
  )
})

const show = async ({ out, data }: Io, { is, about, says, todo }: Check, isJson: boolean): Promise<void> => {
  if (isJson) return out.line(JSON.stringify({ is, about, says, todo }))
  const { green, yellow, dim, bold } = data.colors
  const sign = is === "problem" ? yellow("!") : is === "fine" ? green("✓") : dim("·")
  const words = is === "note" ? dim(printable(says)) : printable(says)
  await out.line(`  ${sign} ${is === "problem" ? bold(about.padEnd(11)) : about.padEnd(11)} ${words}`)
  if (todo !== undefined) await out.line(`                ${yellow("→")} ${printable(todo)}`)
}
