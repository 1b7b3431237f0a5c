// Each setting of a log that its environment decides, and where it came from.
// What the application's code decides stands in no place that could be asked.
import { envName, toAppName } from "@daybook/core/lines"
import type { AuditLogDir } from "@daybook/file-exporter"
import { type About, type Check, note, problem } from "./check.ts"

const sources: Readonly<Record<AuditLogDir["source"], string>> = {
  option: "from --dir",
  env: "from the environment",
  home: "the default, below the home directory",
  temp: "a folder for temporary files, because there is no home directory"
}

const switches = [
  {
    name: "ENABLED",
    means: (value: string) => (value === "0" ? "the log is switched off" : "the log is switched on")
  },
  { name: "TRACE", means: () => "each step of the writer is shown on stderr" },
  { name: "PROBE", means: (value: string) => `a part of the log is left out (${value})` }
] as const

export const settingChecks = (
  { app, env }: About,
  { dir, source, notice }: AuditLogDir
): readonly Check[] => {
  const name = toAppName(app)
  const variable = envName(name, "DIR")
  const where = source === "env" ? `${sources.env}, ${variable}` : sources[source]
  const set = switches.flatMap(({ name: end, means }): readonly Check[] => {
    const key = envName(name, end)
    const value = env[key]
    if (value === undefined || value === "") return []
    const says = `${key}=${value}: ${means(value)}`
    const isBad = (end === "ENABLED" && value === "0") || (end === "PROBE" && value.toLowerCase() !== "full")
    return [isBad ? problem("setting", says, `Unset ${key} unless that is wanted`) : note("setting", says)]
  })
  return [
    note("setting", `files are in ${dir} (${where})`),
    ...(notice === undefined ? [] : [problem("setting", notice, `Set ${variable} to an absolute path`)]),
    ...set,
    note(
      "setting",
      `time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone} (${env.TZ ? "from TZ" : "the system's"}): the days of the files are its days`
    )
  ]
}
