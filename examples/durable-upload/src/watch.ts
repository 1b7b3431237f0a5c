// What a delivery does, in lines for people: its state, how far it is behind, and when it tries again. It looks ten times a
// second, as a panel of the program would, and says something only when that is another.
import type { DeliveryHealth } from "@daybook/file-exporter/delivery"
import { bytesText, count, secondsText } from "./screen.ts"

const lookEveryMs = 100

export interface Watch {
  /** Answers when the delivery is as asked for; each health that was seen is held against it. */
  until(isSo: (health: DeliveryHealth) => boolean): Promise<void>
  stop(): void
}

export const watch = (health: () => DeliveryHealth, say: (...lines: readonly string[]) => void): Watch => {
  let last = ""
  let error: string | undefined
  const waiting = new Set<{ isSo: (health: DeliveryHealth) => boolean; resolve: () => void }>()
  const look = (): void => {
    const now = health()
    const next = newsOf(now)
    if (next !== "" && next !== last) {
      last = next
      say(...linesOf(now), ...(now.state === "idle" || now.lastError === error ? [] : [now.lastError ?? ""]))
      error = now.lastError
    }
    for (const one of waiting) {
      if (!one.isSo(now)) continue
      waiting.delete(one)
      one.resolve()
    }
  }
  const timer = setInterval(look, lookEveryMs)
  return {
    until: (isSo) => new Promise((resolve) => void waiting.add({ isSo, resolve })),
    stop: () => clearInterval(timer)
  }
}

/** What changes when there is something to say; a batch that is under way is none. */
const newsOf = ({ state, delivered, pendingBytes, nextAttemptAt }: DeliveryHealth): string => {
  if (state === "starting" || state === "sending") return ""
  // The attempt has come, and its outcome is not known.
  if (state === "backing off" && nextAttemptAt === undefined) return ""
  if (state === "idle") return pendingBytes > 0 ? "" : `idle ${delivered}`
  return `${state} ${nextAttemptAt ?? ""}`
}

const linesOf = (health: DeliveryHealth): readonly string[] => {
  const { state, delivered, pendingBytes, oldestAgeMs, nextAttemptAt } = health
  if (state === "idle") return [`idle: ${count(delivered, "line")} arrived, nothing waits`]
  const age = oldestAgeMs === undefined ? "" : `, oldest ${secondsText(oldestAgeMs)}`
  const next =
    nextAttemptAt === undefined ? "" : `; next attempt in ${secondsText(nextAttemptAt - Date.now())}`
  return [`${state}: ${bytesText(pendingBytes)} wait${age}${next}`]
}
