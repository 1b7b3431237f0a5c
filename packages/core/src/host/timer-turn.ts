// The next turn where the host has nothing better than a timer. workerd throws when a timer is set while a module loads:
// there a microtask is the only turn.
import type { Host } from "./host.ts"

export const timerTurn: Host["nextTurn"] = (run) => {
  let isWanted = true
  const turn = (): void => {
    if (isWanted) run()
  }
  try {
    setTimeout(turn, 0)
  } catch {
    queueMicrotask(turn)
  }
  return () => {
    isWanted = false
  }
}
