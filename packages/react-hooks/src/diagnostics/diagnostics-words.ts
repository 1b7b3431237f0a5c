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

/** Nothing leaves, or nothing is known to. */
const cannotWrite = ({ state, lastError }: ExporterHealth): boolean =>
  state === "degraded" || state === "stalled" || (state === "opening" && lastError !== undefined)

/** One exporter: what is wrong comes before what is lost, and that before what waits. */
export const exporterInWords = (exporter: ExporterHealth): HealthInWords => {
  const { state, accepted, pending, dropped, lastError } = exporter
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
  if (pending > 0) return say("waiting", ...left)
  return say("good", accepted === 0 ? "Nothing recorded yet" : "Everything is written")
}

/** The whole log in a few words that change only when its state does: a screen reader says each change aloud. */
export const logInWords = ({ exporters }: Health): HealthInWords => {
  if (exporters.length === 0) return { verdict: "waiting", words: "No log is connected" }
  const verdicts = new Set(exporters.map((exporter) => exporterInWords(exporter).verdict))
  if (exporters.some(cannotWrite)) return { verdict: "bad", words: "Events cannot be written" }
  if (verdicts.has("bad")) return { verdict: "bad", words: "Events were lost" }
  if (verdicts.has("waiting")) return { verdict: "waiting", words: "Events are waiting to be written" }
  const isUnused = exporters.every(({ accepted }) => accepted === 0)
  return { verdict: "good", words: isUnused ? "Nothing recorded yet" : "Everything is written" }
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
