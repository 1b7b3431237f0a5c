// Daily JSONL files as an exporter: which file a line goes to, what is done beside appending (seals, syncing, retention),
// and what a log's session line says of it. What happens to the files is write/log-files.node.ts.

import {
  checkOptions,
  type Exporter,
  type LogIdentity,
  type OptionRules,
  optionRule,
  type QueuePolicy,
  queueRules,
  type RequiredAs,
  toLocalDay
} from "@daybook/core"
import { nodeFileLayer } from "./disk/file-layer.node.ts"
import type { FileLayer } from "./disk/file-layer.ts"
import { findLogDir } from "./place/audit-log-path.node.ts"
import { dayText } from "./place/day.ts"
import type { Layout } from "./place/layout.node.ts"
import { dirRule, layoutRule } from "./place/option-rules.node.ts"
import type { SealOptions } from "./seal/key.node.ts"
import { announceAppends } from "./write/appended.ts"
import { LogFiles } from "./write/log-files.node.ts"
import { modesFor } from "./write/ownership.ts"
import type { UndeliveredOptions } from "./write/retention.node.ts"

export interface FileExporterOptions {
  /** Absolute. Default: see `auditLogDir`. */
  readonly dir?: string | undefined
  /** Names it in health and gap marks. Default "file". */
  readonly name?: string | undefined
  /**
   * "daily" (the default): `<app>-YYYY-MM-DD.jsonl`. "session": a file a session and day,
   * `<app>-YYYY-MM-DD-<session>.jsonl`. "user": `<user>/tool_audit/YYYY-MM-DD.jsonl` for each user that the context, or
   * the event's field `user`, names; what belongs to no user goes to the daily file.
   */
  readonly layout?: Layout | undefined
  /**
   * When bytes are made to survive a power cut: "none" leaves it to the system (the default), "interval" does it every
   * second, "batch" before a batch is confirmed, so that a `commit` is a promise.
   */
  readonly sync?: "none" | "interval" | "batch" | undefined
  /**
   * Who may read the files: "owner" alone (the default, modes 0600 and 0700), or the group of their directory as well, for
   * a program that ships them elsewhere (0640 and 0750).
   */
  readonly readableBy?: "owner" | "group" | undefined
  /**
   * Files that are older than so many days are deleted. Default 7, and none in the layout "user"; `Infinity` keeps all.
   * Where several numbers were asked for in the last 8 days, the greatest counts.
   */
  readonly retentionDays?: number | undefined
  /**
   * How many bytes all files of the app in the directory may have: beyond it the oldest whole days are deleted. Default: any
   * number. Today's file may be larger, and what a delivery holds stays.
   */
  readonly bytesMax?: number | undefined
  /** A day's file is deleted when its day is over and every delivery that holds files has delivered all of it. */
  readonly sweepDelivered?: boolean | undefined
  /** Files that a delivery has not delivered yet are kept beyond their age, up to a bound. */
  readonly undelivered?: UndeliveredOptions | undefined
  /** Seals are on unless this is false. */
  readonly seal?: SealOptions | false | undefined
  /** Merged over `fileQueuePolicy`. */
  readonly queue?: Partial<QueuePolicy> | undefined
  /** `commit` waits for this exporter. */
  readonly required?: boolean | undefined
  /** Default 30 s. */
  readonly exportTimeoutMs?: number | undefined
}

/**
 * 65,536 events or 8 MiB, and the oldest give way: the last events before a crash are the ones that support needs.
 * Appends of up to 1 MiB: opening, looking and closing cost as much as writing 64 KiB.
 */
export const fileQueuePolicy: QueuePolicy = {
  eventsMax: 65_536,
  bytesMax: 8 * 1024 * 1024,
  overflow: "drop-oldest",
  batchEventsMax: 8_192,
  batchBytesMax: 1024 * 1024
}

/**
 * Writes each event to the file of its own local date, appending only.
 *
 * @throws TypeError for an option that is unknown or wrong. `dir` is absolute: it would move with the working directory.
 */
export const fileExporter = <const Options extends FileExporterOptions = FileExporterOptions>(
  options?: Options
): Exporter & RequiredAs<Options> =>
  makeFileExporter(nodeFileLayer, options === undefined ? {} : options) as Exporter & RequiredAs<Options>

const rules: OptionRules = {
  dir: dirRule,
  name: optionRule.text("file"),
  layout: layoutRule,
  sync: optionRule.oneOf("none", "interval", "batch"),
  readableBy: optionRule.oneOf("owner", "group"),
  retentionDays: optionRule.numberFrom(0, "days", true),
  bytesMax: optionRule.numberFrom(1, "bytes", true),
  sweepDelivered: optionRule.flag,
  undelivered: optionRule.object('an object such as { full: "refuse" }'),
  seal: {
    mustBe: 'false, or an object such as { key: readSealKey({ path: "…" }) }',
    isRight: (value) =>
      value === false || (typeof value === "object" && value !== null && !Array.isArray(value))
  },
  queue: optionRule.object("an object such as { eventsMax: 5000 }"),
  required: optionRule.flag,
  exportTimeoutMs: optionRule.numberFrom(1, "milliseconds", true)
}

const sealRules: OptionRules = {
  key: optionRule.object("what readSealKey returns"),
  anchor: optionRule.callable
}

const undeliveredRules: OptionRules = {
  bytesMax: optionRule.numberFrom(0, "bytes", true),
  full: optionRule.oneOf("sweep", "refuse")
}

const caller = "fileExporter"

/** The same on any file layer. */
export const makeFileExporter = (layer: FileLayer, options: FileExporterOptions): Exporter => {
  checkOptions(caller, options, rules)
  if (options.queue !== undefined) checkOptions(caller, options.queue, queueRules, "queue")
  if (options.seal !== undefined && options.seal !== false)
    checkOptions(caller, options.seal, sealRules, "seal")
  if (options.undelivered !== undefined)
    checkOptions(caller, options.undelivered, undeliveredRules, "undelivered")
  const {
    dir,
    name = "file",
    queue,
    required = false,
    exportTimeoutMs,
    layout = "daily",
    sync = "none",
    readableBy = "owner"
  } = options
  const { retentionDays, bytesMax, sweepDelivered = false, undelivered = {}, seal } = options
  const filesByLog = new WeakMap<LogIdentity, LogFiles>()
  const filesOf = (log: LogIdentity): LogFiles => {
    const known = filesByLog.get(log)
    if (known !== undefined) return known
    const found = findLogDir({ app: log.app, dir, env: log.env })
    const seals = seal === false ? undefined : (seal ?? {})
    const modes = modesFor[readableBy]
    const made = new LogFiles(layer, log, {
      found,
      layout,
      sync,
      modes,
      retentionDays,
      bytesMax: bytesMax === Number.POSITIVE_INFINITY ? undefined : bytesMax,
      sweepDelivered,
      undelivered,
      seal: seals,
      onAppended: (paths) => onAppended(paths)
    })
    filesByLog.set(log, made)
    return made
  }
  const exporter: Exporter = {
    name,
    queue: { ...fileQueuePolicy, ...queue },
    required,
    durability: sync === "batch" ? "synced" : "os",
    ...(exportTimeoutMs === undefined ? {} : { exportTimeoutMs }),
    ...(layout === "user" ? { route: userOf } : {}),
    facts: (log) => ({
      log_file: filesOf(log).dayPath(dayText(toLocalDay(log.now()))),
      ...(layout === "daily" ? {} : { layout }),
      // Or `verify` would take the seals that are not there for stolen.
      ...(seal === false ? { sealed: false } : {})
    }),
    open: (log) => filesOf(log).open(),
    lastWrite: (log, batch, { deadlineMs }) => ({ written: filesOf(log).appendNow(batch, deadlineMs) }),
    finishNow: (log, { deadlineMs }) => filesByLog.get(log)?.finishNow(deadlineMs)
  }
  const onAppended = announceAppends(exporter)
  return exporter
}

// Session lines belong to the log, not to a user.
const userOf: NonNullable<Exporter["route"]> = ({ category, user }, fields) => {
  if (category === "session") return ""
  return user ?? (typeof fields.user === "string" ? fields.user : "")
}
