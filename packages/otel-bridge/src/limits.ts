// Every bound of this package in one place, each with its reason. Units come last in the names.
// How much waits, and how much goes at once, is the exporter's `QueuePolicy`.

export const otelLimits = {
  /** One request with its answer: the specification's default for OTLP. */
  timeoutMs: 10_000,
  /** Added to it for the time limit of the whole export, so that ours comes first and can say why. */
  timeoutSlackMs: 5_000,
  /** An answer has some hundred bytes. More is a page for people, or an attack. */
  answerBytesMax: 64 * 1024,
  /** A far side that asks for a longer wait is asked again after this one. */
  retryAfterMaxMs: 300_000,
  /** Between two tries where only people can help: credentials, a path, a redirect. */
  pauseMs: 60_000,
  /** A browser takes 64 KiB along from a page that is left, the application's own requests included. */
  carriedBytesMax: 60 * 1024,
  /** Of an ordinary request; larger ones leave that to others, and are sent again when their page is left. */
  lightBytesMax: 16 * 1024,
  /** Attributes of a record: the specification's default. What the log itself knows goes first, and is never cut. */
  attributeCountMax: 128,
  /** Levels of a nested value. A line of ours has 8; collectors give up at about 30. */
  depthMax: 16,
  /** Characters of one attribute value: the specification's default is no limit, and a line has its own. */
  attributeValueCharsMax: Number.POSITIVE_INFINITY
} as const
