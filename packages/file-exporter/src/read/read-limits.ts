// The bounds of reading, each with its reason: how much is read at once, held at once and open at once.
// What is read, and in which order, is decided in the readers.

/** One read of a file. The newest 200 lines of a day usually cost one or two of them. */
export const chunkBytes = 64 * 1024

/** Chunks of files that are read at the same time share this much, so that a thousand sessions of a day stay small. */
export const chunksBytesMax = 8 * 1024 * 1024
/** Below this, a read costs more than what it brings. */
export const chunkBytesMin = 4 * 1024

/** Our lines have at most 64 KiB; older systems' may be longer. Beyond this a line is damage, and is not kept. */
export const lineBytesMax = 1024 * 1024

/** Files that a reader holds open. A process often may have 1,024, and needs most of them for other things. */
export const openFilesMax = 64

/**
 * A reader that looks for a stretch of time stops behind so many lines in a row that lie beyond it. One process may
 * append a whole batch of older events behind another one's, and a batch has at most 8,192.
 */
export const beyondLinesMax = 10_000
/** The same where many users' files are looked through, each with few processes and small batches. */
export const beyondLinesOfUserMax = 256

/** How often `follow` looks, unless told otherwise. */
export const pollMsDefault = 500
