// `daybook deliver`: runs a delivery for as long as it is wanted, or once; and what an operator needs of deliveries: how far each
// has got, what it has set aside, that once more, and its end.
import { resolve } from "node:path"
import { printable } from "@daybook/core/event-line"
import { nearestOf } from "@daybook/core/lines"
import type { DeliveryHealth, FoundDelivery, RunningDelivery } from "@daybook/file-exporter/delivery"
import type { CommonFlags, SourceFlags } from "../flags.ts"
import { farEndOf } from "../show/far-end.ts"
import { CommandError, exitCodes, usageError } from "../terminal/exit.ts"
import type { Io } from "../terminal/io.ts"
import { command } from "./running.ts"

export interface DeliverFlags extends Pick<SourceFlags, "app">, Pick<CommonFlags, "json"> {
  readonly to?: string
  readonly name?: string
  readonly once?: boolean
  readonly status?: boolean
  readonly dead?: string
  readonly forget?: string
  readonly dir?: string
}

/** Whose deliveries, as file-exporter takes them. */
interface Place {
  readonly app: string
  readonly dir: string | undefined
  readonly env: Io["env"]
}

export const deliver = command<DeliverFlags, []>(async (io, flags) => {
  if (flags.app === undefined) throw usageError("Name the app whose files are delivered: --app datatools")
  const place: Place = {
    app: flags.app,
    dir: flags.dir === undefined ? undefined : resolve(flags.dir),
    env: io.env
  }
  const asked = (["status", "dead", "forget"] as const).filter((name) => flags[name] !== undefined)
  if (asked.length > 1) throw usageError(`--${asked.join(" and --")} exclude each other`)
  if (flags.status === true) return showStatus(io, place, flags)
  if (flags.forget !== undefined) return forget(io, place, flags.forget)
  if (flags.dead === "list") return listDead(io, place, flags)
  if (flags.dead === "retry") return retryDead(io, place, flags)
  if (flags.dead !== undefined) {
    const near = nearestOf(flags.dead, ["list", "retry"])
    throw usageError(`--dead takes list or retry${near === undefined ? "" : `; did you mean ${near}?`}`)
  }
  return run(io, place, flags)
})

const run = async (io: Io, place: Place, { to, name, once, json }: DeliverFlags): Promise<void> => {
  const { deliver: start } = await import("@daybook/file-exporter/delivery")
  const exporter = await farEndOf(to, false)
  const delivery = start({
    ...place,
    to: exporter,
    name,
    // One that runs now and then must not keep files for ever.
    ...(once === true ? { holds: false } : {}),
    notice: (line) => io.talk(printable(line))
  })
  const own = name ?? exporter.name
  const deadBefore = await deadOf(place, own)
  try {
    if (once === true) await untilSettled(delivery, io)
    else {
      const { dim } = io.talkColors
      io.talk(dim(`Delivering ${printable(place.app)} to ${printable(exporter.name)}. Ctrl-C ends it.`))
      await untilEnded(delivery, io)
    }
  } finally {
    await delivery.close({ timeoutMs: closeMs })
  }
  const { delivered, skipped, dead, damaged, pendingBytes, lastError } = delivery.health()
  const complete = pendingBytes === 0
  if (json === true)
    await io.out.line(
      JSON.stringify({ complete, delivered, skipped, dead, damaged, pendingBytes, lastError })
    )
  else
    await io.out.line(
      `${delivered} delivered, ${skipped} skipped, ${dead} refused, ${damaged} damaged; ${pendingBytes} bytes wait`
    )
  if (once !== true || io.signal.aborted) return
  if (!complete) {
    const why = lastError ?? "the far end did not answer in time"
    throw new CommandError(exitCodes.io, `Not everything was delivered: ${why}`)
  }
  if (dead === deadBefore) return
  io.talk(
    `${dead - deadBefore} were refused for good: daybook deliver --app ${place.app} --dead list --name ${own}`
  )
  io.end(exitCodes.finding)
}

/** For the last flush, and the end of the far end's connections. */
const closeMs = 5_000

const deadOf = async (place: Place, name: string): Promise<number> => {
  const { listDeliveries } = await import("@daybook/file-exporter/delivery")
  return (await listDeliveries(place)).find((one) => one.name === name)?.counts?.dead ?? 0
}

/** One look at all files in a flush: as long as something arrives, there may be more. */
const flushMs = 30_000

const untilSettled = async (delivery: RunningDelivery, { signal }: Io): Promise<void> => {
  for (let before = -1; !signal.aborted; ) {
    const { complete, pendingBytes } = await Promise.race([
      delivery.flush({ timeoutMs: flushMs }),
      aborted(signal).then(() => ({ complete: true, pendingBytes: 0 }))
    ])
    if (complete) return
    const { state } = delivery.health()
    if (state === "standby") throw new CommandError(exitCodes.io, "Another process works for this delivery")
    if (pendingBytes === before || state === "backing off" || state === "paused") return
    before = pendingBytes
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    signal.addEventListener("abort", () => done(), { once: true })
  })

// A delivery never keeps a process alive: this does.
const untilEnded = async (delivery: RunningDelivery, { signal, talk, talkColors }: Io): Promise<void> => {
  const stop = delivery.onHealth((health) => talk(healthLine(health, talkColors)))
  const alive = setInterval(() => undefined, 60_000)
  try {
    await aborted(signal)
  } finally {
    clearInterval(alive)
    stop()
  }
}

const healthLine = (
  { state, delivered, dead, pendingBytes, lastError }: DeliveryHealth,
  { yellow, green, dim }: Io["talkColors"]
): string => {
  const isGood = state === "idle" || state === "sending" || state === "starting"
  const word = (isGood ? green : yellow)(state.padEnd(11))
  const trouble = isGood || lastError === undefined ? "" : `  ${printable(lastError)}`
  return `${dim(new Date().toISOString())}  ${word}  ${delivered} delivered, ${dead} refused, ${pendingBytes} bytes wait${trouble}`
}

const showStatus = async ({ out, data, end }: Io, place: Place, { json }: DeliverFlags): Promise<void> => {
  const { listDeliveries } = await import("@daybook/file-exporter/delivery")
  const found = await listDeliveries(place)
  if (found.some(({ letters, trouble }) => letters > 0 || trouble !== undefined)) end(exitCodes.finding)
  if (json === true) {
    for (const delivery of found) await out.line(JSON.stringify(delivery))
    return
  }
  if (found.length === 0) return out.line("Nothing is delivered from here.")
  for (const delivery of found) for (const line of statusLines(delivery, data.colors)) await out.line(line)
}

const statusLines = (
  { name, trouble, saved, holds, counts, pendingBytes, letters, owner }: FoundDelivery,
  { bold, dim, green, yellow }: Io["data"]["colors"]
): readonly string[] => {
  if (trouble !== undefined)
    return [`${bold(printable(name))}  ${yellow(`its place cannot be read: ${printable(trouble)}`)}`]
  const works =
    owner === undefined
      ? "not running"
      : owner.is === "lives"
        ? `running, process ${owner.pid}`
        : owner.is === "gone"
          ? "not running (its process has gone)"
          : `running on ${printable(owner.host)}, or left there`
  const waits =
    pendingBytes === 0
      ? green("all is settled")
      : yellow(`${pendingBytes.toLocaleString("en-US")} bytes wait`)
  const done =
    counts === undefined
      ? "nothing delivered yet"
      : `${counts.delivered} delivered, ${counts.skipped} skipped, ${counts.dead} refused, ${counts.damaged} damaged${counts.lostBytes > 0 ? `, ${counts.lostBytes} bytes lost` : ""}`
  return [
    `${bold(printable(name))}  ${works}`,
    `  ${waits}${holds === true ? "" : dim("; holds nothing against retention")}`,
    `  ${done}`,
    ...(letters > 0 ? [`  ${yellow(`${letters} dead letters wait`)}`] : []),
    ...(saved === undefined ? [] : [dim(`  saved ${saved}`)])
  ]
}

const nameOf = async (place: Place, name: string | undefined): Promise<string> => {
  if (name !== undefined) return name
  const { listDeliveries } = await import("@daybook/file-exporter/delivery")
  const names = (await listDeliveries(place)).map((one) => one.name)
  const [only, ...others] = names
  if (only === undefined) throw new CommandError(exitCodes.notFound, "Nothing is delivered from here")
  if (others.length > 0)
    throw usageError(`There are ${names.length} deliveries: choose with --name ${names.join(", ")}`)
  return only
}

const listDead = async (
  { out, data, end }: Io,
  place: Place,
  { name, json }: DeliverFlags
): Promise<void> => {
  const { readDeadLetters } = await import("@daybook/file-exporter/delivery")
  const letters = await readDeadLetters({ ...place, name: await nameOf(place, name) })
  if (letters.length > 0) end(exitCodes.finding)
  else if (json !== true) return out.line("Nothing is set aside.")
  const { dim, yellow } = data.colors
  for (const letter of letters) {
    const { at, file, offset, reason, line } = letter
    if (json === true) {
      const { safeJson } = await import("../show/safe.ts")
      const text = JSON.stringify(letter)
      await out.line(data.isTerminal ? safeJson(text) : text)
    } else {
      await out.line(`${dim(printable(at))}  ${yellow(printable(reason))}`)
      await out.line(dim(`  ${printable(file)} at byte ${offset}`))
      if (line !== undefined)
        await out.line(`  ${printable(line.length > 300 ? `${line.slice(0, 300)}…` : line)}`)
    }
  }
}

const retryDead = async (io: Io, place: Place, { name, to, json }: DeliverFlags): Promise<void> => {
  const { retryDeadLetters } = await import("@daybook/file-exporter/delivery")
  const exporter = await farEndOf(to, false)
  const result = await retryDeadLetters({
    ...place,
    name: await nameOf(place, name),
    to: exporter,
    signal: io.signal,
    notice: (line) => io.talk(printable(line))
  })
  if (json === true) await io.out.line(JSON.stringify(result))
  else await io.out.line(`${result.delivered} delivered, ${result.dead} still set aside`)
  if (result.dead > 0) io.end(exitCodes.finding)
}

const forget = async ({ talk }: Io, place: Place, name: string): Promise<void> => {
  const { forgetDelivery, listDeliveries } = await import("@daybook/file-exporter/delivery")
  const names = (await listDeliveries(place)).map((one) => one.name)
  if (!names.includes(name)) {
    const near = nearestOf(name, names)
    const hint =
      near === undefined
        ? names.length === 0
          ? "nothing is delivered from here"
          : `there are ${names.join(", ")}`
        : `did you mean ${near}?`
    throw new CommandError(exitCodes.notFound, `There is no delivery ${JSON.stringify(name)}; ${hint}`)
  }
  const running = (await listDeliveries(place)).find((one) => one.name === name)?.owner
  if (running?.is === "lives")
    throw new CommandError(
      exitCodes.usage,
      `The delivery ${JSON.stringify(name)} is running (process ${running.pid}): end it first, else it begins again at the front`
    )
  await forgetDelivery({ ...place, name })
  talk(`Forgotten. Nothing is held for ${printable(name)} any more; its dead letters stay.`)
}
