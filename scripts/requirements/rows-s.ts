// The acceptance rows S0.1 to S4.23: what Daybook must do to take the place of the five programs it replaces, each of
// which is "the predecessor" in its group. The fault rows are in rows-f.ts.

import { type RowGroup, rowGroup } from "./row-group.ts"

export const acceptanceGroups: readonly RowGroup[] = [
  rowGroup(
    "S0 Desktop log writer",
    "A desktop application keeps daily files, and its window never waits for them.",
    {
      "S0.1":
        "A call of `log` only queues the event, at level `info` unless told otherwise: it takes microseconds, and it never throws or waits, not even while opening the file hangs for ever.",
      "S0.2":
        "A line begins with `ts`, `level`, `category`, `session` and `message` in this order, and the event's fields and extras follow flat at the top level.",
      "S0.3":
        "`ts` is UTC in ISO-8601 with milliseconds and an explicit offset, and a clock that fails gives a line with an empty `ts` instead of an exception.",
      "S0.4":
        "A session is random, is made lazily, once per log and without a race, and lines carry its first 8 hexadecimal characters.",
      "S0.5":
        "Each extra is encoded on its own, so that one that cannot be JSON becomes its text form and the others stay untouched.",
      "S0.6":
        "An extra that is named like a reserved key does not overwrite it, as it did in the predecessor: both values are on the line, the extra's under `extra.<name>`.",
      "S0.7":
        'The session start is an event of category `session` with the message "Session started", the platform as system and release, the runtime and its version, the user and the working directory (each "?" when unknown), and the path of the log file.',
      "S0.8":
        "The session start is written once per session, however many callers ask for it at the same time.",
      "S0.9":
        'Opening a page is an event of category `nav` with the message "Opened {slug}" and the field `page`, and nothing is written when the page is the last one that this browser session opened: A, B, A are three events, and two users on one page of one server are two.',
      "S0.10":
        'A caught exception is an event of category and level `error` with the message "{where}: {Type}: {message}", the fields `exc_type` and `exc_message`, and the extras.',
      "S0.11":
        "The log directory is the one of the option, else of the environment variable `<APP>_AUDIT_DIR`, else `~/.<app>/logs`; without a home it is `<app>-logs` in the temporary directory, made with mode 0700 and refused when it is not ours, with one notice that names the option to set; a relative result is refused, and computing it does no I/O.",
      "S0.12":
        "The path of a day's file is `<app>-YYYY-MM-DD.jsonl` on the local date while `ts` stays UTC; it is a pure function, computed anew each time so that it follows midnight, and it is `<app>-unknown.jsonl` when there is no clock.",
      "S0.13": "Several instances of an application that run on one day share that day's file.",
      "S0.14":
        "A queue of 5,000 events (`queue: { eventsMax: 5000 }`) that is full drops the oldest and always keeps the newest, so that exactly 5,000 are left.",
      "S0.15":
        "The log can be switched off by an option, and the environment variable `<APP>_AUDIT_ENABLED` goes before it: `1` forces it on, `0` off.",
      "S0.16":
        "With `<APP>_AUDIT_TRACE=1` stderr gets lines of the form `[audit] what key=value`, without it there is no extra output at all, and tracing never throws.",
      "S0.17":
        "`<APP>_AUDIT_PROBE`, in any letter case, is `full` (the default), `noop`, `no-events`, `no-page-open` or `no-session-start`, and takes that part out of the path of a call, so that a fault there can be found by bisection.",
      "S0.18":
        "The first event starts the one background writer of each exporter, and a writer that died is replaced.",
      "S0.19":
        "The writer takes what is queued, up to the limits of a batch, as one batch, and each day's file in it costs one open, one append with the seal included, and one close.",
      "S0.20":
        "Each event is one JSON object and a newline in UTF-8, in which non-ASCII text is not escaped but control, bidirectional and line-separator characters are.",
      "S0.21":
        "An event is filed under its own local date, whereas the predecessor chose the file when it wrote, so that 23:59:59 could land in the next day's.",
      "S0.22":
        "A failure to write is reported on stderr once per state change, with what failed, where and why, and logging goes on.",
      "S0.23": "A writer that dies of a bug says so on stderr and is restarted.",
      "S0.24":
        "Files are kept for 7 days unless told otherwise, by the date in their name and not by their modification time as in the predecessor; the sweep runs when the writer starts and at each change of day, touches only daily and per-session files of our own naming, and skips a file that it cannot delete.",
      "S0.25":
        "`flush` waits 500 ms at most unless told otherwise, takes a negative limit as 0, and does nothing when the log is disabled; the predecessor's flush also ended the writer, which is `close({ timeoutMs: 500 })` here, and the migration table says so.",
      "S0.26":
        "After `close` the writer ends as soon as its queue is empty, and a later call is counted as dropped with the reason `closed`.",
      "S0.27":
        "A log is a value without any state in a module, so that making a new one is the reset that tests need.",
      "S0.28":
        "Each of the predecessor's eight functions has one counterpart in the plain door, and the documentation has the migration table.",
      "S0.29":
        "`flush` answers truthfully how much is written, dropped and pending, whereas the predecessor said done while the batch it had taken was still unwritten.",
      "S0.30":
        "An exception is recorded with its stack trace, a failed batch is tried again, and dropped events are counted, none of which the predecessor did."
    }
  ),
  rowGroup(
    "S1 Screens",
    "The screens of an application that analyzes uploaded files say what people did there, and never what the files contain.",
    {
      "S1.1": "An option gives each session a file of its own, named `<app>-YYYY-MM-DD-<session>.jsonl`.",
      "S1.2": "Every line can be read by a person, through its `message`, and by a machine.",
      "S1.3":
        "The application's events are of the categories `session`, `upload`, `analyze`, `tool_run`, `nav` and `error`.",
      "S1.4":
        "`upload` has the fields `filename` and `bytes`, `analyze` has `filename`, `findings`, `rows` and `cols`, `tool_run` has `page`, and `error` has `filename` and `outcome`, which can be `empty_after_repair`.",
      "S1.5":
        'A diagnostics panel in the side bar shows the path of the log and offers "Open log folder" where the host can do that, and copying and downloading where it cannot.',
      "S1.6": "Each new file and each removal of one is an `upload` event.",
      "S1.7": "The start of a run is one `analyze` event with the number of files.",
      "S1.8": "Each analyzed file is one `analyze` event with its rows, columns and findings.",
      "S1.9":
        "Each case that is caught is an `error` event: an empty upload, a file that is empty after repair, a parser that found no data, and anything else.",
      "S1.10":
        "A `tool_run` event comes right after the result of a screen's primary action has been stored.",
      "S1.11": "Every render of a page says that it is open, and re-renders are no further events.",
      "S1.12": "A log that is broken never takes the page down.",
      "S1.13": "Extras that cannot be serialised become text.",
      "S1.14":
        "The contents of a file are never logged, only its name, its number of bytes and a fingerprint, the first 12 characters of the SHA-1 of its bytes.",
      "S1.15": "Licence keys, session cookies and their like are never logged.",
      "S1.16": "An environment variable redirects the log directory, so that tests have one of their own.",
      "S1.17": "The user mails one file to support, and that file is enough."
    }
  ),
  rowGroup("S2 Tool calls", "A server records which user's model called which tool, and how that went.", {
    "S2.1":
      "Tool calls go to one file per user and day, `<base>/{user}/tool_audit/YYYY-MM-DD.jsonl` by the local date, and missing parent folders are made.",
    "S2.2":
      "A tool call has the fields `ts`, `user`, `engine`, `model`, `tool`, `args`, `status`, `result_chars` and `result_snippet`.",
    "S2.3": "The time of a tool call is ISO-8601.",
    "S2.4": "The status of a tool call is `ok`, `error` or `denied`.",
    "S2.5":
      "A string argument longer than 500 characters becomes its first 500 and ` …[N chars total]`, one of exactly 500 stays as it is, and so do arguments of other types.",
    "S2.6":
      "`result_snippet` holds the first 300 characters of a tool's result, and `result_chars` its full length.",
    "S2.7":
      "The engine and the model come from the ambient context, are empty when it does not say, reach the tasks that are started inside it, and do not leak into those beside it.",
    "S2.8": "Recording a tool call is fire-and-forget: nobody waits for it.",
    "S2.9": "Tool calls that are recorded at the same time never interleave their lines.",
    "S2.10": "A failure to write is one warning that names the user and the error, and is never thrown.",
    "S2.11":
      "`readRecent` for a user, 7 days and 200 calls unless told otherwise, answers the newest first, goes backwards from today, and stops at the limit.",
    "S2.12":
      "`readDay` for a user and a day `YYYY-MM-DD` answers in chronological order, and with nothing when there is no file.",
    "S2.13":
      "`readRecentAllUsers`, over 7 days and 500 calls unless told otherwise, merges the calls of all users by falling `ts` and cuts to the limit.",
    "S2.14": "Reading skips what is blank, malformed or unreadable, and counts what it had to leave out.",
    "S2.15":
      "Users and days are checked before they become part of a path, strings are cut at every depth, a cut never splits a surrogate pair, and times sort rightly over a change of the clock; in the predecessor a path could be climbed out of, only top-level strings were cut, and both other points were wrong."
  }),
  rowGroup(
    "S3 Operations in PostgreSQL",
    "A memory service records its operations in a table of its database.",
    {
      "S3.1":
        "An operation has an `action` and a `transport`, may have a `bank_id`, `ended_at`, `request` and `response`, and has a `started_at` that is now and `metadata` that are `{}` unless given.",
      "S3.2":
        "The `transport` of an operation says by which way it came, with words such as `bench`, `harness`, `system`, `http` and `mcp`.",
      "S3.3":
        'The options are the pool, the schema ("public" unless given), whether the log is enabled (no), the allowed actions, the days of retention (−1, for ever), and the table (`astrocyte_audit_log`).',
      "S3.4":
        "The pool and the schema are looked up when a record is written, so that one log serves many tenants.",
      "S3.5": 'With the schema "public" the table is named bare, with any other as `schema.table`.',
      "S3.6":
        'Whether an action is enabled follows from the allowed actions, which are `"all"`, a list, or `[]` for none; the text and the code of the predecessor disagreed on the empty list.',
      "S3.7": "Recording an operation is fire-and-forget, and fills in `ended_at` when it is missing.",
      "S3.8": "Where no runtime is there to do the writing, the record is skipped quietly.",
      "S3.9":
        "A timed operation takes its start on entry, lets its response be set inside and gets `ended_at` on every exit; when its body throws, it is recorded all the same, with its outcome, and the error is thrown on.",
      "S3.10":
        "Without a pool the record is skipped with a line at level debug, and any error of writing is a warning that names the action and the bank; neither is thrown.",
      "S3.11":
        "The table has the columns `id` (a UUID), `action`, `transport`, `bank_id`, `started_at`, `ended_at`, `request`, `response` and `metadata`, the last three as `jsonb`.",
      "S3.12":
        'On the way into JSON a missing value becomes NULL, a date ISO text, a UUID text, bytes `"<bytes>"`, a set a list and anything else text, and `metadata` are `{}` at least.',
      "S3.13":
        "Both shapes of a connection pool work, whereas the predecessor produced broken SQL for the second.",
      "S3.14":
        "The retention sweep runs only when the days are above 0 and the log is enabled, at once and then every 3,600 s, and an error in it is a warning after which it goes on.",
      "S3.15": "Stopping may be asked for more than once, and waits for what is still at work.",
      "S3.16":
        "A log that does nothing is chosen by its name, `disabledAuditLog` or `AuditLog.layerDisabled`; the predecessor's silent default for the whole process is not copied.",
      "S3.17":
        "Records hold lengths, counts and ids instead of raw text, retention deletes in bounded portions, identifiers are quoted, and no background work is lost to garbage collection; the predecessor failed at the last three."
    }
  ),
  rowGroup(
    "S4 Durable queue into MySQL",
    "A desktop application commits its records to a local spool, from which they reach MySQL later.",
    {
      "S4.1":
        "When the Promise or Effect of `commit` has succeeded, the line is fsynced in a local file, and the caller's thread was never blocked, as it was by the predecessor.",
      "S4.2": "Opening the spool is idempotent and starts it once.",
      "S4.3":
        "Nothing exists before the spool is made, which is a value and not a global of a module as in the predecessor.",
      "S4.4":
        'A `use_log` record has `ts`, `user_name` ("未知用户" unless given), `device_name` ("未知设备" unless given), `prompt` (empty unless given), `result_path`, `status`, `error_message`, `model`, `duration_ms` and `finish_reason`.',
      "S4.5":
        "A `login_log` record has `ts`, `user_name`, `local_ip`, `public_ip`, `device_name` and a `login_time` of the form `YYYY-MM-DD HH:MM:SS`.",
      "S4.6":
        "A record that cannot be serialised is an error line with the record's keys, and nothing is thrown.",
      "S4.7":
        "A record that cannot be written is an error line with its first 200 characters as the last resort, and nothing is thrown.",
      "S4.8": "A record is appended, flushed and fsynced, and only then is the uploader woken.",
      "S4.9":
        "While something is unsent, the uploader's wait doubles from 1 s to 300 s and starts again after a success; with nothing to send it waits 60 s, which a wake ends.",
      "S4.10": "Anything unexpected that is thrown in the uploader counts as a failed round.",
      "S4.11":
        "Shutting down stops the uploader, wakes it, waits 5 s at most unless told otherwise, and makes one last round.",
      "S4.12": "A spool that is missing or empty on disk is no error.",
      "S4.13": "Stored bytes that are not UTF-8 are reported.",
      "S4.14":
        "A MySQL connection uses port 3306 unless told otherwise, limits of 5 s to connect, 10 s to read and 10 s to write, and utf8mb4; when it cannot be made, the spool stays untouched.",
      "S4.15": "A stored line that is bad is an error line with its first 120 characters, and is set aside.",
      "S4.16":
        "A failing insert keeps its record and all later ones in their order, and the rows before it are committed.",
      "S4.17": "When the commit of the transaction fails, everything stays in the spool.",
      "S4.18": "Records that are added while the uploader works are kept.",
      "S4.19": "Every record is delivered at least once.",
      "S4.20":
        'Records go to the tables `nano_banana_user_use_log` (9 columns) and `nano_banana_user_log` (5 columns), to which we add the nullable columns `event_id` (unique) and `ts`; without these two it still works and says "at least once"; a missing `login_time` becomes `ts`, and a missing status "unknown".',
      "S4.21": "A record of an unknown kind is an error.",
      "S4.22": "A round of the uploader answers how many records are sent and how many are unsent.",
      "S4.23":
        "Unlike in the predecessor, no unknown kind, poison row or bad UTF-8 blocks the spool for ever, nothing is rewritten in place, no wake defeats the backoff, an id keeps repeats from being duplicates, `use_log` keeps its `ts`, the spool is bounded, and the directory option is used."
    }
  )
]
