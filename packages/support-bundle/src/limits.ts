// The bounds of this package, each with its reason: how much is read at a time, and what a zip may hold.
// Units come last in the names.

/** How files are read. */
export const readLimits = {
  /** One read of a file: larger ones cost memory and bring nothing. */
  chunkBytes: 256 * 1024,
  /** Chunks of files that are read at the same time share this much, so that a thousand sessions of a day stay small. */
  chunksBytesMax: 16 * 1024 * 1024,
  /** Below this, a read costs more than what it brings. */
  chunkBytesMin: 8 * 1024,
  /** The newest lines of a file are in its last block or two. */
  backwardBytes: 128 * 1024,
  /** Files that stay open between two chunks of a day's files. A process often may have 1,024, and needs most for other things. */
  openFilesMax: 64,
  /** Packed bytes that are unpacked at a time. They may unpack to a thousand times as many. */
  packedBytes: 8 * 1024,
  /** How often a file that is followed is looked at. */
  pollMs: 500
} as const

/** What a zip may hold: it comes by mail, from somewhere else. */
export const zipLimits = {
  /** A bundle has some hundred files at most; a day of a large service in the layout "session" a thousand. */
  entriesMax: 10_000,
  /** All entries unpacked: ten times what a day of a busy service writes. */
  bytesMax: 16 * 1024 * 1024 * 1024,
  /** Our lines pack 1 : 10. What packs better than this, beyond the first bytes, was made to fill a disk. */
  ratioMax: 200,
  ratioFromBytes: 64 * 1024 * 1024
} as const
