// Bounds of sealing and of verifying in one place, each with its reason. Units come last in the names.
// `verify` judges by the first two what a log can have left unsealed, so they are no options of the exporter.

export const sealLimits = {
  /** Lines of one stretch: at 200 bytes a line, a seal adds 0.2 % to a file, and a doubt covers 200 kB. */
  stretchLinesMax: 1_000,
  /** From a stretch's first event to its seal. What a crash leaves unsealed is never older. */
  stretchMs: 10_000,
  /** Seals of other sessions that a first seal remembers: they fit a line with room to spare. */
  sawMax: 32,
  /** Read from the end of each file to find them: over 30,000 lines. */
  sawBytesMax: 8 * 1024 * 1024
} as const

export const verifyLimits = {
  /** Read from a file at a time. */
  chunkBytes: 256 * 1024,
  /** A line that is longer is no line of ours (64 KiB at most); it is counted, and not kept. */
  lineBytesMax: 1024 * 1024,
  /** Findings kept of one report; further ones are only counted. A rewritten file has one a stretch. */
  findingsMax: 1_000
} as const
