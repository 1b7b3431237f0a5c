// What the server's end is made of, and the rules of its options: a wrong one is an error when the handler is made, and not the
// first time that a page sends.
import {
  type Audit,
  type CommittingAudit,
  checkOptions,
  type EventKind,
  type Fields,
  type OptionRules,
  optionRule,
  toCategory
} from "@daybook/core"
import { isCoresOwn } from "./claims.ts"
import { ingestLimits } from "./limits.ts"
import type { Rate } from "./rates.ts"

/**
 * Says whose request it is, before its body is read. What it returns stands beside each event as what the server knows: `user`
 * and whatever else. `undefined` is 401.
 */
export type Authorize = (request: Request) => Who | undefined | Promise<Who | undefined>

type Who = Fields & { readonly user?: string | undefined }

interface CommonOptions {
  /** The events that pages may claim. Core's own (sessions, pages, errors, operations, tool calls) are always among them. */
  readonly events: readonly EventKind[]
  readonly authorize: Authorize
  /** Categories without a definition that are recorded too. Default none. */
  readonly untyped?: "any" | readonly string[] | undefined
  /** What becomes of an event that does not fit its definition. Default "record": its fields are named in `schema_error`. */
  readonly misfits?: "record" | "refuse" | undefined
  /** Other origins whose pages may send, such as "https://shop.example". Default none: pages of our own origin. */
  readonly origins?: readonly string[] | undefined
  /** Events of one user, and of all pages without a user together. Default 50 a second, and 5,000 at once. */
  readonly rate?: Rate | undefined
  /** The newest relayed lines, for example `() => readRecent({ app, limit: 20_000 })`: what came before a restart is known. */
  readonly recall?: (() => AsyncIterable<object>) | undefined
}

/** A line of the trail, as readers give it; of a damaged one nothing is there. */
export interface RecalledLine {
  readonly head?: { readonly origin?: unknown }
  readonly fields?: Fields
}

/** When a page hears that its lines are settled: once they are written, which needs an exporter that is required, or at once. */
export type IngestOptions = CommonOptions &
  (
    | { readonly audit: CommittingAudit; readonly acknowledge?: "written" | undefined }
    | { readonly audit: Audit; readonly acknowledge: "queued" }
  )

const rules: OptionRules = {
  audit: optionRule.object("a log"),
  events: optionRule.list("a list of events, such as [Uploaded]"),
  authorize: optionRule.callable,
  untyped: {
    mustBe: '"any" or a list of categories',
    isRight: (value) => value === "any" || (Array.isArray(value) && value.every(isCategory))
  },
  misfits: optionRule.oneOf("record", "refuse"),
  origins: {
    mustBe: 'a list of origins such as "https://shop.example"',
    isRight: (value) => Array.isArray(value) && value.every(isOrigin)
  },
  rate: optionRule.object("{ perSecond, atOnce }"),
  recall: optionRule.callable,
  acknowledge: optionRule.oneOf("written", "queued")
}

const rateRules: OptionRules = {
  perSecond: optionRule.numberFrom(1, "events"),
  // A whole batch has to pass.
  atOnce: optionRule.numberFrom(ingestLimits.linesMax, "events")
}

const caller = "createIngest"

/** @throws TypeError that says what to give instead. */
export const checkIngestOptions = (options: IngestOptions): void => {
  checkOptions(caller, options, rules)
  for (const name of ["audit", "events", "authorize"] as const)
    if (options[name] === undefined)
      throw new TypeError(`${caller}: option "${name}" is missing: it must be ${rules[name]?.mustBe}`)
  if (options.rate !== undefined) checkOptions(caller, options.rate, rateRules, "rate")
  const method = options.acknowledge === "queued" ? "relay" : "commit"
  if (typeof (options.audit as Partial<CommittingAudit>)[method] !== "function")
    throw new TypeError(
      `${caller}: option "audit" cannot ${method}: give it a log with a required exporter, or acknowledge: "queued"`
    )
  for (const [index, event] of options.events.entries()) checkEvent(`events[${index}]`, event)
}

const checkEvent = (place: string, event: unknown): void => {
  const category = (event as Partial<EventKind> | undefined)?.category
  if (typeof category !== "string" || (event as Partial<EventKind>).definition === undefined)
    throw new TypeError(`${caller}: ${place} is no event: give it what defineEvent returned`)
  if (isCoresOwn(category))
    throw new TypeError(
      `${caller}: ${place} has the category "${category}", which is core's own: pages could pass for the log itself`
    )
}

const isCategory = (value: unknown): boolean =>
  typeof value === "string" && toCategory(value) === value && !isCoresOwn(value)

const isOrigin = (value: unknown): boolean => {
  try {
    return typeof value === "string" && new URL(value).origin === value
  } catch {
    return false
  }
}
