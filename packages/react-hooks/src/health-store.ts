// A log's health as a store for React. The log calls back when an exporter's state changes, but not when a count does, so
// counts are polled while the page is visible.
import type { Audit, ExporterHealth, Health } from "@daybook/core"
import { disabledAuditLog } from "@daybook/core/disabled"
import { guarded } from "./guarded.ts"

/** The health before the first look, and of a log that answers nonsense: no app, no session, no exporters. */
export const noHealth: Health = disabledAuditLog.health()

export interface HealthStore {
  /** The same object until something changed. */
  readonly current: () => Health
  readonly subscribe: (changed: () => void) => () => void
}

/** Browsers treat a longer interval as 0. */
const refreshMaxMs = 2 ** 31 - 1

export const makeHealthStore = (audit: Audit, refreshMs: number): HealthStore => {
  const look = (): Health => guarded(() => checked(audit.health())) ?? noHealth
  let health = look()

  const subscribe = (changed: () => void): (() => void) => {
    let timer: ReturnType<typeof setInterval> | undefined
    const check = (): void => {
      if (document.hidden) return
      const now = look()
      if (isEqual(health, now)) return
      health = now
      changed()
    }
    const onVisibility = (): void => {
      clearInterval(timer)
      if (document.hidden) return
      check()
      if (refreshMs > 0) timer = setInterval(check, Math.min(refreshMs, refreshMaxMs))
    }
    const stop = guarded(() => audit.onHealth(check))
    document.addEventListener("visibilitychange", onVisibility)
    onVisibility()
    return () => {
      guarded(() => stop?.())
      document.removeEventListener("visibilitychange", onVisibility)
      clearInterval(timer)
    }
  }
  return { current: () => health, subscribe }
}

// Components read these values outside of the guard, so a health of the wrong shape counts as none.
const checked = (health: Health): Health =>
  isText(health.app) &&
  isText(health.session) &&
  Array.isArray(health.exporters) &&
  health.exporters.every(isExporterHealth)
    ? health
    : noHealth

const numbers = ["accepted", "written", "handedOver", "dropped", "pending"] as const

const isExporterHealth = (one: ExporterHealth): boolean =>
  isText(one.name) &&
  isText(one.state) &&
  isText(one.lastError ?? "") &&
  isNumber(one.oldestAgeMs ?? 0) &&
  numbers.every((name) => isNumber(one[name])) &&
  typeof one.droppedBy === "object" &&
  Object.values(one.droppedBy).every(isNumber)

const isText = (value: unknown): boolean => typeof value === "string"
const isNumber = (value: unknown): boolean => typeof value === "number"

// Numbers and texts in a fixed order, a handful of exporters, once a second: comparing their JSON is enough.
const isEqual = (one: Health, other: Health): boolean =>
  guarded(() => JSON.stringify(one) === JSON.stringify(other)) ?? true
