// `daybook verify`: what the seals of a trail prove, in words or as data, and an exit code for scripts.
// The words are file-exporter's.
import { readFile } from "node:fs/promises"
import { printable } from "@daybook/core/event-line"
import { type Anchor, describeReport, type Verdict } from "@daybook/file-exporter/verify"
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { trailOf } from "../show/asked.ts"
import { progressOf } from "../show/progress.ts"
import { exitCodes, usageError } from "../terminal/exit.ts"
import type { Colors } from "../terminal/io.ts"
import { command } from "./running.ts"

export interface VerifyFlags extends Pick<SourceFlags, "app">, Pick<CommonFlags, "json"> {
  readonly key?: readonly string[]
  readonly anchor?: readonly string[]
}

/** Every seal fits. All else is for people to look at. */
const good: ReadonlySet<Verdict> = new Set<Verdict>(["intact", "signed", "anchored"])

export const verify = command<VerifyFlags, [string?]>(async (io, flags, source) => {
  const { out, signal, data } = io
  const publicKey: string[] = []
  for (const path of flags.key ?? []) publicKey.push(await readFile(path, "utf8"))
  const anchors: Anchor[] = []
  for (const path of flags.anchor ?? []) anchors.push(...anchorsIn(path, await readFile(path, "utf8")))
  const trail = await trailOf(io, source, flags.app)
  // Every line is read twice.
  const progress = progressOf(io, 2 * trail.bytesFor(), false)
  let seen = 0
  try {
    const report = await trail.verify({
      publicKey,
      anchors,
      signal,
      onProgress: ({ bytesRead }) => {
        progress.add(bytesRead - seen)
        seen = bytesRead
      }
    })
    progress.end()
    const { verdict } = report
    if (flags.json === true) await out.line(JSON.stringify(report))
    else await out.write(colored(describeReport(report), verdict, data.colors))
    if (verdict === undefined) return io.end(exitCodes.notFound)
    if (!good.has(verdict)) io.end(exitCodes.finding)
  } finally {
    progress.end()
    await trail.close()
  }
})

// The first line is what people look for. Texts come from files' names, which may be anybody's.
const colored = (
  text: string,
  verdict: Verdict | undefined,
  { green, yellow, red, bold, dim }: Colors
): string => {
  const [first = "", ...more] = text.split("\n").map(printable)
  const paint = verdict === undefined ? dim : good.has(verdict) ? green : verdict === "broken" ? red : yellow
  const rest = more.map((line) => (line.startsWith("  ") || line === "" ? line : bold(line)))
  return [bold(paint(first)), ...rest].join("\n")
}

const anchorsIn = (path: string, text: string): readonly Anchor[] =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, index) => {
      try {
        const { session, k, sha256, file } = JSON.parse(line)
        if (typeof session === "string" && typeof k === "number" && typeof sha256 === "string")
          return { session, k, sha256, ...(typeof file === "string" ? { file } : {}) }
      } catch {
        // Said below.
      }
      throw usageError(
        `${path}:${index + 1} is no seal: it must be {"session","k","sha256"}, as the exporter's option "anchor" gets it`
      )
    })
