// The far end that `--to` names: a collector, a folder, or whatever a module of the user's makes.
// A module is the user's own code, and runs with the user's rights.
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { Exporter } from "@daybook/core"
import { CommandError, exitCodes, usageError } from "../terminal/exit.ts"

const howTo =
  "otlp:http://localhost:4318/v1/logs, or a module such as ./far-end.mjs whose default export is an exporter"

/** `hasFolders`: `file:DIR` is a far end too. @throws CommandError for any other text. */
export const farEndOf = async (to: string | undefined, hasFolders: boolean): Promise<Exporter> => {
  if (to === undefined) throw usageError(`Say where to: --to ${howTo}`)
  if (to === "otlp" || to.startsWith("otlp:")) {
    const { otelExporter } = await import("@daybook/otel-bridge")
    const url = to.slice("otlp:".length)
    return otelExporter(url === "" ? {} : { url: withPath(url) })
  }
  if (to.startsWith("file:")) {
    if (!hasFolders) throw usageError(`A folder is no far end of a delivery: --to ${howTo}`)
    const { fileExporter } = await import("@daybook/file-exporter")
    return fileExporter({ dir: resolve(to.slice("file:".length)) })
  }
  return fromModule(to)
}

/** A collector's address without a path means its logs. */
const withPath = (text: string): string => {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw usageError(`${JSON.stringify(text)} is no URL: write otlp:http://localhost:4318`)
  }
  if (url.pathname === "/") url.pathname = "/v1/logs"
  return url.href
}

const fromModule = async (path: string): Promise<Exporter> => {
  const found = (await loadModule(path, `--to ${howTo}`)).default
  const exporter = typeof found === "function" ? await found() : found
  if (typeof exporter === "object" && exporter !== null && "open" in exporter) return exporter as Exporter
  throw usageError(
    `The default export of ${JSON.stringify(path)} must be an exporter, such as sqlExporter({ … }), or a function that returns one`
  )
}

/** A module of the user's. @throws CommandError when there is none, or it cannot be loaded. */
export const loadModule = async (path: string, hint: string): Promise<Readonly<Record<string, unknown>>> => {
  const whole = resolve(path)
  try {
    return await import(pathToFileURL(whole).href)
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: string }
    const isMissing = code === "ERR_MODULE_NOT_FOUND" && message?.includes(whole) === true
    if (isMissing)
      throw new CommandError(exitCodes.notFound, `There is no module ${JSON.stringify(path)}: ${hint}`)
    throw usageError(`Cannot load ${JSON.stringify(path)}: ${message ?? String(error)}`)
  }
}
