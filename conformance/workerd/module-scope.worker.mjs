// A worker that uses its log at the top of its module, where workerd allows no random numbers, no timers and no I/O. The test asks it
// what was thrown there, and what the log reports later.
import { createAuditLog, withContext } from "@daybook/core"
import { postExporter } from "./post-exporter.mjs"

let receiver = ""
const makeLog = () => createAuditLog({ app: "edge", exporters: [postExporter(() => receiver)] })

/** Whether each of these is forbidden here: what it throws, or "ok". */
const forbidden = {}
const attempts = {
  random: () => crypto.getRandomValues(new Uint8Array(8)),
  timer: () => setTimeout(() => undefined, 1)
}
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    attempt()
    forbidden[name] = "ok"
  } catch (error) {
    forbidden[name] = error.message
  }
}

/** Each call on a log of its own, because the first one could hide what the second does. */
const calls = {
  log: (audit) => audit.log("case", "at the top"),
  exception: (audit) => audit.exception("top", new Error("at the top")),
  sessionStart: (audit) => audit.sessionStart(),
  pageOpen: (audit) => audit.pageOpen("top"),
  setRecording: (audit) => audit.setRecording({ level: "info" }),
  isEnabled: (audit) => audit.isEnabled("case"),
  hasRoom: (audit) => audit.hasRoom(),
  health: (audit) => audit.health(),
  onHealth: (audit) => audit.onHealth(() => undefined),
  withContext: (audit) => withContext({ user: "nobody" }, () => audit.log("case", "at the top"))
}
const threw = {}
for (const [name, call] of Object.entries(calls)) {
  try {
    call(makeLog())
  } catch (error) {
    threw[name] = error.message
  }
}

/** Promises may be made here, and must not reject. */
const waits = {
  flush: (audit) => audit.flush(),
  room: (audit) => audit.room(),
  timed: (audit) => audit.timed("at the top", {}, () => "done"),
  commit: (audit) => audit.commit("case", "at the top").catch(({ _tag }) => _tag),
  close: (audit) => audit.close()
}
const settled = {}
for (const [name, wait] of Object.entries(waits)) {
  wait(makeLog()).then(
    (value) => {
      settled[name] = typeof value === "object" ? value.complete : (value ?? "nothing")
    },
    (error) => {
      settled[name] = `rejected: ${error.message}`
    }
  )
}

const audit = makeLog()
audit.log("case", "at the top")
audit.exception("top", new Error("at the top"))

const run = async (_request, env) => {
  receiver = env.RECEIVER
  audit.log("case", "in a request")
  const { complete } = await audit.flush({ timeoutMs: 10_000 })
  const [health] = audit.health().exporters
  return Response.json({ forbidden, threw, settled, complete, health })
}

export const entries = { fetch: run }
