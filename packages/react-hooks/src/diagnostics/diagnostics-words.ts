// A log's health in words, for a person with a problem and for the support that gets it by mail. diagnostics-panel.tsx
// lays them out.
import type { ExporterHealth, Health } from "@daybook/core"

/** How bad it is. The log's verdict is that of its worst exporter. */
export type Verdict = "good" | "waiting" | "bad"

export interface HealthInWords {
  readonly verdict: Verdict
  readonly words: string
}

type DropReason = keyof ExporterHealth["droppedBy"]

const dropWords: Readonly<Record<DropReason, string>> = {
  overflow: "queue full",
  closed: "logged after the log was closed",
  too_large: "too large",
  refused: "refused by the destination",
  gave_up: "given up after too many attempts",
  defect: "an internal error"
}

/** The counts of an exporter, in the order in which an event passes them. "Handed over" is shown only where it happens. */
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
 * Waiting is mentioned from this age on. A batch leaves 25 ms after its first event and takes well under a second: a text for
 * each batch would flicker, and a screen reader would read all of them.
 */
const lateAfterMs = 5_000

/** An unknown age counts as young: where nothing can be written, the state says so. */
const isLate = ({ pending, oldestAgeMs = 0 }: ExporterHealth): boolean =>
  pending > 0 && oldestAgeMs >= lateAfterMs

const hasDelivered = ({ written, handedOver }: ExporterHealth): boolean => written + handedOver > 0

/** Nothing is written at the moment. */
const cannotWrite = ({ state, lastError }: ExporterHealth): boolean =>
  state === "degraded" || state === "stalled" || (state === "opening" && lastError !== undefined)

/**
 * One exporter. Trouble comes first, then losses, then what waits. When all is well, the words stay the same from batch to
 * batch: the counts show how much is written and how much waits.
 */
export const exporterInWords = (exporter: ExporterHealth): HealthInWords => {
  const { state, pending, dropped, lastError } = exporter
  const lost = dropped > 0 ? [lossInWords(exporter)] : []
  const left = pending > 0 ? [waiting(pending)] : []
  const say = (verdict: Verdict, ...sentences: readonly string[]): HealthInWords => ({
    verdict,
    // A last error may end with its own full stop.
    words: sentences.join(". ").replaceAll(/([.!?])\. /g, "$1 ")
  })
  if (state === "stalled")
    return say("bad", "A write has not finished within its time limit", ...left, ...lost)
  if (cannotWrite(exporter)) {
    return say("bad", `Cannot write: ${lastError ?? "no reason given"}`, ...left, ...lost)
  }
  if (state === "closed") return say(dropped > 0 ? "bad" : "good", "The log is closed", ...left, ...lost)
  if (dropped > 0) return say("bad", ...lost, ...left)
  if (isLate(exporter)) return say("waiting", ...left)
  return say("good", hasDelivered(exporter) ? "Works" : "Nothing written yet")
}

/** The whole log in a few words. They change only with its state, because a screen reader reads each change aloud. */
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

/** Everything that the panel shows, as plain text for a mail or a ticket. */
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
