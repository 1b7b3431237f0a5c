// The bounds of a page's log, each with its reason.
// Those of the server, which a batch has to fit, are in ingest/limits.ts.

export const pageLimits = {
  /** Events and bytes that wait for the server: an hour offline of a busy page, and less than an image. */
  eventsMax: 16_384,
  bytesMax: 4 * 1024 * 1024,
  /** A lone event waits at most this long for company. A click is seldom alone. */
  lingerMs: 500,
  /** One batch: the server takes 256 KiB and 2,000 lines. */
  batchBytesMax: 192 * 1024,
  batchLinesMax: 2_000,
  /** What a page may take along when it is left, all requests together, less what the envelope takes. */
  leaveBytesMax: 60 * 1024,
  /** A new line is handed to `fetchLater` this soon, and then no more often than that: each time costs a copy. */
  armMs: 20,
  armAgainMs: 250,
  /** An attempt that takes longer counts as unanswered. */
  answerMs: 30_000,
  /** How soon what waits is stored, once the server does not answer: a write takes a few ms, whatever it holds. */
  saveMs: 200,
  /** Lines of all sessions that a browser keeps: four queues full. */
  storedMax: 65_536,
  /** First wait after an attempt without an answer; doubles up to the maximum, each ±20 %. */
  backoffMinMs: 1_000,
  backoffMaxMs: 60_000,
  /** The longest wait, asked for or after an answer that needs a person: a wrong address, a user who may not. */
  holdMs: 300_000,
  /** How often it is looked whether the user has changed, while one may not send. */
  ownerLookMs: 2_000,
  /** Default limits of `flush` and `close`, and of `commit`. */
  flushMs: 500,
  commitMs: 5_000,
  /** Categories counted by name in one gap claim; the rest are counted together. */
  gapCategoriesMax: 32,
  /** What `recentLines` keeps: a day of clicks, in a file that fits a mail. */
  recentLinesMax: 20_000,
  recentBytesMax: 4 * 1024 * 1024
} as const
