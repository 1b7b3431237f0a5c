// The bounds of this package, each with its reason: how much is read, held and kept open at once, and how long a stretch of
// lines may go without a seal. Units come last in the names.

/** How files are read. */
export const readLimits = {
  /** One read of a file. The newest 200 lines of a day usually cost one or two of them. */
  chunkBytes: 64 * 1024,
  /** Chunks of files that are read at the same time share this much, so that a thousand sessions of a day stay small. */
  chunksBytesMax: 8 * 1024 * 1024,
  /** Below this, a read costs more than what it brings. */
  chunkBytesMin: 4 * 1024,
  /** Files that a reader holds open. A process often may have 1,024, and needs most of them for other things. */
  openFilesMax: 64,
  /**
   * A reader that looks for a stretch of time stops after so many lines in a row that lie beyond it. One process may
   * append a whole batch of older events after another one's, and a batch has at most 8,192.
   */
  beyondLinesMax: 10_000,
  /** The same where many users' files are searched, each with few processes and small batches. */
  beyondLinesOfUserMax: 256,
  /** How often `follow` looks by default. */
  pollMs: 500,
  /** How often `follow` looks at files of days that are over everywhere: lines come late, but not soon after each other. */
  pollOlderMs: 60_000,
  /** How often `follow` lists a directory that says it has not changed: on some network mounts that is not so. */
  listMs: 5_000,
  /** Two changes of a directory within this may show the same time: FAT has the coarsest. */
  timeGrainMs: 2_000
} as const

/** How files are read that other programs packed. */
export const packedLimits = {
  /** Packed bytes read at a time. They may unpack to a thousand times as many. */
  chunkBytes: 8 * 1024,
  /** Unpacked bytes that come at a time. */
  pieceBytes: 64 * 1024,
  /** Kept of the end while a file is read backwards: the newest 200 lines, ten times. */
  windowBytes: 1024 * 1024,
  /** Before the window everything is unpacked again, with a larger one: 1 GB backwards is 30 times through half of it. */
  windowGrowth: 4,
  windowBytesMax: 32 * 1024 * 1024
} as const

/** How the end of a file is looked at before and after a write. */
export const tailLimits = {
  /** Read at a time. */
  pieceBytes: 64 * 1024,
  /** Beyond this, a fragment's length is not looked for: it is reported as this long. */
  fragmentBytesMax: 1024 * 1024
} as const

/** How files are kept. */
export const fileLimits = {
  /** Files remembered whose days are over, one a user and day in files of users: 5 MB. Only a clock that steps back asks. */
  leftFilesMax: 16_384,
  /** How often a file may fail in a row, for a reason that may pass, before its lines go to another one. */
  fileTriesMax: 3,
  /** So many files that fail in one attempt are a disk that fails. */
  failuresMax: 16,
  /** Characters of a user's name in a notice. */
  toldUserCharsMax: 256,
  /** How often the mark of a deletion is tried that a full disk has refused: with the sweep, and with the batches that come then. */
  markTriesMax: 5,
  /** How often what was appended is synced under `sync: "interval"`. */
  syncEveryMs: 1_000,
  /** Between two looks for seals that are due, however often lines come. */
  sealPauseMs: 100,
  /** First wait for a file that another program has locked; doubles up to the maximum, 1.3 s together: a scanner needs less. */
  lockPauseMs: 10,
  lockPauseMaxMs: 640,
  /** The same in the exit hook, 150 ms together: all files share its 500. */
  lockPauseAtExitMaxMs: 80,
  /** Between two looks of the exit hook at a write that is under way. */
  exitPauseMs: 1
} as const

/** How old files are deleted. */
export const retentionLimits = {
  /** Where no other number is asked for: as long as the system that this replaces kept its daily files. */
  daysDefault: 7,
  /** A number of days that was asked for counts so long after it was asked for last: an application runs once a week. */
  askedDays: 8,
  /** Of the files that one mark names: a line has room for 64 KiB. */
  markFilesBytesMax: 40 * 1024,
  /** Of a packed day, to name its newest seals. */
  unpackedBytesMax: 128 * 1024 * 1024,
  /** What sweeps keep for each other has some 35 bytes a day. */
  noteBytesMax: 1024 * 1024,
  /** Between two sweeps of a log that runs: what is delivered leaves the disk soon after its day. */
  sweepEveryMs: 60 * 60 * 1_000,
  /** A file goes before it is old only if nothing came to it for so long: lines come to a day for moments after it is over. */
  quietMs: 10 * 60 * 1_000,
  /** Undelivered bytes that are kept beyond their age, where no other number is asked for. */
  undeliveredBytesMax: 1024 * 1024 * 1024,
  /** Between two looks at how much is undelivered: far from its bound, near it, and beyond it, when an event waits for room. */
  lookEveryMs: 60_000,
  lookNearMs: 5_000,
  lookFullMs: 2_000,
  /** Looks take at most one part in so many of the time, however many files there are. */
  looksShare: 20
} as const

/** How files are delivered elsewhere. */
export const deliveryLimits = {
  /** One read of a file: a batch of 1 MiB is four of them. */
  chunkBytes: 256 * 1024,
  /** First wait after a failure, and the longest: those of the durable queue that this replaces. */
  backoffMinMs: 1_000,
  backoffMaxMs: 300_000,
  /** How often a delivery looks for new lines, and the same for one that its exporter wakes. */
  pollMs: 1_000,
  pollWokenMs: 60_000,
  /** How often it looks at files of older days and at the names of users' directories: lines come late, but seldom. */
  pollOlderMs: 60_000,
  /** A file that has changed within this is looked at each time. */
  hotMs: 60_000,
  /** Each of the three rounds of looks takes at most one part in so many of the time, however many files there are: 1 % in all. */
  looksShare: 400,
  /** Saves of a place: at most ten a second, and so many bytes a second. A save of a small place costs 1 ms. */
  saveEveryMs: 100,
  saveBytesPerMs: 1_000,
  /** Linux writes back what is older than 30 s, every 5 s: a file that was quiet for so long need not be synced. */
  writtenBackMs: 300_000,
  /** A file's entry has some 180 bytes: 350,000 files. */
  placeBytesMax: 64 * 1024 * 1024,
  /** A place that was not saved for so long holds nothing: its delivery is gone. A running one saves daily. */
  holdDays: 30,
  /** So many lines refused one after the other, without one that is taken, are an outage. */
  refusedInRowMax: 64,
  /** More letters than this wait for people. */
  letterBytesMax: 64 * 1024 * 1024,
  /** How often an outage of that kind is tried again. */
  probeMs: 300_000,
  /** How often an owner of a lock shows that it lives, and after how long without that it counts as dead. */
  lockBeatMs: 10_000,
  lockStaleMs: 30_000,
  lockBytesMax: 4 * 1024,
  /** Default limit of `flush`, and of `close`. */
  flushTimeoutMs: 500,
  closeTimeoutMs: 5_000
} as const

/** How lines are sealed. `verify` judges by the first two what a log can leave unsealed, so they are no options. */
export const sealLimits = {
  /** Lines of one stretch: at 200 bytes a line, a seal adds 0.2 % to a file, and a doubt covers 200 kB. */
  stretchLinesMax: 1_000,
  /** From a stretch's first event to its seal. What a crash leaves unsealed is never older. */
  stretchMs: 10_000,
  /** Seals of other sessions that a first seal remembers: they fit a line with room to spare. */
  sawMax: 32,
  /** Files that are read to find them, the last that were changed, and how much of their ends together: over 30,000 lines. */
  sawFilesMax: 32,
  sawBytesMax: 8 * 1024 * 1024,
  /** Lines of one leaf: what a redaction makes unprovable, and how closely an edit is placed. */
  leafLines: 16
} as const

/** How files are verified. */
export const verifyLimits = {
  /** Read from a file at a time. */
  chunkBytes: 256 * 1024,
  /** Findings kept of one report; further ones are only counted. A rewritten file has one a stretch. */
  findingsMax: 1_000
} as const
