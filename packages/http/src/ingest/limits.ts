// The bounds of the server's end, each with its reason.
// docs/guides/pages.md names those that a page or another client meets.

export const ingestLimits = {
  /** A body, unpacked: four of the largest lines. keepalive allows a page 64 KiB. */
  bytesMax: 256 * 1024,
  /** How long a body may take to arrive. */
  bodyMs: 10_000,
  /** Lines of one batch: the shortest have 130 bytes. */
  linesMax: 2_000,
  /** A line with its newline, as core writes it. */
  lineBytesMax: 64 * 1024,
  /** Levels of one line: core writes eight below its own, and a parser must not be made to go down further. */
  depthMax: 16,
  /** How long an answer may wait for the exporters. A page gives up after 30 s. */
  answerMs: 8_000,
  /** How long a line whose answer came too late is waited for before it may be recorded once more. */
  settleMs: 300_000,
  /** What a page is asked to wait where the log has no room, or has not written yet. */
  retryAfterS: 2,
  /** Sessions whose lines are known, and stretches of `seq` of each: about 10 MB when all are full of holes. */
  sessionsMax: 10_000,
  stretchesMax: 64,
  /** Users whose rate is known. One who was forgotten begins with a full measure. */
  ratesMax: 10_000,
  /** Events a second, and at once, of one user: a page that catches up after a day offline has thousands. */
  perSecond: 50,
  atOnce: 5_000,
  /** How long a browser keeps what a preflight answered: Chromium's own bound. */
  preflightS: 7_200
} as const
