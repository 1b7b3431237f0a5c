// The bounds of core, each with its reason. Units come last in the names.
// Exporters have bounds of their own (`QueuePolicy`); these hold for the log as a whole.

/** Limits of one event. What is cut says so on the line, so a reader never takes a part for the whole. */
export const eventLimits = {
  /** A line with its newline. Four of the largest lines still fit one batch of 256 KiB. */
  lineBytesMax: 64 * 1024,
  /** Kept free for what must always fit: the last key, closing braces, trace ids, `seq` and `id`. */
  tailBytes: 4 * 1024,
  /** UTF-16 units of one string before it is cut. A stack trace of 50 frames has about 5,000. */
  stringCharsMax: 8 * 1024,
  /** UTF-16 units of what stands for an object in the place of a text: a message, an identifier, the text of something thrown. */
  describedCharsMax: 1_000,
  /** UTF-16 units of one key. Longer ones are data that went astray. */
  keyCharsMax: 256,
  /** Levels of nesting. Eight holds every tool call and request body that we saw. */
  depthMax: 8,
  /** Keys written of one object. */
  keysMax: 256,
  /** Items written of one list, set or map. */
  itemsMax: 1_000,
  /** Code points of a category: it becomes an OTel event name and a table column. */
  categoryCharsMax: 64,
  /** Times that a taken name gets `extra.` in front before its value is left out as one key too many. */
  renamesMax: 16,
  /** Paths named in `schema_error`; a wholly wrong event needs no longer list. */
  schemaErrorPathsMax: 8
} as const

/** What the encoder remembers from one line to the next. */
export const encodeLimits = {
  /** Encoded beginnings of lines, one per category and level. */
  headsMax: 1_024,
  /** Keys; an application has hundreds, but it may make them up. When there are more, all are forgotten. */
  keysKnownMax: 4_096,
  /** Longer keys are looked at anew each time: they come from data. */
  knownKeyCharsMax: 64,
  /** UTF-16 units that are searched for secrets behind the place where a text is cut, which may divide one. */
  searchedBehindCut: 1_024
} as const

/** Guards that are looked through to see whether a field hides something: a schema that is made anew at each level has no end. */
export const guardLimits = { lookedAtMax: 1_024 } as const

/** Bounds of the byte pages that hold waiting lines. */
export const pageLimits = {
  /** Twice the largest line, so that any line fits an empty page. */
  pageBytes: 2 * eventLimits.lineBytesMax,
  /** The shortest line has about 130 bytes: 1,024 lines always fill a page. */
  pageLinesMax: 1_024,
  /** Free pages kept for reuse (8 MiB). Without a pool, a burst peaked at +38 MB until the collector ran. */
  pooledPagesMax: 64,
  /** Distinct categories known to a page before a fresh table begins with a fresh page. */
  categoryNamesMax: 4_096
} as const

/** How the writer works: when it wakes, how long it waits, how it comes back. */
export const writerLimits = {
  /** A lone event waits at most this long for company. Waking 200 times a second cost 2–3 µs per event. */
  lingerMs: 25,
  /** This many waiting bytes end the linger. At 64 KiB, 20,000 events a second cost a fifth more CPU: an append is five calls. */
  wakeBytes: 256 * 1024,
  /** Also ending the linger: this part of either bound of the queue. */
  wakeShare: 1 / 4,
  /** A refused newest event closes a full dropping queue until this part of it is free: few long holes, not many short ones. */
  reopenShare: 1 / 4,
  /** Share of either bound below which `room()` lets a producer go on. */
  roomShare: 1 / 2,
  /** First wait after a failure; doubles up to the maximum, each ±20 %. */
  backoffMinMs: 100,
  backoffMaxMs: 30_000,
  /** The longest pause that an exporter can ask for: a far side that says "tomorrow" is asked again sooner. */
  retryAfterMaxMs: 300_000,
  /** Lines of one batch that are refused one by one; when there are more, the rest is refused at once. */
  refusalsMax: 64,
  /** An export that takes longer is called stalled. */
  exportTimeoutMs: 30_000,
  /** Where nothing outlives a request: how often a waiting request looks whether another one has done the work. */
  lookMs: 25,
  /** How often a request at work shows that it is alive: four looks. */
  beatMs: 100,
  /** After this many looks (300 ms) without a beat it counts as dead, and its batch is sent again. */
  silentLooksMax: 12,
  /** A batch that makes the exporter die this many times in a row is given up: it would block the queue for ever. */
  defectsMax: 3,
  /** Default limit of `flush` and `close`, and of the exit hook. */
  flushTimeoutMs: 500,
  /** Default limit of the flush after a worker's request. workerd ends a request 30 s after its response. */
  workerFlushTimeoutMs: 25_000,
  /** Default limit of `commit`. */
  commitTimeoutMs: 5_000,
  /** Different time limits of commits that keep a timer while no commit waits for them. */
  watchedLengthsMax: 16,
  /** Categories counted by name in one gap mark; the rest are counted together. */
  gapCategoriesMax: 32,
  /** Routes that get a gap mark of their own for one hole: more would fill a batch with marks. */
  gapRoutesMax: 64
} as const

/** What `recentExporter` keeps by default: a day of clicks, in a file that fits a mail. */
export const recentLimits = {
  bytesMax: 4 * 1024 * 1024,
  linesMax: 20_000,
  /** Sessions that are known by their lines, or by what gave way of them. Of a page there is one. */
  sessionsMax: 64
} as const

/** A line of a file that is read, without its newline: ours have 64 KiB. Longer ones are of other systems, or no lines. */
export const readLineBytesMax: number = 1024 * 1024

/** Categories of one allow-list that are looked at. As many as a page's table holds. */
export const allowedMax: number = pageLimits.categoryNamesMax

/** Sessions, slugs and keys that `pageOpen` remembers; the least recently used goes first. */
export const pageKeysMax = 10_000
