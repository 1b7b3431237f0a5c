// An exporter for development: one readable line for each event. On Node, Deno and Bun on stderr, where the notices are, written as
// they are and not through `console`, whose lines are lost at `process.exit` and coloured by Bun; elsewhere on the console, by
// its levels. What becomes of a line there is not known, so events are handed over.
import * as Effect from "effect/Effect"
import { host } from "#host"
import { describeThrown } from "../encode/described.ts"
import { eventLine, lineText } from "../event/event-line.ts"
import type { Level } from "../event/level.ts"
import { checkOptions, type OptionRules, optionRule } from "../option-rules.ts"
import type { Batch } from "../pipeline/batch.ts"
import { defaultQueuePolicy, ExportError, type Exporter, type LogIdentity } from "../pipeline/exporter.ts"

export interface ConsoleExporterOptions {
  /** Names it in health and gap marks. Default "console". */
  readonly name?: string | undefined
  /** Says which events it wants; all, when absent. */
  readonly accepts?: Exporter["accepts"]
}

const rules: OptionRules = { name: optionRule.text("console"), accepts: optionRule.callable }

/**
 * Prints events. Colours are for terminals; `NO_COLOR` in the log's environment switches them off, `FORCE_COLOR` on.
 *
 * @throws TypeError for an option that is unknown or unusable.
 */
export const consoleExporter = (options: ConsoleExporterOptions = {}): Exporter => {
  checkOptions("consoleExporter", options, rules)
  const { name = "console", accepts } = options
  const stderr = findStderr()
  /** How far each batch has got, for a repeated attempt and for an exit in between. */
  const printings = new WeakMap<Batch, Printing>()
  const printingOf = ({ env }: LogIdentity, batch: Batch): Printing => {
    const known = printings.get(batch)
    if (known !== undefined) return known
    const made = stderr === undefined ? onConsole(batch) : onStderr(batch, stderr, hasColors(env, stderr))
    printings.set(batch, made)
    return made
  }
  return {
    name,
    // Small: a batch is printed in one go.
    queue: { ...defaultQueuePolicy, batchEventsMax: 128 },
    handsOver: true,
    ...(accepts === undefined ? {} : { accepts }),
    open: (log) =>
      Effect.succeed({
        export: (batch) =>
          Effect.suspend(() => {
            const error = printingOf(log, batch)()
            return error === undefined ? Effect.void : Effect.fail(error)
          })
      }),
    lastWrite: (log, batch, { deadlineMs }) => {
      const print = printingOf(log, batch)
      const end = performance.now() + deadlineMs
      while (print()?.retryable === true) if (performance.now() >= end) return { written: 0 }
      return { written: batch.count, isHandedOver: true }
    }
  }
}

/** Prints what is left of a batch. Again, it goes on where it stopped; a second time it does nothing. */
type Printing = () => ExportError | undefined

const cannotPrint = (why: string, refused: { readonly refusedEvents?: number }): ExportError =>
  new ExportError({ reason: `Cannot print: ${why}`, retryable: false, outcome: "failed", ...refused })

const damaged = (batch: Batch, shown: number): ExportError | undefined =>
  shown === batch.count
    ? undefined
    : cannotPrint("the console threw, or lines are damaged", { refusedEvents: batch.count - shown })

/** Categories are mostly shorter; messages then stand below each other. */
const categoryColumns = 10

const onConsole = (batch: Batch): Printing => {
  let shown: number | undefined
  const show = (): number => {
    let count = 0
    for (const line of batch.events()) {
      try {
        // Looked up each time: a page's tools may replace its methods. One argument alone is never a format.
        console[methods[line.head.level]](lineText(eventLine(line, categoryColumns)))
        count += 1
      } catch {
        // Such a tool has a bug: the event is refused, the others go on.
      }
    }
    return count
  }
  return () => {
    shown ??= show()
    return damaged(batch, shown)
  }
}

const methods: Readonly<Record<Level, "debug" | "info" | "warn" | "error">> = {
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  fatal: "error"
}

const onStderr = (batch: Batch, stderr: Stderr, isColorful: boolean): Printing => {
  const lines = batch.events()
  const text = lines.map((line) => `${lineText(eventLine(line, categoryColumns), { isColorful })}\n`).join("")
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return () => {
    try {
      while (at < bytes.length) at += stderr.write(bytes.subarray(at))
    } catch (error) {
      const { code } = error as { readonly code?: unknown }
      // A pipe that takes nothing more at the moment.
      if (code === "EAGAIN")
        return new ExportError({
          reason: "Cannot print: stderr is full (EAGAIN)",
          retryable: true,
          outcome: "failed"
        })
      return cannotPrint(
        `stderr is closed (${typeof code === "string" ? code : describeThrown(error).type})`,
        {}
      )
    }
    return damaged(batch, lines.length)
  }
}

interface Stderr {
  readonly isTerminal: boolean
  /** How many bytes went out. Throws as Node's `writeSync`. */
  write(bytes: Uint8Array): number
}

interface Process {
  readonly stderr?: { readonly isTTY?: boolean }
  getBuiltinModule?(name: "node:fs"): { writeSync(fd: number, bytes: Uint8Array): number } | undefined
}

const processes: ReadonlySet<string> = new Set(["node", "deno", "bun"])

// Asked for, because a static import would break bundles for pages. A worker may have the module as well, but no stderr.
const findStderr = (): Stderr | undefined => {
  if (!processes.has(host.facts().runtime)) return undefined
  const { process } = globalThis as { readonly process?: Process }
  const fs = process?.getBuiltinModule?.("node:fs")
  return fs && { isTerminal: process?.stderr?.isTTY === true, write: (bytes) => fs.writeSync(2, bytes) }
}

const hasColors = ({ NO_COLOR, FORCE_COLOR, TERM }: LogIdentity["env"], { isTerminal }: Stderr): boolean => {
  if ((NO_COLOR ?? "") !== "") return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false"
  return isTerminal && TERM !== "dumb"
}
