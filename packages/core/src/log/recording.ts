// What a log records at all, before anything is spent on an event: the switch, the allow-list, the least level, and the
// probes that take parts of the producer's path away. Options say it, environment variables overrule them.

import { envName } from "../event/app-name.ts"
import { isLevel, type Level, levelNumber } from "../event/level.ts"
import { allowedMax } from "../limits.ts"
import { optionOf } from "./input.ts"

/** "all", or the categories to record. An empty list records nothing but session lines. */
export type Allowed = "all" | readonly string[]

/** What may be changed while a log runs. */
export interface RecordingRules {
  readonly allow: Allowed
  /** Events below are not recorded. Default "debug": all are. */
  readonly level: Level
}

/** Some of the rules; those left out stay as they are. */
export type RecordingChange = { readonly [Rule in keyof RecordingRules]?: RecordingRules[Rule] | undefined }

/**
 * Parts of the producer's path to leave out, to find which one costs: `<APP>_AUDIT_PROBE`, in any letter case. `noop` and
 * `no-events` leave nothing: no line, no file, no folder.
 */
const probes = ["full", "noop", "no-events", "no-page-open", "no-session-start"] as const
type Probe = (typeof probes)[number]

/** The kinds of calls that a probe can take away. */
export type CallKind = "event" | "page-open" | "session-start"

const switches = ["1", "true", "yes", "on", "0", "false", "no", "off"] as const
const isYes = (word: string): boolean => ["1", "true", "yes", "on"].includes(word)

const probeOf: Readonly<Record<CallKind, Probe>> = {
  event: "no-events",
  "page-open": "no-page-open",
  "session-start": "no-session-start"
}

type Env = Readonly<Record<string, string | undefined>>

/** The switches of one log. */
export class Recording {
  /** False: nothing is written, whatever is called. */
  readonly isOn: boolean
  /** Whether each step is written to stderr: `<APP>_AUDIT_TRACE=1`. */
  readonly isTraced: boolean
  rules: RecordingRules
  /** What the environment says and no rule knows, for a notice each. */
  readonly ignored: string[] = []
  private readonly probe: Probe
  private allowed: ReadonlySet<string> | undefined
  private levelMin = 0

  constructor(app: string, env: Env, options: RecordingChange & { readonly enabled?: boolean | undefined }) {
    const forced = this.read(env, envName(app, "ENABLED"), switches)
    this.probe = this.read(env, envName(app, "PROBE"), probes) ?? "full"
    const isEnabled = forced === undefined ? options.enabled !== false : isYes(forced)
    this.isOn = isEnabled && this.probe !== "noop" && this.probe !== "no-events"
    this.isTraced = isYes(this.read(env, envName(app, "TRACE"), switches) ?? "no")
    this.rules = { allow: "all", level: "debug" }
    this.change(options)
  }

  // In any letter case, without what an editor or a shell on Windows leaves at the end of a line.
  private read<Word extends string>(env: Env, name: string, words: readonly Word[]): Word | undefined {
    const given = env[name]?.trim().toLowerCase() ?? ""
    const word = words.find((known) => known === given)
    if (word === undefined && given !== "")
      this.ignored.push(`${name} is ignored: it must be one of ${words.join(", ")}`)
    return word
  }

  /** What is no rule changes nothing: an application that runs is not the place to fail. */
  change(change: RecordingChange): void {
    const allow = optionOf(change, "allow")
    const level = optionOf(change, "level")
    this.rules = {
      allow: readAllowed(allow) ?? this.rules.allow,
      level: isLevel(level) ? level : this.rules.level
    }
    this.allowed = this.rules.allow === "all" ? undefined : new Set(this.rules.allow)
    this.levelMin = levelNumber[this.rules.level]
  }

  /** True when events of this category and level are recorded; `name` is that of an operation. */
  records(category: string, level: Level, name?: string): boolean {
    if (!this.isOn || levelNumber[level] < this.levelMin) return false
    return (
      this.allowed === undefined ||
      this.allowed.has(category) ||
      (name !== undefined && this.allowed.has(name))
    )
  }

  /** What takes calls away where none, or none of a kind, does anything: the probe, or the switch. */
  get skippedBy(): string {
    return this.probe === "full" ? "switch" : this.probe
  }

  /** False when a probe takes calls of this kind away. */
  lets(kind: CallKind): boolean {
    return this.isOn && this.probe !== probeOf[kind]
  }
}

// A copy, so that a list that changes later changes nothing here, and that a proxy is asked once.
const readAllowed = (value: unknown): Allowed | undefined => {
  if (value === "all") return value
  try {
    if (!Array.isArray(value)) return undefined
    const listed: readonly unknown[] = value.slice(0, allowedMax)
    return listed.filter((category) => typeof category === "string")
  } catch {
    return undefined
  }
}
