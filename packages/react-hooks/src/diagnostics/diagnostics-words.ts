// A log's health in words: what a person who has a problem, or the support that they mail, wants to read. How it looks is
// the panel's business.
import type { ExporterHealth, Health } from "@daybook/core"

/** How bad it is; the worst exporter's is the log's. */
export type Verdict = "good" | "waiting" | "bad"

export interface HealthInWords {
  readonly verdict: Verdict
  readonly words: string
}

type DropReason = keyof ExporterHealth["droppedBy"]

const dropWords: Readonly<Record<DropReason, string>> = {
  overflow: "queue full",
  closed: "log already closed",
  too_large: "too large",
  refused: "refused by the other side",
  gave_up: "given up after many attempts",
  defect: "a fault in the log"
}

/** The numbers of an exporter, in the order in which an event meets them. Few exporters hand anything over. */
export const countsInWords = (
  exporter: ExporterHealth
): readonly (readonly [label: string, count: number])[] => [
  ["Accepted", exporter.accepted],
  ["Written", exporter.written],
  ...(exporter.handedOver === 0 ? [] : [["Handed over", exporter.handedOver] as const]),
  ["Waiting", exporter.pending],
  ["Lost", exporter.dropped]
]

/** "37 events were lost: queue full" */
const lossInWords = ({ dropped, droppedBy }: ExporterHealth): string => {
  const reasons = Object.entries(droppedBy).filter(([, count]) => count > 0)
  const only = reasons.length === 1
  const words = reasons.map(([reason, count]) => {
    const why = dropWords[reason as DropReason] ?? reason
    return only ? why : `${count} ${why}`
  })
  return `${events(dropped)} lost${words.length > 0 ? `: ${words.join(", ")}` : ""}`
}

const events = (count: number): string => (count === 1 ? "1 event was" : `${inDigits(count)} events were`)

const waiting = (count: number): string =>
  count === 1 ? "1 event is waiting" : `${inDigits(count)} events are waiting`

/** 12345 → "12,345" */
export const inDigits = (count: number): string => count.toLocaleString("en")

/**
 * From this age on, waiting is worth a word. A batch leaves 25 ms after its first event, and disks and collectors take well
 * under a second: a word for each would flicker, and a screen reader would say it all day.
 */
const lateAfterMs = 5_000

/** An age that is not known is none to be troubled by: what cannot be written is told by the state. */
const isLate = ({ pending, oldestAgeMs = 0 }: ExporterHealth): boolean =>
  pending > 0 && oldestAgeMs >= lateAfterMs

/** Once true, it stays true. */
const hasDelivered = ({ written, handedOver }: ExporterHealth): boolean => written + handedOver > 0

/** Nothing leaves, or nothing is known to. */
const cannotWrite = ({ state, lastError }: ExporterHealth): boolean =>
  state === "degraded" || state === "stalled" || (state === "opening" && lastError !== undefined)

/**
 * One exporter: what is wrong comes before what is lost, and that before what waits. That all is well is said in words that
 * no batch changes: how much is written, and how much on its way, the counts say.
 */
export const exporterInWords = (exporter: ExporterHealth): HealthInWords => {
  const { state, pending, dropped, lastError } = exporter
  const lost = dropped > 0 ? [lossInWords(exporter)] : []
  const left = pending > 0 ? [waiting(pending)] : []
  const say = (verdict: Verdict, ...sentences: readonly string[]): HealthInWords => ({
    verdict,
    words: sentences.join(". ")
  })
  if (state === "stalled") return say("bad", "Writing takes too long; it may have hung", ...left, ...lost)
  if (cannotWrite(exporter)) {
    return say("bad", `Cannot write: ${lastError ?? "no reason given"}`, ...left, ...lost)
  }
  if (state === "closed") return say(dropped > 0 ? "bad" : "good", "The log is closed", ...left, ...lost)
  if (dropped > 0) return say("bad", ...lost, ...left)
  if (isLate(exporter)) return say("waiting", ...left)
  return say("good", hasDelivered(exporter) ? "Works" : "Nothing written yet")
}

/** The whole log in a few words that change only when its state does: a screen reader says each change aloud. */
export const logInWords = ({ exporters }: Health): HealthInWords => {
  if (exporters.length === 0) return { verdict: "waiting", words: "No log is connected" }
  const verdicts = new Set(exporters.map((exporter) => exporterInWords(exporter).verdict))
  if (exporters.some(cannotWrite)) return { verdict: "bad", words: "Events cannot be written" }
  if (verdicts.has("bad")) return { verdict: "bad", words: "Events were lost" }
  if (verdicts.has("waiting")) return { verdict: "waiting", words: "Events are waiting to be written" }
  if (exporters.every(({ state }) => state === "closed"))
    return { verdict: "good", words: "The log is closed" }
  return { verdict: "good", words: exporters.some(hasDelivered) ? "The log works" : "Nothing written yet" }
}

/** All that the panel says, as plain text for a mail or a ticket. */
export const healthAsText = (title: string, health: Health, location: string | undefined): string =>
  [
    title,
    `App: ${health.app}`,
    `Session: ${health.session}`,
    ...(location === undefined ? [] : [`Log: ${location}`]),
    `State: ${logInWords(health).words}`,
    ...health.exporters.flatMap((exporter) => [
      "",
      `${exporter.name} (${exporter.state}): ${exporterInWords(exporter).words}`,
      countsInWords(exporter)
        .map(([label, count]) => `${label}: ${count}`)
        .join(", "),
      ...(exporter.lastError === undefined ? [] : [`Last error: ${exporter.lastError}`])
    ]),
    ""
  ].join("\n")
