// The deliveries of an app as people see them who operate it: how far each has got, what it has set aside, and that once more.
// Looks from outside, at what the deliveries keep on disk; the one that runs is delivery/.

import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { decodeLine, type Exporter, type OptionRules, optionRule, toLocalDay } from "@daybook/core"
import { replay } from "@daybook/core/replay"
import { deliverRules, nameRule } from "./delivery/options.ts"
import { codeOf } from "./disk/errno.ts"
import { nodeFileLayer } from "./disk/file-layer.node.ts"
import { nodeReadLayer } from "./disk/read-layer.node.ts"
import { type DiskWork, doInSteps } from "./disk/work.ts"
import { deliveryLimits } from "./limits.ts"
import { type Env, findLogDir } from "./place/audit-log-path.node.ts"
import { dayText } from "./place/day.ts"
import { listAllFiles } from "./place/list.node.ts"
import { checkPlaceOptions, placeRules } from "./place/option-rules.node.ts"
import { appendLetters, type DeadLetter } from "./state/dead-letters.node.ts"
import { type DeliveryCounts, deliveriesDir, readPlaces } from "./state/delivery-place.node.ts"
import { lockOwner } from "./state/lock.node.ts"
import { readSmallFile, removeIfThere, setAside } from "./state/replace-file.node.ts"
import { roughlyUnsettled } from "./write/holds.node.ts"

/** Whose deliveries. */
export interface DeliveriesOptions {
  readonly app: string
  /** Absolute. Default: see `auditLogDir`. */
  readonly dir?: string | undefined
  readonly env?: Env | undefined
}

/** One delivery, as it was kept last. */
export interface FoundDelivery {
  readonly name: string
  /** Why its place cannot be read; then nothing else is known of it. */
  readonly trouble?: string
  /** When its place was saved, as ISO 8601. */
  readonly saved?: string
  /** Retention keeps what it has not settled. */
  readonly holds?: boolean
  readonly counts?: DeliveryCounts
  /** Bytes of the files that are not settled, by the files' names and sizes. */
  readonly pendingBytes: number
  /** Dead letters that wait for people. */
  readonly letters: number
  /** The process that has its lock, and whether it lives; a process of another machine or container is not known here. */
  readonly owner?: { readonly pid: number; readonly host: string; readonly is: "lives" | "gone" | "unknown" }
}

/** The deliveries that have kept something here, by name. */
export const listDeliveries = async (options: DeliveriesOptions): Promise<readonly FoundDelivery[]> => {
  checkPlaceOptions("listDeliveries", options, placeRules)
  const { app } = options
  const { dir } = findLogDir(options)
  const places = await inSteps(readPlaces(dir, app))
  const sizes: { readonly file: string; readonly size: number }[] = []
  for (const { file, path } of await listAllFiles(nodeReadLayer, { app, dir }))
    sizes.push({ file, size: (await nodeReadLayer.facts(path))?.size ?? 0 })
  const found: FoundDelivery[] = []
  for (const [name, at] of places) {
    const own = join(deliveriesDir(dir, app), name)
    let letters = 0
    for (const file of await letterFiles(own)) letters += (await lettersIn(join(own, file))).letters.length
    const owner = await inSteps(lockOwner(own))
    const common = { name, letters, ...(owner === undefined ? {} : { owner }) }
    if (at.is === "place") {
      const { saved, holds, counts } = at.place
      const holders = [{ name, place: at.place }]
      const pendingBytes = sizes.reduce((sum, file) => sum + roughlyUnsettled(file, holders), 0)
      found.push({ ...common, saved, holds, counts, pendingBytes })
    } else if (at.is !== "none" || letters > 0) {
      const trouble =
        at.is === "broken" ? at.reason : at.is === "newer" ? "it is of a newer version of Daybook" : undefined
      found.push({ ...common, pendingBytes: 0, ...(trouble === undefined ? {} : { trouble }) })
    }
  }
  return found
}

/** One delivery of an app. */
export interface DeadLettersOptions extends DeliveriesOptions {
  readonly name: string
}

const namedRules: OptionRules = { ...placeRules, name: nameRule }

/** What a delivery has set aside, oldest day first. Letters that a kill has torn are left out: their lines came again. */
export const readDeadLetters = async (options: DeadLettersOptions): Promise<readonly DeadLetter[]> => {
  checkPlaceOptions("readDeadLetters", options, namedRules)
  const own = join(deliveriesDir(findLogDir(options).dir, options.app), options.name)
  const all: DeadLetter[] = []
  for (const file of await letterFiles(own)) all.push(...(await lettersIn(join(own, file))).letters)
  return all
}

export interface RetryOptions extends DeadLettersOptions {
  /** The far end, as for `deliver`. */
  readonly to: Exporter
  /** Ends it after the batch that is under way; what is left stays set aside. */
  readonly signal?: AbortSignal | undefined
  readonly notice?: ((line: string) => void) | undefined
}

export interface RetryResult {
  readonly delivered: number
  /** Refused again, or not to be sent at all: they stay set aside. */
  readonly dead: number
  /** Every letter was tried. */
  readonly complete: boolean
}

/**
 * Sends what a delivery has set aside once more. A delivery may run meanwhile. What is refused again is set aside again; a
 * kill in between loses no letter, and may send some twice, with their ids.
 */
export const retryDeadLetters = async (options: RetryOptions): Promise<RetryResult> => {
  checkPlaceOptions("retryDeadLetters", options, {
    ...namedRules,
    to: deliverRules.to ?? optionRule.object("an exporter"),
    signal: optionRule.object("an AbortSignal"),
    notice: optionRule.callable
  })
  const own = join(deliveriesDir(findLogDir(options).dir, options.app), options.name)
  const counts = { delivered: 0, dead: 0 }
  // A delivery that runs goes on with a new file.
  for (const file of await letterFiles(own))
    if (deadName.test(file)) await inSteps(setAside(join(own, file), join(own, retryName(file))))
  for (const file of (await letterFiles(own)).filter((name) => !deadName.test(name))) {
    const path = join(own, file)
    // One that was being written when the file got its other name comes at its end.
    for (let done = 0; ; ) {
      const { letters, bytes } = await lettersIn(path, done)
      if (bytes === done) break
      const { left, complete } = await send(letters, options)
      if (!complete) return { ...counts, complete: false }
      counts.delivered += letters.length - left.length
      counts.dead += left.length
      if (left.length > 0) await inSteps(appendLetters(own, dayText(toLocalDay(Date.now())), left))
      done = bytes
    }
    await inSteps(removeIfThere(path))
  }
  return { ...counts, complete: true }
}

const send = async (
  letters: readonly DeadLetter[],
  { app, to, signal, env, notice }: RetryOptions
): Promise<{ readonly left: readonly DeadLetter[]; readonly complete: boolean }> => {
  // What is no event cannot be sent.
  const sendable = letters.filter(({ line }) => line !== undefined && !("damage" in decodeLine(line)))
  const left = letters.filter((letter) => !sendable.includes(letter))
  const byLine = new Map<string, DeadLetter[]>()
  for (const letter of sendable) {
    const { line = "" } = letter
    byLine.set(line, [...(byLine.get(line) ?? []), letter])
  }
  const { complete } = await replay([...byLine.keys()], to, {
    app,
    signal,
    env,
    notice,
    onRefused: (lines, reason) => {
      for (const line of new TextDecoder().decode(lines).split("\n"))
        for (const letter of byLine.get(line) ?? [])
          left.push({ ...letter, at: new Date().toISOString(), reason })
    }
  })
  return { left, complete }
}

const deadName = /^dead-(\d{4}-\d\d-\d\d|unknown)\.jsonl$/
/** Letters that are being tried again, or were when a retry was ended. */
const retryingName = /^retry-(\d{4}-\d\d-\d\d|unknown)-[0-9a-f]{8}\.jsonl$/

const retryName = (file: string): string =>
  `${file.replace(/^dead-(.*)\.jsonl$/, "retry-$1")}-${randomUUID().slice(0, 8)}.jsonl`

const letterFiles = async (own: string): Promise<readonly string[]> => {
  const names = ((await nodeReadLayer.list(own)) ?? []).map(({ name }) => name)
  const dayOf = (name: string): string => (deadName.exec(name) ?? retryingName.exec(name))?.[1] ?? ""
  return names.filter((name) => dayOf(name) !== "").sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1))
}

const lettersIn = async (
  path: string,
  from = 0
): Promise<{ readonly letters: readonly DeadLetter[]; readonly bytes: number }> => {
  let bytes: Uint8Array
  try {
    bytes = new TextEncoder().encode(await inSteps(readSmallFile(path, 2 * deliveryLimits.letterBytesMax)))
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { letters: [], bytes: 0 }
    throw error
  }
  const lines = new TextDecoder().decode(bytes.subarray(from)).split("\n")
  const letters = lines.flatMap((line): readonly DeadLetter[] => {
    try {
      const letter = JSON.parse(line)
      return typeof letter?.reason === "string" && typeof letter.file === "string" ? [letter] : []
    } catch {
      return []
    }
  })
  return { letters, bytes: bytes.length }
}

const inSteps = <A>(work: DiskWork<A>): Promise<A> => doInSteps(work, nodeFileLayer) as Promise<A>
