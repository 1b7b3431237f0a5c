// An event that happened elsewhere as a value, for `commit`: what `relay` takes, kept until the log records it. How it is recorded
// is in input.ts, and what of it stands under `origin` in encode/line-encoder.ts.
import type { Fields } from "../encode/fields.ts"
import type { EventDefinition } from "../event/typed-event.ts"

/** How a sender's line is recorded. */
export interface RelayOptions {
  /** The event that the line claims to be: its annotations hold under `origin` again, whatever the sender did. */
  readonly as?: { readonly definition: EventDefinition } | undefined
  /** Names of the sender's fields that do not fit their schema: they stand in `schema_error`. */
  readonly misfits?: readonly string[] | undefined
}

// Registered, so that one made by another copy of this package is one too.
const brand: unique symbol = Symbol.for("@daybook/core/RelayedEvent") as never

/** Made by `relayed`. */
export interface RelayedEvent {
  readonly [brand]: true
  readonly claims: Fields
  readonly facts: Fields | undefined
  readonly options: RelayOptions | undefined
}

/** A sender's line, parsed, as an event for `commit`. `audit.relay` says what becomes of it. */
export const relayed = (claims: Fields, facts?: Fields, options?: RelayOptions): RelayedEvent => ({
  [brand]: true,
  claims,
  facts,
  options
})

/** What `relayed` made; `undefined` for anything else, also for a proxy that has every key. Never throws. */
export const readRelayed = (value: unknown): RelayedEvent | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  try {
    return (value as RelayedEvent)[brand] === true ? (value as RelayedEvent) : undefined
  } catch {
    return undefined
  }
}
