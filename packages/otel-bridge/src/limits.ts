// Every bound of this package in one place, each with its reason. Units come last in the names.
// The bounds of the queue and of a batch are the exporter's `QueuePolicy`.

export const otelLimits = {
  /** One request with its answer. OTLP's default. */
  timeoutMs: 10_000,
  /** Added to `timeoutMs` for the time limit of the whole export, so that the request fails first and says why. */
  timeoutSlackMs: 5_000,
  /** An OTLP answer has some hundred bytes. A longer one is an HTML page, or an attack. */
  answerBytesMax: 64 * 1024,
  /** The longest wait that a collector can ask for. */
  retryAfterMaxMs: 300_000,
  /** Between two tries where only people can help: wrong credentials, a wrong path, a redirect. */
  pauseMs: 60_000,
  /** A browser keeps at most 64 KiB of keepalive requests for a page, the application's own included. */
  carriedBytesMax: 60 * 1024,
  /** An ordinary request asks for keepalive up to this size; a larger one is sent again when its page is left. */
  lightBytesMax: 16 * 1024,
  /** Attributes of a record. OpenTelemetry's default. The log's own attributes go first and are never cut. */
  attributeCountMax: 128,
  /** Levels of a nested value. Our own lines have 8; collectors give up at about 30. */
  depthMax: 16,
  /** Characters of one attribute value. OpenTelemetry's default is no limit; the length of a line is bounded anyway. */
  attributeValueCharsMax: Number.POSITIVE_INFINITY
} as const
