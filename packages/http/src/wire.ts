// Wire 1: what a page sends and what the server answers, as types for both ends.
// docs/guides/pages.md describes it for other clients and servers.

/** The version of the wire. */
export const wireVersion = 1

/** Not one that a form can send: a page of another origin has to ask first. */
export const mediaType = "application/x-ndjson"

/** The first line of a batch; `lines` lines of format 1 follow, each with its newline. */
export interface Envelope {
  readonly daybook: typeof wireVersion
  readonly app: string
  /** Who was signed in when the lines were logged, as the page knows it; "" when it does not. A batch has one owner. */
  readonly owner: string
  /** The page's clock at this attempt, in ms since 1970. */
  readonly sent: number
  /** The highest `seq` of the lines' session so far: what is below and never came is missing. */
  readonly recorded: number
  /** How many lines follow. A body that was cut has fewer. */
  readonly lines: number
}

/** Why the server will never take a line. */
export type RefusedWhy = "not_json" | "too_large" | "no_id" | "unknown_event" | "misfit" | "forbidden"

/** The answer 200: every line is settled. The three counts together are the lines of the batch. */
export interface Acknowledgement {
  readonly accepted: number
  /** Lines that came before. */
  readonly duplicate: number
  /** Lines by their place in the batch, from 0. */
  readonly refused: readonly (readonly [line: number, why: RefusedWhy])[]
}
