// How a process can end, and what is promised then on each runtime. exit.conformance.mjs brings about each ending of
// this list and asserts what stands here; a test of scripts/ compares docs/internals/endings.md with it, so that page
// says nothing that no test shows. What the process does is in fixtures/thousand-events.mjs, under the name in `run`.
// @ts-check

/**
 * 500 events are logged; most endings then wait for `flush` to answer for them; then 500 more are logged.
 *
 * @typedef {object} Promised
 * @property {"all" | "flushed"} kept What is in the file afterwards, in order and once: every event, or at least those
 *   that `flush` had answered for. A gap mark stands where events are missing.
 * @property {number | string} endsWith The exit code or the signal. The same process without a log ends with it too.
 * @property {boolean} tells Whether stderr says how many events are missing. If not, we write nothing there.
 * @property {boolean} records Whether the uncaught error is an event too, the last one.
 *
 * @typedef {object} Untested
 * @property {string} untested Why nothing is promised there.
 *
 * @typedef {object} Ending
 * @property {string} name The test's.
 * @property {string} run
 * @property {string} how What ends the process, as the page of endings says it.
 * @property {Readonly<Record<"node" | "deno" | "bun", Promised | Untested>>} on
 * @property {number} times How often it is run on Node 24; 5 times at most elsewhere.
 * @property {string} [met] What one of the runs must say on stdout at least: the moment that it is about was met.
 * @property {string} [shell] A shell command that comes first.
 * @property {Readonly<Record<string, string>>} [env]
 */

/** @type {(promised: Promised) => Ending["on"]} */
const everywhere = (promised) => ({ node: promised, deno: promised, bun: promised })

/** @type {(endsWith: number | string) => Promised} */
const keepsAll = (endsWith) => ({ kept: "all", endsWith, tells: false, records: false })

/** @type {(endsWith: number | string) => Promised} */
const keepsFlushed = (endsWith) => ({ kept: "flushed", endsWith, tells: false, records: false })

/** @type {(endsWith: number | string) => Promised} */
const tellsLoss = (endsWith) => ({ kept: "flushed", endsWith, tells: true, records: false })

// A process that aborts would leave the image of its memory behind.
const withoutCore = "ulimit -c 0"

/** @type {readonly Ending[]} */
export const endings = [
  {
    name: "F42 process.exit keeps all events and its exit code",
    run: "exit",
    how: "`process.exit(7)`",
    on: everywhere(keepsAll(7)),
    times: 10
  },
  {
    name: "F42 process.exit in the tick of the logging, before the file was ever opened, keeps all events",
    run: "exit at once",
    how: "`process.exit(7)` in the tick of the first event, when the log directory does not exist yet",
    on: everywhere(keepsAll(7)),
    times: 10
  },
  {
    name: "F42 process.exit at any moment of a write under way loses nothing and repeats nothing",
    run: "exit in flight",
    how: "`process.exit(7)` up to 19 turns of the event loop after the exporter was open",
    on: everywhere(keepsAll(7)),
    times: 20,
    met: "writing"
  },
  {
    name: "F42 process.exit between a write and its confirmation repeats nothing",
    run: "exit on a landed write",
    how: "`process.exit(7)` when a write is in the file and not confirmed yet",
    on: everywhere(keepsAll(7)),
    times: 20,
    met: "unconfirmed"
  },
  {
    name: "F42 an uncaught exception is recorded, and all events with it",
    run: "throw",
    how: "an uncaught exception",
    on: everywhere({ ...keepsAll(1), records: true }),
    times: 10
  },
  {
    name: "F42 an unhandled rejection is recorded, and all events with it",
    run: "reject",
    how: "an unhandled rejection",
    // Bun calls no listener for a rejection before the process ends, so there is nothing to record.
    on: { ...everywhere({ ...keepsAll(1), records: true }), bun: keepsAll(1) },
    times: 10
  },
  {
    name: "F42 the natural end of the process keeps all events",
    run: "end",
    how: "the natural end: nothing is left to do",
    on: everywhere(keepsAll(0)),
    times: 10
  },
  {
    name: "F43 SIGTERM keeps all events, and ends the process as it would without us",
    run: "SIGTERM",
    how: "SIGTERM",
    on: everywhere(keepsAll("SIGTERM")),
    times: 5
  },
  {
    name: "F43 SIGINT keeps all events, and ends the process as it would without us",
    run: "SIGINT",
    how: "SIGINT",
    on: everywhere(keepsAll("SIGINT")),
    times: 5
  },
  {
    name: "F43 SIGHUP keeps all events, and ends the process as it would without us",
    run: "SIGHUP",
    how: "SIGHUP",
    on: everywhere(keepsAll("SIGHUP")),
    times: 5
  },
  {
    name: "F43 a signal that the application handles is the application's alone",
    run: "signal that the application handles",
    how: "SIGTERM with a listener of the application, which goes on logging and calls `process.exit(3)`",
    on: everywhere(keepsAll(3)),
    times: 5
  },
  {
    name: "F43 an ignored SIGHUP stays ignored, as under nohup",
    run: "ignored SIGHUP",
    how: "SIGHUP that was ignored at the start, as under nohup: the process goes on to its natural end",
    on: {
      ...everywhere(keepsAll(0)),
      node: { untested: "Node resets ignored signals when it starts, so SIGHUP ends it with or without us" }
    },
    times: 5,
    met: "alive",
    shell: 'trap "" HUP'
  },
  {
    name: "F42 the natural end is not held up by a writer that waits half a minute for its next attempt",
    run: "end in backoff",
    how: "the natural end, after an exporter without `lastWrite` has failed ten times in a row",
    on: everywhere(tellsLoss(0)),
    times: 5,
    met: "degraded"
  },
  {
    name: "F42 the natural end is not held up by an export that sleeps for 300 s",
    run: "end in a sleep",
    how: "the natural end, while an exporter without `lastWrite` sleeps for 300 s on the log's clock",
    on: everywhere(tellsLoss(0)),
    times: 5,
    met: "asleep"
  },
  {
    name: "F42 a disk that hangs first inside the exit hook costs the queue and 500 ms, and the loss is told",
    run: "exit on a hanging disk",
    how: "`process.exit(7)` on a disk that hangs: the exporter's `lastWrite` uses all of its time",
    on: everywhere(tellsLoss(7)),
    times: 5,
    met: "hung for 500 ms at most"
  },
  {
    name: "F44 process.reallyExit keeps what was flushed",
    run: "reallyExit",
    how: "`process.reallyExit(7)`, which calls no listener",
    on: everywhere(keepsFlushed(7)),
    times: 5
  },
  {
    name: "F42 Deno.exit keeps all",
    run: "Deno.exit",
    how: "`Deno.exit(7)`, which does not call the listeners of `process`",
    on: {
      deno: keepsAll(7),
      node: { untested: "only Deno has it" },
      bun: { untested: "only Deno has it" }
    },
    times: 5
  },
  {
    name: "F44 process.abort keeps what was flushed",
    run: "abort",
    how: "`process.abort()`",
    on: everywhere(keepsFlushed("SIGABRT")),
    times: 5,
    shell: withoutCore
  },
  {
    name: "F44 SIGQUIT, which nobody handles, keeps what was flushed",
    run: "SIGQUIT",
    how: "SIGQUIT, a signal without a listener",
    on: everywhere(keepsFlushed("SIGQUIT")),
    times: 5,
    shell: withoutCore
  },
  {
    name: "F44 SIGKILL at any moment of a write under way keeps what was flushed",
    run: "SIGKILL",
    how: "SIGKILL at moments from before a write to after it",
    on: everywhere(keepsFlushed("SIGKILL")),
    times: 20,
    met: "writing"
  },
  {
    name: "F46 the kill by a memory limit, which is a SIGKILL, keeps what was flushed though the queue is full",
    run: "SIGKILL on a full queue",
    how: "SIGKILL while the queue is full, as the kernel sends it at the memory limit of a container",
    on: everywhere(keepsFlushed("SIGKILL")),
    times: 10,
    met: "full"
  },
  {
    name: "F44 F45 the heap limit is the application's to reach, not the queue's, and keeps what was flushed",
    run: "heap limit",
    how: "the application outgrows V8's heap of 40 MB, in which 50 MB of events had room",
    on: {
      node: keepsFlushed("SIGABRT"),
      deno: keepsFlushed("SIGTRAP"),
      bun: { untested: "its engine is not V8, and has no such setting" }
    },
    times: 3,
    met: "alive on a full queue",
    shell: withoutCore,
    env: { NODE_OPTIONS: "--max-old-space-size=40", DENO_V8_FLAGS: "--max-old-space-size=40" }
  }
]
