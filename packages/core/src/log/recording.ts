// What a log records at all, before anything is spent on an event: the switch, the allow-list, the least level, and the
// probes that take parts of the producer's path away. Options say it, environment variables overrule them.

import { textOf } from "../encode/described.ts"
import { envName } from "../event/app-name.ts"
import { operationTimed } from "../event/built-in.ts"
import { toCategory } from "../event/category.ts"
import { type Level, type LevelWord, levelNumber, readLevel } from "../event/level.ts"
import { allowedMax } from "../limits.ts"
import { optionOf } from "./input.ts"
import type { EventInput } from "./recorder.ts"

/**
 * "all", or names: an operation is recorded when its action is listed, any other event when its category is. An empty list
 * records nothing but session lines.
 */
export type Allowed = "all" | readonly string[]

/** What may be changed while a log runs. */
export interface RecordingRules {
  readonly allow: Allowed
  /** Events below are not recorded. Default "debug": all are. */
  readonly level: Level
}

/** Some of the rules; those left out stay as they are. */
export interface RecordingChange {
  readonly allow?: Allowed | undefined
  readonly level?: LevelWord | undefined
}

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
      level: readLevel(level) ?? this.rules.level
    }
    const listed = this.rules.allow
    this.allowed = listed === "all" ? undefined : new Set(listed.map(toCategory))
    this.levelMin = levelNumber[this.rules.level]
  }

  /** Whether an event is recorded. */
  wants(input: EventInput): boolean {
    if (!this.isOn || levelNumber[input.level] < this.levelMin) return false
    return this.allowed?.has(listedName(input)) ?? true
  }

  /** The same of a name, which an operation's action may be. */
  wantsName(name: string, level: Level): boolean {
    if (!this.isOn || levelNumber[level] < this.levelMin) return false
    return this.allowed?.has(toCategory(name)) ?? true
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

// An operation's action, and the category of everything else.
const listedName = ({ category, fields, extras, origin }: EventInput): string => {
  if (category !== operationTimed.category) return category
  const action = optionOf(fields, "action") ?? optionOf(extras, "action") ?? optionOf(origin, "action")
  return action === undefined ? category : toCategory(textOf(action))
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
