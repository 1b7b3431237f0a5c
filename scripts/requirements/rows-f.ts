// The fault rows F1 to F121: what goes wrong on real machines, and what must hold then. Groups go by what
// fails, so that F121 stands among the crashes. The acceptance rows are in rows-s.ts.

import { type RowGroup, rowGroup } from "./row-group.ts"

export const faultGroups: readonly RowGroup[] = [
  rowGroup(
    "Faults A: write path errors",
    "The operating system refuses to open, write, sync or close a file.",
    {
      F1: "When the disk is full once, the batch is kept and tried again in order, nothing confirmed is lost, and there is one notice per state change.",
      F2: "When the disk is really full and leaves half a line, the fragment is closed with a newline and the whole line is written again once there is space, never merged with another; nothing is lost until the queue is full, what is lost after that is a counted gap, and the log recovers.",
      F3: "When four processes share a full disk, a torn line is quarantined and never merged with another.",
      F4: "When the file system is out of inodes, the notice says inodes or space, and the writer stays on the old file.",
      F5: 'An exhausted quota is treated as a full disk, and the notice says "disk quota exceeded".',
      F6: "At the limit of a file's size, an error that leaves a torn tail, there is a notice, no line is merged with the torn one, the loss is a counted gap, and the next day's file is fine.",
      F7: "After an I/O error in a write the batch is kept and tried again and is never half duplicated; nothing is lost until the queue is full, and what is lost after that is a counted gap.",
      F8: "A failed fsync is never repeated: everything unconfirmed is written again to a new segment, and confirmed after that.",
      F9: "A write that a signal interrupts (EINTR) loses nothing.",
      F10: "A write that would block (EAGAIN) is tried again a bounded number of times.",
      F11: "A file that is busy for long, as under a virus scanner on Windows, is tried again with growing, jittered waits; calls stay fast, and what a full queue drops is a counted gap.",
      F12: "A short write loses nothing: the fragment is one counted torn line, and the whole line follows instead of its rest, because another process may have appended in between.",
      F13: "When every single write is short, progress is made and nothing is lost.",
      F14: "When the file system turns read-only, there is a notice, the events stay in the queue, and what a full queue drops is a counted gap.",
      F15: "When the file system is read-only from the start, the log starts all the same, its state is `degraded`, and there is one notice.",
      F16: "When the permission is missing, the notice names the path, the user id and the mode.",
      F17: "When a file stands where the log folder should be, a notice says so.",
      F18: "When `HOME` is empty, the log goes to the temporary directory with a notice that names the option to set, and a relative base is refused.",
      F19: "A file name that would be longer than 255 bytes is encoded or hashed.",
      F20: "When the process is out of file descriptors, the writer backs off and nothing is lost.",
      F21: "A stale file handle (ESTALE), as network file systems give it, is answered by opening the path again.",
      F22: "An error in closing a file is counted, and the records of that file are confirmed only if they were fsynced.",
      F23: "When the file system dies under the process, the last batch is lost at most, nothing else, and that is reported."
    }
  ),
  rowGroup(
    "Faults B: slow or hung disk",
    "The disk answers late or never, and the application must not notice.",
    {
      F24: "While the disk hangs for 1.2 s, calls stay far below 1 ms.",
      F25: "On a slow disk nothing waits for a synchronous write, since the writer makes none except in the exit hook, which has a time limit.",
      F26: "An exporter has one file operation in flight at most, so that a hung disk cannot take all threads that the process has for files.",
      F27: "When fsync is slow, later records wait together and share the next one.",
      F28: "When an open hangs, a time limit makes the exporter's state `stalled` with a notice, and calls stay fast.",
      F29: "A FIFO that is planted in place of the log is opened without blocking, and is refused because it is no regular file.",
      F30: "A process that was paused loses nothing, and its waking starts no storm of timers."
    }
  ),
  rowGroup("Faults C: crash, power and exit", "The process or the machine ends at any moment.", {
    F31: "After a kill in the middle of a line, the next start repairs the tail before its first append, and nothing confirmed is lost.",
    F32: "`kill -9` during small lines loses nothing confirmed, in 1,000 cycles every night.",
    F33: "`kill -9` during batches of 150 kB leaves a torn line that is quarantined, and loses nothing confirmed.",
    F34: "A kill before a write or during an fsync loses nothing confirmed.",
    F35: "Without fsync a power cut loses what the flush interval holds at most, and the documentation says so.",
    F36: "With fdatasync a power cut loses nothing confirmed.",
    F37: "After a power cut at 7 s, on a file system that commits every second, an empty file is valid and is reported.",
    F38: "A run of NUL bytes at the end of a file is a torn tail.",
    F39: "A power cut may undo a rename whose directory was not fsynced, so the directory is fsynced or nothing is renamed, and left-over `.tmp` files are swept.",
    F40: "A power cut may undo a deletion whose directory was not fsynced, so records may be sent again and the far side deduplicates them.",
    F41: "A crash between the database's commit and our confirmation of 200 records leaves exactly 200 rows.",
    F42: "At `process.exit`, a throw or a rejection a last write of 500 ms at most writes what was not issued yet and waits for what was, without loss, duplicate or change of order, and a notice counts the rest.",
    F43: "SIGTERM, SIGINT and SIGHUP are handled by us only when nobody else listens, are raised again, and give the exit code 128 plus their number.",
    F44: "An abort, `reallyExit` or SIGKILL costs a log in memory its queue at most, and a spool nothing confirmed.",
    F45: "The queue is bounded in bytes as well as in events, so that it cannot reach the heap limit of V8.",
    F46: "A kill by the memory limit of a container costs a log in memory its queue at most, and a spool nothing confirmed.",
    F47: "`flush()` that is called while a batch is in flight resolves only after that batch is down.",
    F48: "A call after the shutdown returns nothing, throws nothing, and is counted as dropped with the reason `closed`.",
    F121: "A kill in the middle of a clean-up loses nothing, because whole segments are deleted and nothing is ever rewritten in place."
  }),
  rowGroup(
    "Faults D: others touch our files",
    "People and programs move, delete, link and share what we write.",
    {
      F49: "When the log folder is removed under the writer, where a file that stays open would lose all later lines without an error, it is made again, nothing more is lost, and there is a notice.",
      F50: "When the file system is detached under the writer (`umount -l`), the folder is made again, nothing more is lost, and there is a notice.",
      F51: "When logrotate moves the file away, the writer makes a new one at the path, and nothing is lost.",
      F52: "When logrotate copies and truncates the file, the writer sees that it is shorter than expected, the loss is counted with a notice, and the break of the seal is recorded.",
      F53: "Several processes that share one file lose nothing on local file systems, because each batch is one write.",
      F54: "`appendFile` and `writeFile` are never used, because they split large writes and so tear the lines of processes that share a file.",
      F55: "A planted symbolic link, hard link or linked parent is not followed: links are refused, a file has one name only, the base is resolved, and the owner is checked.",
      F56: "A file that can only be appended to (`chattr +a`) works, and a torn tail is closed with a newline, never truncated.",
      F57: "Loose modes give a warning, and a file that is ours is set to 0600.",
      F58: "A user named `../../x`, `/etc`, `CON`, `a:b` or `x.` cannot choose a path: harmless names of `[A-Za-z0-9._@-]{1,64}` are kept, all others are hashed, and the final path must stay below the base.",
      F59: "When two processes own one spool, the second uploader waits, and the writers do not notice.",
      F60: "A stale lock is seen as such even when its process id is in use again, because it holds the process id, its start time and the boot id.",
      F61: "When the queue is full, calls stay fast, the policy decides what is dropped, and a mark with the count and the first and last `seq` is written in place.",
      F62: "Processes or writers that start at the same moment lose nothing."
    }
  ),
  rowGroup("Faults E: time", "Clocks jump, zones change, and days have other lengths than 24 hours.", {
    F63: "At midnight no line is lost or written twice, because the day is taken once from the event's own time.",
    F64: "When the clock steps back, `seq` and `id` go on rising, and the old day's file is opened again and not overwritten.",
    F65: "On a day of 23 or 25 hours, or without a midnight, the next change of day comes from the calendar and not from adding 24 hours.",
    F66: "A day that is skipped causes no empty loop.",
    F67: "When the time zone changes while the process runs, files follow the local date of each event, the session start line carries the zone's offset, and no line is lost.",
    F68: "When the time jumps, flush timers are unmoved, because they run on the monotonic clock.",
    F69: "A modification time that is touched or in the future changes nothing, because retention goes by the name, deletes only names that we made, and never the active file.",
    F70: "An invalid date, or one in the year 275760, becomes a marked string, and the field that sorts the lines is unharmed."
  }),
  rowGroup("Faults F: damage on disk", "Bytes that were written are cut, flipped, edited or lost.", {
    F71: "A file that is cut at each of its 6,001 offsets in turn is read up to the cut, with one quarantined line at most.",
    F72: "Each single bit that is flipped is counted as damage, and the lines beside it are read.",
    F73: "Five lines with random flips count as five damaged lines and not as one.",
    F74: "A file that an editor saved with CRLF and a byte order mark is accepted with a note, and its seal says that it was changed.",
    F75: "Invalid UTF-8 costs its own line only: each line is decoded strictly by itself, the bad one is quarantined, and reading goes on.",
    F76: "A spool's sidecar file that is lost, empty or from the future is rebuilt from the segments, and records may be sent again.",
    F77: "When a segment is missing in the middle, the numbers of the records tell the gap, and the rest is delivered.",
    F78: "A file of a newer version is left untouched, with a notice.",
    F79: "A backlog of 1 GB and a line of 20 MB are read as a stream in less than 64 MiB of memory."
  }),
  rowGroup(
    "Faults G: hostile events",
    "What a program or an attacker puts into an event, at every entry: calls of the log, typed events, context, ingest and exceptions.",
    {
      F80: 'Cycles, 20,000 levels, an endless Proxy and `globalThis` meet limits of depth, nodes and bytes and end in markers such as `"[Circular]"` and `"[Truncated: depth]"`, and one line is always written.',
      F81: "Lone surrogates, NUL and U+FFFE give well-formed UTF-8, with NUL kept as `\\u0000` in the file and replaced for PostgreSQL.",
      F82: 'A getter, `toJSON`, Proxy, revoked Proxy or `stack` that throws, and a thrown object without a prototype, make the field `"[Threw: …]"`, and the guard itself does not throw when it describes the error.',
      F83: "U+2028, U+2029 and U+0085 are escaped, because other readers of lines break a line there.",
      F84: "Line breaks with forged JSON, terminal sequences, control, bidirectional, zero-width and tag characters leave one event one line: C0, C1, DEL and bidirectional controls are escaped as `\\uXXXX` in the file, and again in the CLI and in HTML.",
      F85: "BigInt, NaN, ±Infinity, −0, numbers beyond 2⁵³ and 1e400 are tagged strings, never a `null` without trace.",
      F86: "An error whose causes form a cycle, an AggregateError, Map, Set, Buffer or typed array has a readable form with limits, where `JSON.stringify` gives `{}`.",
      F87: "A function, symbol, promise or generator is a short marker of its type, and `undefined` is left out of objects and null in lists.",
      F88: "A string of 20 MB, an object of 100,000 keys and a sparse array of a million items are cut, a text with its original length told, at a cost that is bounded before anything is copied.",
      F89: "A cut inside a surrogate pair cannot happen, because strings are cut on code points.",
      F90: "Keys such as `__proto__` and `constructor.prototype` are kept as data in copies without a prototype, and nothing is polluted.",
      F91: "A getter that logs again causes no recursion, and an event that is changed after the call is written as it was at the call.",
      F92: "Fields named `ts`, `level`, `id` or `seq` are written as `extra.ts` and so on, and reserved names cannot be overridden.",
      F93: "A secret in a nested list, a `toJSON`, a Map, an error's text, the user part of a URL or a class instance is redacted in the one pass that reads each value once, where its key is written, so that nothing can bring it back.",
      F94: "Redaction patterns are linear and run on strings of bounded length, so that none can take seconds as `^(a+)+$` does."
    }
  ),
  rowGroup("Faults H: databases, collectors and network", "The far side is slow, wrong, confused or gone.", {
    F95: "The wait that comes with a 429 or 503 is honoured as seconds and as an HTTP date, with 5 minutes at most and jitter.",
    F96: "A 400 is permanent: the batch is bisected, what is refused becomes a dead letter, and the rest goes on.",
    F97: "After a partial success nothing is sent again, and what was rejected is counted.",
    F98: "A connection that is reset at once, within the answer or after its headers leaves the outcome unknown, so the batch is sent again and deduplicated.",
    F99: "A 200 with HTML is a failure.",
    F100: "A redirect to another host is refused, because it would be given our keys.",
    F101: "An answer that hangs, is slow or never ends meets a time limit and a limit of 64 KiB for its body.",
    F102: "A 401 or 403 makes the exporter pause with a notice, and a 413 halves the batch.",
    F103: "A far side that comes and goes for hours meets a bounded backoff and a bounded spool, and the age of the oldest event is told.",
    F104: "A database that dies in the middle of a batch loses nothing, and the batch is sent again.",
    F105: "The same id twice is one row, and the same id with another body is reported, which needs a column with a hash because `DO NOTHING` hides it.",
    F106: "NUL and lone surrogates, which `jsonb` refuses, are replaced by U+FFFD with a flag.",
    F107: "One poison row in a batch is found by bisection and becomes the one dead letter, and the others are kept.",
    F108: "Rows go into MySQL with `ON DUPLICATE KEY UPDATE id=id` and not with `INSERT IGNORE`, which silently shortens values, so that a value that does not fit is an error.",
    F109: "Inserts are split by both limits, 65,535 parameters and a packet of 16 MiB.",
    F110: "The name of a table in the configuration must fit a strict pattern, and is quoted."
  }),
  rowGroup(
    "Faults I: ingest, bundle and viewer",
    "What arrives from a browser or a customer, and what is shown to the people who read it.",
    {
      F111: "A gzip bomb stops at the limit of inflated bytes and is answered with a 413.",
      F112: "JSON of 100,000 levels meets our own limit of depth before any recursion.",
      F113: "Duplicate keys are judged after parsing, and nothing is routed by the raw text.",
      F114: "A replay is deduplicated by id, and a stolen page token is worth nothing elsewhere, because it is bound to its origin and tenant.",
      F115: "When a client's clock is off by a day, its `ts` is kept, and the server adds the time of receipt and the skew.",
      F116: "A bundle with climbing paths, symbolic links or a bomb is rejected at import, by the resolved path and by limits of size and count.",
      F117: "A CSV cell that begins with `=`, `+`, `-`, `@`, TAB, CR or LF gets a `'` in front, and every cell is quoted.",
      F118: "`</script>` or `<img onerror>` in an event does nothing in the HTML view, which sets text only as text, writes `<` as `\\u003c`, and forbids inline code by its content security policy.",
      F119: "When stderr is closed while something is reported, the broken pipe is swallowed and the application lives.",
      F120: '`verify` finds an edited, deleted, swapped or inserted sealed line, a file cut below a seal, a deleted day, deleted seals and a planted day without seals, finds a roll-back of whole days and a stolen key when one seal is known from elsewhere, and reports edits after the last seal as "N lines not sealed yet".'
    }
  )
]
