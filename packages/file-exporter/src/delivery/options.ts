// What a delivery is given, and what it says of itself: the public shapes, their defaults, and the rules of the options. What is
// done with them is delivery-run.node.ts.

import {
  type Exporter,
  type Head,
  type LogIdentity,
  type OptionRule,
  type OptionRules,
  optionRule
} from "@daybook/core"
import type * as Clock from "effect/Clock"
import { dirRule, placeRules } from "../place/option-rules.node.ts"
import type { DeadLetter } from "../state/dead-letters.node.ts"
import type { DeliveryCounts } from "../state/delivery-place.node.ts"

export interface DeliverOptions {
  /** Whose files are delivered. */
  readonly app: string
  /** Absolute. Default: see `auditLogDir`. */
  readonly dir?: string | undefined
  /** Where the place, the lock and the dead letters are. Default: below `dir`. Elsewhere nothing is held against retention. */
  readonly placeDir?: string | undefined
  /** The far end. It must answer: one that only hands over is refused. */
  readonly to: Exporter
  /** Names the delivery and its directory: letters, digits, `.`, `_` and `-`, at most 64. Default: the exporter's name. */
  readonly name?: string | undefined
  /** A file exporter of this process: what it appends is delivered at once, without looking for it. */
  readonly source?: Exporter | undefined
  /** Where the first start begins. "now" leaves what is there. Default "oldest". */
  readonly begin?: "oldest" | "now" | undefined
  /** Whether retention keeps what is not delivered. Default true. */
  readonly holds?: boolean | undefined
  /** Says which events are delivered; all, when absent. Not asked for marks and session lines. One that throws accepts. */
  readonly accepts?: ((head: Head) => boolean) | undefined
  /** Whether marks (gaps, seals, deletions) are delivered. Default true. */
  readonly marks?: boolean | undefined
  /** First wait after a failure, and the longest, in ms; it doubles, each ±20 %. Default 1 s and 300 s. */
  readonly backoff?: { readonly minMs: number; readonly maxMs: number } | undefined
  /** How often it looks for new lines, in ms. Default 1,000; with a `source`, 60,000. */
  readonly pollMs?: number | undefined
  /** Gets each line that is set aside, when it is kept. */
  readonly onDead?: ((letter: DeadLetter) => void) | undefined
  /** Gets what people should know, one line at a time. Default: stderr. */
  readonly notice?: ((line: string) => void) | undefined
  /** Instead of the process's environment. */
  readonly env?: LogIdentity["env"] | undefined
  /** For tests. */
  readonly clock?: Clock.Clock | undefined
}

/**
 * `starting` until the first look; `standby` while another process works for this delivery; `sending`, `backing off` after a
 * failure, `paused` where trying on would do harm or needs people; `idle` when all is settled; `closed`.
 */
export type DeliveryState = "starting" | "standby" | "sending" | "backing off" | "paused" | "idle" | "closed"

export interface DeliveryHealth extends DeliveryCounts {
  readonly name: string
  readonly state: DeliveryState
  /** Bytes in the files that are not settled. */
  readonly pendingBytes: number
  /** Age in ms of the oldest line that was sent and is not settled. */
  readonly oldestAgeMs?: number
  /** What went wrong last; stays after recovery. */
  readonly lastError?: string
  /** When the next attempt begins, in ms since 1970, while a failure is waited out. */
  readonly nextAttemptAt?: number
}

/** The answer of `flush` and `close`. The counts are since the delivery's place began. */
export interface DeliveryResult {
  /** All that was in the files at the call is settled. */
  readonly complete: boolean
  readonly delivered: number
  readonly skipped: number
  readonly dead: number
  readonly damaged: number
  readonly pendingBytes: number
}

/** A delivery that runs. */
export interface RunningDelivery {
  health(): DeliveryHealth
  /** Calls back when the state changes. Returns how to stop that. */
  onHealth(listener: (health: DeliveryHealth) => void): () => void
  /** There may be new lines: looks at once. Does not shorten the wait after a failure. */
  wake(): void
  /** Looks at all files and makes one attempt now. Never rejects. Default 500 ms. */
  flush(options?: { readonly timeoutMs?: number | undefined }): Promise<DeliveryResult>
  /** One last flush, then ends, and keeps its place. Never rejects. Default 5 s. */
  close(options?: { readonly timeoutMs?: number | undefined }): Promise<DeliveryResult>
}

export const nameRule: OptionRule = {
  mustBe: 'a name such as "sql": letters, digits, ".", "_" and "-", at most 64, not beginning with "."',
  isRight: (value) => typeof value === "string" && /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(value)
}

export const deliverRules: OptionRules = {
  ...placeRules,
  placeDir: dirRule,
  to: {
    mustBe:
      "an exporter that answers, such as sqlExporter(…) or otelExporter(): one that hands events over loses them",
    isRight: (value) =>
      typeof value === "object" &&
      value !== null &&
      "open" in value &&
      !("handsOver" in value && value.handsOver)
  },
  name: nameRule,
  source: optionRule.object("what fileExporter(…) returns"),
  begin: optionRule.oneOf("oldest", "now"),
  holds: optionRule.flag,
  accepts: optionRule.callable,
  marks: optionRule.flag,
  backoff: optionRule.object("an object such as { minMs: 1000, maxMs: 300000 }"),
  pollMs: optionRule.numberFrom(1, "milliseconds"),
  onDead: optionRule.callable,
  notice: optionRule.callable,
  clock: optionRule.object("a Clock of Effect")
}

export const backoffRules: OptionRules = {
  minMs: optionRule.numberFrom(1, "milliseconds"),
  maxMs: optionRule.numberFrom(1, "milliseconds")
}
