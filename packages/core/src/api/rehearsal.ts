// The first call of a process pays for what all later ones find: compiled code, loaded time zones, a source of random bytes.
// A log that waits for its first event rehearses it in spare turns, once a process, on a stage where nothing happens: no
// exporter is opened, no fiber starts, no listener is set, and what was made is thrown away.
import { host } from "#host"
import { toLocalDay } from "../encode/timestamp.ts"
import { makeStreamKey } from "../event/stream-id.ts"
import { Log, type Stage } from "../log/log.ts"
import type { AuditLogOptions } from "../log/options.ts"
import type { Exporter } from "../pipeline/exporter.ts"
import { plainAudit } from "./plain-audit.ts"

type Options = AuditLogOptions<readonly Exporter[]>

/** The first call after one took 0.9 ms on Node, after four 0.7 (5.4 without). Ten and forty were no better. */
const rounds = 4

let isDone = false

/** The log. Its first event is rehearsed, unless that was done before in this process, until the event comes. */
export const rehearsed = (log: Log, options: Options): Log => {
  if (isDone || host.spareTurn === undefined || !log.recording.isOn) return log
  isDone = true
  go(rehearsal(options), log)
  return log
}

// Each step in a turn of its own, so that none of them holds up the application for long.
const go = (steps: Iterator<void>, log: Log): void =>
  host.spareTurn?.(() => {
    try {
      if (!log.hasBegun && steps.next().done !== true) go(steps, log)
    } catch {
      // Then the first call pays, as it would have.
    }
  })

function* rehearsal({ app, exporters, env }: Options): Generator<void> {
  makeStreamKey()
  host.nextTurn(nothing)()
  yield
  toLocalDay(Date.now())
  yield
  const options = { app, exporters: exporters.filter(isPure), notice: nothing, ...(env && { env }) }
  for (let round = 0; round < rounds; round++) {
    const audit = plainAudit(new Log(options, stage))
    audit.log("rehearsal", "a message", undefined)
    yield
    audit.log("rehearsal", "réhéarsed: a=b@c", { text: "a text", count: 1.5, is: true })
    yield
    audit.log("rehearsal", "a message", { list: [{ none: null }], password: "" })
    yield
    if (host.mayPrompt !== true) audit.sessionStart()
    audit.pageOpen("a page")
    yield
    audit.exception("rehearsal", new Error("none"))
    yield
  }
}

const nothing = (): void => undefined

const stage: Stage = {
  nextTurn: () => nothing,
  onExit: (hook) => {
    host.rehearseExit?.(hook)
    return nothing
  }
}

// Switches and filters may be the application's own functions, which are not to see what is no event.
const isPure = ({ isOn, accepts, route }: Exporter): boolean =>
  isOn === undefined && accepts === undefined && route === undefined
